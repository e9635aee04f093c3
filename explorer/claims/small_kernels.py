"""Claim 1, computed: what stacks of 3 x 3 convolutions see and weigh, beside one large kernel.

What a unit sees is not taken from a formula: the pixels are counted to which its output has a gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.claims.results import Chart, Computed, Context, Line, Table
from explorer.claims.verdict import exactly

# Simonyan and Zisserman 2014, section 2.3, name the first two; AlexNet's first kernel is the third.
_STACKS = ((2, 5, 28.0), (3, 7, 44.9), (5, 11, 62.8))


def compare(context: Context, *, channels: int = 64) -> Computed:
    """Sees and weighs each stack beside its large kernel, with `channels` maps in and out."""
    parts, rows = [], []
    for count, kernel, printed in _STACKS:
        context.step(f"{count} convolutions of 3×3 against one of {kernel}×{kernel}")
        stack, large = _stack(count, 3, channels), _stack(1, kernel, channels)
        sees, sees_large = seen(_stack(count, 3, 1)), seen(_stack(1, kernel, 1))
        weights, weights_large = _weights(stack), _weights(large)
        fewer = 100 * (1 - weights / weights_large)
        pair = channels**2
        parts.append(
            exactly(
                f"{count} convolutions of 3×3 see what one {kernel}×{kernel} sees, with {printed:g} % fewer weights",
                f"{count} convolutions of 3×3 see {sees[0]}×{sees[1]} pixels and one {kernel}×{kernel} sees "
                f"{sees_large[0]}×{sees_large[1]}, with {weights // pair} weights for each pair of maps against "
                f"{weights_large // pair}: {fewer:.1f} % fewer, as claimed",
                holds=sees == sees_large and round(fewer, 1) == printed,
            )
        )
        rows.append(
            (f"{count} × 3×3", f"{sees[0]}×{sees[1]}", f"{weights:,}", f"{kernel}×{kernel}", f"{weights_large:,}",
             f"{fewer:.1f} %")
        )  # fmt: skip
    table = Table(
        f"{channels} maps in and out, without biases",
        ("Stack", "Sees", "Weights", "Kernel", "Weights", "Fewer"),
        tuple(rows),
    )
    counts = tuple(float(count) for count in range(1, 8))
    chart = Chart(
        "Weights for the same view",
        "side of what is seen (pixels)",
        "weights for each pair of maps",
        (
            Line("3×3 convolutions", tuple(2 * n + 1 for n in counts), tuple(9 * n for n in counts)),
            Line("one kernel", tuple(2 * n + 1 for n in counts), tuple((2 * n + 1) ** 2 for n in counts)),
        ),
    )
    return Computed(tuple(parts), (chart,), (table,))


def seen(network: nn.Module) -> tuple[int, int]:
    """Height and width of the pixels that the middle unit of a network of one map has a gradient to."""
    image = torch.rand(1, 1, 31, 31, generator=torch.Generator().manual_seed(0)).requires_grad_()
    output: Tensor = network(image)
    (gradient,) = torch.autograd.grad(output[0, 0, output.shape[2] // 2, output.shape[3] // 2], image)
    rows, columns = torch.nonzero(gradient[0, 0], as_tuple=True)
    return int(rows.max() - rows.min() + 1), int(columns.max() - columns.min() + 1)


def _stack(count: int, kernel: int, channels: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(*(nn.Conv2d(channels, channels, kernel, bias=False) for _ in range(count)))


def _weights(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
