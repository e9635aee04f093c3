"""The residual networks' catalogue entries and options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option

Shortcut = Literal["A", "B", "C", "none"]

SHORTCUT_HELP = (
    "A: identity, zeros in place of the channels that it lacks where shapes change; B: a projection (1x1 convolution) "
    "where shapes change; C: a projection in every block; none: the plain network without shortcuts"
)
STRIDE_HELP = "where a bottleneck halves the size: 3x3, its middle convolution; 1x1, its first, as published"


@dataclass(frozen=True)
class ResNetOptions:
    """The forms of a residual network for ImageNet.

    Raises:
        ValueError: a value is not among the choices.
    """

    shortcut: Shortcut = option("B", label="Shortcut", help=SHORTCUT_HELP)  # noqa: RUF009 - a field, not a value
    pre_activation: bool = option(
        False,
        label="Pre-activation",
        help="normalisation and ReLU before each convolution instead of behind it, nothing behind the addition",
    )
    batch_norm: bool = option(
        True, label="Batch norm", help="normalise at every convolution; without it convolutions have biases"
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class BottleneckResNetOptions(ResNetOptions):
    """The forms of a residual network of bottlenecks."""

    stride: Literal["3x3", "1x1"] = option("3x3", label="Stride", help=STRIDE_HELP)


WIDTH_HELP = "maps of the first stage, 16 as published; the second and the third have twice and four times as many"
SMALL_INPUT_HELP = "the size of the image that it is shown: 32x32 as published; 16x16 takes a quarter of the work"


@dataclass(frozen=True)
class CifarResNetOptions(ResNetOptions):
    """The forms of a residual network for CIFAR; parameter-free shortcuts are the default, as published."""

    shortcut: Shortcut = option("A", label="Shortcut", help=SHORTCUT_HELP)  # noqa: RUF009 - a field, not a value
    width: int = option(16, label="Maps", help=WIDTH_HELP, minimum=2, maximum=256)
    input: Literal["32x32", "16x16"] = option("32x32", label="Input", help=SMALL_INPUT_HELP)


def imagenet_interface(_options: Any) -> Interface:
    return Interface(input_shape=(3, 224, 224), classes=1000)


def cifar_interface(options: Any) -> Interface:
    side = 32 if options.input == "32x32" else 16
    return Interface(input_shape=(3, side, side), classes=10)


_PAPER = Paper(
    title="Deep residual learning for image recognition",
    authors="K. He, X. Zhang, S. Ren, J. Sun",
    venue="CVPR 2016, 770-778",
    year=2015,
    identifier="arXiv:1512.03385",
)
_SOURCE = "He et al. 2015"
_PUBLISHED_STRIDE = {"stride": "1x1"}
_STRIDE_NOTE = (
    "Published with the stride in the first 1x1 convolution of a block (stride = 1x1). In the 3x3 convolution, where "
    "it is by default, that convolution's neighbour works on maps four times as large."
)
_TEN_CROPS = "Mean of ten crops, on the validation set of ImageNet (table 2 or 3)."


def _macs(value: float, options: Mapping[str, Any] | None = None) -> Published:
    note = _STRIDE_NOTE if options else "Rounded; the first and the last layer are included."
    return Published("MACs", value, f"{_SOURCE}, table 1", options=options or {}, note=note)


def _top1(error: float, options: Mapping[str, Any] | None = None) -> Published:
    return Published("top-1 error (%)", error, _SOURCE, options=options or {}, note=_TEN_CROPS)


def _top5(error: float, options: Mapping[str, Any] | None = None) -> Published:
    return Published("top-5 error (%)", error, _SOURCE, options=options or {}, note=_TEN_CROPS)


def _for_imagenet(
    depth: int, parameters: int, options_type: type, idea: str, published: tuple[Published, ...]
) -> Architecture:
    return Architecture(
        name=f"resnet{depth}",
        title=f"ResNet-{depth}",
        family="ResNet",
        year=2015,
        paper=_PAPER,
        idea=idea,
        new=(
            "Shortcuts past every two or three layers, which cost nothing and let gradients reach the first layer "
            "undiminished. With them depth helps again: without, a 34-layer network has a higher training error than "
            "an 18-layer one."
        ),
        led_to=(
            "It won the ImageNet, COCO detection and segmentation contests of 2015 and is still the network others "
            "are compared with. Almost every deep network since, transformers included, adds its blocks to their input."
        ),
        task=Task.CLASSIFICATION,
        options_type=options_type,
        interface=imagenet_interface,
        builder=f"explorer.networks.resnet:build_resnet{depth}",
        parameters=parameters,
        published=published,
    )


_BASIC_IDEA = (
    "Each block of two 3x3 convolutions computes a change, and its input is added to that change. A block with nothing "
    "to add is an identity that is easy to learn, so more layers do not make a network worse."
)
_BOTTLENECK_IDEA = (
    "Each block computes a change that is added to its input. Here a block is a bottleneck: a 1x1 convolution to a "
    "quarter of the channels, a 3x3 on those few and a 1x1 back, for about the price of two 3x3 convolutions."
)

RESNET18 = _for_imagenet(
    18,
    11_689_512,
    ResNetOptions,
    _BASIC_IDEA,
    (
        Published(
            "parameters",
            11_511_784,
            "a layer table that circulates in lecture notes",
            note=(
                "It counts a bias for each of the 17 convolutions of the trunk (3,904), which there are none of, and "
                "leaves out batch normalisation (9,600) and the three projections (172,032)."
            ),
        ),
        _macs(1.8e9),
        _top1(27.88, {"shortcut": "A"}),
        _top1(27.94, {"shortcut": "none"}),
    ),
)
RESNET34 = _for_imagenet(
    34,
    21_797_672,
    ResNetOptions,
    _BASIC_IDEA,
    (
        _macs(3.6e9),
        _top1(24.52),
        _top1(25.03, {"shortcut": "A"}),
        _top1(24.19, {"shortcut": "C"}),
        _top1(28.54, {"shortcut": "none"}),
    ),
)
RESNET50 = _for_imagenet(
    50,
    25_557_032,
    BottleneckResNetOptions,
    _BOTTLENECK_IDEA,
    (
        _macs(3.8e9, _PUBLISHED_STRIDE),
        _top1(22.85, _PUBLISHED_STRIDE),
        _top5(6.71, _PUBLISHED_STRIDE),
    ),
)
RESNET101 = _for_imagenet(
    101,
    44_549_160,
    BottleneckResNetOptions,
    _BOTTLENECK_IDEA,
    (
        _macs(7.6e9, _PUBLISHED_STRIDE),
        _top1(21.75, _PUBLISHED_STRIDE),
        _top5(6.05, _PUBLISHED_STRIDE),
    ),
)
RESNET152 = _for_imagenet(
    152,
    60_192_808,
    BottleneckResNetOptions,
    _BOTTLENECK_IDEA,
    (
        Published(
            "parameters",
            60.3e6,
            "comparison tables in textbooks",
            note=(
                "It seems to count the running means and variances of batch normalisation (151,424), which are not "
                "trained: with them it is 60,344,232."
            ),
        ),
        _macs(11.3e9, _PUBLISHED_STRIDE),
        _top1(21.43, _PUBLISHED_STRIDE),
        _top5(5.71, _PUBLISHED_STRIDE),
        Published(
            "top-5 accuracy (%)",
            95.51,
            "comparison tables in textbooks",
            options=_PUBLISHED_STRIDE,
            note="Table 4: 4.49 % error, images tested at several sizes; ten crops of one size give 94.29 %.",
        ),
    ),
)


def _for_cifar(depth: int, parameters: int, millions: float, *errors: Published) -> Architecture:
    blocks = (depth - 2) // 6
    return Architecture(
        name=f"resnet{depth}",
        title=f"ResNet-{depth}",
        family="ResNet",
        year=2015,
        paper=_PAPER,
        idea=(
            f"A residual network for images of 32x32: one 3x3 convolution, three stages of {blocks} blocks with 16, 32 "
            "and 64 maps, no bottlenecks. Its shortcuts have no parameters, so that it and the plain network compare "
            "layer by layer."
        ),
        new=(
            "The experiment behind the paper: plain networks of 20 to 56 layers get worse in training error as they "
            "deepen, residual ones of the same layers do not."
        ),
        led_to=(
            "Residual networks of more than 1,000 layers can be trained; with activations before the convolutions "
            "(2016) they gain from it. The small ones became the yardstick for new ideas on CIFAR-10."
        ),
        task=Task.CLASSIFICATION,
        options_type=CifarResNetOptions,
        interface=cifar_interface,
        builder=f"explorer.networks.resnet:build_resnet{depth}",
        parameters=parameters,
        published=(Published("parameters", millions, f"{_SOURCE}, table 6", note="Rounded."), *errors),
    )


def _cifar10(error: float, note: str = "") -> Published:
    return Published("CIFAR-10 test error (%)", error, f"{_SOURCE}, table 6", note=note)


RESNET20 = _for_cifar(20, 269_722, 0.27e6, _cifar10(8.75))
RESNET32 = _for_cifar(32, 464_154, 0.46e6, _cifar10(7.51))
RESNET44 = _for_cifar(44, 658_586, 0.66e6, _cifar10(7.17))
RESNET56 = _for_cifar(56, 853_018, 0.85e6, _cifar10(6.97))
RESNET110 = _for_cifar(
    110,
    1_727_962,
    1.7e6,
    _cifar10(6.43, "The best of five runs; their mean is 6.61. It is warmed up at a rate of 0.01."),
    Published(
        "CIFAR-10 test error (%)",
        6.37,
        "He et al. 2016, Identity mappings in deep residual networks",
        options={"pre_activation": True},
        note="The median of five runs.",
    ),
)
RESNET1202 = _for_cifar(
    1202,
    19_421_274,
    19.4e6,
    _cifar10(7.93, "Its training error is as low as that of 110 layers: it over-fits so small a data set."),
)

RESNETS = (
    RESNET18,
    RESNET34,
    RESNET50,
    RESNET101,
    RESNET152,
    RESNET20,
    RESNET32,
    RESNET44,
    RESNET56,
    RESNET110,
    RESNET1202,
)
