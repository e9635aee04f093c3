"""Pictures for the eye of what the steps towards a network's input make: bounded in size, in eight bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.data import pen
from explorer.data.drawing import as_drawing
from explorer.data.photograph import on_white
from explorer.data.sketch import Sketch

LARGEST_SIDE = 256
"""Pixels of what comes before the network's own size."""


def levels(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Fractions of 0 to 1 as bytes."""
    pixels: NDArray[np.uint8] = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return pixels


def in_field(image: NDArray[Any]) -> NDArray[np.float32]:
    """A picture of at most 28 pixels a side in the middle of a field of 28."""
    field = np.zeros((max(pen.SIDE, image.shape[0]), max(pen.SIDE, image.shape[1])), np.float32)
    top, left = (field.shape[0] - image.shape[0]) // 2, (field.shape[1] - image.shape[1]) // 2
    field[top : top + image.shape[0], left : left + image.shape[1]] = image
    return field


def sheet(sketch: Sketch) -> NDArray[np.uint8]:
    """The whole sheet, dark ink on white."""
    drawn: NDArray[np.uint8] = as_drawing(sketch, (1, 112, 112), ground=255, ink=0)[0]
    return drawn


def block_of(picture: NDArray[Any]) -> int:
    """How many pixels each way are averaged to one before a picture is looked at."""
    return max(1, int(max(picture.shape[:2])) // (4 * LARGEST_SIDE))


def small(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """A picture of any kind for the eye, its sides bounded."""
    step = max(1, max(picture.shape[:2]) // (2 * LARGEST_SIDE))
    few = np.asarray(picture)[::step, ::step]
    if few.dtype != np.uint8:
        top = {"b": 1.0, "f": 1.0 if few.max(initial=0) <= 1.5 else 255.0}.get(few.dtype.kind)
        top = top or (65535.0 if few.dtype.itemsize == 2 or few.max(initial=0) > 255 else 255.0)
        few = levels(few / top)
    image = Image.fromarray(on_white(np.ascontiguousarray(few)))
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return np.asarray(image)


def reduced(image: NDArray[Any]) -> NDArray[np.float32]:
    """A picture of fractions, averaged down to a bounded side."""
    block = max(1, -(-max(image.shape) // LARGEST_SIDE))
    if block == 1:
        return image.astype(np.float32)
    down, across = (np.arange(0, side, block) for side in image.shape)
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.float32), down, axis=0), across, axis=1)
    sizes = [np.diff(np.append(starts, side)) for starts, side in zip((down, across), image.shape, strict=True)]
    means: NDArray[np.float32] = (sums / (sizes[0][:, None] * sizes[1][None, :])).astype(np.float32)
    return means
