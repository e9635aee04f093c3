"""CIFAR-10 and CIFAR-100: the published batches, packed or not, found or fetched, read by a guarded unpickler."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from explorer.data import published
from explorer.data.errors import DataError
from explorer.data.published import IsCancelled, Progress, PublishedFile
from explorer.data.split import Split
from explorer.system import download
from explorer.system.files import StorageError, write_atomically

_LARGEST = 400_000_000  # bytes; twice the largest published batch


@dataclass(frozen=True)
class BatchFile:
    """One published batch: its name, how many images are in it, and its MD5, which is what torchvision has too."""

    name: str
    count: int
    md5: str


@dataclass(frozen=True)
class CifarSource:
    """The batches of a data set and where they are.

    `folder` is torchvision's, below the folder of all data sets, and the folder in the archive. `label_key` names the
    labels in a batch, which go from 0 to `classes` - 1. `addresses` of the archive are tried in turn. `checksum` is
    the SHA-256 over images and labels of the published batches where it is known: hashing 180 MB takes longer than
    reading them.
    """

    title: str
    folder: str
    archive: PublishedFile
    addresses: tuple[str, ...]
    label_key: str
    classes: int
    train: tuple[BatchFile, ...]
    test: tuple[BatchFile, ...]
    checksum: str = ""

    @property
    def batches(self) -> tuple[BatchFile, ...]:
        return (*self.train, *self.test)


_ADDRESSES = ("https://www.cs.toronto.edu/~kriz/",)

# The archives' MD5 are torchvision's and their SHA-256 those of Keras.
CIFAR10 = CifarSource(
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    archive=PublishedFile(
        name="cifar-10-python.tar.gz",
        size=170_498_071,
        md5="c58f30108f718f92721af3b95e74349a",
        sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    ),
    addresses=_ADDRESSES,
    label_key="labels",
    classes=10,
    train=(
        BatchFile("data_batch_1", 10_000, "c99cafc152244af753f735de768cd75f"),
        BatchFile("data_batch_2", 10_000, "d4bba439e000b95fd0a9bffe97cbabec"),
        BatchFile("data_batch_3", 10_000, "54ebc095f3ab1f0389bbae665268c751"),
        BatchFile("data_batch_4", 10_000, "634d18415352ddfa80567beed471001a"),
        BatchFile("data_batch_5", 10_000, "482c414d41f54cd18b22e5b47cb7c3cb"),
    ),
    test=(BatchFile("test_batch", 10_000, "40351d587109b95175f43aff81a1287e"),),
    checksum="9048fcbac9c08a64d57a7c5a5a66750a974ad4eab380914df129f7e223d823df",
)

CIFAR100 = CifarSource(
    title="CIFAR-100",
    folder="cifar-100-python",
    archive=PublishedFile(
        name="cifar-100-python.tar.gz",
        size=169_001_437,
        md5="eb9058c3a382ffc7106e4002c42a8d85",
        sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    ),
    addresses=_ADDRESSES,
    label_key="fine_labels",
    classes=100,
    train=(BatchFile("train", 50_000, "16019d7e3df5f24257cddd939b257f8d"),),
    test=(BatchFile("test", 10_000, "f0ef6b0ae62326f3e7ffdfab6717acfc"),),
)


def find(source: CifarSource, folders: tuple[Path, ...]) -> Path | None:
    """The first folder that holds all batches, in torchvision's layout or directly, or the first archive of them.

    They are not opened.
    """
    for folder in folders:
        for place in (folder / source.folder, folder):
            if all(_is_file(place / file.name) for file in source.batches):
                return place
        if _is_file(folder / source.archive.name):
            return folder / source.archive.name
    return None


def read(
    source: CifarSource, folders: tuple[Path, ...], progress: Progress, cancelled: IsCancelled
) -> tuple[Split, Split, Path]:
    """Training and test split, and the folder or archive they were read from.

    They are taken from the first of `folders` that has them, else downloaded and unpacked into the last. A file there
    that is not the published one is deleted and fetched again; in any other folder it is an error.

    Raises:
        DataError: a file is damaged, cannot be read, or cannot be downloaded; the message says what to do.
        Cancelled: `cancelled()` was true.
    """
    own = folders[-1] / source.folder
    place = find(source, folders)
    if place is None or place.parent == folders[-1]:
        place = own
        pieces = _from_own_folder(source, folders[-1], progress, cancelled)
    elif place.name == source.archive.name:
        pieces = _from_archive(source, place, cancelled)
    else:
        pieces = _from_folder(source, place)
    splits: dict[str, Split] = {}
    progress(f"Reading {source.title}", 0.0)
    for file, path, content in pieces:
        splits[file.name] = _decoded(source, file, path, content)
        progress(f"Reading {source.title}", len(splits) / len(source.batches))
        if cancelled():
            raise download.Cancelled
    return (
        _joined([splits[file.name] for file in source.train]),
        _joined([splits[file.name] for file in source.test]),
        place,
    )


_Pieces = Iterator[tuple[BatchFile, Path, bytes]]
"""The batches in any order: which it is, where it comes from, and its bytes, which are the published ones."""


def _from_folder(source: CifarSource, folder: Path) -> _Pieces:
    for file in source.batches:
        path = folder / file.name
        yield file, path, published.checked_content(path, file.md5)


def _from_own_folder(source: CifarSource, folder: Path, progress: Progress, cancelled: IsCancelled) -> _Pieces:
    for file in source.batches:

        def fetched(name: str = file.name) -> Path:
            return _unpacked(source, folder, progress, cancelled) / name

        def read(path: Path, md5: str = file.md5) -> tuple[Path, bytes]:
            return path, published.checked_content(path, md5)

        yield file, *published.read_or_fetch((folder / source.folder / file.name,), read, fetched)


def _unpacked(source: CifarSource, folder: Path, progress: Progress, cancelled: IsCancelled) -> Path:
    """The folder of the batches, all of them written anew from the archive, which is downloaded if need be."""
    target = folder / source.folder
    archive = folder / source.archive.name

    def unpack(path: Path) -> None:
        try:
            target.mkdir(parents=True, exist_ok=True)
            for file, _, content in _from_archive(source, path, cancelled):
                progress(f"Unpacking {source.title}", None)
                write_atomically(target / file.name, content)
        except StorageError as error:
            raise DataError(str(error)) from error
        except OSError as error:
            raise DataError(
                f"{target} cannot be made ({error.strerror}); check the disk and the permissions"
            ) from error

    published.read_or_fetch(
        (archive,),
        unpack,
        lambda: published.fetch(source.title, source.archive, source.addresses, folder, progress, cancelled),
    )
    # All of it lies unpacked beside it now.
    published.delete(archive)
    return target


def _from_archive(source: CifarSource, path: Path, cancelled: IsCancelled) -> _Pieces:
    """The batches in a published archive, read one after another; nothing else in it is looked at."""
    published.check(path, source.archive, cancelled)
    wanted = {f"{source.folder}/{file.name}": file for file in source.batches}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                if cancelled():
                    raise download.Cancelled
                if member.isreg() and member.size <= _LARGEST and member.name in wanted:
                    file = wanted.pop(member.name)
                    content = archive.extractfile(member).read()  # type: ignore[union-attr] # a regular file has content
                    if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.md5:
                        raise published.damaged(path, f"the MD5 of {file.name} in it is not that of the published file")
                    yield file, path, content
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise published.damaged(path, str(error)) from error
    if wanted:
        raise published.damaged(path, f"{min(wanted)} is not in it")


def _decoded(source: CifarSource, file: BatchFile, path: Path, content: bytes) -> Split:
    try:
        # The batches were written by Python 2, whose strings of bytes they hold.
        stored = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        images, labels = stored[b"data"], np.asarray(stored[source.label_key.encode()])
        if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape != (file.count, 3 * 32 * 32):
            raise ValueError(f"it does not hold {file.count:,} images of 3 × 32 × 32 bytes")
        if labels.shape != (file.count,) or labels.dtype.kind not in "iu":
            raise ValueError(f"it does not hold {file.count:,} labels")
        if labels.min(initial=0) < 0 or labels.max(initial=0) >= source.classes:
            raise ValueError(f"its labels go beyond {source.classes - 1}")
    except Exception as error:  # a pickle that is none of these raises whatever it stumbles over
        raise published.damaged(path, " ".join(str(error).split())[:200] or type(error).__name__) from error
    return Split(images.reshape(-1, 3, 32, 32), labels.astype(np.int64))


def _joined(splits: list[Split]) -> Split:
    # Copies: what a pickle gives cannot be written to, which torch warns about.
    return Split(np.concatenate([split.images for split in splits]), np.concatenate([split.labels for split in splits]))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


class _ArraysOnly(pickle.Unpickler):
    """Reads numpy arrays and plain values; anything else that a pickle could call is refused.

    Nothing is imported by a name in the pickle, and numpy's module that rebuilds arrays, which moved in its second
    version, is known by both names.
    """

    _REBUILT = np.empty(0).__reduce__()[0]
    _ADMITTED: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy.core.multiarray", "_reconstruct"): _REBUILT,
        ("numpy._core.multiarray", "_reconstruct"): _REBUILT,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not an array") from None
