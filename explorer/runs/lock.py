"""The lock of a run folder: one process trains in it at a time, and a dead one's lock does not stand in the way."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
import uuid
from pathlib import Path
from typing import Any

from explorer.system import files, processes

LOCK_NAME = "lock"

# A lock that cannot be read is being written at this moment, or its writer died in a power cut. Writing one takes
# milliseconds.
_UNREADABLE_IS_STALE_AFTER_S = 10.0


class LockedError(ValueError):
    """Another process trains in the folder; the message says which."""


class RunLock:
    """A lock that is held; `release` it when training ends."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content

    def release(self) -> None:
        """Removes the lock, unless it is another process's by now or the folder is gone."""
        with contextlib.suppress(OSError):
            if self._path.read_bytes() == self._content:
                self._path.unlink()


def acquire(folder: Path) -> RunLock:
    """Takes the lock of a run folder; a lock whose process is dead is put aside.

    Raises:
        LockedError: a living process, or one on another computer, holds it.
        StorageError: the folder cannot be written.
    """
    path = folder / LOCK_NAME
    content = own_content()
    for _ in range(3):
        try:
            _create(path, content)
        except FileExistsError:
            found = _read(path)
            if found is None:
                continue
            refusal = _refusal(path, found)
            if refusal:
                raise LockedError(f"{folder.name} is being trained by {refusal}") from None
            _put_aside(path, found)
        except OSError as error:
            raise files.storage_error(path, len(content), error) from error
        else:
            return RunLock(path, content)
    raise LockedError(f"{folder.name} was taken by another program at this moment")


def is_locked(folder: Path) -> bool:
    """Whether a living process holds the lock of this run folder."""
    path = folder / LOCK_NAME
    found = _read(path)
    return found is not None and bool(_refusal(path, found))


def own_content() -> bytes:
    """What this process writes into a lock; different each time, so that a lock knows itself."""
    owner = {
        "pid": os.getpid(),
        "started": processes.start_mark(os.getpid()) or "",
        "host": platform.node(),
        "token": uuid.uuid4().hex,
    }
    return json.dumps(owner).encode()


def held(folder: Path, content: bytes) -> RunLock:
    """The lock that a folder was made with, `content` being in it already."""
    return RunLock(folder / LOCK_NAME, content)


def _create(path: Path, content: bytes) -> None:
    # A hard link appears with its content or not at all, and never over another file.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # Some file systems (FAT, some network shares) have no hard links.
            with path.open("xb") as stream:
                stream.write(content)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def _refusal(path: Path, content: bytes) -> str:
    """Who holds a lock, in words; "" if the lock is stale."""
    try:
        owner: Any = json.loads(content)
        pid, started, host = int(owner["pid"]), str(owner["started"]), str(owner["host"])
    except (ValueError, TypeError, KeyError):
        try:
            # A time well ahead of now is that of a clock which was set back since.
            is_fresh = abs(time.time() - path.stat().st_mtime) < _UNREADABLE_IS_STALE_AFTER_S
        except OSError:
            return ""
        return "another program; try again in some seconds" if is_fresh else ""
    if host != platform.node():
        return f"process {pid} on the computer {host!r}; if it does not run any more, delete {path}"
    if pid == os.getpid() and started == (processes.start_mark(pid) or ""):
        return "this program already"
    mark = processes.start_mark(pid)
    if mark is None or (mark and started and mark != started):
        return ""
    return f"process {pid}; stop it there first"


def _put_aside(path: Path, stale: bytes) -> None:
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.stale")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    # Between reading and renaming, another process may have put the stale lock aside and taken its own.
    if aside.read_bytes() != stale:
        with contextlib.suppress(OSError):
            os.link(aside, path)
    aside.unlink(missing_ok=True)
