"""The Squeeze-and-Excitation networks' catalogue entries and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.entries.resnet import (
    SHORTCUT_HELP,
    SMALL_INPUT_HELP,
    STRIDE_HELP,
    WIDTH_HELP,
    Shortcut,
    cifar_interface,
    imagenet_interface,
)
from explorer.networks.options import check_options, option


@dataclass(frozen=True)
class SEResNetOptions:
    """The forms of a Squeeze-and-Excitation residual network for ImageNet.

    Raises:
        ValueError: a value is not among the choices, or is out of range.
    """

    reduction: int = option(
        16,
        label="Reduction ratio",
        help="how many times fewer units the waist of the two dense layers has than there are channels",
        minimum=1,
        maximum=64,
    )
    shortcut: Shortcut = option("B", label="Shortcut", help=SHORTCUT_HELP)  # noqa: RUF009 - a field, not a value
    batch_norm: bool = option(
        True, label="Batch norm", help="normalise behind every convolution; without it convolutions have biases"
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class BottleneckSEResNetOptions(SEResNetOptions):
    """The forms of a Squeeze-and-Excitation network of bottlenecks."""

    stride: Literal["3x3", "1x1"] = option("3x3", label="Stride", help=STRIDE_HELP)


@dataclass(frozen=True)
class CifarSEResNetOptions(SEResNetOptions):
    """The forms of a Squeeze-and-Excitation network for CIFAR; shortcuts as in the residual networks beside it."""

    shortcut: Shortcut = option("A", label="Shortcut", help=SHORTCUT_HELP)  # noqa: RUF009 - a field, not a value
    width: int = option(16, label="Maps", help=WIDTH_HELP, minimum=2, maximum=256)
    input: Literal["32x32", "16x16"] = option("32x32", label="Input", help=SMALL_INPUT_HELP)


_PUBLISHED_STRIDE = {"stride": "1x1"}


def _figures(macs: float, top1: float, top5: float) -> tuple[Published, ...]:
    repository = "the authors' repository, SENet"
    crop = "One crop, on the validation set of ImageNet; trained longer than for the paper."
    return (
        Published(
            "MACs",
            macs,
            "Hu et al. 2017, table 2",
            options=_PUBLISHED_STRIDE,
            note=(
                "Printed as FLOPs, meaning multiply-adds, with the stride in the first 1x1 convolution (stride = 1x1); "
                "a little more than convolutions and dense layers multiply to."
            ),
        ),
        Published("top-1 error (%)", top1, repository, options=_PUBLISHED_STRIDE, note=crop),
        Published("top-5 error (%)", top5, repository, options=_PUBLISHED_STRIDE, note=crop),
    )


def _entry(
    depth: int,
    parameters: int,
    options_type: type,
    interface: Callable[[Any], Interface],
    published: tuple[Published, ...] = (),
) -> Architecture:
    return Architecture(
        name=f"se_resnet{depth}",
        title=f"SE-ResNet-{depth}",
        family="Squeeze-and-Excitation",
        year=2017,
        paper=Paper(
            title="Squeeze-and-excitation networks",
            authors="J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu",
            venue="CVPR 2018, 7132-7141; IEEE TPAMI 42(8), 2020",
            year=2017,
            identifier="arXiv:1709.01507",
        ),
        idea=(
            "Not every channel matters for every image. Each block averages its channels over the image, two small "
            "dense layers turn the averages into a factor from 0 to 1 for each channel, and the block's change is "
            "multiplied by them before it is added."
        ),
        new=(
            "A network weighs its own channels by what it sees in the whole image, at less than 1 % more computation; "
            "the unit can be put into almost any architecture."
        ),
        led_to=(
            "It won the last ImageNet contest, in 2017. On CIFAR-10 it brought a network of 110 layers from 6.37 to "
            "5.21 % errors. MobileNetV3 and EfficientNet have it in every block, and attention of many kinds followed."
        ),
        task=Task.CLASSIFICATION,
        options_type=options_type,
        interface=interface,
        builder=f"explorer.networks.senet:build_se_resnet{depth}",
        parameters=parameters,
        published=published,
    )


SE_RESNET18 = _entry(18, 11_778_592, SEResNetOptions, imagenet_interface)
SE_RESNET50 = _entry(50, 28_088_024, BottleneckSEResNetOptions, imagenet_interface, _figures(3.87e9, 22.37, 6.36))
SE_RESNET101 = _entry(101, 49_326_872, BottleneckSEResNetOptions, imagenet_interface, _figures(7.60e9, 21.75, 5.72))
SE_RESNET152 = _entry(152, 66_821_848, BottleneckSEResNetOptions, imagenet_interface, _figures(11.32e9, 21.34, 5.54))
SE_RESNET20 = _entry(20, 272_095, CifarSEResNetOptions, cifar_interface)
SE_RESNET56 = _entry(56, 860_137, CifarSEResNetOptions, cifar_interface)

SE_RESNETS = (SE_RESNET18, SE_RESNET50, SE_RESNET101, SE_RESNET152, SE_RESNET20, SE_RESNET56)
