"""GoogLeNet's catalogue entry and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option


@dataclass(frozen=True)
class GoogLeNetOptions:
    """The forms of GoogLeNet.

    Raises:
        ValueError: a value is not among the choices or does not apply.
    """

    auxiliary: bool = option(
        False,
        label="Auxiliary heads",
        help="two small classifiers in the middle that help training and are left out afterwards",
    )
    batch_norm: bool = option(
        False,
        label="Batch norm",
        help="normalise after each convolution, before its activation, in place of local response normalisation",
    )
    local_response_norm: bool = option(
        True,
        label="Local response norm",
        help="divide each value by the strength of its neighbours in five maps, twice in the stem",
        only_when={"batch_norm": False},
    )
    size: Literal["imagenet", "cifar"] = option(
        "imagenet",
        label="Size",
        help="imagenet: 224x224; cifar: 32x32, the stem without strides in its convolutions",
    )
    kernels: Literal["parallel", "single"] = option(
        "parallel",
        label="Kernels",
        help=(
            "parallel: each module looks with 1x1, 3x3 and 5x5 kernels and a pooling side by side; single: with 3x3 "
            "kernels alone, for as many MACs and as many maps"
        ),
    )
    width: float = option(
        1.0,
        label="Width",
        help="times as many maps as published; 0.25 takes a sixteenth of the work",
        minimum=0.05,
        maximum=2.0,
    )

    def __post_init__(self) -> None:
        check_options(self)


def googlenet_interface(options: GoogLeNetOptions) -> Interface:
    if options.size == "cifar":
        return Interface(input_shape=(3, 32, 32), classes=10)
    return Interface(input_shape=(3, 224, 224), classes=1000)


_SOURCE = "Szegedy et al. 2014"
_TEXTBOOKS = "comparison tables in textbooks"
_HEADS = {"auxiliary": True}

# Table 1: part, parameters in thousands and multiply-adds in millions as printed, and the parameters in the same unit
# that a row's filters come to, where they are others.
_TABLE = (
    ("stem.conv1", 2.7, 34, 9.2),
    ("stem.conv2", 112, 360, None),
    ("inception_3a", 159, 128, None),
    ("inception_3b", 380, 304, None),
    ("inception_4a", 364, 73, 367),
    ("inception_4b", 437, 88, None),
    ("inception_4c", 463, 100, 497),
    ("inception_4d", 580, 119, 590),
    ("inception_4e", 840, 170, 847),
    ("inception_5a", 1072, 54, 1018),
    ("inception_5b", 1388, 71, 1409),
    ("linear", 1000, 1, None),
)
_WRONG_MACS = {
    "stem.conv1": "Does not follow from the row: 7 × 7 × 3 × 64 weights at 112 × 112 places are 118 million.",
    "inception_5a": "Does not follow from the row's filters, which come to 51 million; nor do its parameters.",
}


def _table() -> tuple[Published, ...]:
    figures = []
    for part, thousands, millions, right in _TABLE:
        unit = f"Weights without biases, in units of 1,024: {thousands:,}K are {round(thousands * 1024):,}."
        wrong = f" Does not follow from the row's filters, which come to {right:,}K in that unit." if right else ""
        figures.append(Published("parameters", thousands * 1e3, f"{_SOURCE}, table 1", part=part, note=unit + wrong))
        note = _WRONG_MACS.get(part, "Rounded.")
        figures.append(Published("MACs", millions * 1e6, f"{_SOURCE}, table 1", part=part, note=note))
    return tuple(figures)


GOOGLENET = Architecture(
    name="googlenet",
    title="GoogLeNet",
    family="GoogLeNet",
    year=2014,
    paper=Paper(
        title="Going deeper with convolutions",
        authors="C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich",
        venue="CVPR 2015, 1-9",
        year=2014,
        identifier="arXiv:1409.4842",
    ),
    idea=(
        "Patterns come in several sizes, so each Inception module looks at its input with 1x1, 3x3 and 5x5 kernels and "
        "a pooling side by side, and puts their maps together. Cheap 1x1 convolutions thin the maps out before the "
        "dear ones."
    ),
    new=(
        "Twenty-two layers for about a ninth of AlexNet's parameters: 1x1 convolutions as reductions, the average of "
        "each map in place of large dense layers, and auxiliary classifiers that feed gradients to the middle."
    ),
    led_to=(
        "It won the ImageNet classification contest of 2014, just before VGG. Batch normalisation was introduced on "
        "its next version; Inception-v3, v4 and Xception split the kernels further, and the 1x1 reduction became "
        "ResNet's bottleneck."
    ),
    task=Task.CLASSIFICATION,
    options_type=GoogLeNetOptions,
    interface=googlenet_interface,
    builder="explorer.networks.googlenet:build_googlenet",
    parameters=6_998_552,
    published=(
        Published(
            "parameters",
            5e6,
            f"{_SOURCE}, abstract and section 1, as a ratio",
            note=(
                "What \"12 times fewer parameters\" than AlexNet's 60 million comes to. The filters of the paper's own "
                "table hold 7.0 million: 8.7 times fewer than AlexNet in its two columns."
            ),
        ),
        Published(
            "parameters",
            6_414_360,
            "a layer table that circulates in lecture notes",
            note="It takes wrong numbers of input maps in modules 4b to 4e. Textbooks round it to 6.4 million.",
        ),
        Published(
            "MACs",
            1.5e9,
            f"{_SOURCE}, section 1",
            note="The sum of table 1, whose first row counts 34 million where its filters need 118 million.",
        ),
        Published(
            "MACs",
            2e9,
            _TEXTBOOKS,
            note="Rounded up. The same tables give AlexNet's cost in FLOPs.",
        ),
        Published(
            "top-5 error (%)",
            6.67,
            f"{_SOURCE}, table 2",
            options=_HEADS,
            note="The contest's answer: seven networks, 144 crops of each image. Textbooks print 93.3 % accuracy.",
        ),
        Published(
            "top-5 error (%)",
            10.07,
            f"{_SOURCE}, table 3",
            options=_HEADS,
            note="One network, one crop, validation set of ILSVRC-2012.",
        ),
        *_table(),
    ),
)
