"""The VGG networks' catalogue entries and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option

_CUSTOM = {"form": "custom"}
_FORM_HELP = "custom: as many convolutions in each block as you like"


def _convolutions(block: int, default: int) -> int:
    count: int = option(
        default,
        label=f"Convolutions, block {block}",
        help=f"how many 3x3 convolutions stand before pool{block}",
        only_when=_CUSTOM,
        minimum=1,
        maximum=16,
    )
    return count


@dataclass(frozen=True)
class VGGOptions:
    """What the VGG networks have in common; each one names its own columns of the paper's table as `form`.

    Raises:
        ValueError: a value is not among the choices, is out of range, or does not apply.
    """

    form: str
    batch_norm: bool = option(
        False, label="Batch norm", help="normalise after each convolution, before its activation; not in the paper"
    )
    classifier: Literal["dense", "global_pooling"] = option(
        "dense",
        label="Classifier",
        help="dense: three dense layers; global_pooling: each map's average and one dense layer",
    )
    dropout: float = option(
        0.5,
        label="Dropout",
        help="the share of units of the hidden dense layers switched off in training; 0 for none",
        only_when={"classifier": "dense"},
        minimum=0.0,
        maximum=0.9,
    )
    size: Literal["imagenet", "cifar"] = option(
        "imagenet", label="Size", help="imagenet: 224x224 and 4,096 dense units; cifar: 32x32 and 512"
    )
    convolutions_1: int = _convolutions(1, 2)
    convolutions_2: int = _convolutions(2, 2)
    convolutions_3: int = _convolutions(3, 3)
    convolutions_4: int = _convolutions(4, 3)
    convolutions_5: int = _convolutions(5, 3)
    width: float = option(
        1.0,
        label="Width",
        help="times as many maps and dense units as published; 0.25 takes a sixteenth of the work",
        minimum=0.05,
        maximum=2.0,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class VGG11Options(VGGOptions):
    """The forms of VGG-11."""

    form: Literal["a", "a_lrn", "custom"] = option(
        "a",
        label="Form",
        help=f"a: as published; a_lrn: with local response normalisation after the first layer; {_FORM_HELP}",
    )
    convolutions_1: int = _convolutions(1, 1)
    convolutions_2: int = _convolutions(2, 1)
    convolutions_3: int = _convolutions(3, 2)
    convolutions_4: int = _convolutions(4, 2)
    convolutions_5: int = _convolutions(5, 2)


@dataclass(frozen=True)
class VGG13Options(VGGOptions):
    """The forms of VGG-13."""

    form: Literal["b", "custom"] = option("b", label="Form", help=f"b: as published; {_FORM_HELP}")
    convolutions_3: int = _convolutions(3, 2)
    convolutions_4: int = _convolutions(4, 2)
    convolutions_5: int = _convolutions(5, 2)


@dataclass(frozen=True)
class VGG16Options(VGGOptions):
    """The forms of VGG-16."""

    form: Literal["d", "c", "custom"] = option(
        "d",
        label="Form",
        help=f"d: 3x3 convolutions throughout; c: 1x1 ones at the end of blocks 3, 4 and 5; {_FORM_HELP}",
    )


@dataclass(frozen=True)
class VGG19Options(VGGOptions):
    """The forms of VGG-19."""

    form: Literal["e", "custom"] = option("e", label="Form", help=f"e: as published; {_FORM_HELP}")
    convolutions_3: int = _convolutions(3, 4)
    convolutions_4: int = _convolutions(4, 4)
    convolutions_5: int = _convolutions(5, 4)


def vgg_interface(options: VGGOptions) -> Interface:
    if options.size == "cifar":
        return Interface(input_shape=(3, 32, 32), classes=10)
    return Interface(input_shape=(3, 224, 224), classes=1000)


_SOURCE = "Simonyan and Zisserman 2014"
_TEXTBOOKS = "comparison tables in textbooks"
_NOTES = "a layer table that circulates in lecture notes"


def _millions(value: int, form: str = "") -> Published:
    return Published(
        "parameters", value * 1e6, f"{_SOURCE}, table 2", options={"form": form} if form else {}, note="Rounded."
    )


def _errors(top1: float, top5: float, form: str = "") -> tuple[Published, ...]:
    options = {"form": form} if form else {}
    # A network that was trained at one size is tested at that size, S = Q = 256.
    note = "Trained and tested at one size (256), whole image, validation set of ILSVRC-2012."
    return (
        Published("top-1 error (%)", top1, f"{_SOURCE}, table 3", options=options, note=note),
        Published("top-5 error (%)", top5, f"{_SOURCE}, table 3", options=options, note=note),
    )


def _layer_table() -> tuple[Published, ...]:
    """VGG-16 layer by layer as lecture notes print it: activations in thousands, weights without biases."""
    rows = (
        ("conv1_1", 3_200, 1_728), ("conv1_2", 3_200, 36_864), ("pool1", 800, 0),
        ("conv2_1", 1_600, 73_728), ("conv2_2", 1_600, 147_456), ("pool2", 400, 0),
        ("conv3_1", 800, 294_912), ("conv3_2", 800, 589_824), ("conv3_3", 800, 589_824), ("pool3", 200, 0),
        ("conv4_1", 400, 1_179_648), ("conv4_2", 400, 2_359_296), ("conv4_3", 400, 2_359_296), ("pool4", 100, 0),
        ("conv5_1", 100, 2_359_296), ("conv5_2", 100, 2_359_296), ("conv5_3", 100, 2_359_296), ("pool5", 25, 0),
    )  # fmt: skip
    dense = (("fc6", 102_760_448), ("fc7", 16_777_216), ("fc8", 4_096_000))
    figures = []
    for name, thousands, weights in rows:
        part = f"features.block{name.removeprefix('conv').removeprefix('pool')[0]}.{name}"
        figures.append(Published("activations", thousands * 1e3, _NOTES, part=part, note="Rounded."))
        if weights:
            figures.append(Published("parameters", weights, _NOTES, part=part, note="Without the biases."))
    for name, weights in dense:
        figures.append(Published("parameters", weights, _NOTES, part=f"classifier.{name}", note="Without the biases."))
    return tuple(figures)


def _entry(name: str, parameters: int, options_type: type, idea: str, published: tuple[Published, ...]) -> Architecture:
    return Architecture(
        name=f"vgg{name}",
        title=f"VGG-{name}",
        family="VGG",
        year=2014,
        paper=Paper(
            title="Very deep convolutional networks for large-scale image recognition",
            authors="K. Simonyan, A. Zisserman",
            venue="ICLR 2015",
            year=2014,
            identifier="arXiv:1409.1556",
        ),
        idea=idea,
        new=(
            "Depth as the only thing that changes, from 11 to 19 layers, with 3x3 kernels throughout. Two of them see "
            "what one 5x5 kernel sees and three what a 7x7 does, with fewer weights and more non-linearities."
        ),
        led_to=(
            "Second in classification and first in localisation at the ImageNet contest of 2014. Its plain stack of "
            "3x3 convolutions became the usual way to build networks, and its maps the usual measure of how alike two "
            "images look; ResNet took over where more depth stopped helping."
        ),
        task=Task.CLASSIFICATION,
        options_type=options_type,
        interface=vgg_interface,
        builder="explorer.networks.vgg:build_vgg",
        parameters=parameters,
        published=published,
    )


_PLAN = (
    "Blocks of small 3x3 convolutions, each block ended by a pooling that halves the maps, while the number of maps "
    "doubles up to 512."
)

VGG11 = _entry(
    "11",
    132_863_336,
    VGG11Options,
    f"{_PLAN} Eight convolutions, the shallowest column of the paper: the deeper networks started from its weights.",
    (
        _millions(133),
        *_errors(29.6, 10.4),
        *_errors(29.7, 10.5, "a_lrn"),
    ),
)
VGG13 = _entry(
    "13",
    133_047_848,
    VGG13Options,
    f"{_PLAN} Ten convolutions, two in every block.",
    (_millions(133), *_errors(28.7, 9.9)),
)
VGG16 = _entry(
    "16",
    138_357_544,
    VGG16Options,
    f"{_PLAN} Thirteen convolutions, then three dense layers, the first of which holds three quarters of the weights.",
    (
        _millions(138),
        _millions(134, "c"),
        Published(
            "MACs",
            19.6e9,
            _TEXTBOOKS,
            note=(
                "138 million parameters are VGG-16's, but 19.6 billion multiply-adds are VGG-19's; VGG-16 takes 15.5. "
                "The same tables give AlexNet's cost in FLOPs."
            ),
        ),
        Published(
            "activations",
            24e6,
            _NOTES,
            note=(
                "The notes add their own rows up wrongly, and multiply to 93 MB. The rows (input, convolutions, "
                "poolings and dense layers, an activation written over its convolution) add to 15,237,608 elements, "
                "61 MB. Here each activation writes a tensor of its own, and the input is not counted."
            ),
        ),
        *_errors(27.0, 8.8),
        *_errors(28.1, 9.4, "c"),
        Published(
            "top-5 error (%)",
            7.3,
            f"{_SOURCE}, table 7",
            note="The contest's answer: seven networks, C, D and E among them. One network alone came to 7.0 % later.",
        ),
        Published(
            "top-5 accuracy (%)",
            92.3,
            _TEXTBOOKS,
            note="Not a figure of the paper, whose contest answer of seven networks has 7.3 % errors (92.7 %).",
        ),
        *_layer_table(),
    ),
)
VGG19 = _entry(
    "19",
    143_667_240,
    VGG19Options,
    f"{_PLAN} Sixteen convolutions; three more than VGG-16 gain next to nothing.",
    (
        _millions(144),
        Published(
            "MACs",
            19.6e9,
            _TEXTBOOKS,
            note="Printed beside 138 million parameters, which are VGG-16's.",
        ),
        *_errors(27.3, 9.0),
    ),
)

VGGS = (VGG11, VGG13, VGG16, VGG19)
