"""CIFAR-10 and CIFAR-100: the published batches, found in a folder, checked, and read by a guarded unpickler."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.errors import DataError
from explorer.data.split import Split
from explorer.system import download

Progress = Callable[[str, "float | None"], None]


@dataclass(frozen=True)
class BatchFile:
    """One published batch: its name, how many images are in it, and its digests; `md5` is what torchvision has too."""

    name: str
    count: int
    md5: str


@dataclass(frozen=True)
class CifarSource:
    """The batches of a data set and where they are.

    `folder` is torchvision's, below the folder of all data sets. `label_key` names the labels in a batch.
    """

    title: str
    folder: str
    label_key: str
    train: tuple[BatchFile, ...]
    test: tuple[BatchFile, ...]


CIFAR10 = CifarSource(
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    label_key="labels",
    train=(
        BatchFile("data_batch_1", 10_000, "c99cafc152244af753f735de768cd75f"),
        BatchFile("data_batch_2", 10_000, "d4bba439e000b95fd0a9bffe97cbabec"),
        BatchFile("data_batch_3", 10_000, "54ebc095f3ab1f0389bbae665268c751"),
        BatchFile("data_batch_4", 10_000, "634d18415352ddfa80567beed471001a"),
        BatchFile("data_batch_5", 10_000, "482c414d41f54cd18b22e5b47cb7c3cb"),
    ),
    test=(BatchFile("test_batch", 10_000, "40351d587109b95175f43aff81a1287e"),),
)


def find(source: CifarSource, folders: tuple[Path, ...]) -> Path | None:
    """The first folder that holds all batches, in torchvision's layout or directly; they are not opened."""
    for folder in folders:
        for place in (folder / source.folder, folder):
            if all((place / file.name).is_file() for file in (*source.train, *source.test)):
                return place
    return None


def read(
    source: CifarSource, folders: tuple[Path, ...], progress: Progress, cancelled: Callable[[], bool]
) -> tuple[Split, Split, Path]:
    """Training and test split, and the folder they were read from.

    Raises:
        DataError: the batches are not there, damaged or cannot be read; the message says what to do.
        Cancelled: `cancelled()` was true.
    """
    place = find(source, folders)
    if place is None:
        raise DataError(
            f"{source.title} is not on this computer; put its batches into {folders[-1] / source.folder}, or use the "
            "built-in data set 'digits'"
        )
    batches = {}
    files = (*source.train, *source.test)
    for index, file in enumerate(files):
        if cancelled():
            raise download.Cancelled
        progress(f"Reading {source.title}", index / len(files))
        batches[file.name] = read_batch(place / file.name, file, source.label_key)
    progress(f"Reading {source.title}", 1.0)
    train, test = ([batches[file.name] for file in part] for part in (source.train, source.test))
    return _joined(train), _joined(test), place


def read_batch(path: Path, file: BatchFile, label_key: str) -> Split:
    """One batch, if it is the published one.

    Raises:
        DataError: it cannot be read, or is not the published one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the disk and the permissions") from error
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.md5:
        raise DataError(f"{path} is damaged: its MD5 is not that of the published file; delete it or copy it again")
    stored = _ArraysOnly(io.BytesIO(content), encoding="latin1").load()
    images = np.asarray(stored["data"], np.uint8).reshape(file.count, 3, 32, 32)
    labels: NDArray[np.int64] = np.asarray(stored[label_key], np.int64)
    return Split(images, labels)


def _joined(splits: list[Split]) -> Split:
    return Split(np.concatenate([split.images for split in splits]), np.concatenate([split.labels for split in splits]))


class _ArraysOnly(pickle.Unpickler):
    """Reads numpy arrays and plain values; anything else that a pickle could call is refused."""

    # Where numpy keeps what rebuilds an array moved in its second version; the published files name the old place.
    _ADMITTED = frozenset(
        {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is not an array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
