"""Marks runs that belong together: the seeds of one configuration share a tag."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject

from explorer.runs.notes import add_tag
from explorer.ui.worker import Worker

_log = logging.getLogger(__name__)


class RunTagger(QObject):
    """Writes tags into the notes of runs, off the UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("tag run", self)
        self.shutdown = self._worker.shutdown

    def tag(self, folder: Path, tag: str) -> None:
        """Adds a tag to a run; a disk that refuses costs the tag, not the run."""
        self._worker.submit(lambda: add_tag(folder, tag), _done, _log.warning)


def _done(_result: object) -> None:
    pass
