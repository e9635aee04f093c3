"""AlexNet's catalogue entry and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option

_PAPER_FORM = {"form": "paper"}


@dataclass(frozen=True)
class AlexNetOptions:
    """The forms of AlexNet, and what the paper's experiments turn on and off.

    Raises:
        ValueError: a value is not among the choices, is out of range, or does not apply.
    """

    form: Literal[
        "one_tower",
        "paper",
        "textbook_224",
        "torchvision",
        "four_convolutions",
        "four_convolutions_wide",
        "cifar",
    ] = option(
        "one_tower",
        label="Form",
        help=(
            "one_tower: the eight layers in one column, 227x227; paper: two columns that meet at conv3 and in the "
            "dense layers; textbook_224: one tower for 224x224; torchvision: 64-192-384-256-256 maps; "
            "four_convolutions: 64-128-256-256; four_convolutions_wide: 64-192-384-256; cifar: for 32x32"
        ),
    )
    activation: Literal["relu", "tanh", "sigmoid"] = option(
        "relu", label="Activation", help="the non-linearity after each convolution and each hidden dense layer"
    )
    batch_norm: bool = option(
        False,
        label="Batch norm",
        help=(
            "normalise after each convolution, before its activation, in place of local response normalisation; "
            "the one tower with it has 10 classes, as it is taught"
        ),
    )
    local_response_norm: Literal["as_published", "on", "off"] = option(
        "as_published",
        label="Local response norm",
        help=(
            "divide each value by the strength of its neighbours in five maps, after the first two activations; "
            "as_published: in one_tower and paper, not in the others"
        ),
        only_when={"batch_norm": False},
    )
    pooling: Literal["max", "average"] = option(
        "max", label="Pooling", help="whether the largest value of a window or their average is kept"
    )
    overlapping: bool = option(
        True, label="Overlapping pooling", help="windows of 3x3 every 2 pixels; off: 2x2 every 2 pixels"
    )
    dropout: float = option(
        0.5,
        label="Dropout",
        help="the share of units switched off in training, around the two hidden dense layers; 0 for none",
        minimum=0.0,
        maximum=0.9,
    )

    def __post_init__(self) -> None:
        check_options(self)


def alexnet_interface(options: AlexNetOptions) -> Interface:
    if options.form == "cifar":
        return Interface(input_shape=(3, 32, 32), classes=10)
    side = 227 if options.form in {"one_tower", "paper"} else 224
    taught_for_ten = options.form == "one_tower" and options.batch_norm
    return Interface(input_shape=(3, side, side), classes=10 if taught_for_ten else 1000)


_SOURCE = "Krizhevsky et al. 2012"
_TEXTBOOKS = "comparison tables in textbooks"

PAPER = Paper(
    title="ImageNet classification with deep convolutional neural networks",
    authors="A. Krizhevsky, I. Sutskever, G. E. Hinton",
    venue="NIPS 2012, 1097-1105",
    year=2012,
    identifier="doi:10.1145/3065386",
)

ALEXNET = Architecture(
    name="alexnet",
    title="AlexNet",
    family="AlexNet",
    year=2012,
    paper=PAPER,
    idea=(
        "LeNet's plan, a thousand times larger: five convolutions find ever larger patterns in a colour photograph, "
        "three dense layers name it among a thousand kinds. Large kernels and strides at the start shrink the picture "
        "quickly, so that it could be trained on two graphics cards in under a week."
    ),
    new=(
        "A large network trained on a million photographs by graphics cards, and it worked: ReLU to train several "
        "times sooner than with tanh, dropout against over-fitting, overlapping pooling, images shifted, mirrored and "
        "recoloured. Most of these were known, ReLU among them; together they won by ten points."
    ),
    led_to=(
        "It won the ImageNet contest of 2012 with 15.3 % top-5 errors against 26.2 %, and turned image recognition to "
        "deep learning. VGG and GoogLeNet asked how to go deeper; local response normalisation and the two columns "
        "were soon dropped."
    ),
    task=Task.CLASSIFICATION,
    options_type=AlexNetOptions,
    interface=alexnet_interface,
    builder="explorer.networks.alexnet:build_alexnet",
    parameters=62_378_344,
    published=(
        Published(
            "parameters",
            60e6,
            f"{_SOURCE}, abstract",
            options=_PAPER_FORM,
            note="Rounded. The two columns save connections; one tower of the same widths holds 62.4 million.",
        ),
        Published(
            "parameters", 62e6, _TEXTBOOKS, note="The one tower, rounded; the network of the paper has 61.0 million."
        ),
        Published(
            "FLOPs",
            1.5e9,
            _TEXTBOOKS,
            options=_PAPER_FORM,
            note=(
                "Multiplications and additions counted apart, for the two columns: 0.72 G MACs are 1.45 G FLOPs. Other "
                "rows of the same tables count MACs, so that they do not compare."
            ),
        ),
        Published(
            "activations",
            650_000,
            f"{_SOURCE}, abstract",
            options=_PAPER_FORM,
            note=(
                "Units of the eight layers, each counted once: 290,400 + 186,624 + 64,896 + 64,896 + 43,264 + 4,096 + "
                "4,096 + 1,000 = 659,272 (figure 2 prints 253,440 for the first). Here every layer that writes a "
                "tensor counts: activation, normalisation and pooling too."
            ),
        ),
        Published(
            "top-1 error (%)",
            40.7,
            f"{_SOURCE}, table 2",
            options=_PAPER_FORM,
            note="One network, validation set of ILSVRC-2012, mean of ten crops.",
        ),
        Published(
            "top-5 error (%)",
            18.2,
            f"{_SOURCE}, table 2",
            options=_PAPER_FORM,
            note="One network, validation set of ILSVRC-2012, mean of ten crops.",
        ),
        Published(
            "top-5 error (%)",
            15.3,
            f"{_SOURCE}, table 2",
            options=_PAPER_FORM,
            note="The contest's answer: seven networks, two of them first trained on all of ImageNet of autumn 2011.",
        ),
        Published(
            "top-5 accuracy (%)",
            84.7,
            _TEXTBOOKS,
            options=_PAPER_FORM,
            note="Seven networks together (15.3 % errors), set beside the parameters of one.",
        ),
    ),
)
