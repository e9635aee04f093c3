"""What a browser of the data shows: how many images each class has, and pages of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.data.split import Split


@dataclass(frozen=True)
class Page:
    """Some images of a split.

    `indexes` [n] in the split, `images` uint8 [n, H, W, C] as a picture on screen wants them, `labels` int64 [n], or
    `masks` uint8 [n, H, W] in their place; `found` is how many images there are on all pages.
    """

    indexes: NDArray[np.intp]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    masks: NDArray[np.uint8] | None
    found: int


def counts(split: Split, classes: int) -> NDArray[np.int64]:
    """How many images of each class there are, [classes]; where there are masks, how many show the class anywhere."""
    if not split.has_masks:
        return np.bincount(split.labels, minlength=classes).astype(np.int64)
    return np.array([int(_shows(split, label).sum()) for label in range(classes)], np.int64)


def with_label(split: Split, label: int | None = None) -> NDArray[np.intp]:
    """The indexes of the images of a class, or whose mask shows it, in order; None: of all images."""
    if label is None:
        return np.arange(len(split))
    return np.flatnonzero(_shows(split, label) if split.has_masks else split.labels == label)


def matching_classes(classes: tuple[str, ...], text: str) -> tuple[int, ...]:
    """The classes that a search finds: those whose name or number is the text, else those whose name contains it.

    Case does not matter, and no text finds none.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return ()
    names = [name.casefold() for name in classes]
    exact = tuple(label for label, name in enumerate(names) if wanted in {name, str(label)})
    return exact or tuple(label for label, name in enumerate(names) if wanted in name)


def page(split: Split, indexes: NDArray[np.intp], number: int, size: int) -> Page:
    """The page of that number, from 0, of these images; beyond the last page it is empty.

    Raises:
        ValueError: `number` is negative, or `size` is not positive.
    """
    if number < 0 or size < 1:
        raise ValueError(f"pages are counted from 0 and hold an image or more, not page {number} of {size}")
    chosen = indexes[number * size : (number + 1) * size]
    images = np.ascontiguousarray(np.moveaxis(split.images[chosen], 1, 3))
    if split.has_masks:
        return Page(chosen, images, None, split.labels[chosen].astype(np.uint8), len(indexes))
    return Page(chosen, images, split.labels[chosen].astype(np.int64), None, len(indexes))


def _shows(split: Split, label: int) -> NDArray[np.bool_]:
    shown: NDArray[np.bool_] = (split.labels == label).any(axis=(1, 2))
    return shown
