"""The weights that a run keeps, one file an epoch, and which of them go when they become too many."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

from explorer.runs.run_folder import WEIGHTS_FOLDER

# Every epoch is kept while a run's weights stay under this.
KEEP_ALL_BELOW = 1_000_000_000

_NAME = re.compile(r"epoch-(\d{4,})\.safetensors")


def weights_path(folder: Path, epoch: int) -> Path:
    """Where a run keeps the weights of an epoch, counted from 1."""
    return folder / WEIGHTS_FOLDER / f"epoch-{epoch:04d}.safetensors"


def saved_epochs(folder: Path) -> tuple[int, ...]:
    """The epochs whose weights a run has, in order."""
    try:
        names = [entry.name for entry in (folder / WEIGHTS_FOLDER).iterdir()]
    except OSError:
        return ()
    matches = [_NAME.fullmatch(name) for name in names]
    return tuple(sorted(int(match.group(1)) for match in matches if match))


def epochs_to_drop(sizes: Mapping[int, int], *, best: int, last: int, limit: int = KEEP_ALL_BELOW) -> tuple[int, ...]:
    """The epochs whose weights go, given the bytes of each: none below the limit.

    Beyond it the best, the last and the powers of two stay, however large they are.
    """
    if sum(sizes.values()) < limit:
        return ()
    return tuple(epoch for epoch in sorted(sizes) if epoch not in {best, last} and epoch & (epoch - 1))


def drop_surplus(folder: Path, *, best: int, last: int, limit: int = KEEP_ALL_BELOW) -> tuple[int, ...]:
    """Removes the weights that `epochs_to_drop` names and returns their epochs."""
    sizes = {}
    for epoch in saved_epochs(folder):
        with contextlib.suppress(OSError):
            sizes[epoch] = weights_path(folder, epoch).stat().st_size
    surplus = epochs_to_drop(sizes, best=best, last=last, limit=limit)
    for epoch in surplus:
        with contextlib.suppress(OSError):
            weights_path(folder, epoch).unlink(missing_ok=True)
    return surplus
