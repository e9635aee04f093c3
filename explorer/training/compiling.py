"""torch.compile as an option: tried before the first step, left alone where it fails."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from explorer.training.errors import in_a_line
from explorer.training.rehearsal import Rehearsal
from explorer.training.step import Step


def compile_step(step: Step, shapes: Iterable[tuple[int, ...]]) -> tuple[str, ...]:
    """Compiles what computes the outputs, for inputs of these shapes; a warning where that fails.

    It runs once forwards and backwards with blank images for each shape, so that nothing is left to compile, or to
    fail, in mid-run. Running statistics, random numbers and gradients are put back.
    """
    network = step.network
    parameter = next(network.parameters())
    with Rehearsal(network):
        try:
            # Not of any shape: a run has two at most.
            step.forward = torch.compile(network, dynamic=False)
            for shape in shapes:
                outputs, auxiliary = step.outputs(torch.zeros(shape, device=parameter.device))
                total = torch.stack([each.mean() for each in (outputs, *auxiliary)]).sum()
                total.backward()  # type: ignore[no-untyped-call] # torch does not type it
        except Exception as error:  # noqa: BLE001 - compilers fail in any way; training does not depend on them
            step.forward = network
            return (f"torch.compile failed ({in_a_line(error)}); the run is trained without it",)
    return ()
