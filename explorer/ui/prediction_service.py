"""The object that answers the pad: it keeps predicting while the pen moves, with its own copy of the weights."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from explorer.data.photograph import as_photograph, is_photograph
from explorer.data.sketch import Sketch
from explorer.data.steps import bare
from explorer.inference.kinds import Takes, takes_of_file
from explorer.inference.mask_answer import MaskAnswer
from explorer.system import turns
from explorer.ui.answering import FIRST, Answering, Choice, Subject, Weights, digit_of, load_weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.inference.prediction import Prediction
    from explorer.ui.answering import Load, Source

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Answer:
    """What was seen and what it was taken for.

    `seen` is read-only uint8 [C, H, W], what the network was shown. `prediction` is None where nothing is drawn, where
    no weights could be read, and where the network marked pixels: then there is a `mask`.
    """

    seen: NDArray[np.uint8]
    prediction: Prediction | None
    requested_at: float  # `time.perf_counter()` of the request
    mask: MaskAnswer | None = None
    is_blank: bool = False


def _frozen(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels.setflags(write=False)
    return pixels


BLANK = _frozen(np.zeros((1, 28, 28), np.uint8))
_PHOTOGRAPH_SHAPE = (3, 32, 32)  # shown where no network says what it would see


@dataclass(frozen=True, eq=False)
class _Request:
    number: int
    source: Source
    subject: Subject
    requested_at: float


class PredictionService(QObject):
    """Answers sketches and pictures in a thread of its own; lives in the UI thread.

    Drawings and photographs are answered by weights of their own, each by the newest network for it until others are
    chosen. One request waits at most, the newest. An answer is shown although a newer request waits, so that the bars
    move with the pen, but never after an answer to a newer request, and never after a sheet was cleared. When other
    weights arrive, the last request is answered again by them. A blank sheet is answered at once, without any network.
    """

    answered = Signal(object)  # Answer
    weights_changed = Signal(object)  # str: what answers now, for example "LeNet-5 on MNIST, 99.2 %"
    failed = Signal(str)  # one sentence

    _computed = Signal(object, object)  # number of the request, Answer
    _loaded = Signal(object, object, object)  # Subject, Choice, Answering's title and kind
    _refused = Signal(object, object, object)  # Subject, Choice, a sentence
    _stumbled = Signal(object)  # a sentence

    def __init__(self, load: Load | None = None, parent: QObject | None = None) -> None:
        """`load` reads weights in the thread; without one they are those of the program and of the user's runs."""
        super().__init__(parent)
        self._load = load or load_weights
        self._condition = threading.Condition()
        self._request: _Request | None = None
        self._last: _Request | None = None
        self._wanted: dict[Subject, Choice] = {}
        self._number = 0
        self._oldest_shown = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._newest: dict[Takes, Path] = {}
        self._choices = dict(FIRST)
        self._asked: set[Subject] = set()  # whose weights have been asked for
        self._answering: dict[Subject, tuple[Choice, str]] = {}  # what answers, and its title
        self.subject = Subject.DRAWING
        queued = Qt.ConnectionType.QueuedConnection
        self._computed.connect(self._on_computed, queued)
        self._loaded.connect(self._on_loaded, queued)
        self._refused.connect(self._on_refused, queued)
        self._stumbled.connect(self._on_stumbled, queued)

    @property
    def choice(self) -> Weights:
        """Which weights answer what is on the pad."""
        return self._choices[self.subject].weights

    @property
    def path(self) -> Path | None:
        return self._choices[self.subject].path

    @property
    def title(self) -> str:
        """What answers what is on the pad, "" where nothing does yet."""
        return self._answering[self.subject][1] if self.subject in self._answering else ""

    def chosen(self, subject: Subject) -> Choice:
        """The weights that are to answer a subject."""
        return self._choices[subject]

    def newest(self, takes: Takes) -> Choice:
        """The choice that follows the network of that kind trained last."""
        return Choice(Weights.NEWEST, self._newest.get(takes), takes)

    # Asking

    def start(self) -> None:
        """Starts the thread, which loads torch and the weights; the first request does so too."""
        if self.subject not in self._asked and not self._closing:
            self._want(self.subject)

    def predict(self, source: Source, requested_at: float | None = None) -> None:
        """Asks what `source` is; `answered` tells. `requested_at` is `time.perf_counter()`, now by default."""
        if requested_at is None:
            requested_at = time.perf_counter()
        is_blank = isinstance(source, Sketch) and not source.strokes
        if not is_blank and not self._closing:
            self._turn_to(source)
            # The weights are wanted before the request, so that it is not answered without them.
            self.start()
        with self._condition:
            if self._closing:
                return
            self._number += 1
            if is_blank:
                self._request = self._last = None
                self._oldest_shown = self._number
            else:
                self._request = self._last = _Request(self._number, source, self.subject, requested_at)
                self._condition.notify()
        if is_blank:
            self.answered.emit(Answer(BLANK, None, requested_at, is_blank=True))

    def follow_newest(self, takes: Takes = Takes.DIGITS, *, at_hand: bool = False) -> None:
        """Answers with the network of that kind trained last, now and after each epoch to come.

        With `at_hand` it answers what is on the pad, whatever that is; without, what it is for. A blank pad takes
        drawings.
        """
        self._choose(self.newest(takes), at_hand=at_hand)

    def use_shipped(self, takes: Takes = Takes.DIGITS, *, at_hand: bool = False) -> None:
        self._choose(Choice(Weights.SHIPPED, None, takes), at_hand=at_hand)

    def use_weights(self, path: Path, *, at_hand: bool = False) -> None:
        """Answers with the weights in a file, or with the best of a run's folder, until another choice is made."""
        self._choose(Choice(Weights.CHOSEN, path, takes_of_file(path)), at_hand=at_hand)

    def choose(self, subject: Subject, choice: Choice) -> None:
        """Answers a subject with these weights."""
        self._choices[subject] = choice
        if subject is self.subject or subject in self._asked or self._thread is None:
            self._want(subject)

    def offer_newest(self, path: Path) -> None:
        """Tells of weights that a network has just got; they answer where the newest of their kind are followed."""
        takes = takes_of_file(path) or Takes.DIGITS
        self._newest[takes] = path
        for subject, choice in self._choices.items():
            if choice.weights is Weights.NEWEST and choice.takes is takes:
                self.choose(subject, Choice(Weights.NEWEST, path, takes))

    def shutdown(self) -> None:
        """Waits for the running prediction and ends the thread; nothing is answered afterwards."""
        with self._condition:
            self._closing = True
            self._request = self._last = None
            self._wanted.clear()
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _turn_to(self, source: Source) -> None:
        """Notes what is on the pad; weights that were chosen for an input they are not for go with that input."""
        plain = bare(source)
        is_photo = not isinstance(plain, Sketch) and is_photograph(plain)
        subject = Subject.PHOTOGRAPH if is_photo else Subject.DRAWING
        if subject is self.subject:
            return
        if self.subject is not subject_of(self._choices[self.subject].takes):
            self._choices[self.subject] = self.newest(FIRST[self.subject].takes or Takes.DIGITS)
            self._want(self.subject)
        self.subject = subject
        self.weights_changed.emit(self.title)

    def _choose(self, choice: Choice, *, at_hand: bool) -> None:
        self.choose(self.subject if at_hand and self._last is not None else subject_of(choice.takes), choice)
        if self._last is None and self.subject is not subject_of(choice.takes):
            # Nothing is on the pad: what was chosen is what is shown.
            self.subject = subject_of(choice.takes)
            self.start()
            self.weights_changed.emit(self.title)

    def _want(self, subject: Subject) -> None:
        with self._condition:
            if self._closing:
                return
            self._asked.add(subject)
            self._wanted[subject] = self._choices[subject]
            self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="predictions")
            self._thread.start()

    # In the thread

    def _loop(self) -> None:
        answering: dict[Subject, Answering] = {}
        trouble: dict[Subject, str] = {}
        while True:
            with self._condition:
                while not (self._closing or self._wanted or self._request):
                    self._condition.wait()
                if self._closing:
                    return
                wanted, self._wanted = self._wanted, {}
                request, self._request = self._request, None
            for subject, choice in wanted.items():
                loaded, sentence = self._read(choice)
                if loaded is not None:
                    answering[subject], trouble[subject] = loaded, ""
                    self._tell(self._loaded, subject, choice, loaded.title)
                else:
                    trouble[subject] = "" if subject in answering else sentence
                    self._tell(self._refused, subject, choice, sentence)
                with self._condition:
                    if self._closing:
                        return
                    # What is on the pad is answered again by the new weights.
                    if self._request is not None:
                        request, self._request = self._request, None
                    elif request is None and loaded is not None and self._last and self._last.subject is subject:
                        last = self._last
                        request = _Request(last.number, last.source, last.subject, time.perf_counter())
            if request is not None:
                self._answer(request, answering.get(request.subject), trouble.get(request.subject, ""))

    def _read(self, choice: Choice) -> tuple[Answering | None, str]:
        try:
            return self._load(choice), ""
        except (ValueError, OSError, RuntimeError, ImportError) as error:
            _log.info("weights could not be read", exc_info=True)
            return None, str(error)
        except Exception as error:  # noqa: BLE001 - the thread must live on to answer the next request
            _log.exception("unexpected failure while weights were read")
            return None, f"unexpected {type(error).__name__} while weights were read: {error}; details are in the log"

    def _answer(self, request: _Request, answering: Answering | None, trouble: str) -> None:
        try:
            with turns.short():
                answer = _answered(request, answering)
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

    def _on_loaded(self, subject: Subject, choice: Choice, title: str) -> None:
        if not self._closing:
            self._answering[subject] = (choice, title)
            if subject is self.subject:
                self.weights_changed.emit(title)

    def _on_refused(self, subject: Subject, choice: Choice, sentence: str) -> None:
        if self._closing:
            return
        if choice == self._choices[subject] and subject in self._answering:
            # The weights before still answer, so the choice is theirs again.
            self._choices[subject] = self._answering[subject][0]
            if subject is self.subject:
                self.weights_changed.emit(self.title)
        self.failed.emit(sentence)

    def _on_stumbled(self, sentence: str) -> None:
        if not self._closing:
            self.failed.emit(sentence)


def subject_of(takes: Takes | None) -> Subject:
    """What a network is asked about: those that mark pixels follow the pen."""
    return Subject.PHOTOGRAPH if takes is Takes.PHOTOGRAPHS else Subject.DRAWING


def _answered(request: _Request, answering: Answering | None) -> Answer:
    source, when = request.source, request.requested_at
    if answering is not None:
        seen = answering.see(source)
    elif isinstance(bare(source), Sketch) or request.subject is Subject.DRAWING:
        seen = digit_of(source)
    else:
        seen = as_photograph(bare(source), _PHOTOGRAPH_SHAPE, whole=False)
    if seen is None:
        return Answer(BLANK, None, when, is_blank=True)
    if answering is None:
        return Answer(_frozen(seen), None, when)
    found = answering.answer_to(source, _frozen(seen))
    if isinstance(found, MaskAnswer):
        return Answer(seen, None, when, found)
    return Answer(seen, found, when)
