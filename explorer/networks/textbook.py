"""What textbooks print about the networks, to stand beside what is computed, and why the two differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Form:
    """A network of the catalogue in one form."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PrintedRow:
    """A row of the comparison that textbooks print: accuracy in %, counts as printed.

    `form` is the network that it means; `operations` is a count that the tables do not name (MACs or FLOPs).
    """

    network: str
    year: int
    top5_accuracy: float
    parameters: float
    operations: float
    form: Form
    why: str


@dataclass(frozen=True)
class PrintedRatio:
    """A claim that one network has so many times the parameters or MACs of another."""

    claim: str
    quantity: str  # "parameters" or "MACs"
    more: Form
    less: Form
    printed: float
    why: str


_ALEXNET = Form("alexnet", {"form": "paper"})
_ONE_TOWER = Form("alexnet")
_GOOGLENET = Form("googlenet")
_LENET = Form("lenet5")

PRINTED_COMPARISON = (
    PrintedRow(
        "AlexNet",
        2012,
        84.7,
        62e6,
        1.5e9,
        _ALEXNET,
        "1.5 billion are FLOPs, twice the MACs; the rows below print MACs. 62 million are those of the network with "
        "one tower, the paper's two columns have 61.0.",
    ),
    PrintedRow(
        "VGG",
        2014,
        92.3,
        138e6,
        19.6e9,
        Form("vgg16"),
        "138 million parameters are VGG-16's, 19.6 billion MACs are VGG-19's. VGG-16 has 15.5 billion.",
    ),
    PrintedRow(
        "Inception",
        2014,
        93.3,
        6.4e6,
        2e9,
        _GOOGLENET,
        "6.4 million is the total of a table with wrong filters in modules 4b to 4e. The filters of the paper give 7.0 "
        "million, and 1.58 billion MACs.",
    ),
    PrintedRow(
        "ResNet-152",
        2015,
        95.51,
        60.3e6,
        11e9,
        Form("resnet152", {"stride": "1x1"}),
        "11 billion are MACs with the stride in the first 1x1 convolution of a block, as published. The accuracy is "
        "that of one network tested at several sizes.",
    ),
)

PRINTED_RATIOS = (
    PrintedRatio(
        "GoogLeNet has 12 times fewer parameters than AlexNet",
        "parameters",
        _ALEXNET,
        _GOOGLENET,
        12,
        "12 is 60 million through 5 million; GoogLeNet has 7.",
    ),
    PrintedRatio(
        "GoogLeNet computes twice as much as AlexNet",
        "MACs",
        _GOOGLENET,
        _ALEXNET,
        2,
        "About right: both counted in MACs.",
    ),
    PrintedRatio(
        "AlexNet has only ten times the parameters of LeNet",
        "parameters",
        _ONE_TOWER,
        _LENET,
        10,
        "62.4 million against 61,706: a thousand times as many.",
    ),
    PrintedRatio(
        "AlexNet computes 250 times as much as LeNet",
        "MACs",
        _ONE_TOWER,
        _LENET,
        250,
        "One image of 227 x 227 pixels in three colours against one of 28 x 28 in gray.",
    ),
)

REMARKS = (
    (
        "AlexNet was not the first network with rectified linear units: Jarrett and others (2009) and Nair and Hinton "
        "(2010) used them before."
    ),
)


def forms() -> tuple[Form, ...]:
    """Every form that the printed figures speak of, once."""
    found: list[Form] = []
    for form in (
        *(row.form for row in PRINTED_COMPARISON),
        *(form for ratio in PRINTED_RATIOS for form in (ratio.more, ratio.less)),
    ):
        if form not in found:
            found.append(form)
    return tuple(found)
