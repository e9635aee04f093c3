"""A measurement off the UI thread that tells how far it is and can be given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.system.download import Cancelled
from explorer.ui.worker import Worker


class Told:
    """What the work is given: how to tell of itself, and whether it is still wanted."""

    def __init__(self, say: Callable[[str, float | None], None], give: Callable[[object], None]) -> None:
        self.say = say
        self.give = give
        self._ended = threading.Event()

    def cancel(self) -> None:
        self._ended.set()

    def is_cancelled(self) -> bool:
        return self._ended.is_set()


class Measurement(QObject):
    """Runs one piece of work at a time; all signals come in the UI thread, and none of work that was given up."""

    told = Signal(str, object)  # what is being done, share done 0 to 1 or None
    came = Signal(object)  # a part of the result
    done = Signal(object)  # the result
    failed = Signal(str)  # one sentence

    _said = Signal(object, str, object)  # Told, words, share: from the thread
    _given = Signal(object, object)  # Told, part: from the thread

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(name, self)
        self._under_way: Told | None = None
        self._said.connect(self._on_said)
        self._given.connect(self._on_given)

    @property
    def is_under_way(self) -> bool:
        return self._under_way is not None

    def start(self, work: Callable[[Told], Any]) -> None:
        """Calls `work` in the thread; it may raise Cancelled, or ValueError, OSError, RuntimeError with a sentence."""
        self.cancel()
        told = Told(lambda words, share: self._said.emit(told, words, share), lambda part: self._given.emit(told, part))
        self._under_way = told

        def run() -> Any:
            try:
                return work(told)
            except Cancelled:
                return None

        self._worker.submit(run, lambda result: self._on_done(told, result), lambda text: self._on_failed(told, text))

    def cancel(self) -> None:
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None

    def shutdown(self) -> None:
        """Gives up what is under way and waits for the thread."""
        self.cancel()
        self._worker.shutdown()

    def _on_said(self, told: Told, words: str, share: float | None) -> None:
        if told is self._under_way:
            self.told.emit(words, share)

    def _on_given(self, told: Told, part: object) -> None:
        if told is self._under_way:
            self.came.emit(part)

    def _on_done(self, told: Told, result: object) -> None:
        if told is self._under_way:
            self._under_way = None
            self.done.emit(result)

    def _on_failed(self, told: Told, sentence: str) -> None:
        if told is self._under_way:
            self._under_way = None
            self.failed.emit(sentence)
