"""One sample of a data set as Qt paints it, and as the pad takes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from explorer.structure.graph import Kind
from explorer.ui.theme import KIND_COLOURS

# Classes of masks, from 1; class 0 is what lies behind things, and stays as it is.
_MASK_KINDS = (Kind.LINEAR, Kind.CONVOLUTION, Kind.POOLING, Kind.ACTIVATION, Kind.NORMALISATION)
_MASK_SHARE = 0.5


def mask_colour(number: int) -> QColor:
    """The colour that a class of masks, counted from 1, is laid over pictures in."""
    return QColor(KIND_COLOURS[_MASK_KINDS[(number - 1) % len(_MASK_KINDS)]])


def sample_image(sample: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> QImage:
    """A sample, uint8 [C, H, W] with C of 1 or 3, with its mask's classes [H, W] laid over it in colours."""
    pixels = picture_of(sample)
    if mask is not None:
        pixels = _under_mask(pixels, mask)
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    if pixels.ndim == 2:
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Grayscale8)
    else:
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # A copy, for the image above reads memory that goes with this function.
    return image.copy()


def picture_of(sample: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A sample [C, H, W] as a picture: [H, W], or [H, W, 3] in colour; its first channel where there are others."""
    return np.moveaxis(sample, 0, 2) if sample.shape[0] == 3 else sample[0]


def picture_to_send(sample: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture of a sample as a message to another part of the window: read-only, its rows one after another."""
    picture = np.ascontiguousarray(picture_of(sample))
    picture.setflags(write=False)
    return picture


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array((colour.red(), colour.green(), colour.blue()), np.float64)


def _under_mask(pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colour = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels
    mixed = colour.astype(np.float32)
    for number in np.unique(mask[mask > 0]):
        where = mask == number
        mixed[where] = (1 - _MASK_SHARE) * mixed[where] + _MASK_SHARE * _rgb(mask_colour(int(number)))
    return mixed.astype(np.uint8)
