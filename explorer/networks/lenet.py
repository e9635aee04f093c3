"""LeNet-5 (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998).

Two networks bear the name. The *modern* one is what textbooks draw: every map of C3 sees every map of S2, pooling has
no parameters, the last layer is linear. The *original* is the one of section II.B, connection by connection.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from explorer.networks.entries.lenet import LeNet5Options
from explorer.networks.locally_connected import LocallyConnected

# Table I of the paper: the maps of S2 that each of the 16 maps of C3 is connected to; 60 links of 96.
S2_TO_C3: tuple[tuple[int, ...], ...] = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip

# The ten digits as 7 x 12 pictures, drawn by us after the style of figure 3 of the paper.
DIGIT_BITMAPS: tuple[tuple[str, ...], ...] = (
    (
        ".......", "..###..", ".##.##.", "##...##", "##...##", "##...##",
        "##...##", "##...##", "##...##", ".##.##.", "..###..", ".......",
    ),
    (
        ".......", "...##..", "..###..", ".####..", "...##..", "...##..",
        "...##..", "...##..", "...##..", "...##..", ".######", ".......",
    ),
    (
        ".......", ".#####.", "##...##", ".....##", ".....##", "....##.",
        "...##..", "..##...", ".##....", "##.....", "#######", ".......",
    ),
    (
        ".......", "#######", ".....##", "....##.", "...##..", "..####.",
        ".....##", ".....##", ".....##", "##...##", ".#####.", ".......",
    ),
    (
        ".......", "....##.", "...###.", "..####.", ".##.##.", "##..##.",
        "#######", "....##.", "....##.", "....##.", "....##.", ".......",
    ),
    (
        ".......", "#######", "##.....", "##.....", "######.", ".....##",
        ".....##", ".....##", ".....##", "##...##", ".#####.", ".......",
    ),
    (
        ".......", "..####.", ".##....", "##.....", "##.....", "######.",
        "##...##", "##...##", "##...##", "##...##", ".#####.", ".......",
    ),
    (
        ".......", "#######", ".....##", ".....##", "....##.", "....##.",
        "...##..", "...##..", "..##...", "..##...", "..##...", ".......",
    ),
    (
        ".......", ".#####.", "##...##", "##...##", "##...##", ".#####.",
        "##...##", "##...##", "##...##", "##...##", ".#####.", ".......",
    ),
    (
        ".......", ".#####.", "##...##", "##...##", "##...##", "##...##",
        ".######", ".....##", ".....##", "....##.", ".####..", ".......",
    ),
)  # fmt: skip


class ScaledTanh(nn.Module):
    """f(a) = 1.7159 tanh(2a/3), which passes through (1, 1) and (-1, -1) (appendix A of the paper)."""

    kind = "activation"

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class Subsampling(nn.Module):
    """S2 and S4: the sum of 2 x 2 neighbours, times a coefficient, plus a bias, both trained, one pair a map.

    The coefficient starts at 1/4, an average; the paper draws it at random.
    """

    kind = "pooling"

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.maps = maps
        self.coefficient = nn.Parameter(torch.full((maps, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        summed = 4 * nn.functional.avg_pool2d(x, 2)
        return summed * self.coefficient + self.bias

    def describe(self, _input_shape: tuple[int, ...], _output_shape: tuple[int, ...]) -> dict[str, Any]:
        return {
            "detail": "2×2, trained",
            "settings": {"kernel": "2 × 2", "stride": "2 × 2", "trained": "a coefficient and a bias a map"},
            "parameters": f"(1 + 1) × {self.maps}",
            "window": ((2, 2), (2, 2), (0, 0)),
        }


class SparseConvolution(nn.Module):
    """C3: 5 x 5 convolutions that exist only where the table links an input map to an output map.

    The kernels of all links are one parameter of shape (links, 5, 5), in the order of the table.
    """

    kind = "convolution"

    def __init__(self, in_maps: int, table: tuple[tuple[int, ...], ...], kernel_size: int) -> None:
        super().__init__()
        self.in_maps = in_maps
        self.table = table
        self.kernel_size = kernel_size
        slots = [target * in_maps + source for target, sources in enumerate(table) for source in sources]
        self.weight = nn.Parameter(torch.empty(len(slots), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(len(table)))
        self.register_buffer("slots", torch.tensor(slots), persistent=False)
        self.slots: Tensor
        with torch.no_grad():
            links = [len(sources) for sources in table for _ in sources]
            bound = 2.4 / (torch.tensor(links, dtype=torch.float32) * kernel_size**2 + 1)
            self.weight.uniform_(-1, 1).mul_(bound.view(-1, 1, 1))
            self.bias.uniform_(-1, 1).mul_(2.4 / (torch.tensor([float(len(s)) for s in table]) * kernel_size**2 + 1))

    def forward(self, x: Tensor) -> Tensor:
        size = self.kernel_size
        dense = self.weight.new_zeros(len(self.table) * self.in_maps, size, size)
        dense = dense.index_copy(0, self.slots, self.weight)
        return nn.functional.conv2d(x, dense.view(len(self.table), self.in_maps, size, size), self.bias)

    def describe(self, _input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> dict[str, Any]:
        size, links, maps = self.kernel_size, len(self.weight), len(self.table)
        height, width = output_shape[-2:]
        return {
            "detail": f"{size}×{size}, {links} of {self.in_maps * maps} links",
            "settings": {"kernel": f"{size} × {size}", "links": f"{links} of {self.in_maps} × {maps}"},
            "parameters": f"{size} × {size} × {links} + {maps}",
            "macs": (size * size * links * height * width, f"{size} × {size} × {links} × {height} × {width}"),
            "window": ((size, size), (1, 1), (0, 0)),
        }


class RadialBasis(nn.Module):
    """The output layer: y_i = sum_j (x_j - w_ij)^2, the squared distance from each class's picture; smallest wins.

    `centres` has shape (classes, 84): -1 for white and +1 for black. Fixed centres are a buffer.
    """

    kind = "linear"

    def __init__(self, centres: Tensor, *, trainable: bool) -> None:
        super().__init__()
        self.trainable = trainable
        self.centres: Tensor
        if trainable:
            self.centres = nn.Parameter(centres)
        else:
            self.register_buffer("centres", centres)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.centres).square().sum(2)

    def describe(self, _input_shape: tuple[int, ...], _output_shape: tuple[int, ...]) -> dict[str, Any]:
        classes, units = self.centres.shape
        return {
            "detail": f"RBF {units}→{classes}",
            "settings": {"centres": f"{classes} pictures of 7 × 12, {'trained' if self.trainable else 'fixed'}"},
            "parameters": f"{units} × {classes}" if self.trainable else "0, the centres are fixed",
            "sees_all": True,
        }


class LeNet5(nn.Module):
    """Either form of LeNet-5: images (N, 1, 28, 28) or (N, 1, 32, 32) to outputs (N, classes)."""

    def __init__(self, features: nn.Sequential, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = features
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        outputs: Tensor = self.classifier(self.features(x))
        return outputs


def build_lenet5(options: LeNet5Options, classes: int = 10) -> LeNet5:
    """LeNet-5 in the form that the options name: 61,706 parameters (modern), 60,000 trained (original)."""
    return _original(options) if options.form == "original" else _modern(options, classes)


def _modern(options: LeNet5Options, classes: int) -> LeNet5:
    activation = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[options.activation]
    pooling = {"average": nn.AvgPool2d, "max": nn.MaxPool2d}[options.pooling]

    def unit(name: str, layer: nn.Module, norm: nn.Module) -> list[tuple[str, nn.Module]]:
        normalised: list[tuple[str, nn.Module]] = [(f"{name}_norm", norm)] if options.batch_norm else []
        return [(name, layer), *normalised, (f"{name}_activation", activation())]

    padding = 2 if options.input == "28x28" else 0
    c1: nn.Module = nn.Conv2d(1, 6, 5, padding=padding)
    c3: nn.Module = nn.Conv2d(6, 16, 5)
    if options.kernels == "local":
        side = 28 if options.input == "28x28" else 32
        c1 = LocallyConnected(1, 6, 5, (side, side), padding)
        c3 = LocallyConnected(6, 16, 5, (14, 14))
    features = OrderedDict(
        [
            *unit("c1", c1, nn.BatchNorm2d(6)),
            ("s2", pooling(2)),
            *unit("c3", c3, nn.BatchNorm2d(16)),
            ("s4", pooling(2)),
        ]
    )
    classifier = OrderedDict(
        [
            ("flatten", nn.Flatten()),
            *unit("c5", nn.Linear(400, 120), nn.BatchNorm1d(120)),
            *unit("f6", nn.Linear(120, 84), nn.BatchNorm1d(84)),
            ("output", nn.Linear(84, classes)),
        ]
    )
    return LeNet5(nn.Sequential(features), nn.Sequential(classifier))


def _original(options: LeNet5Options) -> LeNet5:
    c1, c5, f6 = nn.Conv2d(1, 6, 5), nn.Conv2d(16, 120, 5), nn.Linear(120, 84)
    for layer, fan_in in ((c1, 26), (c5, 401), (f6, 121)):
        # Appendix A: uniform within +-2.4 / F_i, where F_i is the number of inputs of the unit.
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, -2.4 / fan_in, 2.4 / fan_in)
    features = OrderedDict(
        [
            ("c1", c1),
            ("c1_activation", ScaledTanh()),
            ("s2", Subsampling(6)),
            ("s2_activation", ScaledTanh()),
            ("c3", SparseConvolution(6, S2_TO_C3, 5)),
            ("c3_activation", ScaledTanh()),
            ("s4", Subsampling(16)),
            ("s4_activation", ScaledTanh()),
        ]
    )
    classifier = OrderedDict(
        [
            ("c5", c5),
            ("c5_activation", ScaledTanh()),
            ("flatten", nn.Flatten()),
            ("f6", f6),
            ("f6_activation", ScaledTanh()),
            ("output", RadialBasis(digit_centres(), trainable=options.centres == "trainable")),
        ]
    )
    return LeNet5(nn.Sequential(features), nn.Sequential(classifier))


def digit_centres() -> Tensor:
    """The pictures of the ten digits as RBF centres, shape (10, 84), values -1 and +1."""
    rows = [[1.0 if pixel == "#" else -1.0 for row in bitmap for pixel in row] for bitmap in DIGIT_BITMAPS]
    return torch.tensor(rows)
