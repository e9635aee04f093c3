"""Files as their makers published them: read only where a digest says so, fetched where they are missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from explorer.data.errors import DataError
from explorer.system import download
from explorer.system.files import StorageError

Progress = Callable[[str, "float | None"], None]
IsCancelled = Callable[[], bool]

_Content = TypeVar("_Content")


@dataclass(frozen=True)
class PublishedFile:
    """One file on a server: its name, its size in bytes and its digests."""

    name: str
    size: int
    md5: str
    sha256: str


class DamagedError(DataError):
    """A file is not the published one."""


def damaged(path: Path, how: str) -> DamagedError:
    return DamagedError(f"{path} is damaged: {how}; delete it or copy it again")


_verified: set[tuple[str, int, int, str]] = set()
"""Files whose digest was right, by path, size, time of change in nanoseconds and that digest."""


def checked_content(path: Path, digest: str, size: int | None = None) -> bytes:
    """The bytes of a file that has this size and this MD5 or SHA-256, told apart by length; "" or None: not compared.

    Hashed once in a process as long as the file's size and time of change stay.

    Raises:
        DamagedError: it is another file.
        DataError: it cannot be read.
    """
    try:
        state = path.stat()
        if size is not None and state.st_size != size:
            raise damaged(path, f"it has {state.st_size:,} bytes instead of {size:,}")
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    key = (str(path), state.st_size, state.st_mtime_ns, digest)
    if digest and key not in _verified:
        name = _algorithm(digest)
        if hashlib.new(name, content, usedforsecurity=False).hexdigest() != digest:
            raise _not_published(path, name)
        _verified.add(key)
    return content


def check(path: Path, file: PublishedFile, cancelled: IsCancelled) -> None:
    """Likewise for a file that is too large to be kept in memory: it is read in pieces and none of them kept.

    Raises:
        DamagedError: it is another file.
        DataError: it cannot be read.
        Cancelled: `cancelled()` was true.
    """
    try:
        state = path.stat()
        if state.st_size != file.size:
            raise damaged(path, f"it has {state.st_size:,} bytes instead of {file.size:,}")
        key = (str(path), state.st_size, state.st_mtime_ns, file.sha256)
        if key in _verified:
            return
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                if cancelled():
                    raise download.Cancelled
                digest.update(block)
    except OSError as error:
        raise _unreadable(path, error) from error
    if digest.hexdigest() != file.sha256:
        raise _not_published(path, "sha256")
    _verified.add(key)


def _algorithm(digest: str) -> str:
    return "md5" if len(digest) == 32 else "sha256"


def _not_published(path: Path, algorithm: str) -> DamagedError:
    return damaged(path, f"its {'MD5' if algorithm == 'md5' else 'SHA-256'} is not that of the published file")


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path} cannot be read ({error.strerror}); check the disk and the permissions")


def read_or_fetch(paths: Sequence[Path], read: Callable[[Path], _Content], fetch: Callable[[], Path]) -> _Content:
    """What `read` makes of the first of these files of our own that is there and whole, else of the one fetched anew.

    Damaged files are deleted.

    Raises:
        DataError: a damaged file cannot be deleted, or what `read` and `fetch` raise.
    """
    for path in paths:
        if path.is_file():
            try:
                return read(path)
            except DamagedError:
                delete(path)
    return read(fetch())


def delete(path: Path) -> None:
    """Deletes a damaged file of our own.

    Raises:
        DataError: it cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path} is damaged and cannot be deleted ({error.strerror}); delete it by hand") from error


def fetch(
    title: str, file: PublishedFile, addresses: Sequence[str], folder: Path, progress: Progress, cancelled: IsCancelled
) -> Path:
    """Downloads a file of the data set of that title into `folder`, from the first of `addresses` that gives it.

    Raises:
        DataError: none gave it, or it could not be written; the message says what to do.
        Cancelled: `cancelled()` was true; what came so far is kept.
    """
    target = folder / file.name

    def tell(done: int, total: int | None) -> None:
        progress(f"Downloading {title}: {target.name}", done / total if total else None)

    try:
        download.fetch(
            [f"{address}{target.name}" for address in addresses],
            target,
            md5=file.md5,
            sha256=file.sha256,
            size=file.size,
            progress=tell,
            cancelled=cancelled,
        )
    except StorageError as error:
        raise DataError(str(error)) from error
    except download.DownloadError as error:
        raise DataError(
            f"{title} is not on this computer and {error}; without a network, use the built-in data set 'digits', or "
            f"put the files of {title} into {folder}"
        ) from error
    return target
