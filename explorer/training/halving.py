"""Average pooling over 2 × 2 pixels as bilinear halving, for which torch has the faster code on processors."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class HalvingAverage(nn.AvgPool2d):
    """The mean of each 2 × 2 pixels.

    Halfway between four pixels, bilinear interpolation weighs each by a quarter: the gradients are those of
    `nn.AvgPool2d` bit for bit, the outputs differ from it by rounding. Its code on processors is vectorised across
    pixels too, not across channels alone, of which LeNet-5 has six. Other devices, other precisions, single images
    without a batch and torch.compile, which writes code of its own, are given the usual pooling.
    """

    def forward(self, x: Tensor) -> Tensor:
        is_for_it = x.ndim == 4 and x.dtype == torch.float32 and x.device.type == "cpu"
        if not is_for_it or torch.compiler.is_compiling():
            return super().forward(x)
        return functional.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)


def halve_quickly(network: nn.Module) -> None:
    """Makes a HalvingAverage of each average pooling that does the same; it keeps its place, settings and hooks."""
    for layer in network.modules():
        if type(layer) is nn.AvgPool2d and _halves(layer):
            layer.__class__ = HalvingAverage


def _halves(layer: nn.AvgPool2d) -> bool:
    sides = [*_pair(layer.kernel_size), *_pair(layer.stride)]
    is_plain = not (layer.ceil_mode or layer.divisor_override) and _pair(layer.padding) == (0, 0)
    return is_plain and sides == [2, 2, 2, 2]


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value
