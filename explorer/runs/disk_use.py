"""How much room runs take on the disk, counted again only where something changed. Free of torch."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.runs.run_folder import METRICS_NAME


class DiskUse:
    """Counts the bytes of run folders; use it in one thread."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], int]] = {}

    def of(self, folder: Path) -> int:
        """The bytes of all files in a run folder; 0 where it cannot be read."""
        marks = _marks(folder)
        known = self._known.get(folder)
        if known is None or known[0] != marks:
            known = (marks, _bytes(folder))
            self._known[folder] = known
        return known[1]


def _marks(folder: Path) -> tuple[int, ...]:
    """Numbers that change when something in a run folder does: files come, go and are replaced, metrics grow."""
    found = []
    try:
        found.append(folder.stat().st_mtime_ns)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found.append(entry.stat(follow_symlinks=False).st_mtime_ns)
                elif entry.name == METRICS_NAME:
                    found.append(entry.stat(follow_symlinks=False).st_size)
    except OSError:
        return (-1,)
    return tuple(found)


def _bytes(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - os.walk gives texts
            except OSError:
                # Gone since it was listed.
                continue
    return total
