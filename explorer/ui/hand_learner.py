"""Learning the user's hand in a thread: one at a time, with progress, and it can be cancelled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from explorer.system.download import Cancelled
from explorer.ui.answering import weights_file
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from explorer.data.personal import PersonalDrawing
    from explorer.system.settings import Settings
    from explorer.training.learn_hand import HandLearnt
    from explorer.ui.answering import Choice

_log = logging.getLogger(__name__)
_TELL_EVERY_S = 0.05


class HandLearner(QObject):
    """Fine-tunes a copy of the network of a choice; lives in the UI thread."""

    busy_changed = Signal(bool)
    progressed = Signal(str, object)  # words, the share done or None
    learnt = Signal(object)  # HandLearnt
    failed = Signal(str)  # one sentence

    _told = Signal(str, object)
    _ended = Signal(object, object)  # HandLearnt or None, a sentence or None

    def __init__(self, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._closing = False
        self._notes = Worker("notes of a run", self)
        queued = Qt.ConnectionType.QueuedConnection
        self._told.connect(self._on_told, queued)
        self._ended.connect(self._on_ended, queued)

    @property
    def is_busy(self) -> bool:
        return self._thread is not None

    def start(self, choice: Choice, drawings: tuple[PersonalDrawing, ...]) -> None:
        """Begins to learn from drawings; what answers by `choice` stays as it is."""
        if self._thread is not None or self._closing:
            return
        self._stopped.clear()
        settings = self._settings()
        self._thread = threading.Thread(target=self._run, args=(choice, drawings, settings), name="learn hand")
        self._thread.start()
        self.busy_changed.emit(True)

    def cancel(self) -> None:
        """Ends learning within a step; nothing of it is kept."""
        self._stopped.set()

    def set_aside(self, folder: Path, *, is_aside: bool, then: Callable[[], None]) -> None:
        """Says whether a run's network answers without being chosen, from now on and at the next start."""

        def write() -> None:
            from explorer.runs.notes import SET_ASIDE, read_notes, write_notes  # noqa: PLC0415 - with the work

            notes = read_notes(folder).without_tag(SET_ASIDE)
            write_notes(folder, notes.with_tags([SET_ASIDE]) if is_aside else notes)

        self._notes.submit(write, lambda _before: then(), self.failed.emit)

    def shutdown(self) -> None:
        """Ends learning and waits for the thread."""
        self._closing = True
        self._notes.shutdown()
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, choice: Choice, drawings: tuple[PersonalDrawing, ...], settings: Settings) -> None:
        last = 0.0

        def tell(words: str, share: float | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _TELL_EVERY_S and not self._closing:
                last = now
                self._told.emit(words, share)

        found: HandLearnt | None = None
        sentence: str | None = None
        try:
            # torch is imported off the UI thread, so that the window is up before it.
            from explorer.training.learn_hand import learn_hand  # noqa: PLC0415

            found = learn_hand(
                weights_file(choice),
                drawings,
                settings=settings,
                progress=tell,
                cancelled=self._stopped.is_set,
            )
        except Cancelled:
            sentence = "Learning your hand was cancelled; nothing changed."
        except (ValueError, OSError, RuntimeError) as error:
            _log.info("a hand could not be learnt", exc_info=True)
            sentence = str(error)
        except Exception as error:  # noqa: BLE001 - the window must hear of whatever ends the thread
            _log.exception("unexpected failure while a hand was learnt")
            sentence = f"unexpected {type(error).__name__} while a hand was learnt: {error}; details are in the log"
        if not self._closing:
            self._ended.emit(found, sentence)

    def _on_told(self, words: str, share: object) -> None:
        if self.is_busy and not self._closing:
            self.progressed.emit(words, share)

    def _on_ended(self, found: HandLearnt | None, sentence: str | None) -> None:
        if self._closing:
            return
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.busy_changed.emit(False)
        if found is not None:
            self.learnt.emit(found)
        elif sentence:
            self.failed.emit(sentence)
