"""Follows runs that another process trains: their curves grow while they are on screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.runs.following import RunFollower, RunGrowth
from explorer.ui.curve_data import RunCurves
from explorer.ui.run_curves import grown
from explorer.ui.worker import Worker

_LOOK_AGAIN_MS = 1000


class RunWatch(QObject):
    """Reads the folders of growing runs once a second, off the UI thread, and lengthens their curves in it."""

    grew = Signal(object, object)  # RunCurves as they were, as they are now: the same object where they only grew
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("follow runs", self)
        self._followed: dict[Path, tuple[RunFollower, RunCurves]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN_MS)
        self._timer.timeout.connect(self.look)

    @property
    def folders(self) -> tuple[Path, ...]:
        """What is followed now."""
        return tuple(self._followed)

    def follow(self, runs: Sequence[tuple[RunFollower, RunCurves]]) -> None:
        """Follows these runs from where they were read, and no others."""
        self._followed = {follower.folder: (follower, curves) for follower, curves in runs}
        if self._followed:
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Looks what came; a look that is under way is waited for."""
        if self._followed and not self._worker.is_busy:
            followers = [follower for follower, _ in self._followed.values()]
            self._worker.submit(lambda: [follower.read_new() for follower in followers], self._take, self.failed.emit)

    def shutdown(self) -> None:
        self._timer.stop()
        self._worker.shutdown()

    def _take(self, growths: list[RunGrowth]) -> None:
        for growth in growths:
            folder = growth.run.folder
            if folder not in self._followed:
                continue
            follower, before = self._followed[folder]
            after = grown(before, growth)
            self._followed[folder] = (follower, after)
            if growth.is_over:
                del self._followed[folder]
            if after is not before or len(growth.metrics) or growth.is_over:
                self.grew.emit(before, after)
        if not self._followed:
            self._timer.stop()
