"""A run's answers at one epoch with the test images behind them; reads the disk: call it off the UI thread."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.data.errors import DataError
from explorer.runs.answers import ANSWERS_FOLDER, confusion, read_answers, read_pixels
from explorer.runs.run_folder import read_run
from explorer.ui.confusion_figures import ConfusionFigures
from explorer.ui.data_shelf import DataShelf

_NAME = re.compile(r"epoch-(\d{4,})\.npz")


@dataclass(frozen=True)
class NoAnswers:
    """Why there is no matrix, in a sentence; `may_come` where the run is still going on."""

    sentence: str
    may_come: bool = False


def answered_epochs(folder: Path) -> tuple[int, ...]:
    """The epochs whose answers a run keeps, in order."""
    try:
        names = [entry.name for entry in (folder / ANSWERS_FOLDER).iterdir()]
    except OSError:
        return ()
    matches = [_NAME.fullmatch(name) for name in names]
    return tuple(sorted(int(match[1]) for match in matches if match))


def read_confusion(
    folder: Path, epoch: int, shelf: DataShelf, *, cancelled: Callable[[], bool] = lambda: False
) -> ConfusionFigures | NoAnswers:
    """The figures of a run at an epoch, counted from 1; 0 is the newest that has answers.

    Raises:
        Cancelled: `cancelled()` was true.
    """
    run = read_run(folder)
    if run.record is None:
        return NoAnswers(f"The run {run.name} cannot be read: {run.problem}.")
    is_running = run.status == "running"
    epochs = answered_epochs(folder)
    wanted = epoch or (epochs[-1] if epochs else 0)
    pixels = read_pixels(folder, wanted) if wanted in epochs else None
    if pixels is not None and len(pixels) == len(run.record.labels):
        return _of_pixels(run.name, wanted, epochs, run.record.labels, pixels)
    answers = read_answers(folder, wanted) if wanted in epochs else None
    if answers is None:
        return _missing(run.name, epoch, epochs, is_running=is_running)
    try:
        dataset = shelf.load(run.record.dataset, cancelled=cancelled)
    except (DataError, ValueError) as error:
        return NoAnswers(f"The test images of {run.name} are not at hand: {error}.")
    test = dataset.test
    if test.has_masks or len(test) != len(answers.answers):
        return NoAnswers(
            f"{run.name} was tested on {len(answers.answers):,} images, but {dataset.title} has {len(test):,} now; "
            "the data set has changed since."
        )
    classes = run.record.labels or dataset.classes
    labels = np.asarray(test.labels, np.int64)
    counts = confusion(answers.answers, labels, len(classes))
    return ConfusionFigures(
        run=run.name,
        epoch=wanted,
        epochs=epochs,
        classes=tuple(classes),
        images=test.images,
        labels=labels,
        answers=answers.answers.astype(np.int64),
        confidence=answers.confidence.astype(np.float32),
        counts=counts,
    )


def _of_pixels(
    name: str, epoch: int, epochs: tuple[int, ...], classes: tuple[str, ...], pixels: NDArray[np.int64]
) -> ConfusionFigures:
    nothing = np.empty(0, np.int64)
    return ConfusionFigures(
        run=name,
        epoch=epoch,
        epochs=epochs,
        classes=classes,
        images=np.empty((0, 1, 1, 1), np.uint8),
        labels=nothing,
        answers=nothing,
        confidence=np.empty(0, np.float32),
        counts=pixels,
        of_pixels=True,
    )


def _missing(name: str, epoch: int, epochs: tuple[int, ...], *, is_running: bool) -> NoAnswers:
    if is_running and not epochs:
        return NoAnswers("The matrix comes when the first epoch is complete.", may_come=True)
    if epochs and epoch:
        return NoAnswers(f"{name} keeps no answers of epoch {epoch:,}.", may_come=is_running)
    return NoAnswers(f"{name} keeps no answers: it was trained before they were kept.")
