"""The colours of an explanation: what speaks for a class in orange to red, what speaks against it in blue.

Vermilion and blue are Okabe and Ito's, told apart by colour-blind people. Weak values are see-through, so that the
picture below is seen; the colours are of middling lightness and stand out on white paper as on black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FOR = ((240, 168, 30), (222, 70, 0), (168, 0, 38))
_AGAINST = ((96, 184, 236), (0, 114, 200), (30, 52, 160))
_STEPS = 256
# Below one, weak values are seen better than they would be in proportion.
_RISE = 0.6


def heat_pixels(values: NDArray[np.float32], end: float) -> NDArray[np.uint8]:
    """Values [...] as colours uint8 [..., 4], red, green, blue and opacity; `end` gets the strongest."""
    if end <= 0:
        return np.zeros((*values.shape, 4), np.uint8)
    shares = np.clip(np.nan_to_num(values) / end, -1, 1)
    places = np.rint(np.abs(shares) * (_STEPS - 1)).astype(np.intp)
    pixels: NDArray[np.uint8] = np.where((shares < 0)[..., None], _TABLES[1][places], _TABLES[0][places])
    return pixels


def heat_image(values: NDArray[np.float32], end: float) -> QImage:
    """Values [H, W] as a picture with see-through parts."""
    pixels = np.ascontiguousarray(heat_pixels(values, end))
    height, width = values.shape
    # A copy, for the image reads memory that goes with this function.
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _table(colours: tuple[tuple[int, int, int], ...]) -> NDArray[np.uint8]:
    shares = np.linspace(0, 1, _STEPS)
    stops = np.linspace(0, 1, len(colours))
    sides = [np.interp(shares, stops, [colour[side] for colour in colours]) for side in range(3)]
    return np.stack([*sides, 255 * shares**_RISE], axis=1).round().astype(np.uint8)


_TABLES = (_table(_FOR), _table(_AGAINST))
