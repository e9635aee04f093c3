"""What a network answered to the test set after each epoch: `answers/epoch-0001.npz` in a run folder.

Of images the answer to each is kept; of masks, how many pixels of each class got each answer.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.system import files

ANSWERS_FOLDER = "answers"

# A million images take 4 MB; a file beyond this is none of ours.
_FILE_LIMIT = 2**30


@dataclass(frozen=True)
class Answers:
    """Of each test image, in the test set's order: the class answered, and the probability that was given to it."""

    answers: NDArray[np.uint16]
    confidence: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.answers)


def answers_path(folder: Path, epoch: int) -> Path:
    """Where a run keeps the answers of an epoch, counted from 1."""
    return folder / ANSWERS_FOLDER / f"epoch-{epoch:04d}.npz"


def write_answers(folder: Path, epoch: int, answers: NDArray[Any], confidence: NDArray[Any]) -> None:
    """Writes one epoch's answers [N] and their probabilities [N] atomically.

    Raises:
        StorageError: the disk is full, or the run folder cannot be written or is gone.
    """
    _write(answers_path(folder, epoch), answers=answers.astype(np.uint16), confidence=confidence.astype(np.float16))


def write_pixels(folder: Path, epoch: int, pixels: NDArray[np.int64]) -> None:
    """Writes how many pixels of each true class (rows) got each answer (columns) after an epoch, atomically.

    Raises:
        StorageError: the disk is full, or the run folder cannot be written or is gone.
    """
    _write(answers_path(folder, epoch), pixels=pixels)


def read_answers(folder: Path, epoch: int) -> Answers | None:
    """The answers of an epoch; None where there are none, or the file is damaged."""
    stored = _read(answers_path(folder, epoch), ("answers", "confidence"))
    if stored is None:
        return None
    answers, confidence = stored
    if answers.dtype != np.uint16 or confidence.dtype != np.float16 or answers.shape != confidence.shape:
        return None
    return Answers(answers, confidence) if answers.ndim == 1 else None


def read_pixels(folder: Path, epoch: int) -> NDArray[np.int64] | None:
    """What `write_pixels` wrote of an epoch, int64 [classes, classes]; None where there is none, or it is damaged."""
    stored = _read(answers_path(folder, epoch), ("pixels",))
    if stored is None:
        return None
    (pixels,) = stored
    is_sound = pixels.dtype == np.int64 and pixels.ndim == 2 and pixels.shape[0] == pixels.shape[1] > 0
    return pixels if is_sound and pixels.min() >= 0 else None


def class_ious(pixels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Intersection over union of each class, 0 to 1, from the pixels of each true class (rows) by answer (columns).

    NaN for a class that is neither there nor answered anywhere.
    """
    table = pixels.astype(np.float64)
    both = table.diagonal()
    either = table.sum(0) + table.sum(1) - both
    # Where there is nothing, 0 / 1 is put aside for NaN.
    return np.where(either > 0, both / np.maximum(either, 1), np.nan)


def confusion(answers: NDArray[Any], labels: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """How often each true class (rows) got each answer (columns): int64 [classes, classes].

    Raises:
        ValueError: there are not as many answers as labels, or one of them is no class.
    """
    if len(answers) != len(labels):
        raise ValueError(f"there are {len(answers):,} answers for {len(labels):,} images; they are of another data set")
    answered, true = answers.astype(np.int64), labels.astype(np.int64)
    if len(true) and not (min(answered.min(), true.min()) >= 0 and max(answered.max(), true.max()) < classes):
        raise ValueError(f"an answer or a label is none of {classes} classes; they are of another data set")
    return np.bincount(true * classes + answered, minlength=classes * classes).reshape(classes, classes)


def _write(path: Path, **arrays: NDArray[Any]) -> None:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type] # its stub takes the names for its own options
    content = stream.getvalue()
    try:
        # Not with its parents: a run folder that someone removed is not made again.
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise files.storage_error(path, len(content), error) from error
    files.write_atomically(path, content)


def _read(path: Path, names: tuple[str, ...]) -> tuple[NDArray[Any], ...] | None:
    try:
        if path.stat().st_size > _FILE_LIMIT:
            return None
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return tuple(stored[name] for name in names)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
