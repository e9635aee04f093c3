"""A part of a data set sorted by class: computed off the UI thread, browsed in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from explorer.data.datasets import Dataset
from explorer.data.split import Split

PARTS = ("train", "test")


@dataclass(frozen=True, eq=False)
class BrowsedPart:
    """The training or the test images of a data set.

    `members` has the indices of each class's images, in their order; of masks, those of the images that show the class.
    """

    dataset: Dataset
    part: str
    split: Split
    members: tuple[NDArray[np.int64], ...]

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many images each class has."""
        return tuple(len(indices) for indices in self.members)

    @property
    def masks(self) -> NDArray[np.uint8] | None:
        """The masks, uint8 [N, H, W], where the data set has any."""
        return self.split.labels.astype(np.uint8, copy=False) if self.split.has_masks else None

    def chosen(self, classes: frozenset[int]) -> NDArray[np.int64]:
        """The images of some classes, in their order; all images for no class."""
        if not classes:
            return np.arange(len(self.split))
        indices = np.concatenate([self.members[number] for number in sorted(classes)])
        return np.unique(indices)

    def words(self, index: int) -> str:
        """A sample in words: "training image 12: 7"."""
        kind = "training" if self.part == "train" else "test"
        return f"{kind} image {index:,}: {self.label(index)}"

    def label(self, index: int) -> str:
        """The name of a sample's class, or of all classes that its mask shows."""
        if not self.split.has_masks:
            return self.dataset.classes[int(self.split.labels[index])]
        shown = np.unique(self.split.labels[index])
        return ", ".join(self.dataset.classes[int(number)] for number in shown)


def browsed(dataset: Dataset, part: str) -> BrowsedPart:
    """The part "train" or "test" of a data set, sorted by class."""
    split = dataset.train if part == "train" else dataset.test
    count = len(dataset.classes)
    if split.has_masks:
        members = tuple(np.flatnonzero((split.labels == number).any(axis=(1, 2))) for number in range(count))
    else:
        order = np.argsort(split.labels, kind="stable")
        ends = np.cumsum(np.bincount(split.labels, minlength=count))
        members = tuple(np.split(order, ends[:-1]))
    return BrowsedPart(dataset, part, split, members)


def classes_named(classes: tuple[str, ...], text: str) -> frozenset[int]:
    """The classes whose name contains a text, case aside; a class that is called so exactly is the only one."""
    wanted = text.strip().casefold()
    names = [name.casefold() for name in classes]
    if wanted in names:
        return frozenset({names.index(wanted)})
    return frozenset(number for number, name in enumerate(names) if wanted in name)
