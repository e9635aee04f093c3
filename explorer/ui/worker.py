"""A background thread for work that would block the window: one slot, the newest request wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    number: int
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Worker(QObject):
    """Runs one piece of work after another in a thread, which lives only while there is something to do.

    While a piece runs, only the newest waiting request is kept, and answers to older ones are dropped. `done` and
    `failed` are called in the UI thread, `failed` with one sentence. Call `shutdown` before the window goes.
    """

    _answered = Signal(object, object, object)  # _Request, result, sentence or None

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._waiting: _Request | None = None
        self._newest = 0
        self._told = 0
        self._closing = False
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        application = QCoreApplication.instance()
        if application is not None:
            # A thread that is still at work would keep the program from ending.
            application.aboutToQuit.connect(self.shutdown)

    @property
    def is_busy(self) -> bool:
        """Whether the newest request is not answered yet."""
        return self._told < self._newest and not self._closing

    def submit(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Asks for `work()` in the thread; its result must be frozen. Replaces a request that still waits."""
        with self._lock:
            if self._closing:
                return
            self._newest += 1
            self._waiting = _Request(self._newest, work, done, failed or _log.error)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name=self._name)
                self._thread.start()

    def shutdown(self) -> None:
        """Waits for the running piece and ends the thread; later requests and answers are dropped."""
        with self._lock:
            self._closing = True
            self._waiting = None
            thread = self._thread
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        while True:
            with self._lock:
                request, self._waiting = self._waiting, None
                if request is None:
                    self._thread = None
                    return
            try:
                result, sentence = request.work(), None
            except (ValueError, OSError, RuntimeError) as error:
                _log.info("work failed", exc_info=True)
                result, sentence = None, str(error)
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a piece of work raises
                _log.exception("unexpected failure in a worker")
                result, sentence = None, f"unexpected {type(error).__name__}: {error}; details are in the log"
            if not self._closing:
                self._answered.emit(request, result, sentence)

    def _deliver(self, request: _Request, result: object, sentence: str | None) -> None:
        if self._closing or request.number != self._newest:
            return
        thread = self._thread
        if thread is not None:
            # Nothing waits behind the newest request: the thread is at its end.
            thread.join()
        self._told = request.number
        if sentence is None:
            request.done(result)
        else:
            request.failed(sentence)
