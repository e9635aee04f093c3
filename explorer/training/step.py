"""One optimiser update, and the figures of some of them, kept on the device until they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from explorer.networks.architecture import Scores
from explorer.training.config import TrainingConfig
from explorer.training.layer_watch import LayerWatch
from explorer.training.losses import LOSSES
from explorer.training.masks import cut_to

_CAPACITY = 1024

# What an auxiliary head's loss counts beside that of the last layer (Szegedy et al. 2015, section 5).
AUXILIARY_WEIGHT = 0.3


@dataclass(frozen=True)
class Figures:
    """What some steps gave, one value each.

    Loss, learning rate, images, how many answers there were (one an image, or one a pixel) and how many were right.
    """

    losses: tuple[float, ...]
    rates: tuple[float, ...]
    images: tuple[int, ...]
    answers: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class Gradients:
    """What a batch gave besides the gradients, which the parameters hold.

    Loss and the number of right answers are tensors without dimensions, on the device.
    """

    loss: Tensor
    right: Tensor
    answers: int


class Captured(Protocol):
    """Gradients of batches of one shape, computed by replaying how they were computed before."""

    def fits(self, images: Tensor, labels: Tensor) -> bool: ...

    def __call__(self, images: Tensor, labels: Tensor) -> Gradients: ...


class Step:
    """Trains a network by one batch when called. Nothing waits for the device before `read`."""

    def __init__(self, network: nn.Module, optimiser: Optimizer, config: TrainingConfig, scores: Scores) -> None:
        if config.precision == "auto":
            raise ValueError("precision is float32 or bfloat16 for a step; with_precision says which auto means")
        device = next(network.parameters()).device
        self.network = network
        self.optimiser = optimiser
        # What computes the outputs: the network itself, or what torch.compile made of it.
        self.forward: Callable[[Tensor], Any] = network
        # What computes the gradients of batches that fit, where they were captured.
        self.captured: Captured | None = None
        self._trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._loss = LOSSES[config.loss]
        self._smoothing = config.label_smoothing
        self._clipping = config.gradient_clipping
        self.is_mixed = config.precision == "bfloat16"
        self._scores = scores
        self._device = device
        self._losses = torch.zeros(_CAPACITY, device=device)
        self._right = torch.zeros(_CAPACITY, dtype=torch.int64, device=device)
        self._rates: list[float] = []
        self._images: list[int] = []
        self._answers: list[int] = []
        self._calls = False
        self.is_called = False

    def __call__(self, images: Tensor, labels: Tensor, rate: float, watch: LayerWatch | None = None) -> None:
        """Images are the network's input (N, C, H, W), float; labels are (N) or (N, H, W), int64; on the device.

        `watch` looks at the layers in this step.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        made = self._backward(images, labels, watch)
        if watch is not None:
            watch.gradients()
        if self._clipping:
            nn.utils.clip_grad_norm_(self._trained, self._clipping)
        self.optimiser.step()
        if watch is not None:
            watch.updates()
        self.optimiser.zero_grad(set_to_none=True)
        at = len(self._rates)
        with torch.no_grad():
            self._losses[at] = made.loss
            self._right[at] = made.right
        self._rates.append(rate)
        self._images.append(len(labels))
        self._answers.append(made.answers)

    @property
    def unread(self) -> int:
        return len(self._rates)

    @property
    def is_full(self) -> bool:
        return len(self._rates) == _CAPACITY

    def read(self) -> Figures:
        """The figures since the last call; waits for the device once."""
        count = len(self._rates)
        figures = Figures(
            losses=tuple(self._losses[:count].tolist()),
            rates=tuple(self._rates),
            images=tuple(self._images),
            answers=tuple(self._answers),
            right=tuple(self._right[:count].tolist()),
        )
        self._rates.clear()
        self._images.clear()
        self._answers.clear()
        return figures

    def call(self, *, is_wanted: bool) -> None:
        """Says whether the processes that train together should meet; `is_called` tells all of them after a step."""
        self._calls = is_wanted

    def outputs(self, images: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The answer, and what auxiliary heads say, which some networks add in training; float32 all of them."""
        if not self.is_mixed:
            return _heads(self.forward(images))
        with torch.autocast(self._device.type, dtype=torch.bfloat16):
            outputs, auxiliary = _heads(self.forward(images))
        return outputs.float(), tuple(head.float() for head in auxiliary)

    def gradients(
        self, images: Tensor, labels: Tensor, watch: LayerWatch | None = None, weight: Tensor | None = None
    ) -> Gradients:
        """Adds the gradients, times `weight`, to those that the parameters hold."""
        with nullcontext() if watch is None else watch.forward():
            outputs, auxiliary = self.outputs(images)
        labels = cut_to(labels, outputs)
        loss = self._loss(outputs, labels, self._smoothing)
        for head in auxiliary:
            loss = loss + AUXILIARY_WEIGHT * self._loss(head, labels, self._smoothing)
        loss.backward(weight)  # type: ignore[no-untyped-call] # torch does not type it
        with torch.no_grad():
            right = (answers_of(outputs, self._scores) == labels).sum()
        return Gradients(loss.detach(), right, labels.numel())

    def _backward(self, images: Tensor, labels: Tensor, watch: LayerWatch | None) -> Gradients:
        if watch is None and self.captured is not None and self.captured.fits(images, labels):
            return self.captured(images, labels)
        return self.gradients(images, labels, watch)


def _heads(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
    if isinstance(outputs, Tensor):
        return outputs, ()
    return outputs[0], outputs[1:]


def answers_of(outputs: Tensor, scores: Scores) -> Tensor:
    """The class answered for each image or pixel: that of the largest logit or of the smallest distance."""
    return outputs.argmin(1) if scores is Scores.DISTANCES else outputs.argmax(1)
