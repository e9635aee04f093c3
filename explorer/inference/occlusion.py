"""Occlusion: how much of a class's score is lost when a patch of the picture is covered.

Zeiler, Fergus: Visualizing and understanding convolutional networks, 2014 (arXiv 1311.2901), section 4.2. They show
the score itself at each place of the patch. Here each pixel has the mean loss over all patches that cover it, as captum
reckons it, so that patches may overlap or leave gaps.
"""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor, nn

from explorer.inference.running import to_the_end
from explorer.inference.score import Score, check_at_rest
from explorer.structure.watch import Watch


def occlusion(
    network: nn.Module,
    inputs: Tensor,
    score: Score,
    *,
    patch: int,
    stride: int,
    baseline: Tensor | float = 0.0,
    batch: int = 32,
    watch: Watch | None = None,
) -> Tensor:
    """The attribution of one picture; see `occluding`.

    Raises:
        ValueError: as `occluding` does.
        Cancelled: `watch` said so.
    """
    work = occluding(network, inputs, score, patch=patch, stride=stride, baseline=baseline, batch=batch)
    return to_the_end(work, "Covering patches", watch)


def places_along(side: int, patch: int, stride: int) -> tuple[int, ...]:
    """Where patches begin along a side: every `stride` pixels, the last one so that the end is covered."""
    last = max(0, side - patch)
    return (*range(0, last, stride), last)


def occluding(
    network: nn.Module,
    inputs: Tensor,
    score: Score,
    *,
    patch: int,
    stride: int,
    baseline: Tensor | float = 0.0,
    batch: int = 32,
) -> Generator[float, None, Tensor]:
    """The loss of score [H, W] of one picture [1, C, H, W] in pieces of work: yields the share that is done.

    Squares of `patch` pixels, `stride` apart, take the values of `baseline`: a picture as the network is given it, or
    one value for all of it. A patch covers all channels at once; `batch` covered pictures go through the network
    together. Where the score rises, the loss is negative.

    Raises:
        ValueError: the network is in training mode, there is not one picture, or a size is no positive number.
    """
    check_at_rest(network)
    if inputs.ndim != 4 or len(inputs) != 1:
        raise ValueError(f"one picture is [1, channels, height, width], not {list(inputs.shape)}")
    if patch < 1 or stride < 1 or batch < 1:
        raise ValueError(f"patch, stride and batch are 1 or more, not {patch}, {stride} and {batch}")
    height, width = inputs.shape[2:]
    cover = torch.full_like(inputs, baseline) if isinstance(baseline, float | int) else baseline
    corners = [
        (top, left) for top in places_along(height, patch, stride) for left in places_along(width, patch, stride)
    ]
    lost = torch.zeros(height, width, dtype=torch.float64)
    count = torch.zeros(height, width, dtype=torch.float64)
    with torch.inference_mode():
        whole = float(score.of(network(inputs.clone())))
    for first in range(0, len(corners), batch):
        chosen = corners[first : first + batch]
        # Left before each piece ends: whoever runs the pieces may do other things in between.
        with torch.inference_mode():
            covered = inputs.repeat(len(chosen), 1, 1, 1)
            for row, (top, left) in enumerate(chosen):
                window = (slice(top, top + patch), slice(left, left + patch))
                covered[row, :, window[0], window[1]] = cover[0, :, window[0], window[1]]
            left_over = score.of(network(covered)).double().tolist()
        for (top, left), value in zip(chosen, left_over, strict=True):
            lost[top : top + patch, left : left + patch] += whole - value
            count[top : top + patch, left : left + patch] += 1
        yield (first + len(chosen)) / len(corners)
    return (lost / count.clamp(min=1)).to(inputs.dtype)
