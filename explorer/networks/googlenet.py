"""GoogLeNet (Szegedy et al.: Going deeper with convolutions, 2014), without batch normalisation, with a 5 x 5 branch.

A stem, nine Inception modules with a pooling after the second and the seventh, the average of each map, one dense
layer. Two auxiliary heads, on modules 4a and 4d, serve training only.

Deviations: poolings round sizes up, as the sizes of table 1 need. The paper gives no constants of local response
normalisation and no initial weights: the constants are those of Caffe's GoogLeNet (size 5, alpha 1e-4, beta 0.75,
k = 1), the weights start as Kaiming normal (fan in) with biases 0, which keeps 22 layers without batch normalisation
trainable. Ours is the CIFAR size: a 3 x 3 stem without strides and without its second pooling, so that the modules work
at 16, 8 and 4 pixels a side.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from explorer.networks.entries.googlenet import GoogLeNetOptions


class Filters(NamedTuple):
    """A row of table 1: the maps of each convolution of an Inception module."""

    one: int
    three_reduce: int
    three: int
    five_reduce: int
    five: int
    pool: int

    @property
    def outputs(self) -> int:
        return self.one + self.three + self.five + self.pool

    def macs(self, inputs: int) -> int:
        """Multiply-adds at one position."""
        ones = self.one + self.three_reduce + self.five_reduce + self.pool
        return inputs * ones + 9 * self.three_reduce * self.three + 25 * self.five_reduce * self.five

    def scaled(self, width: float) -> Filters:
        return Filters(*(max(1, round(maps * width)) for maps in self))


FILTERS = {
    "3a": Filters(64, 96, 128, 16, 32, 32),
    "3b": Filters(128, 128, 192, 32, 96, 64),
    "4a": Filters(192, 96, 208, 16, 48, 64),
    "4b": Filters(160, 112, 224, 24, 64, 64),
    "4c": Filters(128, 128, 256, 24, 64, 64),
    "4d": Filters(112, 144, 288, 32, 64, 64),
    "4e": Filters(256, 160, 320, 32, 128, 128),
    "5a": Filters(256, 160, 320, 32, 128, 128),
    "5b": Filters(384, 192, 384, 48, 128, 128),
}


class Inception(nn.Module):
    """Four branches that look at the same maps at different sizes; their maps are put together."""

    def __init__(self, inputs: int, filters: Filters, *, batch_norm: bool) -> None:
        super().__init__()
        unit = _units(batch_norm)
        self.branch1 = nn.Sequential(unit("conv", inputs, filters.one, 1))
        self.branch3 = nn.Sequential(
            OrderedDict(
                **unit("reduce", inputs, filters.three_reduce, 1),
                **unit("conv", filters.three_reduce, filters.three, 3),
            )
        )
        self.branch5 = nn.Sequential(
            OrderedDict(
                **unit("reduce", inputs, filters.five_reduce, 1), **unit("conv", filters.five_reduce, filters.five, 5)
            )
        )
        self.pool_branch = nn.Sequential(
            OrderedDict(pool=nn.MaxPool2d(3, stride=1, padding=1), **unit("project", inputs, filters.pool, 1))
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.pool_branch(x)], dim=1)


class SingleKernel(nn.Sequential):
    """A module's twin with kernels of one size: a 1 x 1 reduction and a 3 x 3 convolution to as many maps.

    The reduction is as wide as the module's multiply-adds allow: inputs r + 9 r outputs of them at each position.
    """

    def __init__(self, inputs: int, filters: Filters, *, batch_norm: bool) -> None:
        unit = _units(batch_norm)
        reduced = max(1, round(filters.macs(inputs) / (inputs + 9 * filters.outputs)))
        super().__init__(OrderedDict(**unit("reduce", inputs, reduced, 1), **unit("conv", reduced, filters.outputs, 3)))


class AuxiliaryHead(nn.Sequential):
    """A classifier on the maps of a module in the middle, `side` pixels a side: (N, inputs, side, side) to logits."""

    def __init__(self, inputs: int, side: int, classes: int, *, batch_norm: bool, width: float = 1.0) -> None:
        pooled = (side - 5) // 3 + 1
        maps, units = (max(1, round(published * width)) for published in (128, 1024))
        super().__init__(
            OrderedDict(
                pool=nn.AvgPool2d(5, stride=3),
                **_units(batch_norm)("conv", inputs, maps, 1),
                flatten=nn.Flatten(),
                fc=nn.Linear(maps * pooled**2, units),
                fc_activation=nn.ReLU(),
                dropout=nn.Dropout(0.7),
                linear=nn.Linear(units, classes),
            )
        )


class GoogLeNet(nn.Module):
    """GoogLeNet: images (N, 3, 224, 224) or (N, 3, 32, 32) to logits (N, classes).

    In training with auxiliary heads the answer is a tuple of logits: the network's own, those of the head on module 4d,
    those of the head on module 4a.
    """

    def __init__(self, options: GoogLeNetOptions, classes: int) -> None:
        super().__init__()
        small, batch_norm = options.size == "cifar", options.batch_norm
        self.stem = _stem(options)
        maps = _scaled(options, 192)
        filters = {name: published.scaled(options.width) for name, published in FILTERS.items()}
        kind = Inception if options.kernels == "parallel" else SingleKernel

        def module(name: str) -> nn.Module:
            nonlocal maps
            made = kind(maps, filters[name], batch_norm=batch_norm)
            maps = filters[name].outputs
            return made

        self.inception_3a = module("3a")
        self.inception_3b = module("3b")
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_4a = module("4a")
        self.inception_4b = module("4b")
        self.inception_4c = module("4c")
        self.inception_4d = module("4d")
        self.inception_4e = module("4e")
        self.pool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_5a = module("5a")
        self.inception_5b = module("5b")
        self.average_pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.4)
        self.linear = nn.Linear(maps, classes)
        self.head_4a: AuxiliaryHead | None = None
        self.head_4d: AuxiliaryHead | None = None
        if options.auxiliary:
            side = 8 if small else 14
            self.head_4a, self.head_4d = (
                AuxiliaryHead(filters[name].outputs, side, classes, batch_norm=batch_norm, width=options.width)
                for name in ("4a", "4d")
            )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.stem(x)
        x = self.pool3(self.inception_3b(self.inception_3a(x)))
        early = self.inception_4a(x)
        late = self.inception_4d(self.inception_4c(self.inception_4b(early)))
        x = self.pool4(self.inception_4e(late))
        x = self.average_pool(self.inception_5b(self.inception_5a(x)))
        logits: Tensor = self.linear(self.dropout(self.flatten(x)))
        if self.training and self.head_4a is not None and self.head_4d is not None:
            return logits, self.head_4d(late), self.head_4a(early)
        return logits


def build_googlenet(options: GoogLeNetOptions, classes: int) -> GoogLeNet:
    """GoogLeNet: 6,998,552 parameters, 13,378,280 with both auxiliary heads."""
    network = GoogLeNet(options, classes)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def _units(batch_norm: bool) -> Callable[[str, int, int, int], OrderedDict[str, nn.Module]]:
    """What makes a convolution that keeps the size, its normalisation if there is one, and its activation.

    Batch norm leaves the bias in place, idle as it then is, so that switching it on adds its own parameters only.
    """

    def unit(name: str, inputs: int, maps: int, kernel: int) -> OrderedDict[str, nn.Module]:
        layers: OrderedDict[str, nn.Module] = OrderedDict({name: nn.Conv2d(inputs, maps, kernel, padding=kernel // 2)})
        if batch_norm:
            layers[f"{name}_batch_norm"] = nn.BatchNorm2d(maps)
        layers[f"{name}_activation"] = nn.ReLU()
        return layers

    return unit


def _stem(options: GoogLeNetOptions) -> nn.Sequential:
    small = options.size == "cifar"
    unit = _units(options.batch_norm)
    normalised = options.local_response_norm and not options.batch_norm
    first, last = _scaled(options, 64), _scaled(options, 192)
    layers = unit("conv1", 3, first, 3 if small else 7)
    if not small:
        layers["conv1"] = nn.Conv2d(3, first, 7, stride=2, padding=3)
    layers["pool1"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)
    if normalised:
        layers["norm1"] = _local_response_norm()
    layers["conv2"] = nn.Sequential(OrderedDict(**unit("reduce", first, first, 1), **unit("conv", first, last, 3)))
    if normalised:
        layers["norm2"] = _local_response_norm()
    if not small:
        layers["pool2"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)
    return nn.Sequential(layers)


def _local_response_norm() -> nn.LocalResponseNorm:
    return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)


def _scaled(options: GoogLeNetOptions, published: int) -> int:
    return max(1, round(published * options.width))
