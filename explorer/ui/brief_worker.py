"""A background thread for rare work: it lives only while there is something to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from explorer.ui.worker import Worker


class BriefWorker(QObject):
    """Runs the newest piece of work in a thread, which ends with its answer; see `Worker` for the rest."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._worker: Worker | None = None
        application = QCoreApplication.instance()
        if application is not None:
            # A thread that is still at work would keep the program from ending.
            application.aboutToQuit.connect(self.shutdown)

    @property
    def is_busy(self) -> bool:
        return self._worker is not None

    def submit(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Asks for `work()` in the thread; only the answer to the newest request is told."""
        if self._worker is None:
            self._worker = Worker(self._name, self)
        self._worker.submit(
            work,
            lambda answer: self._finish(lambda: done(answer)),
            lambda sentence: self._finish((lambda: failed(sentence)) if failed else (lambda: None)),
        )

    def shutdown(self) -> None:
        """Waits for the piece of work under way and ends the thread; its answer is dropped."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.shutdown()
            worker.deleteLater()

    def _finish(self, tell: Callable[[], None]) -> None:
        # The worker tells only of its newest piece: it has nothing more to do.
        self.shutdown()
        tell()
