"""The data sets that there are, and how to load one."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.data import cifar, digits, mnist
from explorer.data.errors import DataError
from explorer.data.split import Split
from explorer.system import settings as user_settings
from explorer.system.download import Cancelled
from explorer.system.settings import Settings

__all__ = ["DATASETS", "Cancelled", "DataError", "Dataset", "DatasetEntry", "Split", "get", "is_available", "load"]

Progress = Callable[[str, "float | None"], None]
"""Told what is being done, in words, and how much of it is done, 0 to 1, None where that cannot be told."""


@dataclass(frozen=True)
class DatasetEntry:
    """One data set as a list or a form shows it; `image_shape` is (channels, height, width)."""

    name: str
    title: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    train_size: int
    test_size: int
    digits: bool
    about: str
    files: mnist.IdxSource | cifar.CifarSource | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set in memory.

    `mean` and `std` are of the training pixels for each channel, 0 to 1. `checksum` is a SHA-256 that identifies the
    content, whether it was read packed or unpacked. `source` says in words where it came from.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    checksum: str
    source: str

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        _, channels, height, width = self.train.images.shape
        return channels, height, width


_DIGITS = tuple("0123456789")

DATASETS = (
    DatasetEntry(
        name="mnist",
        title="MNIST",
        classes=_DIGITS,
        image_shape=(1, 28, 28),
        train_size=60_000,
        test_size=10_000,
        digits=True,
        about="Handwritten digits of employees of the US Census Bureau and of students, scaled to a box of 20x20 and "
        "centred by their mass (LeCun, Cortes, Burges 1998).",
        files=mnist.MNIST,
    ),
    DatasetEntry(
        name="fashion-mnist",
        title="Fashion-MNIST",
        classes=(
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        image_shape=(1, 28, 28),
        train_size=60_000,
        test_size=10_000,
        digits=False,
        about="Pictures of clothes from a shop's catalogue in MNIST's format, harder than digits (Xiao, Rasul, "
        "Vollgraf 2017).",
        files=mnist.FASHION_MNIST,
    ),
    DatasetEntry(
        name="cifar10",
        title="CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        image_shape=(3, 32, 32),
        train_size=50_000,
        test_size=10_000,
        digits=False,
        about="Small colour photographs of ten kinds of animals and vehicles, labelled by hand out of the Tiny Images "
        "(Krizhevsky 2009).",
        files=cifar.CIFAR10,
    ),
    DatasetEntry(
        name="digits",
        title="Built-in digits",
        classes=_DIGITS,
        image_shape=(1, 28, 28),
        train_size=digits.TRAIN_COUNT,
        test_size=digits.TEST_COUNT,
        digits=True,
        about="Digits that this program draws from stroke skeletons, American and European ways of writing alike; "
        "needs no file and no network.",
    ),
)


def get(name: str) -> DatasetEntry:
    """The data set of that name.

    Raises:
        ValueError: there is none; the message lists the names.
    """
    for entry in DATASETS:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in DATASETS)
    raise ValueError(f"there is no data set {name!r}; the data sets are {names} (digits is built in)")


def is_available(name: str, settings: Settings | None = None) -> bool:
    """Whether a data set can be loaded without a network; files are looked for, not opened.

    Raises:
        ValueError: there is no such data set.
    """
    files = get(name).files
    if files is None:
        return True
    folders = (settings or user_settings.load()).data_folders()
    place = mnist.find(files, folders) if isinstance(files, mnist.IdxSource) else cifar.find(files, folders)
    return place is not None


def load(
    name: str,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """A data set in memory, checked: from the folders in the settings, else downloaded into the last of them.

    The built-in digits are drawn once in a process; the arrays of later calls are the same ones.

    Raises:
        ValueError: there is no such data set.
        DataError: it could not be read or downloaded; one sentence that says what to do.
        Cancelled: `cancelled()` was true.
    """
    entry = get(name)
    told = progress or _ignored
    is_cancelled = cancelled or _never
    if entry.files is None:
        told("Drawing digits", None)
        train, test, checksum = _drawn_digits()
        if is_cancelled():
            raise Cancelled
        source = f"drawn by this program, seeds {digits.TRAIN_SEED} and {digits.TEST_SEED}"
    elif isinstance(entry.files, cifar.CifarSource):
        folders = (settings or user_settings.load()).data_folders()
        train, test, place = cifar.read(entry.files, folders, told, is_cancelled)
        source, checksum = str(place), _checksum(train, test)
    else:
        folders = (settings or user_settings.load()).data_folders()
        train, test, place = mnist.read(entry.files, folders, told, is_cancelled)
        source = str(place)
        checksum = hashlib.sha256("".join(file.unpacked_sha256 for file in entry.files.files).encode()).hexdigest()
    mean, std = _statistics(train)
    return Dataset(entry.name, entry.title, entry.classes, train, test, mean, std, checksum, source)


@functools.cache
def _drawn_digits() -> tuple[Split, Split, str]:
    train = digits.make_digits(digits.TRAIN_COUNT, digits.TRAIN_SEED)
    test = digits.make_digits(digits.TEST_COUNT, digits.TEST_SEED)
    return train, test, _checksum(train, test)


def _checksum(*splits: Split) -> str:
    """A SHA-256 over images and labels of the splits in turn."""
    digest = hashlib.sha256()
    for split in splits:
        digest.update(split.images.tobytes())
        digest.update(split.labels.tobytes())
    return digest.hexdigest()


def _statistics(split: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, 0 to 1, exact: from how often each of the 256 levels occurs."""
    levels = np.arange(256) / 255
    means, deviations = [], []
    for channel in range(split.images.shape[1]):
        counts = np.zeros(256, np.int64)
        for start in range(0, len(split), 4096):
            counts += np.bincount(split.images[start : start + 4096, channel].reshape(-1), minlength=256)
        mean = float(counts @ levels) / counts.sum()
        means.append(float(mean))
        deviations.append(float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum())))
    return tuple(means), tuple(deviations)


def _ignored(_what: str, _share: float | None) -> None:
    pass


def _never() -> bool:
    return False
