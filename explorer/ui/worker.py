"""A background thread for work that would block the window: one slot, the newest request wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    number: int
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Worker(QObject):
    """Runs one piece of work after another in a thread of its own.

    While a piece runs, only the newest waiting request is kept, and answers to older ones are dropped. `done` and
    `failed` are called in the UI thread, `failed` with one sentence. Call `shutdown` before the window goes.
    """

    _answered = Signal(object, object, object)  # _Request, result, sentence or None

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._condition = threading.Condition()
        self._waiting: _Request | None = None
        self._newest = 0
        self._closing = False
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._loop, name=name)
        self._thread.start()

    def submit(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Asks for `work()` in the thread; its result must be frozen. Replaces a request that still waits."""
        with self._condition:
            if self._closing:
                return
            self._newest += 1
            self._waiting = _Request(self._newest, work, done, failed or _log.error)
            self._condition.notify()

    def is_current(self, number: int) -> bool:
        return number == self._newest

    def shutdown(self) -> None:
        """Waits for the running piece and ends the thread; later requests and answers are dropped."""
        with self._condition:
            self._closing = True
            self._waiting = None
            self._condition.notify()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._condition:
                while self._waiting is None and not self._closing:
                    self._condition.wait()
                if self._closing:
                    return
                request, self._waiting = self._waiting, None
            assert request is not None  # noqa: S101 - the wait above ends only with a request
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
        if sentence is None:
            request.done(result)
        else:
            request.failed(sentence)
