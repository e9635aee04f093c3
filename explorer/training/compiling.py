"""torch.compile as an option: tried before the first step, left alone where it fails."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from explorer.training.step import Step


def compile_step(step: Step, shapes: Iterable[tuple[int, ...]]) -> tuple[str, ...]:
    """Compiles what computes the outputs, for inputs of these shapes; a warning where that fails.

    It runs once forwards and backwards with blank images for each shape, so that nothing is left to compile, or to
    fail, in mid-run. Running statistics, random numbers and gradients are put back.
    """
    network = step.network
    random_state = torch.get_rng_state()
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    was_training = network.training
    parameter = next(network.parameters())
    failure = ""
    try:
        # Not of any shape: a run has two at most.
        step.forward = torch.compile(network, dynamic=False)
        network.train()
        for shape in shapes:
            outputs, auxiliary = step.outputs(torch.zeros(shape, device=parameter.device))
            total = torch.stack([each.mean() for each in (outputs, *auxiliary)]).sum()
            total.backward()  # type: ignore[no-untyped-call] # torch does not type it
    except Exception as error:  # noqa: BLE001 - compilers fail in any way; training does not depend on them
        failure = (str(error).strip() or type(error).__name__).splitlines()[0]
        step.forward = network
    finally:
        network.train(was_training)
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
        _forget_gradients(network)
        torch.set_rng_state(random_state)
    return (f"torch.compile failed ({failure[:200]}); the run is trained without it",) if failure else ()


def _forget_gradients(network: nn.Module) -> None:
    for parameter in network.parameters():
        parameter.grad = None
