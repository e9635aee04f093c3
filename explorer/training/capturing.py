"""CUDA graphs as an option: a step's forward and backward pass recorded once, checked, and left alone where that fails.

A small network on a fast card waits for Python to start its kernels one by one; a recorded graph starts them all at
once (https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs). What the optimiser does stays outside: it is
few kernels, and its learning rate changes with each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from explorer.training.errors import in_a_line
from explorer.training.rehearsal import Rehearsal, forget_gradients
from explorer.training.step import Gradients, Step

# Libraries choose their kernels, and allocate what they work in, before anything may be recorded; torch's own rule.
_WARM_UPS = 3
# By how much gradients computed twice may differ, as a share of their length. Kernels that add in any order differ by
# far less, in bfloat16 too (its resolution is 2^-8); an input that was not renewed gives other gradients altogether.
_TOLERANCE = 0.02

# Runs a function, and returns one that does on the device what the function did there.
Recorder = Callable[[Callable[[], None]], Callable[[], None]]


def capture_step(
    step: Step, batches: Iterable[tuple[Tensor, Tensor]], recorder: Recorder | None = None
) -> tuple[str, ...]:
    """Lets the step replay what it computes for batches as large as the first one; a warning where it cannot.

    The first batch is recorded; the second, where it is as large, is computed by a replay and by the step as it is,
    and the gradients are compared. Batches of another size, and steps that are watched, are computed as ever. Running
    statistics, random numbers and gradients are put back. `recorder` None is CUDA's.
    """
    try:
        captured = _checked(step, batches, recorder)
    except Exception as error:  # noqa: BLE001 - drivers fail in any way; training does not depend on this
        return (f"CUDA graphs failed ({in_a_line(error)}); the run is trained without them",)
    step.captured = captured
    return ()


def _checked(step: Step, batches: Iterable[tuple[Tensor, Tensor]], recorder: Recorder | None) -> _CapturedGradients:
    device = next(step.network.parameters()).device.type
    if recorder is None and device != "cuda":
        raise ValueError(f"they are for NVIDIA cards, and this run computes on {device}")
    with Rehearsal(step.network) as rehearsal:
        examples = iter(batches)
        images, labels = next(examples)
        captured = _CapturedGradients(step, images, labels, recorder or _recorded)
        others = next(examples, None)
        if others is not None and captured.fits(*others):
            images, labels = others
        rehearsal.put_back()
        expected = _all_of(step, step.gradients(images, labels))
        rehearsal.put_back()
        difference = _distance(_all_of(step, captured(images, labels)), expected)
    if not difference <= _TOLERANCE:
        raise ValueError(f"a replayed step differs from a plain one by {difference:.2g} of its gradients")
    return captured


class _CapturedGradients:
    """Computes a batch's gradients by replaying what was recorded with another one of the same shape."""

    def __init__(self, step: Step, images: Tensor, labels: Tensor, recorder: Recorder) -> None:
        self._images, self._labels = images.clone(), labels.clone()
        self._trained = [parameter for parameter in step.network.parameters() if parameter.requires_grad]
        self._loss = torch.zeros((), device=images.device)
        self._right = torch.zeros((), dtype=torch.int64, device=images.device)
        self._answers = 0

        def compute() -> None:
            # With none at hand, the backward pass makes new ones, in memory that belongs to the recording.
            forget_gradients(step.network)
            made = step.gradients(self._images, self._labels)
            self._loss.copy_(made.loss)
            self._right.copy_(made.right)
            self._answers = made.answers

        self._replay = recorder(compute)
        self._gradients = [parameter.grad for parameter in self._trained]

    def fits(self, images: Tensor, labels: Tensor) -> bool:
        return images.shape == self._images.shape and labels.shape == self._labels.shape

    def __call__(self, images: Tensor, labels: Tensor) -> Gradients:
        self._images.copy_(images)
        self._labels.copy_(labels)
        self._replay()
        for parameter, gradient in zip(self._trained, self._gradients, strict=True):
            parameter.grad = gradient
        return Gradients(self._loss, self._right, self._answers)


def _recorded(compute: Callable[[], None]) -> Callable[[], None]:
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call] # torch does not type it
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_WARM_UPS):
            compute()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    # Other threads may use the card meanwhile: the pad answers.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        compute()
    replay: Callable[[], None] = graph.replay
    return replay


def _all_of(step: Step, made: Gradients) -> Tensor:
    """The loss and all gradients, one after the other."""
    gradients = [parameter.grad for parameter in step.network.parameters() if parameter.grad is not None]
    return torch.cat([made.loss.reshape(1), *(gradient.flatten() for gradient in gradients)]).double()


def _distance(result: Tensor, expected: Tensor) -> float:
    if result.shape != expected.shape:
        return float("inf")
    return float((result - expected).norm() / expected.norm().clamp_min(1e-12))
