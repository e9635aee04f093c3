"""Between Qt's images and arrays of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Far more than a digit of 28x28 needs, and little enough to be worked on within a few milliseconds.
LARGEST_SIDE = 1024


def image_from_pixels(pixels: NDArray[Any]) -> QImage:
    """A picture as Qt paints it, at most `LARGEST_SIDE` pixels a side.

    `pixels` is grayscale [H, W], or [H, W, C] with C of 1, 2 (alpha), 3 or 4 (alpha); uint8, uint16, bool or float
    of 0 to 1.

    Raises:
        ValueError: the array is not such a picture.
    """
    eight_bit = _eight_bit(pixels)
    if eight_bit.ndim == 2:
        eight_bit = eight_bit[:, :, None]
    if eight_bit.ndim != 3 or not 1 <= eight_bit.shape[2] <= 4 or 0 in eight_bit.shape:
        raise ValueError(f"expected a picture of [H, W] or [H, W, 1 to 4], not an array of {pixels.shape}")
    channels = eight_bit.shape[2]
    colour = eight_bit[:, :, : 3 if channels >= 3 else 1]
    alpha = eight_bit[:, :, channels - 1 :] if channels in {2, 4} else np.full_like(eight_bit[:, :, :1], 255)
    full = np.ascontiguousarray(np.concatenate((np.broadcast_to(colour, (*colour.shape[:2], 3)), alpha), axis=2))
    height, width = full.shape[:2]
    image = QImage(full.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    # A copy, for the image above reads memory that goes with this function.
    return _bounded(image).copy()


def pixels_from_image(image: QImage) -> NDArray[np.uint8]:
    """The pixels of a pasted or dropped image: read-only uint8 [H, W, 4], red, green, blue, alpha.

    An image of more than `LARGEST_SIDE` pixels a side is scaled down to that.

    Raises:
        ValueError: the image is empty.
    """
    if image.isNull():
        raise ValueError("the picture is empty")
    bounded = _bounded(image).convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(bounded.constBits(), np.uint8).reshape(bounded.height(), bounded.bytesPerLine())
    pixels = rows[:, : 4 * bounded.width()].reshape(bounded.height(), bounded.width(), 4).copy()
    pixels.setflags(write=False)
    return pixels


def _bounded(image: QImage) -> QImage:
    if max(image.width(), image.height()) <= LARGEST_SIDE:
        return image
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(LARGEST_SIDE, LARGEST_SIDE, keep, smooth)


def _eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    if pixels.dtype.kind == "f":
        return (np.clip(np.nan_to_num(pixels), 0, 1) * 255 + 0.5).astype(np.uint8)
    raise ValueError(f"expected pixels of uint8, uint16, bool or float, not {pixels.dtype}")
