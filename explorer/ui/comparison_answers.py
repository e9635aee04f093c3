"""Two runs on the same test images: accuracy class by class, and the images that one gets right and the other wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.runs.run_folder import read_run
from explorer.ui.confusion_figures import ConfusionFigures
from explorer.ui.confusion_reader import NoAnswers, read_confusion
from explorer.ui.data_shelf import DataShelf


class Side(Enum):
    """Which of two runs is right where they disagree."""

    LEFT = "left"
    RIGHT = "right"
    NEITHER = "neither"  # both are wrong, with different answers


@dataclass(frozen=True, eq=False)
class AnswersCompared:
    """The answers of two runs to the same images, each at its newest epoch."""

    left: ConfusionFigures
    right: ConfusionFigures

    @property
    def images(self) -> NDArray[np.uint8]:
        return self.left.images

    def only(self, side: Side) -> NDArray[np.int64]:
        """The images that only one run answers rightly, where the other is surest of its wrong answer first.

        `NEITHER`: those that both answer wrongly and differently, the surest of the two first.
        """
        one, other = self.left.answers == self.left.labels, self.right.answers == self.left.labels
        if side is Side.LEFT:
            found, confidence = np.flatnonzero(one & ~other), self.right.confidence
        elif side is Side.RIGHT:
            found, confidence = np.flatnonzero(other & ~one), self.left.confidence
        else:
            differ = self.left.answers != self.right.answers
            found = np.flatnonzero(~one & ~other & differ)
            confidence = np.maximum(self.left.confidence, self.right.confidence)
        return found[np.argsort(-confidence[found], kind="stable")]

    def class_accuracies(self) -> list[tuple[str, float, float]]:
        """Each class with the share that each run answers rightly; NaN for a class without images."""
        both = zip(self.left.class_accuracies(), self.right.class_accuracies(), strict=True)
        return [(name, float(one), float(other)) for name, (one, other) in zip(self.left.classes, both, strict=True)]

    @property
    def chance(self) -> float:
        """How likely a split at least as uneven as the one seen is where both are equally good: exact sign test.

        McNemar 1947, with binomial probabilities: of the images that exactly one run answers rightly, each is the
        one's or the other's with probability one half.
        """
        fewer, more = sorted((len(self.only(Side.LEFT)), len(self.only(Side.RIGHT))))
        return sign_test(fewer, more)

    @property
    def sentence(self) -> str:
        """The comparison in words: both accuracies, how often only one is right, and what chance would do."""
        one, other = len(self.only(Side.LEFT)), len(self.only(Side.RIGHT))
        total = len(self.left.labels)
        words = (
            f"{100 * self.left.accuracy:.2f} % against {100 * self.right.accuracy:.2f} % of {total:,} test images. "
            f"Only the left one is right on {one:,}, only the right one on {other:,}"
        )
        if one + other == 0:
            return f"{words}: they agree on what is right."
        chance = self.chance
        said = "less than 1 time in 10,000" if chance < 1e-4 else f"{100 * chance:.2g} times in 100"
        return f"{words}. Two equally good networks would differ as much {said} (sign test)."


def sign_test(fewer: int, more: int) -> float:
    """The two-sided probability that a fair coin falls at most `fewer` times on one side in `fewer` + `more` throws."""
    count = fewer + more
    if not count:
        return 1.0
    # In logarithms: 2^-1000 is no number.
    steps = np.cumsum(np.log(np.arange(1, count + 1)))
    factorial = np.concatenate(([0.0], steps))
    k = np.arange(fewer + 1)
    logs = factorial[count] - factorial[k] - factorial[count - k] - count * np.log(2.0)
    return float(min(1.0, 2 * np.exp(logs).sum()))


def read_both(
    folders: tuple[Path, Path], shelf: DataShelf, *, cancelled: Callable[[], bool] = lambda: False
) -> AnswersCompared | NoAnswers:
    """The answers of two runs, or why they cannot be compared. Reads the disk: call it off the UI thread.

    Raises:
        Cancelled: `cancelled()` was true.
    """
    runs = [read_run(folder) for folder in folders]
    records = [run.record for run in runs]
    one, other = records
    if one is not None and other is not None:
        if one.dataset != other.dataset:
            return NoAnswers(
                f"{runs[0].name} was tested on {one.dataset}, {runs[1].name} on {other.dataset}. Images can be "
                "compared only where both runs use the same data set."
            )
        if one.data_checksum and other.data_checksum and one.data_checksum != other.data_checksum:
            return NoAnswers(f"The files of {one.dataset} changed between the two runs: their images are not the same.")
    found = []
    for folder in folders:
        figures = read_confusion(folder, 0, shelf, cancelled=cancelled)
        if isinstance(figures, NoAnswers):
            return figures
        if figures.of_pixels:
            return NoAnswers(
                f"{figures.run} draws masks: what its pixels were taken for is in its confusion matrix; images are "
                "compared where each has one class."
            )
        found.append(figures)
    if len(found[0].labels) != len(found[1].labels) or found[0].classes != found[1].classes:
        return NoAnswers("The two runs were tested on different images or classes.")
    return AnswersCompared(found[0], found[1])
