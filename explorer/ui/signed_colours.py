"""Weights and values as pictures in the colours of feature maps: blue below zero, orange above."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from explorer.ui.map_colours import Scale, coloured, image_of, scale_of
from explorer.ui.theme import theme

WORDS = "Blue is below zero, orange above."


def signed_image(values: NDArray[Any], limit: float) -> QImage:
    """A picture of numbers [H, W]: the strongest colours at -limit and limit; what is no number is a gray."""
    return image_of(_without_missing(signed_pixels(values, limit), values))


def map_image(values: NDArray[Any]) -> QImage:
    """A picture of a map on its own scale: gray from zero up where nothing is below zero."""
    finite = values[np.isfinite(values)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    pixels = coloured(values.astype(np.float32), scale_of(min(least, 0.0), most), dark=theme().is_dark)
    return image_of(_without_missing(pixels, values))


def signed_pixels(values: NDArray[Any], limit: float) -> NDArray[np.uint32]:
    """Colours 0xffRRGGBB of numbers on a scale from -limit to limit."""
    reach = limit if np.isfinite(limit) and limit > 0 else 1.0
    return coloured(values.astype(np.float32), Scale(-reach, reach), dark=theme().is_dark)


def _without_missing(pixels: NDArray[np.uint32], values: NDArray[Any]) -> NDArray[np.uint32]:
    missing = np.isnan(values)
    return np.where(missing, np.uint32(theme().colour("line").rgb()), pixels) if missing.any() else pixels


def sign_colour(value: float) -> QColor:
    """The colour of a bar: that of its sign."""
    return theme().colour("series_test" if value >= 0 else "accent")


def reach_of(values: NDArray[Any]) -> float:
    """The largest size among finite numbers; 0 where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size else 0.0
