"""A mask laid over the picture that it was made for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.data.photograph import fitted_box, on_white

LARGEST_SIDE = 2048
"""Pixels; a larger picture is scaled down: its mask has far fewer."""
COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (213, 94, 0))
"""Of the classes after the background, in turn: Okabe and Ito's, told apart by colour-blind people."""
_COVER = 0.55  # of the mask's colour in a marked pixel


def marked(picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture uint8 [H, W, 3] in gray with each class but the first in a colour of its own.

    `picture` is as `as_photograph` takes it, and `mask` uint8 [h, w] of the whole of it, fitted on black.
    """
    image = Image.fromarray(on_white(picture)).convert("L")
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    top, left, height, width = fitted_box((image.height, image.width), (mask.shape[0], mask.shape[1]))
    part = Image.fromarray(np.ascontiguousarray(mask[top : top + height, left : left + width]))
    classes = np.asarray(part.resize(image.size, Image.Resampling.NEAREST))
    pixels = np.repeat(np.asarray(image)[..., None], 3, axis=2).astype(np.float32)
    for index in range(1, int(mask.max()) + 1):
        here = classes == index
        pixels[here] += _COVER * (np.array(COLOURS[(index - 1) % len(COLOURS)], np.float32) - pixels[here])
    return np.rint(pixels).astype(np.uint8)
