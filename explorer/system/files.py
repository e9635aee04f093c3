"""Writing files so that a crash, a full disk or a power cut never harms what was there before."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import threading
from pathlib import Path


class StorageError(OSError):
    """A file could not be written; the message names the path, the bytes needed and what to do."""


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces `path` by `content`, or leaves it untouched.

    The content goes to a temporary name in the same folder, is flushed and fsynced, renamed over `path`, and the
    folder is fsynced: after a power cut either the old file or the new one is there, whole.

    Raises:
        StorageError: the disk is full, the folder is read-only or gone; the temporary file is removed.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise storage_error(path, len(content), error) from error


def storage_error(path: Path, size: int, error: OSError) -> StorageError:
    """The error a reader can act on, for a failed write of `size` bytes to `path`."""
    reason = error.strerror or str(error)
    advice = {
        errno.ENOSPC: "free some space there or choose another folder in the settings",
        errno.EDQUOT: "free some space there or choose another folder in the settings",
        errno.EFBIG: "the system's limit on file size is too low for it",
        errno.EROFS: "choose a folder in the settings that can be written",
        errno.EACCES: "choose a folder in the settings that can be written",
        errno.EPERM: "choose a folder in the settings that can be written",
        errno.ENOENT: "the folder is gone; restore it or choose another in the settings",
    }.get(error.errno or 0, "check the disk")
    wrapped = StorageError(f"could not write {path} ({size:,} bytes): {reason}; {advice}")
    wrapped.errno = error.errno
    return wrapped


def sync_folder(folder: Path) -> None:
    """Makes renames inside `folder` survive a power cut, where the system can sync folders (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files that only their owner reads; runs are shared in class rooms.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


_reading_umask = threading.Lock()


def _umask() -> int:
    # The mask can only be read by setting it. Two threads at once would leave 0o022 behind for good.
    with _reading_umask:
        mask = os.umask(0o022)
        os.umask(mask)
    return mask
