"""U-Net (Ronneberger, Fischer, Brox: U-Net: convolutional networks for biomedical image segmentation, 2015).

The *paper* form is figure 1: convolutions without padding, so that every output pixel is computed from real pixels
only, and skips cropped to the smaller maps that they join. The *padded* form keeps the size of the image, is narrower
and can be normalised.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from explorer.networks.entries.unet import UNetOptions


class CentreCrop(nn.Module):
    """Cuts `margin` pixels from each side."""

    kind = "reshape"

    def __init__(self, margin: int) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.pad(x, (-self.margin,) * 4)

    def describe(self, _input_shape: tuple[int, ...], _output_shape: tuple[int, ...]) -> dict[str, Any]:
        return {
            "detail": f"−{self.margin} a side",
            "settings": {"cut from each side": f"{self.margin} pixels"},
            "window": ((1, 1), (1, 1), (-self.margin, -self.margin)),
        }


class DoubleConvolution(nn.Sequential):
    """Two 3 x 3 convolutions, each with a ReLU and where wanted batch normalisation before it."""

    def __init__(self, inputs: int, outputs: int, *, padded: bool, batch_norm: bool, dropout: float = 0) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for number, channels in ((1, inputs), (2, outputs)):
            layers[f"conv{number}"] = nn.Conv2d(channels, outputs, 3, padding=int(padded), bias=not batch_norm)
            if batch_norm:
                layers[f"bn{number}"] = nn.BatchNorm2d(outputs)
            layers[f"relu{number}"] = nn.ReLU()
        if dropout:
            layers["dropout"] = nn.Dropout(dropout)
        super().__init__(layers)


class UNet(nn.ModuleDict):
    """Down `levels` times, up as often, joined by skips on each level: (N, 1, H, W) to (N, classes, H', W').

    H and W are multiples of 2^levels in the padded form, and H' = H; in the paper's form with its four levels they are
    188 + 16 n, and H' = H - 184.
    """

    def __init__(self, levels: int, width: int, classes: int, *, padded: bool, batch_norm: bool, skips: bool) -> None:
        super().__init__()
        self.levels = levels
        self.padded = padded
        self.skips = skips
        widths = [width * 2**level for level in range(levels + 1)]
        for level in range(1, levels + 1):
            inputs = 1 if level == 1 else widths[level - 2]
            self[f"down{level}"] = DoubleConvolution(inputs, widths[level - 1], padded=padded, batch_norm=batch_norm)
            self[f"pool{level}"] = nn.MaxPool2d(2)
        # Dropout "at the end of the contracting path" (section 3.1); where exactly, and how much, is not said.
        dropout = 0 if padded else 0.5
        self["bottom"] = DoubleConvolution(
            widths[-2], widths[-1], padded=padded, batch_norm=batch_norm, dropout=dropout
        )
        margins = _margins(levels)
        for level in range(levels, 0, -1):
            above, below = widths[level - 1], widths[level]
            self[f"up{level}"] = nn.ConvTranspose2d(below, above, 2, stride=2)
            if skips and not padded:
                self[f"crop{level}"] = CentreCrop(margins[level - 1])
            joined = 2 * above if skips else above
            self[f"join{level}"] = DoubleConvolution(joined, above, padded=padded, batch_norm=batch_norm)
        self["output"] = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        passed_on = []
        for level in range(1, self.levels + 1):
            x = self[f"down{level}"](x)
            passed_on.append(x)
            x = self[f"pool{level}"](x)
        x = self["bottom"](x)
        for level in range(self.levels, 0, -1):
            skip = passed_on.pop()
            x = self[f"up{level}"](x)
            if self.skips:
                skip = skip if self.padded else self[f"crop{level}"](skip)
                x = torch.cat([skip, x], 1)
            x = self[f"join{level}"](x)
        outputs: Tensor = self["output"](x)
        return outputs


def build_unet(options: UNetOptions, classes: int = 2) -> UNet:
    """U-Net in the form that the options name: 31,030,658 parameters as published."""
    if options.form == "paper":
        network = UNet(4, 64, classes, padded=False, batch_norm=False, skips=options.skips)
    else:
        network = UNet(
            options.levels,
            options.width,
            classes,
            padded=True,
            batch_norm=options.batch_norm,
            skips=options.skips,
        )
    _initialise(network)
    return network


def _margins(levels: int) -> list[int]:
    """What to cut from each side of each level's skip, the first level's first: 88, 40, 16, 4 for four levels.

    A pixel below is two above. Each of two convolutions costs one at each side: on the lowest level that is all, on
    others those before pooling and those behind the join count as well.
    """
    margins = [2 * 2]
    while len(margins) < levels:
        margins.insert(0, 2 * (2 + margins[0] + 2))
    return margins


def _initialise(network: nn.Module) -> None:
    """Normal with deviation sqrt(2 / N), N the values that come into a unit (section 3); biases 0.

    Weights without data are left alone.
    """
    for layer in network.modules():
        if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) or layer.weight.is_meta:
            continue
        # A unit behind a 2 x 2 up-convolution of stride 2 sees one pixel.
        pixels = 1 if isinstance(layer, nn.ConvTranspose2d) else layer.kernel_size[0] * layer.kernel_size[1]
        nn.init.normal_(layer.weight, std=(2 / (pixels * layer.in_channels)) ** 0.5)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
