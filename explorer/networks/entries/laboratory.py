"""Two small networks that only experiments train: they stand in papers as means, not as architectures of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Task
from explorer.networks.entries.alexnet import PAPER as ALEXNET_PAPER
from explorer.networks.options import check_options, option


@dataclass(frozen=True)
class MLPOptions:
    """The forms of a multi-layer perceptron on images of 28x28.

    Raises:
        ValueError: a value is not among the choices, or is out of range.
    """

    layers: int = option(
        2, label="Hidden layers", help="how many dense layers stand before the last", minimum=1, maximum=64
    )
    units: int = option(512, label="Units", help="units of each hidden layer", minimum=2, maximum=4096)
    activation: Literal["relu", "tanh", "sigmoid"] = option(
        "relu", label="Activation", help="the non-linearity after each hidden layer"
    )
    batch_norm: bool = option(False, label="Batch norm", help="normalise each hidden layer before its activation")
    dropout: float = option(
        0.0,
        label="Dropout",
        help="the share of each hidden layer's units switched off in training; 0 for none",
        minimum=0.0,
        maximum=0.9,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class ConvNet4Options:
    """What the experiments with the four-layer network turn on and off.

    Raises:
        ValueError: a value is not among the choices, or is out of range.
    """

    activation: Literal["relu", "tanh", "sigmoid"] = option(
        "relu", label="Activation", help="the non-linearity after each convolution"
    )
    pooling: Literal["max", "average"] = option(
        "max", label="Pooling", help="whether the largest value of a window or their average is kept"
    )
    overlapping: bool = option(
        True, label="Overlapping pooling", help="windows of 3x3 every 2 pixels; off: 2x2 every 2 pixels"
    )
    local_response_norm: bool = option(
        False,
        label="Local response norm",
        help="divide each value by the strength of its neighbours in five maps, after the first two poolings",
    )
    width: int = option(
        32, label="Maps", help="maps of the first two convolutions; the third has twice as many", minimum=4, maximum=128
    )
    input: Literal["32x32", "16x16"] = option("32x32", label="Input", help="the size of the image that it is shown")

    def __post_init__(self) -> None:
        check_options(self)


def _mlp_interface(_options: MLPOptions) -> Interface:
    return Interface(input_shape=(1, 28, 28))


def _convnet4_interface(options: ConvNet4Options) -> Interface:
    side = 32 if options.input == "32x32" else 16
    return Interface(input_shape=(3, side, side))


MLP = Architecture(
    name="mlp",
    title="Multi-layer perceptron",
    family="Multi-layer perceptron",
    year=1986,
    paper=Paper(
        title="Learning representations by back-propagating errors",
        authors="D. E. Rumelhart, G. E. Hinton, R. J. Williams",
        venue="Nature 323, 533-536",
        year=1986,
        identifier="doi:10.1038/323533a0",
    ),
    idea=(
        "Every unit sees every pixel, and nothing says that neighbouring pixels belong together. What convolutions, "
        "dropout and shortcuts bring is measured against it."
    ),
    new="Layers of units between input and answer, trained by passing the error back through them.",
    led_to="LeNet, whose last layers are one.",
    task=Task.CLASSIFICATION,
    options_type=MLPOptions,
    interface=_mlp_interface,
    builder="explorer.networks.mlp:build_mlp",
    parameters=None,
)

CONVNET4 = Architecture(
    name="convnet4",
    title="Four-layer CNN",
    family="AlexNet",
    year=2012,
    paper=ALEXNET_PAPER,
    idea=(
        "The small network of CIFAR-10 experiments in the AlexNet paper: three convolutions with pooling and one dense "
        "layer. ReLU against tanh (figure 1) and local response normalisation (section 3.3) were measured on it."
    ),
    new="Nothing: it is a means of measurement.",
    led_to="AlexNet.",
    task=Task.CLASSIFICATION,
    options_type=ConvNet4Options,
    interface=_convnet4_interface,
    builder="explorer.networks.convnet4:build_convnet4",
    parameters=None,
)

LABORATORY = (MLP, CONVNET4)
