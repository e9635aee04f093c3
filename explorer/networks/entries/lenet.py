"""LeNet-5's catalogue entry and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Scores, Task
from explorer.networks.options import check_options, option

_MODERN = {"form": "modern"}
_ORIGINAL = {"form": "original"}


@dataclass(frozen=True)
class LeNet5Options:
    """The forms of LeNet-5.

    Raises:
        ValueError: a value is not among the choices or does not apply to the chosen form.
    """

    form: Literal["modern", "original"] = option(
        "modern",
        label="Form",
        help="modern: the textbook network of today; original: the network of 1998, connection by connection",
    )
    input: Literal["28x28", "32x32"] = option(
        "28x28", label="Input", help="28x28, padded by 2 in the first layer, or 32x32 as published", only_when=_MODERN
    )
    activation: Literal["relu", "tanh", "sigmoid"] = option(
        "relu", label="Activation", help="the non-linearity after C1, C3, C5 and F6", only_when=_MODERN
    )
    pooling: Literal["average", "max"] = option(
        "average", label="Pooling", help="how S2 and S4 halve the maps", only_when=_MODERN
    )
    batch_norm: bool = option(
        False,
        label="Batch norm",
        help="normalise after C1, C3, C5 and F6, before the activation",
        only_when=_MODERN,
    )
    kernels: Literal["shared", "local"] = option(
        "shared",
        label="Kernels",
        help="shared: C1 and C3 are convolutions; local: the same links, but each position has kernels of its own",
        only_when=_MODERN,
    )
    centres: Literal["fixed", "trainable"] = option(
        "fixed",
        label="RBF centres",
        help="fixed: 7x12 pictures of the characters; trainable: they move with the other parameters",
        only_when=_ORIGINAL,
    )

    def __post_init__(self) -> None:
        check_options(self)


def lenet5_interface(options: LeNet5Options) -> Interface:
    if options.form == "original":
        # Section II.B of the paper: background -0.1 and ink 1.175 make mean and variance about 0 and 1.
        return Interface(
            input_shape=(1, 32, 32),
            scores=Scores.DISTANCES,
            losses=("rbf_map", "rbf_mse"),
            pixel_range=(-0.1, 1.175),
            classes=10,
            classes_fixed=True,
        )
    side = 28 if options.input == "28x28" else 32
    return Interface(input_shape=(1, side, side))


LENET5 = Architecture(
    name="lenet5",
    title="LeNet-5",
    family="LeNet",
    year=1998,
    paper=Paper(
        title="Gradient-based learning applied to document recognition",
        authors="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
        venue="Proceedings of the IEEE 86(11), 2278-2324",
        year=1998,
        identifier="doi:10.1109/5.726791",
    ),
    idea=(
        "Small kernels slide over the image and share their weights, so that a stroke is found wherever it stands. "
        "Pooling between them gives up exact position step by step, until dense layers name the digit."
    ),
    new=(
        "Feature extraction and classification are learned together, by gradient descent, from pixels to answer; "
        "earlier systems put a trained classifier behind hand-made features."
    ),
    led_to=("It read bank cheques for years. AlexNet is the same plan with more layers, more maps, ReLU and a GPU."),
    task=Task.CLASSIFICATION,
    options_type=LeNet5Options,
    interface=lenet5_interface,
    builder="explorer.networks.lenet:build_lenet5",
    parameters=61_706,
)
