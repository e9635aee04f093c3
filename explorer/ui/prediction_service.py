"""The object that answers the pad: it keeps predicting while the pen moves, with its own copy of the weights."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from explorer.data.sketch import Sketch, as_digit
from explorer.ui.answering import Answering, Weights, load_weights

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.inference.prediction import Prediction
    from explorer.ui.answering import Load

_log = logging.getLogger(__name__)

Source = Sketch | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Answer:
    """What was seen and what it was taken for.

    `digit` is read-only uint8 [28, 28]. `prediction` is None where nothing is drawn, or no weights could be read.
    `requested_at` is `time.perf_counter()` of the request.
    """

    digit: NDArray[np.uint8]
    prediction: Prediction | None
    requested_at: float

    @property
    def is_blank(self) -> bool:
        return not self.digit.any()


def _frozen(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    digit.setflags(write=False)
    return digit


BLANK = _frozen(np.zeros((28, 28), np.uint8))


@dataclass(frozen=True, eq=False)
class _Request:
    number: int
    source: Source
    requested_at: float


class PredictionService(QObject):
    """Answers sketches and pictures in a thread of its own; lives in the UI thread.

    One request waits at most, the newest. An answer is shown although a newer request waits, so that the bars move
    with the pen, but never after an answer to a newer request, and never after a sheet was cleared. When other weights
    arrive, the last request is answered again by them. A blank sheet is answered at once, without any network.
    """

    answered = Signal(object)  # Answer
    weights_changed = Signal(object)  # str: what answers now, for example "LeNet-5 on MNIST, 99.2 %"
    failed = Signal(str)  # one sentence

    _computed = Signal(object, object)  # number of the request, Answer
    _loaded = Signal(object, object)  # the weights wanted, their title
    _refused = Signal(object, object)  # the weights wanted, a sentence
    _stumbled = Signal(object)  # a sentence

    def __init__(self, load: Load | None = None, parent: QObject | None = None) -> None:
        """`load` reads weights in the thread; without one they are those of the program and of the user's runs."""
        super().__init__(parent)
        self._load = load or load_weights
        self._condition = threading.Condition()
        self._request: _Request | None = None
        self._last: _Request | None = None
        self._wanted: tuple[Weights, Path | None] | None = None
        self._number = 0
        self._oldest_shown = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._newest: Path | None = None
        self.choice = Weights.NEWEST
        self.path: Path | None = None
        self.title = ""
        self._answering: tuple[Weights, Path | None] | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._computed.connect(self._on_computed, queued)
        self._loaded.connect(self._on_loaded, queued)
        self._refused.connect(self._on_refused, queued)
        self._stumbled.connect(self._on_stumbled, queued)

    # Asking

    def start(self) -> None:
        """Starts the thread, which loads torch and the weights; the first request does so too."""
        if self._thread is None and not self._closing:
            self._want(self.choice, self.path)

    def predict(self, source: Source, requested_at: float | None = None) -> None:
        """Asks what `source` is; `answered` tells. `requested_at` is `time.perf_counter()`, now by default."""
        if requested_at is None:
            requested_at = time.perf_counter()
        with self._condition:
            if self._closing:
                return
            self._number += 1
            if isinstance(source, Sketch) and not source.strokes:
                self._request = self._last = None
                self._oldest_shown = self._number
                blank = True
            else:
                self._request = self._last = _Request(self._number, source, requested_at)
                self._condition.notify()
                blank = False
        if blank:
            self.answered.emit(Answer(BLANK, None, requested_at))
        else:
            self.start()

    def follow_newest(self) -> None:
        """Answers with the digit network trained last, now and after each epoch to come."""
        self._choose(Weights.NEWEST, self._newest)

    def use_shipped(self) -> None:
        self._choose(Weights.SHIPPED, None)

    def use_weights(self, path: Path) -> None:
        """Answers with the weights in a file, or with the newest of a run's folder, until another choice is made."""
        self._choose(Weights.CHOSEN, path)

    def offer_newest(self, path: Path) -> None:
        """Tells of weights that a digit network has just got; they answer where the newest are followed."""
        self._newest = path
        if self.choice is Weights.NEWEST:
            self._choose(Weights.NEWEST, path)

    def shutdown(self) -> None:
        """Waits for the running prediction and ends the thread; nothing is answered afterwards."""
        with self._condition:
            self._closing = True
            self._request = self._last = self._wanted = None
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _choose(self, choice: Weights, path: Path | None) -> None:
        self.choice, self.path = choice, path
        self._want(choice, path)

    def _want(self, choice: Weights, path: Path | None) -> None:
        with self._condition:
            if self._closing:
                return
            self._wanted = (choice, path)
            self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="predictions")
            self._thread.start()

    # In the thread

    def _loop(self) -> None:
        answering: Answering | None = None
        trouble = ""
        while True:
            with self._condition:
                while not (self._closing or self._wanted or self._request):
                    self._condition.wait()
                if self._closing:
                    return
                wanted, self._wanted = self._wanted, None
                request, self._request = self._request, None
            if wanted is not None:
                loaded, sentence = self._read(wanted)
                if loaded is not None:
                    answering, trouble = loaded, ""
                    self._tell(self._loaded, wanted, loaded.title)
                else:
                    trouble = sentence if answering is None else ""
                    self._tell(self._refused, wanted, sentence)
                with self._condition:
                    if self._closing:
                        return
                    # What is on the pad is answered again by the new weights.
                    if self._request is None and request is None and self._last is not None and loaded is not None:
                        request = _Request(self._last.number, self._last.source, time.perf_counter())
                    elif self._request is not None:
                        request, self._request = self._request, None
            if request is not None:
                self._answer(request, answering, trouble)

    def _read(self, wanted: tuple[Weights, Path | None]) -> tuple[Answering | None, str]:
        try:
            return self._load(*wanted), ""
        except (ValueError, OSError, RuntimeError, ImportError) as error:
            _log.info("weights could not be read", exc_info=True)
            return None, str(error)
        except Exception as error:  # noqa: BLE001 - the thread must live on to answer the next request
            _log.exception("unexpected failure while weights were read")
            return None, f"unexpected {type(error).__name__} while weights were read: {error}; details are in the log"

    def _answer(self, request: _Request, answering: Answering | None, trouble: str) -> None:
        try:
            digit = as_digit(request.source)
            if digit is None:
                answer = Answer(BLANK, None, request.requested_at)
            else:
                prediction = None if answering is None else answering.predict(digit)
                answer = Answer(_frozen(digit), prediction, request.requested_at)
        except (ValueError, OSError, RuntimeError) as error:
            _log.info("a prediction failed", exc_info=True)
            self._tell(self._stumbled, str(error))
        except Exception as error:  # noqa: BLE001 - the thread must live on to answer the next request
            _log.exception("unexpected failure in a prediction")
            sentence = f"unexpected {type(error).__name__} in a prediction: {error}; details are in the log"
            self._tell(self._stumbled, sentence)
        else:
            self._tell(self._computed, request.number, answer)
            if answering is None and trouble and not answer.is_blank:
                self._tell(self._stumbled, trouble)

    def _tell(self, signal: Any, *values: object) -> None:
        if not self._closing:
            signal.emit(*values)

    # Back in the UI thread

    def _on_computed(self, number: int, answer: Answer) -> None:
        if not self._closing and number >= self._oldest_shown:
            self._oldest_shown = number
            self.answered.emit(answer)

    def _on_loaded(self, wanted: tuple[Weights, Path | None], title: str) -> None:
        if not self._closing:
            self.title = title
            self._answering = wanted
            self.weights_changed.emit(title)

    def _on_refused(self, wanted: tuple[Weights, Path | None], sentence: str) -> None:
        if self._closing:
            return
        if wanted == (self.choice, self.path) and self._answering is not None:
            # The weights before still answer, so the choice is theirs again.
            self.choice, self.path = self._answering
            self.weights_changed.emit(self.title)
        self.failed.emit(sentence)

    def _on_stumbled(self, sentence: str) -> None:
        if not self._closing:
            self.failed.emit(sentence)
