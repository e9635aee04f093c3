"""The densely connected networks' catalogue entries and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option

_GROWTH_HELP = "how many maps each dense layer adds (k)"
_COMPRESSION_HELP = "the share of the maps that a transition between blocks keeps; 1 keeps all"
_BOTTLENECK_HELP = "a 1x1 convolution to 4 k maps before each 3x3 convolution"


@dataclass(frozen=True)
class DenseNetOptions:
    """The forms of a densely connected network.

    Raises:
        ValueError: a value is out of range.
    """

    growth: int = option(32, label="Growth rate", help=_GROWTH_HELP, minimum=1, maximum=96)
    compression: float = option(0.5, label="Compression", help=_COMPRESSION_HELP, minimum=0.1, maximum=1.0)
    bottleneck: bool = option(True, label="Bottleneck", help=_BOTTLENECK_HELP)
    batch_norm: bool = option(
        True, label="Batch norm", help="normalise before every convolution; without it convolutions have biases"
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class WideDenseNetOptions(DenseNetOptions):
    """The forms of DenseNet-161, whose layers add 48 maps."""

    growth: int = option(48, label="Growth rate", help=_GROWTH_HELP, minimum=1, maximum=96)


@dataclass(frozen=True)
class CifarDenseNetOptions(DenseNetOptions):
    """The forms of DenseNet on CIFAR as first described: no bottlenecks, no compression."""

    growth: int = option(12, label="Growth rate", help=_GROWTH_HELP, minimum=1, maximum=96)
    compression: float = option(1.0, label="Compression", help=_COMPRESSION_HELP, minimum=0.1, maximum=1.0)
    bottleneck: bool = option(False, label="Bottleneck", help=f"{_BOTTLENECK_HELP}, and half as many dense layers")


@dataclass(frozen=True)
class CifarDenseNetBCOptions(DenseNetOptions):
    """The forms of DenseNet-BC on CIFAR."""

    growth: int = option(12, label="Growth rate", help=_GROWTH_HELP, minimum=1, maximum=96)
    bottleneck: bool = option(True, label="Bottleneck", help=f"{_BOTTLENECK_HELP}, and half as many dense layers")


def densenet_interface(_options: DenseNetOptions) -> Interface:
    return Interface(input_shape=(3, 224, 224), classes=1000)


def cifar_densenet_interface(_options: DenseNetOptions) -> Interface:
    return Interface(input_shape=(3, 32, 32), classes=10)


_SOURCE = "Huang et al. 2016, table 2"
_CODE = "the authors' repository, DenseNet"


def _entry(
    name: str,
    title: str,
    parameters: int,
    options_type: type,
    interface: Callable[[Any], Interface],
    builder: str,
    published: tuple[Published, ...],
) -> Architecture:
    return Architecture(
        name=name,
        title=title,
        family="DenseNet",
        year=2016,
        paper=Paper(
            title="Densely connected convolutional networks",
            authors="G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger",
            venue="CVPR 2017, 4700-4708",
            year=2016,
            identifier="arXiv:1608.06993",
        ),
        idea=(
            "Within a block, every layer reads the maps of all layers before it and adds a few of its own to the pile. "
            "Nothing has to be computed twice, so the layers can be narrow."
        ),
        new=(
            "Skips are concatenated, not added: a block of L layers has L(L + 1) / 2 connections, and the classifier "
            "sees maps of every depth. It reaches a residual network's accuracy with less than half its parameters."
        ),
        led_to=(
            "Best paper of CVPR 2017. Dense connections went into segmentation and super-resolution networks; they "
            "need little storage for weights and much for activations, which later designs had to mend."
        ),
        task=Task.CLASSIFICATION,
        options_type=options_type,
        interface=interface,
        builder=f"explorer.networks.densenet:{builder}",
        parameters=parameters,
        published=published,
    )


def _for_imagenet(depth: int, parameters: int, options_type: type, error: float) -> Architecture:
    return _entry(
        f"densenet{depth}",
        f"DenseNet-{depth}",
        parameters,
        options_type,
        densenet_interface,
        f"build_densenet{depth}",
        (Published("top-1 error (%)", error, _CODE, note="One crop, on the validation set of ImageNet."),),
    )


def _cifar_figures(millions: float, plain: float, augmented: float) -> tuple[Published, ...]:
    return (
        Published("parameters", millions, _SOURCE, note="Rounded."),
        Published("CIFAR-10 test error (%)", augmented, _SOURCE, note="Training images shifted and mirrored."),
        Published("CIFAR-10 test error (%)", plain, _SOURCE, note="Images not augmented; with dropout, left out here."),
    )


DENSENET121 = _for_imagenet(121, 7_978_856, DenseNetOptions, 25.0)
DENSENET169 = _for_imagenet(169, 14_149_480, DenseNetOptions, 23.6)
DENSENET201 = _for_imagenet(201, 20_013_928, DenseNetOptions, 22.5)
DENSENET161 = _for_imagenet(161, 28_681_000, WideDenseNetOptions, 22.2)
DENSENET_40_12 = _entry(
    "densenet_40_12",
    "DenseNet (L = 40, k = 12)",
    1_019_722,
    CifarDenseNetOptions,
    cifar_densenet_interface,
    "build_densenet_40",
    _cifar_figures(1.0e6, 7.00, 5.24),
)
DENSENET_BC_100_12 = _entry(
    "densenet_bc_100_12",
    "DenseNet-BC (L = 100, k = 12)",
    769_162,
    CifarDenseNetBCOptions,
    cifar_densenet_interface,
    "build_densenet_100",
    _cifar_figures(0.8e6, 5.92, 4.51),
)

DENSENETS = (DENSENET121, DENSENET169, DENSENET201, DENSENET161, DENSENET_40_12, DENSENET_BC_100_12)
