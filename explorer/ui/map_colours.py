"""Values of feature maps as colours: gray from nothing up, two hues around zero where values have a sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Blue and orange are told apart by nearly everyone; zero is the ground of the theme.
_NEGATIVE, _POSITIVE = (33, 102, 172), (214, 96, 20)
_ZERO = {False: (247, 247, 247), True: (26, 29, 35)}
_BROKEN = (200, 40, 160)  # not a number
_LEVELS = 256


@dataclass(frozen=True)
class Scale:
    """From which value to which the colours go: `least` is 0 where nothing is below, else minus `most`."""

    least: float
    most: float

    @property
    def is_signed(self) -> bool:
        return self.least < 0


def scale_of(least: float, most: float) -> Scale:
    """The scale for values from `least` to `most`: zero is its beginning, or its middle where values have a sign."""
    if not (np.isfinite(least) and np.isfinite(most)):
        return Scale(0.0, 0.0)
    if least < 0:
        reach = max(-least, most)
        return Scale(-reach, reach)
    return Scale(0.0, most)


@cache
def colours(*, signed: bool, dark: bool) -> NDArray[np.uint32]:
    """256 colours and one for what is no number, as 0xffRRGGBB."""
    share = np.linspace(0, 1, _LEVELS)[:, None]
    if not signed:
        rgb = np.repeat(share * 255, 3, axis=1)
    else:
        away = np.abs(share * 2 - 1)
        hue = np.where(share < 0.5, np.array(_NEGATIVE), np.array(_POSITIVE))
        if dark:
            hue = np.minimum(255, hue * 1.25 + 20)
        rgb = np.array(_ZERO[dark]) * (1 - away) + hue * away
    table = np.concatenate([np.rint(rgb), np.array([_BROKEN])]).astype(np.uint32)
    packed: NDArray[np.uint32] = ((255 << 24) | (table[:, 0] << 16) | (table[:, 1] << 8) | table[:, 2]).astype(
        np.uint32
    )
    packed.setflags(write=False)
    return packed


def coloured(values: NDArray[np.float32], scale: Scale, *, dark: bool) -> NDArray[np.uint32]:
    """Values as colours 0xffRRGGBB, in the same shape."""
    return colours(signed=scale.is_signed, dark=dark)[levels(values, scale)]


def coloured_tiles(
    tiles: NDArray[np.float32], least: NDArray[np.float32], most: NDArray[np.float32], *, dark: bool
) -> NDArray[np.uint32]:
    """Tiles [N, h, w] as colours, each by a scale of its own; those of one layer have a sign or not together."""
    reach = np.maximum(np.abs(least), np.abs(most))
    signed = bool((least < 0).any())
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        shares = tiles * (1 / np.where(reach > 0, reach, 1)).astype(np.float32)[:, None, None]
    if signed:
        shares = shares * 0.5 + 0.5
    return colours(signed=signed, dark=dark)[levels(shares, Scale(0.0, 1.0))]


def levels(values: NDArray[np.float32], scale: Scale) -> NDArray[np.intp]:
    """Places in a table of `colours`: 0 to 255 along the scale, 256 for what is no number."""
    span = scale.most - scale.least
    if span <= 0:
        found = np.full(values.shape, (_LEVELS // 2) if scale.is_signed else 0, np.intp)
    else:
        with np.errstate(invalid="ignore"):
            shares = (values - np.float32(scale.least)) * np.float32((_LEVELS - 1) / span)
        found = np.clip(np.nan_to_num(shares, nan=0.0) + 0.5, 0, _LEVELS - 1).astype(np.intp)
    broken = np.isnan(values)
    if broken.any():
        found[broken] = _LEVELS
    return found


def image_of(pixels: NDArray[np.uint32]) -> QImage:
    """Colours [H, W], 0xAARRGGBB premultiplied, as a picture with memory of its own."""
    height, width = pixels.shape
    whole = np.ascontiguousarray(pixels)
    return QImage(whole.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
