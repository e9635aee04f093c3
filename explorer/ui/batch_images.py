"""Images for a batch: of the data set that weights were trained on, else of one that comes with the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.data.errors import DataError

if TYPE_CHECKING:
    from explorer.ui.data_shelf import DataShelf

_SEED = 0


@dataclass(frozen=True, eq=False)
class BatchImages:
    """Pictures uint8 [N, C, H, W] in an order by chance, always the same; `is_own`: of the training's data set."""

    title: str
    pixels: NDArray[np.uint8]
    is_own: bool


def images_for(shelf: DataShelf, dataset: str, *, marks_pixels: bool, count: int) -> BatchImages:
    """Up to `count` images to train on. Not for the UI thread: a data set may take seconds to read.

    Raises:
        DataError: not even the built-in images can be made.
    """
    built_in = "segments" if marks_pixels else "digits"
    try:
        is_own = bool(dataset) and shelf.is_at_hand(dataset)
    except ValueError:
        is_own = False  # a folder of images that is gone
    try:
        found = shelf.load(dataset if is_own else built_in)
    except (DataError, ValueError, OSError):
        is_own = False
        found = shelf.load(built_in)
    images = found.train.images
    chosen = np.random.default_rng(_SEED).permutation(len(images))[:count]
    pixels = np.ascontiguousarray(images[chosen])
    pixels.setflags(write=False)
    return BatchImages(found.title, pixels, is_own)
