"""What a network answered to the test images at one epoch, counted by the true class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.runs.answers import class_ious

Cell = tuple[int, int]
"""A true class and the class that was answered."""


@dataclass(frozen=True, eq=False)
class ConfusionFigures:
    """The answers at `epoch` of a run; `epochs` are those whose answers the run keeps.

    `images` is uint8 [N, C, H, W], `labels` and `answers` are classes [N], `confidence` is the probability of the
    answer [N], and `counts` int64 [true class, answered class]. Where `of_pixels`, a run that draws masks, pixels are
    counted and there are no images (N is 0).
    """

    run: str
    epoch: int
    epochs: tuple[int, ...]
    classes: tuple[str, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    confidence: NDArray[np.float32]
    counts: NDArray[np.int64]
    of_pixels: bool = False

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return float(np.trace(self.counts)) / max(1, int(self.counts.sum()))

    @property
    def totals(self) -> NDArray[np.int64]:
        """How many test images each true class has."""
        totals: NDArray[np.int64] = self.counts.sum(axis=1)
        return totals

    def shares(self) -> NDArray[np.float64]:
        """Each count as a share of its true class, 0 to 1; 0 for a class without images."""
        return self.counts / np.maximum(self.totals, 1)[:, None]

    def class_accuracies(self) -> NDArray[np.float64]:
        """The share of each true class that was answered rightly; NaN for a class without images."""
        return np.where(self.totals > 0, np.diagonal(self.shares()), np.nan)

    def class_ious(self) -> NDArray[np.float64]:
        """Intersection over union of each class, 0 to 1; NaN for one that is neither there nor answered."""
        return class_ious(self.counts)

    def words(self, cell: Cell) -> str:
        """A cell in words: "true 4, answered 9: 12 of 982 (1.2 %)"; pixels are called so."""
        true, answered = cell
        count, total = int(self.counts[cell]), int(self.totals[true])
        what = " pixels" if self.of_pixels else ""
        share = f" ({100 * count / total:.1f} %)" if total else ""
        return f"true {self.classes[true]}, answered {self.classes[answered]}: {count:,} of {total:,}{what}{share}"

    def behind(self, cell: Cell) -> NDArray[np.int64]:
        """The test images of a cell, worst first: wrong answers the surest first, right ones the least sure first."""
        true, answered = cell
        found = np.flatnonzero((self.labels == true) & (self.answers == answered))
        confidence = self.confidence[found]
        return found[np.argsort(confidence if true == answered else -confidence, kind="stable")]

    def worst(self) -> NDArray[np.int64]:
        """Every test image that was answered wrongly, the surest first."""
        found = np.flatnonzero(self.labels != self.answers)
        return found[np.argsort(-self.confidence[found], kind="stable")]

    def most_confused(self) -> Cell | None:
        """The most frequent wrong answer; None where all are right."""
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        if not wrong.any():
            return None
        true, answered = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        return int(true), int(answered)
