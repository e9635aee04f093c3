"""Densely connected networks (Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks, 2016).

Within a dense block each layer reads the maps of all layers before it and adds a few of its own. Concatenating the new
maps to those there are, layer by layer, gives every layer all earlier ones.

Dropout, which the paper uses on CIFAR where images are not augmented, is left out.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from explorer.networks.entries.densenet import DenseNetOptions
from explorer.networks.he_initialisation import he_initialise


class DenseLayer(nn.Sequential):
    """H_l: normalisation, ReLU and a 3 x 3 convolution to `growth` new maps.

    A bottleneck puts normalisation, ReLU and a 1 x 1 convolution to 4 `growth` maps before that (section 3).
    """

    def __init__(self, inputs: int, options: DenseNetOptions) -> None:
        growth, bias = options.growth, not options.batch_norm
        layers: list[tuple[str, nn.Module | None]] = []
        if options.bottleneck:
            layers += [
                ("bn1", _norm(inputs, options)),
                ("relu1", nn.ReLU()),
                ("conv1", nn.Conv2d(inputs, 4 * growth, 1, bias=bias)),
            ]
            inputs = 4 * growth
        number = 2 if options.bottleneck else 1
        layers += [
            (f"bn{number}", _norm(inputs, options)),
            (f"relu{number}", nn.ReLU()),
            (f"conv{number}", nn.Conv2d(inputs, growth, 3, padding=1, bias=bias)),
        ]
        super().__init__(_present(layers))


class DenseBlock(nn.ModuleDict):
    """`count` dense layers: (N, inputs, H, W) to (N, inputs + count x growth, H, W)."""

    def __init__(self, inputs: int, count: int, options: DenseNetOptions) -> None:
        super().__init__(
            {f"layer{index + 1}": DenseLayer(inputs + index * options.growth, options) for index in range(count)}
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], 1)
        return x


class Transition(nn.Sequential):
    """Between two blocks: a 1 x 1 convolution to `compression` times the maps, then 2 x 2 average pooling."""

    def __init__(self, inputs: int, outputs: int, options: DenseNetOptions) -> None:
        super().__init__(
            _present(
                [
                    ("bn", _norm(inputs, options)),
                    ("relu", nn.ReLU()),
                    ("conv", nn.Conv2d(inputs, outputs, 1, bias=not options.batch_norm)),
                    ("avgpool", nn.AvgPool2d(2)),
                ]
            )
        )


class DenseNet(nn.Sequential):
    """A stem, dense blocks with transitions between them, pooling, a dense layer: (N, 3, H, W) to (N, classes)."""


def imagenet_densenet(counts: tuple[int, ...], options: DenseNetOptions, classes: int) -> DenseNet:
    """Table 1: a 7 x 7 convolution to twice the growth rate and max pooling, then blocks of `counts` dense layers.

    Without bottlenecks the number of dense layers stays, so that the network is shallower than its name says.
    """
    width = 2 * options.growth
    stem = [
        ("conv1", nn.Conv2d(3, width, 7, 2, padding=3, bias=not options.batch_norm)),
        ("bn1", _norm(width, options)),
        ("relu1", nn.ReLU()),
        ("maxpool", nn.MaxPool2d(3, 2, padding=1)),
    ]
    return _densenet(stem, width, counts, options, classes)


def cifar_densenet(depth: int, options: DenseNetOptions, classes: int) -> DenseNet:
    """Section 4.2: a 3 x 3 convolution and three blocks with as many dense layers as make up `depth`.

    The first convolution has 16 maps, with bottlenecks and compression (BC) twice the growth rate.
    """
    width = 2 * options.growth if options.bottleneck and options.compression < 1 else 16
    count = (depth - 4) // (6 if options.bottleneck else 3)
    stem = [("conv1", nn.Conv2d(3, width, 3, padding=1, bias=not options.batch_norm))]
    return _densenet(stem, width, (count, count, count), options, classes)


def _densenet(
    stem: list[tuple[str, Any]], width: int, counts: tuple[int, ...], options: DenseNetOptions, classes: int
) -> DenseNet:
    layers: list[tuple[str, nn.Module | None]] = list(stem)
    for number, count in enumerate(counts, start=1):
        layers.append((f"block{number}", DenseBlock(width, count, options)))
        width += count * options.growth
        if number < len(counts):
            # Section 3: floor(theta m) maps. A little is added because 0.3 x 10 is 2.9999… in binary.
            outputs = max(int(options.compression * width + 1e-9), 1)
            layers.append((f"transition{number}", Transition(width, outputs, options)))
            width = outputs
    layers += [
        ("final_bn", _norm(width, options)),
        ("final_relu", nn.ReLU()),
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(width, classes)),
    ]
    network = DenseNet(_present(layers))
    he_initialise(network)
    return network


def _norm(channels: int, options: DenseNetOptions) -> nn.BatchNorm2d | None:
    return nn.BatchNorm2d(channels) if options.batch_norm else None


def _present(layers: list[tuple[str, Any]]) -> OrderedDict[str, nn.Module]:
    return OrderedDict((name, layer) for name, layer in layers if layer is not None)


def build_densenet121(options: DenseNetOptions, classes: int = 1000) -> DenseNet:
    return imagenet_densenet((6, 12, 24, 16), options, classes)


def build_densenet169(options: DenseNetOptions, classes: int = 1000) -> DenseNet:
    return imagenet_densenet((6, 12, 32, 32), options, classes)


def build_densenet201(options: DenseNetOptions, classes: int = 1000) -> DenseNet:
    return imagenet_densenet((6, 12, 48, 32), options, classes)


def build_densenet161(options: DenseNetOptions, classes: int = 1000) -> DenseNet:
    return imagenet_densenet((6, 12, 36, 24), options, classes)


def build_densenet_40(options: DenseNetOptions, classes: int = 10) -> DenseNet:
    return cifar_densenet(40, options, classes)


def build_densenet_100(options: DenseNetOptions, classes: int = 10) -> DenseNet:
    return cifar_densenet(100, options, classes)
