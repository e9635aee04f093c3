"""Asks the network that answers the pad about other views of an input, in a thread, without delaying the answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject

from explorer.data.photograph import is_photograph
from explorer.data.sketch import Sketch
from explorer.data.steps import bare
from explorer.ui.answering import Choice, Subject, weights_file
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.inference.predictor import Predictor
    from explorer.ui.prediction_service import PredictionService

T = TypeVar("T")
LoadPredictor = Callable[[Choice], "Predictor"]
_MOST_KEPT = 3


def is_blank(source: object) -> bool:
    """Whether nothing is on the pad."""
    plain = bare(source)  # type: ignore[arg-type]
    return isinstance(plain, Sketch) and not plain.strokes


def _subject_of(source: object) -> Subject:
    plain = bare(source)  # type: ignore[arg-type]
    is_photo = not isinstance(plain, Sketch) and is_photograph(plain)
    return Subject.PHOTOGRAPH if is_photo else Subject.DRAWING


class AnsweringWeights:
    """The network that answers an input, for threads that look at it otherwise: read once, shared by them."""

    def __init__(self, service: PredictionService, load: LoadPredictor | None = None) -> None:
        """`load` reads the weights of a choice, in a thread."""
        self._service = service
        self._load = load or self._read
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, int], Predictor] = OrderedDict()

    def of(self, source: object) -> Callable[[], Predictor]:
        """What gives the network, in a thread; to be asked for in the UI thread.

        That raises ValueError or OSError where there is none: one sentence.
        """
        return partial(self._load, self._choices()[_subject_of(source)])

    def of_any(self) -> Callable[[object], Predictor]:
        """What gives the network for any input, in a thread, as the choices now are; asked for in the UI thread."""
        choices = self._choices()
        return lambda source: self._load(choices[_subject_of(source)])

    def _choices(self) -> dict[Subject, Choice]:
        return {subject: self._service.chosen(subject) for subject in Subject}

    def of_file(self, path: Path) -> Callable[[], Predictor]:
        """Likewise, of a weights file or a run's folder."""
        from explorer.ui.answering import Weights  # noqa: PLC0415 - beside its only use

        return partial(self._load, Choice(Weights.CHOSEN, path, None))

    def _read(self, choice: Choice) -> Predictor:
        from explorer.inference.zoo_predictor import open_file  # noqa: PLC0415 - torch is imported off the UI thread

        with self._lock:
            path = weights_file(choice)
            key = (path, path.stat().st_mtime_ns)
            if key not in self._kept:
                self._kept[key] = open_file(path)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


class Asking(QObject):
    """One question at a time in a thread; while it is answered the newest other one waits, and then follows.

    So answers keep coming while an input changes all the time. Call `shutdown` before the window goes.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(name, self)
        self._waiting: tuple[Callable[[], Any], Callable[[Any], None], Callable[[str], None]] | None = None
        self._dropped = False
        self.shutdown = self._worker.shutdown

    @property
    def is_busy(self) -> bool:
        return self._worker.is_busy

    def ask(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """Runs `work` in the thread, then `done` here with its frozen result, or `failed` with one sentence."""
        if self._worker.is_busy:
            self._waiting = (work, done, failed)
            return
        self._dropped = False
        self._worker.submit(work, partial(self._tell, done), partial(self._tell, failed))

    def forget(self) -> None:
        """Nobody wants the answer any more."""
        self._waiting = None
        self._dropped = True

    def _tell(self, told: Callable[[Any], None], result: Any) -> None:
        if not self._dropped:
            told(result)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.ask(*waiting)
