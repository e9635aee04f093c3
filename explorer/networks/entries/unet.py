"""U-Net's catalogue entry and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.networks.architecture import Architecture, Interface, Paper, Published, Task
from explorer.networks.options import check_options, option

_PADDED = {"form": "padded"}


@dataclass(frozen=True)
class UNetOptions:
    """The forms of U-Net.

    Raises:
        ValueError: a value is not among the choices, is out of range or does not apply to the chosen form.
    """

    form: Literal["paper", "padded"] = option(
        "paper",
        label="Form",
        help="paper: as published, 572 pixels in and 388 out; padded: small, the mask is as large as the image",
    )
    skips: bool = option(True, label="Skips", help="hand each level's maps across to the same level on the way up")
    batch_norm: bool = option(True, label="Batch norm", help="normalise after every 3x3 convolution", only_when=_PADDED)
    levels: Literal[1, 2, 3, 4] = option(
        3, label="Levels", help="how often the image is halved on the way down", only_when=_PADDED
    )
    width: Literal[8, 16, 32, 64] = option(
        8, label="Width", help="maps on the first level; each level below has twice as many", only_when=_PADDED
    )
    size: int = option(
        64,
        label="Image size",
        help="height and width of the image, a multiple of 2 for each level: of 8 for three",
        only_when=_PADDED,
        minimum=2,
        maximum=1024,
    )

    def __post_init__(self) -> None:
        check_options(self)
        step = 2**self.levels
        if self.size % step:
            near = max(round(self.size / step), 1) * step
            raise ValueError(f"size is a multiple of {step} with levels={self.levels}, such as {near}, not {self.size}")


def unet_interface(options: UNetOptions) -> Interface:
    side = 572 if options.form == "paper" else options.size
    return Interface(input_shape=(1, side, side), classes=2)


UNET = Architecture(
    name="unet",
    title="U-Net",
    family="U-Net",
    year=2015,
    paper=Paper(
        title="U-Net: convolutional networks for biomedical image segmentation",
        authors="O. Ronneberger, P. Fischer, T. Brox",
        venue="MICCAI 2015, LNCS 9351, 234-241",
        year=2015,
        identifier="arXiv:1505.04597",
    ),
    idea=(
        "On the way down the network learns what is in the image and forgets where; on the way up it spreads the "
        "answer out again, pixel by pixel. Skips across the U hand over the fine maps from the way down, so that the "
        "mask has sharp edges."
    ),
    new=(
        "A way up with as many maps as the way down, joined level by level, so that context and position meet at every "
        "scale. Strong distortion of the images let it learn from some thirty of them."
    ),
    led_to=(
        "It won two categories of the ISBI cell tracking challenge of 2015 and became the standard of medical image "
        "segmentation. Networks that draw images from noise (diffusion) are U-Nets too."
    ),
    task=Task.SEGMENTATION,
    options_type=UNetOptions,
    interface=unet_interface,
    builder="explorer.networks.unet:build_unet",
    parameters=31_030_658,
    published=(
        Published(
            "mean IoU, PhC-U373",
            0.9203,
            "Ronneberger et al. 2015, table 2",
            note="Cells in phase contrast, ISBI cell tracking challenge 2015.",
        ),
        Published(
            "mean IoU, DIC-HeLa",
            0.7756,
            "Ronneberger et al. 2015, table 2",
            note="HeLa cells in interference contrast, ISBI cell tracking challenge 2015.",
        ),
    ),
)
