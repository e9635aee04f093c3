"""AlexNet (Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks, 2012).

The paper trains two columns on two graphics cards: a kernel of conv2, conv4 and conv5 sees the maps of its own column,
one of conv3 and each unit of a dense layer sees both. Textbooks draw one tower of the same widths, and several forms
with other widths go by the name. All of them are here; what they share is the plan: a large kernel with a large stride,
a 5 x 5 convolution, 3 x 3 convolutions, pooling after the first, the second and the last, three dense layers.

Deviations: the paper says that images are 224 x 224; its layer sizes need 227 x 227, or an unequal padding. Its
normalisation runs over neighbouring maps, here over those of the same column, as on two cards.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.networks.entries.alexnet import AlexNetOptions, alexnet_interface


@dataclass(frozen=True)
class Plan:
    """What tells the towers apart: conv1's kernel, stride and padding, and the maps of each convolution.

    `units` are those of a hidden dense layer. With `pooled_to` the last maps are averaged to that size, whatever the
    image's.
    """

    kernel: int
    stride: int
    padding: int
    maps: tuple[int, ...]
    units: int = 4096
    pooled_to: int | None = None


PLANS = {
    "one_tower": Plan(11, 4, 0, (96, 256, 384, 384, 256)),
    "textbook_224": Plan(11, 4, 0, (96, 256, 384, 384, 256)),
    # Krizhevsky: One weird trick for parallelizing convolutional neural networks, 2014, in torchvision's widths.
    "torchvision": Plan(11, 4, 2, (64, 192, 384, 256, 256), pooled_to=6),
    "four_convolutions": Plan(11, 4, 2, (64, 128, 256, 256)),
    "four_convolutions_wide": Plan(11, 4, 0, (64, 192, 384, 256)),
    # Ours: one of the paper's columns, with a first kernel that leaves a small image its size.
    "cifar": Plan(5, 1, 2, (48, 128, 192, 192, 128), units=1024),
}


class Columns(nn.Module):
    """Two columns that both read the whole input and know nothing of each other; their outputs are put together."""

    def __init__(self, column: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.column1 = column()
        self.column2 = column()

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.column1(x), self.column2(x)], dim=1)


class AlexNet(nn.Module):
    """Any form of AlexNet: images (N, 3, 227, 227), (N, 3, 224, 224) or (N, 3, 32, 32) to logits (N, classes)."""

    def __init__(self, features: nn.Sequential, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = features
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(x))
        return logits


def build_alexnet(options: AlexNetOptions, classes: int) -> AlexNet:
    """AlexNet in the form that the options name: 62,378,344 parameters (one tower), 60,965,224 (paper).

    The paper's form starts from the paper's weights, the others from PyTorch's.
    """
    return _two_columns(options, classes) if options.form == "paper" else _tower(options, classes)


def _tower(options: AlexNetOptions, classes: int) -> AlexNet:
    plan = PLANS[options.form]
    features: OrderedDict[str, nn.Module] = OrderedDict()
    inputs, last = 3, len(plan.maps)
    side = alexnet_interface(options).input_shape[1]
    for number, maps in enumerate(plan.maps, start=1):
        if number == 1:
            convolution = nn.Conv2d(inputs, maps, plan.kernel, plan.stride, plan.padding)
            side = (side + 2 * plan.padding - plan.kernel) // plan.stride + 1
        else:
            convolution = _convolution(number, inputs, maps)
        pooled = number in {1, 2, last}
        features.update(_unit(options, number, convolution, pooled=pooled))
        if pooled:
            side = (side - (3 if options.overlapping else 2)) // 2 + 1
        inputs = maps
    if plan.pooled_to is not None:
        features["average_pool"] = nn.AdaptiveAvgPool2d(plan.pooled_to)
        side = plan.pooled_to
    classifier = OrderedDict[str, nn.Module](
        flatten=nn.Flatten(),
        **_dense(options, 6, inputs * side**2, plan.units),
        **_dense(options, 7, plan.units, plan.units),
        fc8=nn.Linear(plan.units, classes),
    )
    return AlexNet(nn.Sequential(features), nn.Sequential(classifier))


def _two_columns(options: AlexNetOptions, classes: int) -> AlexNet:
    def lower() -> nn.Module:
        return nn.Sequential(
            OrderedDict(
                **_unit(options, 1, nn.Conv2d(3, 48, 11, 4), pooled=True),
                **_unit(options, 2, _convolution(2, 48, 128), pooled=True),
            )
        )

    def upper() -> nn.Module:
        return nn.Sequential(
            OrderedDict(
                **_unit(options, 3, _convolution(3, 256, 192), pooled=False),
                **_unit(options, 4, _convolution(4, 192, 192), pooled=False),
                **_unit(options, 5, _convolution(5, 192, 128), pooled=True),
            )
        )

    features = OrderedDict[str, nn.Module](columns12=Columns(lower), columns345=Columns(upper))
    classifier = OrderedDict[str, nn.Module](
        flatten=nn.Flatten(),
        columns6=Columns(lambda: nn.Sequential(_dense(options, 6, 256 * 6 * 6, 2048))),
        columns7=Columns(lambda: nn.Sequential(_dense(options, 7, 4096, 2048))),
        fc8=nn.Linear(4096, classes),
    )
    network = AlexNet(nn.Sequential(features), nn.Sequential(classifier))
    _start_as_published(network)
    return network


def _convolution(number: int, inputs: int, maps: int) -> nn.Conv2d:
    """A convolution that keeps the size: 5 x 5 in the second layer, 3 x 3 from the third on."""
    kernel = 5 if number == 2 else 3
    return nn.Conv2d(inputs, maps, kernel, padding=kernel // 2)


def _unit(options: AlexNetOptions, number: int, convolution: nn.Conv2d, *, pooled: bool) -> OrderedDict[str, nn.Module]:
    """A convolution and what follows it, in the paper's order: activation, normalisation, pooling."""
    layers: OrderedDict[str, nn.Module] = OrderedDict({f"conv{number}": convolution})
    if options.batch_norm:
        layers[f"conv{number}_batch_norm"] = nn.BatchNorm2d(convolution.out_channels)
    layers[f"conv{number}_activation"] = _activation(options)
    if number <= 2 and _has_local_response_norm(options):
        # Section 3.3: k = 2, n = 5, alpha = 1e-4, beta = 0.75. PyTorch divides alpha by n, the paper does not.
        layers[f"norm{number}"] = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)
    if pooled:
        pooling = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}[options.pooling]
        layers[f"pool{number}"] = pooling(3 if options.overlapping else 2, stride=2)
    return layers


def _dense(options: AlexNetOptions, number: int, inputs: int, units: int) -> OrderedDict[str, nn.Module]:
    """A hidden dense layer, with dropout of its outputs; torchvision drops its inputs instead."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        {f"fc{number}": nn.Linear(inputs, units), f"fc{number}_activation": _activation(options)}
    )
    if options.dropout:
        layers[f"dropout{number}"] = nn.Dropout(options.dropout)
        layers.move_to_end(f"dropout{number}", last=options.form != "torchvision")
    return layers


def _activation(options: AlexNetOptions) -> nn.Module:
    activations: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
    return activations[options.activation]()


def _has_local_response_norm(options: AlexNetOptions) -> bool:
    if options.batch_norm:
        return False
    if options.local_response_norm == "as_published":
        return options.form in {"one_tower", "paper"}
    return options.local_response_norm == "on"


def _start_as_published(network: nn.Module) -> None:
    """Section 5: weights from N(0, 0.01); biases 1 in conv2, conv4, conv5 and the hidden dense layers, else 0."""
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            one = path.rsplit(".", 1)[-1] in {"conv2", "conv4", "conv5", "fc6", "fc7"}
            if layer.bias is not None:
                nn.init.constant_(layer.bias, 1.0 if one else 0.0)
