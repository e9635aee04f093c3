"""How much training images are varied: numbers only, so that a form needs no torch; `augment` carries it out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Augmentation:
    """The largest changes that each image may get at random, anew in each epoch; all 0: images as they are.

    `rotation` and `shear` are degrees either way. `shift` is a share of the side either way (0.1: 2.8 pixels of 28)
    and `scale` a share of the size (0.1: from 0.9 to 1.1). `elastic` is the typical displacement of a smooth
    distortion in pixels of a 28-pixel side. `thickness` is the share of images whose strokes are made thinner or
    thicker. `noise` is the standard deviation of noise added to pixels of 0 to 1. `crop` is the number of blank pixels
    put around an image before a piece of the old size is cut out of it anywhere; half of the images are turned into
    their mirror image with `mirror`. `colour` is the largest change of brightness, contrast and saturation, as a share
    of each. `pca_colour` is the standard deviation of Krizhevsky's shifts along the axes in which the colours of the
    training pixels vary (2012, section 4.1; published with 0.1). `cutout` is the side in pixels of a square that is
    hidden in each image (DeVries and Taylor 2017).

    Raises:
        ValueError: a value is out of its range.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    thickness: float = 0.0
    noise: float = 0.0
    crop: int = 0
    mirror: bool = False
    colour: float = 0.0
    pca_colour: float = 0.0
    cutout: int = 0

    NONE: ClassVar[Augmentation]
    LIGHT: ClassVar[Augmentation]
    PHOTOS: ClassVar[Augmentation]
    STRONG: ClassVar[Augmentation]

    def __post_init__(self) -> None:
        for name, largest in _LARGEST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= largest:
                raise ValueError(f"augmentation's {name} is 0 to {largest:g}, not {value!r}")
        for name in ("crop", "cutout"):
            value = getattr(self, name)
            if not isinstance(value, int):
                raise ValueError(f"augmentation's {name} is a whole number of pixels, not {value!r}")  # noqa: TRY004 - one kind of error for all
        if not isinstance(self.mirror, bool):
            raise ValueError(f"augmentation's mirror is true or false, not {self.mirror!r}")  # noqa: TRY004 - as above

    @property
    def is_off(self) -> bool:
        """Whether images stay as they are."""
        return not any(getattr(self, field.name) for field in dataclasses.fields(self))


_LARGEST = {
    "rotation": 180.0,
    "shift": 0.5,
    "scale": 0.5,
    "shear": 45.0,
    "elastic": 5.0,
    "thickness": 1.0,
    "noise": 1.0,
    "crop": 64,
    "colour": 1.0,
    "pca_colour": 10.0,
    "cutout": 64,
}

Augmentation.NONE = Augmentation()
# Half of what the literature on MNIST calls safe: no digit turns into another.
Augmentation.LIGHT = Augmentation(rotation=10, shift=0.05, scale=0.1, shear=5)
Augmentation.STRONG = Augmentation(rotation=15, shift=0.08, scale=0.15, shear=12, elastic=0.8, thickness=0.4)
# What He et al. (2015) trained their networks for CIFAR-10 with.
Augmentation.PHOTOS = Augmentation(crop=4, mirror=True)
