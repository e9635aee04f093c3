"""What a trained network takes, told by its architecture and the data that it learnt from. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from explorer.data import datasets
from explorer.data.datasets import DatasetEntry
from explorer.networks import catalogue, zoo_files
from explorer.networks.architecture import Task
from explorer.runs.run_folder import read_run
from explorer.runs.weights_header import WeightsError, read_weights_header

_DIGITS = tuple("0123456789")
# Ink on paper too, in MNIST's format, although no digits.
_INKED = frozenset({"kmnist"})


class Takes(str, Enum):
    """The inputs that a network is for."""

    DIGITS = "digits"  # one digit (or another character), inked, brought to MNIST's format
    PHOTOGRAPHS = "photographs"  # a picture of anything, one class for it
    MASKS = "masks"  # a picture of anything, a class for each of its pixels


def takes(architecture: str, dataset: str, labels: Sequence[str] = ()) -> Takes:
    """What a network takes; of a data set that is not known, by its labels."""
    if any(entry.name == architecture and entry.task is Task.SEGMENTATION for entry in catalogue.CATALOGUE):
        return Takes.MASKS
    entry = _published(dataset)
    if entry is not None:
        if entry.masks:
            return Takes.MASKS
        return Takes.DIGITS if entry.digits or entry.name in _INKED else Takes.PHOTOGRAPHS
    return Takes.DIGITS if not dataset and tuple(labels) == _DIGITS else Takes.PHOTOGRAPHS


def answers_all(kind: Takes, dataset: str) -> bool:
    """Whether a network that takes this kind is one to ask unbidden: trained on digits, or on photographs in colour.

    Clothes on black and characters of another script are asked where they are chosen.
    """
    entry = _published(dataset)
    if kind is Takes.MASKS:
        return True
    if entry is None:
        return bool(dataset) and kind is Takes.PHOTOGRAPHS
    return entry.digits if kind is Takes.DIGITS else entry.image_shape[0] == 3


def keeps_whole(kind: Takes, dataset: str) -> bool:
    """Whether a picture is shown whole, on black: as folders and clothes are, and where each pixel is to be marked."""
    entry = _published(dataset)
    return kind is Takes.MASKS or (bool(dataset) and (entry is None or entry.image_shape[0] == 1))


def seen_shape(kind: Takes, dataset: str, input_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """(channels, height, width) of what the network is shown: that of the images it learnt from, where it is known."""
    if kind is Takes.DIGITS:
        return 1, 28, 28
    entry = _published(dataset)
    if entry is None and dataset:
        try:
            entry = datasets.get(dataset)
        except ValueError:  # the folder is gone
            return input_shape
    return input_shape if entry is None else entry.image_shape


def takes_of_file(path: Path) -> Takes | None:
    """What the weights in a file, or in the folder of a run, take; None where that cannot be read."""
    if zoo_files.is_published_file(path):
        return Takes.PHOTOGRAPHS
    try:
        if path.is_dir():
            record = read_run(path).record
            return None if record is None else takes(record.architecture, record.dataset, record.labels)
        header = read_weights_header(path)
    except (WeightsError, ValueError, OSError):
        return None
    return takes(header.architecture, str(header.provenance.get("dataset") or ""), header.labels)


def _published(dataset: str) -> DatasetEntry | None:
    """The data set of that name; None for a folder, which is not looked at, and for one that is not known."""
    return next((entry for entry in datasets.DATASETS if entry.name == dataset), None)
