"""Residual networks (He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015).

A block computes a change F(x) and adds it to its input x, so that a block with nothing to add passes x on unharmed.
Four choices are open, as options: what the shortcut does where shapes change, where a bottleneck takes its stride,
whether activations come behind the convolutions or before them (He, Zhang, Ren, Sun: Identity mappings in deep
residual networks, 2016), and batch normalisation.

The stride of a bottleneck is in its 3 x 3 convolution by default, as in the authors' later Torch code and in
torchvision; the paper has it in the first 1 x 1 convolution.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from explorer.networks.entries.resnet import BottleneckResNetOptions, CifarResNetOptions, ResNetOptions, Shortcut
from explorer.networks.he_initialisation import he_initialise


class ZeroPaddedIdentity(nn.Module):
    """Option A: every `stride`-th position of the input, and channels of zeros behind its own.

    Which side the zeros are on is not said in the paper; the authors' Torch code has them behind.
    """

    kind = "reshape"

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.zeros = outputs - inputs

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.zeros))

    def describe(self, _input_shape: tuple[int, ...], _output_shape: tuple[int, ...]) -> dict[str, Any]:
        step = f"/{self.stride}, " if self.stride > 1 else ""
        return {
            "detail": f"{step}{self.zeros} zeros",
            "settings": {"stride": f"{self.stride} × {self.stride}", "added": f"{self.zeros} channels of zeros"},
            "window": ((1, 1), (self.stride, self.stride), (0, 0)),
        }


@dataclass(frozen=True)
class Design:
    """What all blocks of one network have in common.

    `rescale` makes, for a number of channels, a layer that stands at the end of each residual branch, before the
    addition; squeeze-and-excitation is one. Blocks with it activate behind the convolutions.
    """

    shortcut: Shortcut
    bottleneck: bool = False
    stride: str = "3x3"
    pre_activation: bool = False
    batch_norm: bool = True
    rescale: Callable[[int], nn.Module] | None = None

    def convolution(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
        """A convolution that keeps the size but for its stride; normalisation makes its bias superfluous."""
        return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=not self.batch_norm)

    def norm(self, channels: int) -> nn.BatchNorm2d | None:
        return nn.BatchNorm2d(channels) if self.batch_norm else None

    def projection(self, inputs: int, outputs: int, stride: int) -> nn.Module:
        """A 1 x 1 convolution; with activations before the convolutions it is not normalised behind either."""
        convolution = self.convolution(inputs, outputs, 1, stride)
        if self.pre_activation or not self.batch_norm:
            return convolution
        return nn.Sequential(OrderedDict(conv=convolution, bn=nn.BatchNorm2d(outputs)))

    def shortcut_layer(self, inputs: int, outputs: int, stride: int) -> nn.Module | None:
        """What the shortcut computes; None where it is the identity, or where there is none."""
        changes = inputs != outputs or stride != 1
        if self.shortcut == "C" or (self.shortcut == "B" and changes):
            return self.projection(inputs, outputs, stride)
        if self.shortcut == "A" and changes:
            return ZeroPaddedIdentity(inputs, outputs, stride)
        return None


class ResidualBlock(nn.Module):
    """What the four kinds of block share: the addition, which the plain network lacks."""

    plain: bool
    shortcut: nn.Module | None

    def add(self, out: Tensor, x: Tensor) -> Tensor:
        if self.plain:
            return out
        shortcut: Tensor = x if self.shortcut is None else self.shortcut(x)
        return out + shortcut


class BasicBlock(ResidualBlock):
    """Figure 5, left: two 3 x 3 convolutions; the first has the block's stride."""

    def __init__(self, inputs: int, channels: int, stride: int, design: Design) -> None:
        super().__init__()
        self.plain = design.shortcut == "none"
        self.conv1 = design.convolution(inputs, channels, 3, stride)
        self.bn1 = design.norm(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = design.convolution(channels, channels, 3)
        self.bn2 = design.norm(channels)
        self.se = design.rescale(channels) if design.rescale else None
        self.shortcut = design.shortcut_layer(inputs, channels, stride)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(through(self.bn1, self.conv1(x)))
        out = through(self.se, through(self.bn2, self.conv2(out)))
        activated: Tensor = self.relu2(self.add(out, x))
        return activated


class Bottleneck(ResidualBlock):
    """Figure 5, right: 1 x 1 to a quarter of the channels, 3 x 3, 1 x 1 back; `channels` are the few in between."""

    def __init__(self, inputs: int, channels: int, stride: int, design: Design) -> None:
        super().__init__()
        outputs = 4 * channels
        first, second = (stride, 1) if design.stride == "1x1" else (1, stride)
        self.plain = design.shortcut == "none"
        self.conv1 = design.convolution(inputs, channels, 1, first)
        self.bn1 = design.norm(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = design.convolution(channels, channels, 3, second)
        self.bn2 = design.norm(channels)
        self.relu2 = nn.ReLU()
        self.conv3 = design.convolution(channels, outputs, 1)
        self.bn3 = design.norm(outputs)
        self.se = design.rescale(outputs) if design.rescale else None
        self.shortcut = design.shortcut_layer(inputs, outputs, stride)
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(through(self.bn1, self.conv1(x)))
        out = self.relu2(through(self.bn2, self.conv2(out)))
        out = through(self.se, through(self.bn3, self.conv3(out)))
        activated: Tensor = self.relu3(self.add(out, x))
        return activated


class PreActivationBlock(ResidualBlock):
    """Normalisation and ReLU before each of two 3 x 3 convolutions, nothing behind the addition.

    As in the authors' Torch code, a shortcut that computes something reads the activated input, the identity the input
    itself. The `first` block of a network has no activation of its own: the stem's stands before both of its paths.
    """

    def __init__(self, inputs: int, channels: int, stride: int, design: Design, *, first: bool) -> None:
        super().__init__()
        self.plain = design.shortcut == "none"
        self.bn1 = None if first else design.norm(inputs)
        self.relu1 = None if first else nn.ReLU()
        self.conv1 = design.convolution(inputs, channels, 3, stride)
        self.bn2 = design.norm(channels)
        self.relu2 = nn.ReLU()
        self.conv2 = design.convolution(channels, channels, 3)
        self.shortcut = design.shortcut_layer(inputs, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        activated = through(self.relu1, through(self.bn1, x))
        out = self.conv1(activated)
        out = self.conv2(self.relu2(through(self.bn2, out)))
        return self.add(out, x if self.shortcut is None else activated)


class PreActivationBottleneck(ResidualBlock):
    """Normalisation and ReLU before each of the bottleneck's three convolutions; else as `PreActivationBlock`."""

    def __init__(self, inputs: int, channels: int, stride: int, design: Design, *, first: bool) -> None:
        super().__init__()
        outputs = 4 * channels
        first_stride, second_stride = (stride, 1) if design.stride == "1x1" else (1, stride)
        self.plain = design.shortcut == "none"
        self.bn1 = None if first else design.norm(inputs)
        self.relu1 = None if first else nn.ReLU()
        self.conv1 = design.convolution(inputs, channels, 1, first_stride)
        self.bn2 = design.norm(channels)
        self.relu2 = nn.ReLU()
        self.conv2 = design.convolution(channels, channels, 3, second_stride)
        self.bn3 = design.norm(channels)
        self.relu3 = nn.ReLU()
        self.conv3 = design.convolution(channels, outputs, 1)
        self.shortcut = design.shortcut_layer(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        activated = through(self.relu1, through(self.bn1, x))
        out = self.conv1(activated)
        out = self.conv2(self.relu2(through(self.bn2, out)))
        out = self.conv3(self.relu3(through(self.bn3, out)))
        return self.add(out, x if self.shortcut is None else activated)


class ResNet(nn.Sequential):
    """A stem, stages of blocks, global average pooling and one dense layer: images (N, 3, H, W) to (N, classes)."""


def through(layer: nn.Module | None, x: Tensor) -> Tensor:
    """What a layer that may be absent makes of x."""
    outputs: Tensor = x if layer is None else layer(x)
    return outputs


def imagenet_resnet(counts: tuple[int, ...], design: Design, classes: int) -> ResNet:
    """Table 1: a 7 x 7 convolution and max pooling, then `counts` blocks on 56, 28, 14 and 7 pixels (from 224)."""
    stem = [
        ("conv1", design.convolution(3, 64, 7, 2)),
        ("bn1", design.norm(64)),
        ("relu1", nn.ReLU()),
        ("maxpool", nn.MaxPool2d(3, 2, padding=1)),
    ]
    return _resnet(stem, 64, counts, design, classes)


def cifar_resnet(depth: int, design: Design, classes: int, width: int = 16) -> ResNet:
    """Section 4.2: a 3 x 3 convolution, then (depth - 2) / 6 blocks each of 16, 32 and 64 maps of 32, 16, 8 pixels.

    `width` is another number of maps in place of 16.
    """
    stem = [("conv1", design.convolution(3, width, 3)), ("bn1", design.norm(width)), ("relu1", nn.ReLU())]
    return _resnet(stem, width, 3 * ((depth - 2) // 6,), design, classes)


def _resnet(stem: list[tuple[str, Any]], width: int, counts: tuple[int, ...], design: Design, classes: int) -> ResNet:
    layers: list[tuple[str, Any]] = list(stem)
    inputs = width
    for stage, count in enumerate(counts):
        channels = width * 2**stage
        blocks = []
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(_block(inputs, channels, stride, design, first=stage == index == 0))
            inputs = 4 * channels if design.bottleneck else channels
        layers.append((f"layer{stage + 1}", nn.Sequential(*blocks)))
    if design.pre_activation:
        layers += [("final_bn", design.norm(inputs)), ("final_relu", nn.ReLU())]
    layers += [
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(inputs, classes)),
    ]
    network = ResNet(OrderedDict((name, layer) for name, layer in layers if layer is not None))
    he_initialise(network)
    return network


def _block(inputs: int, channels: int, stride: int, design: Design, *, first: bool) -> ResidualBlock:
    if design.pre_activation:
        early = PreActivationBottleneck if design.bottleneck else PreActivationBlock
        return early(inputs, channels, stride, design, first=first)
    late = Bottleneck if design.bottleneck else BasicBlock
    return late(inputs, channels, stride, design)


def _basic(options: ResNetOptions) -> Design:
    return Design(options.shortcut, pre_activation=options.pre_activation, batch_norm=options.batch_norm)


def _bottleneck(options: BottleneckResNetOptions) -> Design:
    return Design(
        options.shortcut,
        bottleneck=True,
        stride=options.stride,
        pre_activation=options.pre_activation,
        batch_norm=options.batch_norm,
    )


def build_resnet18(options: ResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((2, 2, 2, 2), _basic(options), classes)


def build_resnet34(options: ResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 4, 6, 3), _basic(options), classes)


def build_resnet50(options: BottleneckResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 4, 6, 3), _bottleneck(options), classes)


def build_resnet101(options: BottleneckResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 4, 23, 3), _bottleneck(options), classes)


def build_resnet152(options: BottleneckResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 8, 36, 3), _bottleneck(options), classes)


def build_resnet20(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(20, _basic(options), classes, options.width)


def build_resnet32(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(32, _basic(options), classes, options.width)


def build_resnet44(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(44, _basic(options), classes, options.width)


def build_resnet56(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(56, _basic(options), classes, options.width)


def build_resnet110(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(110, _basic(options), classes, options.width)


def build_resnet1202(options: CifarResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(1202, _basic(options), classes, options.width)
