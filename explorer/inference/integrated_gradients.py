"""Integrated gradients: the gradient on the whole way from an empty picture to this one.

Sundararajan, Taly, Yan: Axiomatic attribution for deep networks, 2017 (arXiv 1703.01365).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.inference.running import to_the_end
from explorer.inference.saliency import gradient
from explorer.inference.score import Score, check_at_rest
from explorer.structure.watch import Watch

STEPS = 50


@dataclass(frozen=True, eq=False)
class Integrated:
    """`values` [C, H, W] should add up to `score` - `baseline_score` (the paper's completeness)."""

    values: Tensor
    score: float
    baseline_score: float

    @property
    def error(self) -> float:
        """How far the values' sum is off the difference of the scores: more steps make it smaller."""
        return abs(float(self.values.double().sum()) - (self.score - self.baseline_score))


def integrated_gradients(
    network: nn.Module,
    inputs: Tensor,
    score: Score,
    *,
    baseline: Tensor | float = 0.0,
    steps: int = STEPS,
    batch: int = 16,
    watch: Watch | None = None,
) -> Integrated:
    """The attribution of one picture [1, C, H, W]; see `integrating`.

    Raises:
        ValueError: as `integrating` does.
        Cancelled: `watch` said so.
    """
    work = integrating(network, inputs, score, baseline=baseline, steps=steps, batch=batch)
    return to_the_end(work, "Integrating gradients", watch)


def integrating(
    network: nn.Module,
    inputs: Tensor,
    score: Score,
    *,
    baseline: Tensor | float = 0.0,
    steps: int = STEPS,
    batch: int = 16,
) -> Generator[float, None, Integrated]:
    """The attribution of one picture [1, C, H, W] in pieces of work: yields the share that is done.

    `baseline` is the picture to start from, as the network is given it, or one value for all of it. The integral
    is taken by the midpoint rule with `steps` places, `batch` of which go through the network at once: the gradient of
    a network of ReLUs jumps on its way, which rules of a higher order only suffer from.

    Raises:
        ValueError: the network is in training mode, there is not one picture, or the steps are no positive number.
    """
    check_at_rest(network)
    if inputs.ndim != 4 or len(inputs) != 1:
        raise ValueError(f"one picture is [1, channels, height, width], not {list(inputs.shape)}")
    if steps < 1 or batch < 1:
        raise ValueError(f"steps and batch are 1 or more, not {steps} and {batch}")
    start = torch.full_like(inputs, baseline) if isinstance(baseline, float | int) else baseline
    places = ((torch.arange(steps, dtype=torch.float64) + 0.5) / steps).to(inputs.dtype)
    total = torch.zeros_like(inputs[0], dtype=torch.float64)
    for first in range(0, steps, batch):
        part = places[first : first + batch].view(-1, 1, 1, 1)
        slopes = gradient(network, start + part * (inputs - start), score)
        total += slopes.double().sum(dim=0) / steps
        yield min(1.0, (first + batch) / steps)
    with torch.inference_mode():
        # One by one: what a batch of two rounds otherwise would count as an error of the integral.
        here, there = (float(score.of(network(picture.clone()))) for picture in (inputs, start))
    return Integrated((total * (inputs - start)[0].double()).to(inputs.dtype), here, there)
