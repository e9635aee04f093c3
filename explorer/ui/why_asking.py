"""Asks the service why, in pieces so short that other panels are answered in between."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from explorer.inference.attribution import Attribution, Method, Question
from explorer.inference.edits import Edit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.inference.explaining import Scored
    from explorer.inference.kinds import Takes
    from explorer.inference.mask_answer import MaskAnswer
    from explorer.ui.inside_service import InsideService, Subject

_WHY, _ANSWERS = "why", "why answers"
# One piece of work; a thumbnail that waits behind it is late by no more than this.
_PIECE_S = 0.03
# Inputs with more values than this are explained in many pieces once the pen rests, not at each of its moves.
_LARGE = 3 * 48 * 48
_SLOW = frozenset({Method.OCCLUSION, Method.INTEGRATED})


@dataclass(frozen=True, eq=False)
class Told:
    """An attribution, what the network saw, what it takes (see `Predictor`) and the classes it knows."""

    attribution: Attribution
    seen: NDArray[np.uint8]
    labels: tuple[str, ...]
    takes: Takes
    whole: bool


@dataclass(frozen=True, eq=False)
class Answers:
    """What the network says, and what its edited copy says; None where nothing is edited."""

    before: Scored | MaskAnswer
    after: Scored | MaskAnswer | None


@dataclass(frozen=True)
class _Piece:
    share: float


class _Job:
    """A question that is being worked on; begun anew for each input. Used in the service's thread only."""

    def __init__(self, question: Question, edits: tuple[Edit, ...]) -> None:
        self._question = question
        self._edits = edits
        self._work: Generator[float, None, Attribution] | None = None
        self._about: tuple[object, object] | None = None

    def piece(self, subject: Subject) -> Told | _Piece:
        # torch is imported off the UI thread.
        from explorer.inference.explaining import explaining  # noqa: PLC0415

        predictor, seen = subject.predictor, subject.seen
        about = (predictor, seen)
        if (
            self._work is None
            or self._about is None
            or any(old is not new for old, new in zip(self._about, about, strict=True))
        ):
            self._about = about
            self._work = explaining(predictor, subject.graph, seen, self._question, self._edits)
        until = time.perf_counter() + _PIECE_S
        share = 0.0
        try:
            while True:
                share = next(self._work)
                if share < 1 and time.perf_counter() >= until:
                    return _Piece(share)
        except StopIteration as end:
            self._work = None
            return Told(end.value, seen, predictor.labels, predictor.takes, predictor.whole)
        except BaseException:
            self._work = None
            raise


class WhyAsking(QObject):
    """Asks one question about each input, until it is told to rest; lives in the UI thread."""

    told = Signal(object)  # Told
    answered = Signal(object)  # Answers
    progressed = Signal(object)  # the share done of long work, None once there is none
    failed = Signal(str)  # one sentence

    def __init__(self, service: InsideService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._job: _Job | None = None
        self._when_still = False
        self._edits: tuple[Edit, ...] = ()

    def ask(self, question: Question, edits: tuple[Edit, ...]) -> None:
        """Asks why about the input on the pad; `again` repeats it for another."""
        info = self._service.info
        self._service.forget(_WHY)
        self._job = _Job(question, edits)
        self._when_still = info is not None and question.method in _SLOW and prod(info.shape) > _LARGE
        self.again()

    @property
    def is_resting(self) -> bool:
        """Whether the question was given up."""
        return self._job is None

    def again(self) -> None:
        """Asks the same about the newest input."""
        job = self._job
        if job is not None:
            self._service.ask(_WHY, job.piece, self._on_piece, self._on_failed, when_still=self._when_still)

    def ask_answers(self, edits: tuple[Edit, ...]) -> None:
        """Asks what the network says, and what it says with the edits."""
        if edits != self._edits:
            self._edits = edits
            self._service.forget(_ANSWERS)
        self._service.ask(_ANSWERS, lambda subject: _answers(subject, edits), self.answered.emit, self.failed.emit)

    def rest(self) -> None:
        """Gives the question up."""
        self._job = None
        self._service.forget(_WHY)
        self.progressed.emit(None)

    def forget(self) -> None:
        """Nobody looks any more."""
        self.rest()
        self._service.forget(_ANSWERS)

    def _on_piece(self, answer: Told | _Piece) -> None:
        if isinstance(answer, _Piece):
            self.progressed.emit(answer.share)
            self.again()
        else:
            self.progressed.emit(None)
            self.told.emit(answer)

    def _on_failed(self, sentence: str) -> None:
        self.progressed.emit(None)
        self.failed.emit(sentence)


def _answers(subject: Subject, edits: tuple[Edit, ...]) -> Answers:
    """Not for the UI thread."""
    from explorer.inference.explaining import scored  # noqa: PLC0415 - torch is imported off the UI thread
    from explorer.inference.surgery import edited  # noqa: PLC0415

    predictor, seen, graph = subject.predictor, subject.seen, subject.graph
    before = scored(predictor, graph, seen)
    if before is not None:
        return Answers(before, scored(predictor, graph, seen, edits) if edits else None)
    marked = predictor.mark(seen)[0]
    if not edits:
        return Answers(marked, None)
    with edited(predictor.network, graph, edits):
        return Answers(marked, predictor.mark(seen)[0])
