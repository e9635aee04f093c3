"""Deleting runs so that it can be undone: they move to a hidden folder beside the others."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from explorer.runs import lock
from explorer.runs.lock import LockedError
from explorer.system import files

TRASH_NAME = ".deleted"


def delete_run(folder: Path) -> Path:
    """Moves a run to `.deleted` beside it and returns where it is now; `restore_run` brings it back.

    Raises:
        LockedError: the run is being trained.
        StorageError: it could not be moved.
    """
    if lock.is_locked(folder):
        raise LockedError(f"{folder.name} is being trained; stop it before deleting it")
    trash = folder.parent / TRASH_NAME
    try:
        trash.mkdir(exist_ok=True)
        moved = _move(folder, trash / folder.name)
    except OSError as error:
        raise files.storage_error(folder, 0, error) from error
    # The time of the deletion, for `empty_trash`.
    with contextlib.suppress(OSError):
        os.utime(moved)
    return moved


def restore_run(deleted: Path) -> Path:
    """Brings a deleted run back and returns its folder, `-2` added where its name is taken by now.

    Raises:
        ValueError: it is not there any more.
        StorageError: it could not be moved.
    """
    if not deleted.is_dir() or deleted.parent.name != TRASH_NAME:
        raise ValueError(f"{deleted.name} cannot be restored: it is not among the deleted runs any more")
    try:
        return _move(deleted, deleted.parent.parent / deleted.name)
    except OSError as error:
        raise files.storage_error(deleted, 0, error) from error


def empty_trash(runs_folder: Path, older_than_days: float = 30) -> int:
    """Removes for good the runs deleted more than so many days ago; returns how many went."""
    gone = 0
    oldest = time.time() - older_than_days * 24 * 3600
    with contextlib.suppress(OSError):
        for folder in (runs_folder / TRASH_NAME).iterdir():
            if folder.stat().st_mtime <= oldest:
                shutil.rmtree(folder, ignore_errors=True)
                gone += not folder.exists()
    return gone


def _move(source: Path, wanted: Path) -> Path:
    target = wanted
    number = 1
    while target.exists():
        number += 1
        target = wanted.with_name(f"{wanted.name}-{number}")
    source.rename(target)
    files.sync_folder(target.parent)
    files.sync_folder(source.parent)
    return target
