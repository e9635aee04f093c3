"""Squeeze-and-Excitation networks (Hu, Shen, Albanie, Sun, Wu: Squeeze-and-excitation networks, 2017).

A residual network each of whose blocks weighs its channels before the addition: by what all of them, averaged over the
image, say together.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from explorer.networks.entries.senet import BottleneckSEResNetOptions, CifarSEResNetOptions, SEResNetOptions
from explorer.networks.resnet import Design, ResNet, cifar_resnet, imagenet_resnet


class SqueezeExcitation(nn.Module):
    """Figure 3: the mean of each channel, two dense layers with a waist of channels / `reduction`, a factor a channel.

    The dense layers have biases. Where `reduction` exceeds the channels, the waist is one unit.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        waist = max(channels // reduction, 1)
        self.channels = channels
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(channels, waist)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(waist, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        squeezed = self.flatten(self.squeeze(x))
        factors = self.sigmoid(self.fc2(self.relu(self.fc1(squeezed))))
        rescaled: Tensor = x * factors.view(-1, self.channels, 1, 1)
        return rescaled


def _basic(options: SEResNetOptions) -> Design:
    rescale = partial(SqueezeExcitation, reduction=options.reduction)
    return Design(options.shortcut, batch_norm=options.batch_norm, rescale=rescale)


def _bottleneck(options: BottleneckSEResNetOptions) -> Design:
    rescale = partial(SqueezeExcitation, reduction=options.reduction)
    return Design(
        options.shortcut, bottleneck=True, stride=options.stride, batch_norm=options.batch_norm, rescale=rescale
    )


def build_se_resnet18(options: SEResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((2, 2, 2, 2), _basic(options), classes)


def build_se_resnet50(options: BottleneckSEResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 4, 6, 3), _bottleneck(options), classes)


def build_se_resnet101(options: BottleneckSEResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 4, 23, 3), _bottleneck(options), classes)


def build_se_resnet152(options: BottleneckSEResNetOptions, classes: int = 1000) -> ResNet:
    return imagenet_resnet((3, 8, 36, 3), _bottleneck(options), classes)


def build_se_resnet20(options: CifarSEResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(20, _basic(options), classes, options.width)


def build_se_resnet56(options: CifarSEResNetOptions, classes: int = 10) -> ResNet:
    return cifar_resnet(56, _basic(options), classes, options.width)
