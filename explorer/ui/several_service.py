"""Several networks answer what is on the pad, in a thread of their own: each for itself, and together."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from explorer.data.sketch import Sketch
from explorer.inference.ensemble import Ensemble, grouped, together
from explorer.inference.mask_answer import MaskAnswer
from explorer.inference.prediction import Prediction
from explorer.ui.answering import Answering, Choice, Weights, load_weights

if TYPE_CHECKING:
    from explorer.ui.answering import Load, Source

_log = logging.getLogger(__name__)

MOST = 8
"""Networks side by side: more cannot be taken in, and large ones fill the memory."""


@dataclass(frozen=True)
class Spoken:
    """What one network says; `problem` is a sentence where it cannot."""

    path: Path
    title: str
    answer: Prediction | MaskAnswer | None = None
    problem: str = ""


@dataclass(frozen=True)
class Joint:
    """What some of them say together; `paths` are theirs."""

    paths: tuple[Path, ...]
    ensemble: Ensemble


@dataclass(frozen=True)
class SeveralAnswer:
    """What all say of one input, in the order in which they were added; answers are None for a blank sheet."""

    spoken: tuple[Spoken, ...]
    joint: tuple[Joint, ...] = ()


class SeveralService(QObject):
    """Answers the newest input by each of the chosen networks; lives in the UI thread.

    Networks are weights files, epochs of runs, or folders of runs (their best epoch). Nothing is computed while nobody
    watches.
    """

    members_changed = Signal()
    answered = Signal(object)  # SeveralAnswer
    failed = Signal(str)  # one sentence

    _computed = Signal(object, object)  # number of the request, SeveralAnswer

    def __init__(self, load: Load | None = None, parent: QObject | None = None) -> None:
        """`load` reads weights in the thread."""
        super().__init__(parent)
        self._load = load or load_weights
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._members: tuple[Path, ...] = ()
        self._source: Source | None = None
        self._number = 0
        self._done = 0
        self._oldest = 0
        self._is_watched = False
        self._closing = False
        self._computed.connect(self._on_computed, Qt.ConnectionType.QueuedConnection)

    @property
    def members(self) -> tuple[Path, ...]:
        return self._members

    def add(self, path: Path) -> None:
        """Adds a network; one that is there already stays once."""
        if path in self._members:
            return
        if len(self._members) >= MOST:
            self.failed.emit(f"{MOST} networks answer at once; remove one first")
            return
        self.set_members((*self._members, path))

    def remove(self, path: Path) -> None:
        self.set_members(tuple(each for each in self._members if each != path))

    def set_members(self, paths: tuple[Path, ...]) -> None:
        """Asks these networks from now on."""
        with self._condition:
            self._members = tuple(dict.fromkeys(paths))[:MOST]
            self._number += 1
            self._oldest = self._number
        self.members_changed.emit()
        self._wake()

    def set_input(self, source: object) -> None:
        """Takes what lies on the pad, as `InputPanel.source_changed` tells it."""
        is_blank = isinstance(source, Sketch) and not source.strokes
        with self._condition:
            if self._closing or (is_blank and self._source is None):
                return
            self._source = None if is_blank else source  # type: ignore[assignment]
            self._number += 1
            if is_blank:
                self._oldest = self._number
        self._wake()

    def watch(self, *, is_watched: bool) -> None:
        """Says whether anybody sees the answers."""
        self._is_watched = is_watched
        self._wake()

    def shutdown(self) -> None:
        """Waits for the networks at work and ends the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        if not self._is_watched or self._closing:
            return
        with self._condition:
            if self._thread is None and self._members:
                self._thread = threading.Thread(target=self._loop, name="several")
                self._thread.start()
            self._condition.notify()

    # In the thread

    def _loop(self) -> None:
        known: dict[Path, tuple[int, Answering | str]] = {}  # with the file's time
        while True:
            with self._condition:
                while not (self._closing or (self._is_watched and self._done < self._number)):
                    self._condition.wait()
                if self._closing:
                    return
                number, members, source = self._number, self._members, self._source
                self._done = number
            # What is no longer asked lets go of its memory.
            known = {path: known[path] for path in members if path in known}
            spoken: list[Spoken] = []
            for path in members:
                stamp = _stamp(path)
                if path not in known or known[path][0] != stamp:
                    known[path] = stamp, self._read(path)
                spoken.append(_said(path, known[path][1], source))
                with self._condition:
                    is_stale = self._closing or self._members != members
                if is_stale:
                    break
            else:
                self._computed.emit(number, _joined(tuple(spoken)))

    def _read(self, path: Path) -> Answering | str:
        try:
            return self._load(Choice(Weights.CHOSEN, path, None))
        except (ValueError, OSError, RuntimeError, ImportError) as error:
            _log.info("weights could not be read", exc_info=True)
            return str(error)
        except Exception as error:  # noqa: BLE001 - one network that fails costs the others nothing
            _log.exception("unexpected failure while weights were read")
            return f"unexpected {type(error).__name__} while weights were read: {error}; details are in the log"

    def _on_computed(self, number: int, answer: SeveralAnswer) -> None:
        if not self._closing and number >= self._oldest:
            self._oldest = number
            self.answered.emit(answer)


def _stamp(path: Path) -> int:
    """Differs where other weights lie at the path; of a run's folder, where it has another epoch."""
    try:
        weights = path / "weights"
        return (weights if weights.is_dir() else path).stat().st_mtime_ns
    except OSError:
        return 0


def _said(path: Path, network: Answering | str, source: Source | None) -> Spoken:
    if isinstance(network, str):
        return Spoken(path, path.name, problem=network)
    if source is None:
        return Spoken(path, network.title)
    try:
        seen = network.see(source)
        return Spoken(path, network.title, None if seen is None else network.answer_to(source, seen))
    except (ValueError, OSError, RuntimeError) as error:
        return Spoken(path, network.title, problem=str(error))
    except Exception as error:  # noqa: BLE001 - as above
        _log.exception("unexpected failure in a prediction")
        return Spoken(path, network.title, problem=f"unexpected {type(error).__name__}: {error}")


def _joined(spoken: tuple[Spoken, ...]) -> SeveralAnswer:
    answers = [each.answer if isinstance(each.answer, Prediction) else None for each in spoken]
    joint = []
    for places in grouped(answers):
        voting = [answer for answer in (answers[place] for place in places) if answer is not None]
        joint.append(Joint(tuple(spoken[place].path for place in places), together(voting)))
    return SeveralAnswer(spoken, tuple(joint))
