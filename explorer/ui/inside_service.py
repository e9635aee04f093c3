"""Looks into the network on screen for every panel that shows what goes on in it, with the input on the pad."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from explorer.data.sketch import Sketch
from explorer.data.steps import Adjusted
from explorer.system import turns
from explorer.ui.answering import Subject as PadSubject
from explorer.ui.inside_subject import UNTRAINED, Found, Stopped, Subject, SubjectInfo, Wish, find, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.edits import Edit
    from explorer.inference.predictor import Predictor
    from explorer.structure.graph import Graph
    from explorer.ui.answering import Source
    from explorer.ui.prediction_service import PredictionService
    from explorer.ui.session import Session

__all__ = ["UNTRAINED", "InsideService", "Stopped", "Subject", "SubjectInfo"]

_log = logging.getLogger(__name__)
T = TypeVar("T")

# How long the input has to stay as it is before work `when_still` begins.
STILL_S = 0.25
# Work that takes no longer comes to its end although there is a newer input: where it began anew at each move of the
# pen, 125 a second, a third of LeNet-5's thumbnails were never seen.
_SHORT_S = 0.05


@dataclass(frozen=True, eq=False)
class _Request:
    number: int
    key: str
    work: Callable[[Subject], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None] | None
    when_still: bool
    needs_input: bool = True


@dataclass(frozen=True, eq=False)
class _Input:
    number: int
    source: Source | None
    since: float
    edits: tuple[Edit, ...] = ()


class InsideService(QObject):
    """Runs what panels ask about the network on screen and the input on the pad; lives in the UI thread.

    One thread works off one request for each key, the newest one. Every answer is of one input and of one network;
    those of older ones are delivered while the pen moves, but never after a newer one, after a blank sheet or after
    another network. A panel that is in sight asks at `subject_changed` and at `input_changed`; requests made while
    `is_ready` is false are passed over. One that asks another question than before calls `forget` first, or the answer
    to the earlier one may still come.
    """

    subject_changed = Signal(object)  # SubjectInfo, or None: nothing to look into, and `reason` says why
    input_changed = Signal()  # another input, or none, lies on the pad

    _found = Signal(object, object)  # number of the wish, Found
    _finished = Signal(object, object, object, object, object)  # _Request, wish, input, answer, sentence or None

    def __init__(self, session: Session, pad: PredictionService | None = None, parent: QObject | None = None) -> None:
        """`pad` says which weights answer what is drawn."""
        super().__init__(parent)
        self._session = session
        self._pad = pad
        self.info: SubjectInfo | None = None
        self.reason = "No network yet. Choose one in the catalogue."
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._wish: Wish | None = None
        self._is_found = True  # the wish has been looked into, or there is none
        self._input = _Input(0, None, 0.0)
        self._requests: dict[str, _Request] = {}
        self._number = 0
        self._forgotten: dict[str, int] = {}
        self._oldest = 0  # answers to inputs before this one are of no use
        queued = Qt.ConnectionType.QueuedConnection
        self._found.connect(self._on_found, queued)
        self._finished.connect(self._on_finished, queued)
        session.architecture_changed.connect(self._on_architecture)
        session.graph_changed.connect(self._on_graph)
        session.graph_failed.connect(self._on_no_graph)
        session.weights_chosen.connect(self.refresh)
        if pad is not None:
            pad.weights_changed.connect(self.refresh)
        if session.graph is not None:
            self._on_graph(session.graph)

    @property
    def has_input(self) -> bool:
        """Whether something lies on the pad."""
        return self._input.source is not None

    @property
    def is_ready(self) -> bool:
        """Whether there is a network to look into and an input for it."""
        return self.info is not None and self.has_input

    def set_input(self, source: object) -> None:
        """Takes what lies on the pad, as `InputPanel.source_changed` tells it."""
        if self._closing:
            return
        drawn = source.source if isinstance(source, Adjusted) else source
        blank = isinstance(drawn, Sketch) and not drawn.strokes
        if blank and not self.has_input:
            return
        with self._condition:
            kept = None if blank else cast("Source", source)
            self._input = _Input(self._input.number + 1, kept, time.monotonic(), self._input.edits)
            if blank:
                self._requests = {key: each for key, each in self._requests.items() if not each.needs_input}
                self._oldest = self._input.number
        self.input_changed.emit()

    def set_edits(self, edits: tuple[Edit, ...]) -> None:
        """Looks at outputs with these edits of the network in force, as if another input were there."""
        if self._closing or edits == self._input.edits:
            return
        with self._condition:
            self._input = replace(self._input, number=self._input.number + 1, edits=edits)
            self._oldest = self._input.number
        self.input_changed.emit()

    def ask(
        self,
        key: str,
        work: Callable[[Subject], T],
        done: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
        *,
        when_still: bool = False,
        needs_input: bool = True,
    ) -> None:
        """Runs `work` in the thread with the newest input, then `done` here with its frozen answer, or `failed`.

        A request of the same key that still waits is replaced. With `when_still` it waits until the input has stayed
        the same for a moment: for work that takes a good part of a second. Work that looks at the weights alone runs
        without `needs_input`; it finds a black image where nothing lies on the pad.
        """
        if self._closing or self.info is None or (needs_input and not self.has_input):
            return
        with self._condition:
            self._number += 1
            self._requests[key] = _Request(self._number, key, work, done, failed, when_still, needs_input)
            self._start()

    def forget(self, key: str) -> None:
        """A panel no longer wants its answer: the request is dropped, and the answer of one that runs."""
        with self._condition:
            self._requests.pop(key, None)
            self._forgotten[key] = self._number

    def refresh(self, *_: object) -> None:
        """Looks for weights again: there may be better ones for the network on screen."""
        graph = self._session.graph
        if graph is not None and graph.failure is None:
            self._look()

    def shutdown(self) -> None:
        """Waits for the running piece of work and ends the thread; nothing is answered afterwards."""
        with self._condition:
            self._closing = True
            self._requests.clear()
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    # What the session says

    def _on_architecture(self, architecture: Any, _options: object) -> None:
        """What is asked is of the network before: nothing of it is to be shown any more."""
        self._drop(f"Reading {architecture.title}…")

    def _on_graph(self, graph: Graph) -> None:
        if graph.failure is not None:
            self._drop(graph.failure.reason)
            self.subject_changed.emit(None)
            return
        self._look()

    def _on_no_graph(self, sentence: str) -> None:
        self._drop(sentence)
        self.subject_changed.emit(None)

    def _drop(self, reason: str) -> None:
        with self._condition:
            self._number += 1
            self._wish, self._is_found = None, True
            self._requests.clear()
        self.info, self.reason = None, reason

    def _look(self) -> None:
        session, pad = self._session, self._pad
        if self._closing or session.architecture is None:
            return
        choices: tuple[Any, ...] = ()
        if pad is not None:
            choices = tuple(pad.chosen(each) for each in sorted(PadSubject, key=lambda each: each is not pad.subject))
        with self._condition:
            self._number += 1
            self._wish = Wish(
                self._number, session.architecture, session.options, session.input_shape, choices, session.weights
            )
            self._is_found = False
            self._start()

    def _start(self) -> None:
        """With the lock held."""
        self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="inside")
            self._thread.start()

    # In the thread

    def _loop(self) -> None:
        bench = _Bench()
        while True:
            with self._condition:
                request = self._next()
                while not (self._closing or not self._is_found or request is not None):
                    self._condition.wait(self._patience())
                    request = self._next()
                if self._closing:
                    return
                wish, source = self._wish, self._input
                looks, self._is_found = not self._is_found, True
                if not looks and request is not None:
                    del self._requests[request.key]
            if wish is None:
                continue
            if looks:
                self._tell(self._found, wish.number, bench.look(wish))
            elif request is not None:
                self._work(bench, request, wish, source)

    def _next(self) -> _Request | None:
        """The oldest request that may run now; with the lock held."""
        is_still = time.monotonic() - self._input.since >= STILL_S
        waiting = (each for each in self._requests.values() if is_still or not each.when_still)
        return min(waiting, key=lambda each: each.number, default=None)

    def _patience(self) -> float | None:
        if not self._requests:
            return None
        return max(0.001, self._input.since + STILL_S - time.monotonic())

    def _work(self, bench: _Bench, request: _Request, wish: Wish, source: _Input) -> None:
        begun = time.monotonic()

        def stopped() -> bool:
            if self._closing or self._wish is not wish or self._forgotten.get(request.key, 0) >= request.number:
                return True
            if not request.needs_input or self._input is source or time.monotonic() - begun < _SHORT_S:
                return False
            # Of two pieces one comes to its end, so that something is seen while the pen moves.
            return request.key not in bench.gave_up

        answer, sentence = None, None
        try:
            subject = bench.subject(wish, source, needs_input=request.needs_input)
            if subject is None:
                return
            with turns.short():
                answer = request.work(replace(subject, stopped=stopped))
            bench.gave_up.discard(request.key)
        except Stopped:
            bench.gave_up.add(request.key)
            return
        except (ValueError, OSError, RuntimeError, ImportError) as error:
            _log.info("looking inside failed", exc_info=True)
            sentence = str(error)
        except MemoryError:
            sentence = "there is not enough memory for this"
        except Exception as error:  # noqa: BLE001 - the thread must live on to answer the next request
            _log.exception("unexpected failure in looking inside")
            sentence = f"unexpected {type(error).__name__} in looking inside: {error}; details are in the log"
        self._tell(self._finished, request, wish.number, source.number, answer, sentence)

    def _tell(self, signal: Any, *values: object) -> None:
        if not self._closing:
            signal.emit(*values)

    # Back in the UI thread

    def _on_found(self, number: int, found: Found) -> None:
        wish = self._wish
        if self._closing or wish is None or wish.number != number:
            return
        self.info, self.reason = found.info, found.reason
        self.subject_changed.emit(found.info)

    def _on_finished(
        self, request: _Request, wish_number: int, input_number: int, answer: Any, sentence: str | None
    ) -> None:
        wish = self._wish
        if self._closing or wish is None or wish.number != wish_number:
            return
        if request.needs_input and input_number < self._oldest:
            return
        if self._forgotten.get(request.key, 0) >= request.number:
            return
        if sentence is None:
            request.done(answer)
        elif request.failed is not None:
            request.failed(sentence)
        else:
            _log.info("%s: %s", request.key, sentence)


class _Bench:
    """What lies ready in the thread: the network, its graph and the input as the network sees it."""

    def __init__(self) -> None:
        self.gave_up: set[str] = set()  # keys whose last piece of work ended early
        self._found: tuple[int, Found] | None = None
        self._stamp: tuple[Any, ...] = ()
        self._loaded: tuple[Predictor, Graph] | None = None
        self._trouble = ""
        self._seen: tuple[int, Predictor, NDArray[np.uint8] | None] | None = None
        self._shelf: dict[str, Any] = {}

    def look(self, wish: Wish) -> Found:
        try:
            found = find(wish)
        except Exception as error:  # noqa: BLE001 - whatever the disk holds, the thread lives on
            _log.exception("unexpected failure while weights were looked for")
            found = Found(None, reason=f"unexpected {type(error).__name__}: {error}; details are in the log")
        self._found = wish.number, found
        if found.stamp != self._stamp:
            # The memory is given back before the next network needs it.
            self._loaded, self._seen, self._trouble, self._shelf = None, None, "", {}
            self._stamp = found.stamp
        return found

    def subject(self, wish: Wish, source: _Input, *, needs_input: bool = True) -> Subject | None:
        """What is looked into; None where there is nothing.

        Raises:
            ValueError: the network cannot be read or does not run on such an input.
        """
        if self._found is None or self._found[0] != wish.number or (needs_input and source.source is None):
            return None
        found = self._found[1]
        if found.info is None:
            return None
        if self._trouble:
            raise ValueError(self._trouble)
        if self._loaded is None:
            try:
                self._loaded = load(found)
            except (ValueError, OSError, RuntimeError, ImportError) as error:
                self._trouble = str(error)
                raise
        predictor, graph = self._loaded
        if self._seen is None or self._seen[0] != source.number:
            suited, seen = predictor, None
            if source.source is not None:
                suited = predictor.for_input(source.source)
                seen = suited.see(source.source)
            if seen is not None:
                seen.setflags(write=False)
            self._seen = source.number, suited, seen
        _, suited, seen = self._seen
        if needs_input:
            # What looks at the weights alone gets the network with its own preprocessing.
            predictor = suited
        if seen is None:
            if needs_input:
                return None
            seen = np.zeros(predictor.seen_shape, np.uint8)
        title, trained = found.info.title, found.info.trained
        return Subject(predictor, seen, graph, title, trained, shelf=self._shelf, edits=source.edits)
