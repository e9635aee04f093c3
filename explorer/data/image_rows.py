"""A decoded picture as an array of bytes, some rows at a time, so that little more memory than its own is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.data.image_limits import KEPT_PIXELS

_PIXELS_AT_ONCE = 1 << 20


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """uint8 [H, W, 3], or [H, W, 4] where the picture has transparency; more than `KEPT_PIXELS` averaged to fewer.

    Sixteen bits, whole numbers and fractions become eight bits by the range of their type, or of the values where they
    leave it.
    """
    block = 1
    while (image.width // block) * (image.height // block) > KEPT_PIXELS:
        block += 1
    if image.mode.startswith(("I", "F")):
        return _deep(image, block)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    channels = len(mode)
    height, width = (-(-side // block) for side in (image.height, image.width))
    pixels = np.empty((height, width, channels), np.uint8)
    for top, part in _parts(image, block):
        converted = part.convert(mode)
        small = converted.reduce(block) if block > 1 else converted
        pixels[top : top + small.height] = np.asarray(small)
    return pixels


def turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture upright: `orientation` is EXIF's, 1 (as it is) to 8."""
    if orientation in {5, 6, 7, 8}:  # rows and columns exchanged
        pixels = pixels.transpose(1, 0, 2)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _parts(image: Image.Image, block: int) -> Iterator[tuple[int, Image.Image]]:
    """Strips of whole blocks of rows, each with the row of the result that it begins at."""
    if image.width * image.height <= _PIXELS_AT_ONCE:
        yield 0, image
        return
    rows = max(1, _PIXELS_AT_ONCE // image.width // block) * block
    for start in range(0, image.height, rows):
        yield start // block, image.crop((0, start, image.width, min(start + rows, image.height)))


def _deep(image: Image.Image, block: int) -> NDArray[np.uint8]:
    low, high = 0.0, 0.0
    kind = np.asarray(image.crop((0, 0, 1, 1))).dtype
    # Sixteen bits cannot leave the range of their type.
    if kind.itemsize != 2:
        for _, part in _parts(image, block):
            values = _finite(part)
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    is_deep = kind.itemsize == 2 or high > 255
    top = (1.0 if high <= 1 else 255.0) if kind.kind == "f" else (65535.0 if is_deep else 255.0)
    if low < 0 or high > top:
        top = max(high - low, 1e-12)
    else:
        low = 0.0
    height, width = (-(-side // block) for side in (image.height, image.width))
    pixels = np.empty((height, width, 3), np.uint8)
    for start, part in _parts(image, block):
        gray = (_averaged(_finite(part).astype(np.float32), block) - np.float32(low)) * np.float32(255 / top)
        pixels[start : start + len(gray)] = np.rint(gray).astype(np.uint8)[..., None]
    return pixels


def _finite(part: Image.Image) -> NDArray[Any]:
    """The values, with 0 for those that are no finite numbers."""
    values: NDArray[Any] = np.asarray(part)
    if values.dtype.kind != "f" or np.isfinite(float(values.min()) + float(values.max())):
        return values
    return np.where(np.isfinite(values), values, np.float32(0))


def _averaged(values: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """The means of blocks of so many pixels each way; at the lower and right edges, of what is left of one."""
    if block == 1:
        return values
    down, across = (np.arange(0, side, block) for side in values.shape)
    sums = np.add.reduceat(np.add.reduceat(values, down, axis=0), across, axis=1)
    rows, columns = (
        np.diff(np.append(starts, side)) for starts, side in zip((down, across), values.shape, strict=True)
    )
    means: NDArray[np.float32] = (sums / (rows[:, None] * columns[None, :])).astype(np.float32)
    return means
