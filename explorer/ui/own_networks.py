"""Opening networks of the user's own: read in the background, asked for what they need, remembered."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from explorer.networks.architecture import Architecture
from explorer.system.download import Cancelled
from explorer.ui.worker import Worker

MOST_REMEMBERED = 12
# What can hold a network of the user's own, as `explorer.foreign` reads it.
CODE, WEIGHTS, EXPORTED = (".py",), (".safetensors", ".pt", ".pth"), (".pt2",)
PATTERNS = "Networks (*.py *.pt2 *.pt *.pth *.safetensors)"


@dataclass(frozen=True)
class Question:
    """What must be known before a network can be built: one of `choices`, or values for the arguments `names`."""

    spec: str
    sentence: str
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A network that was read; `spec` is the text that names it, `is_weights` says that the file holds weights."""

    spec: str
    architecture: Architecture
    options: Any
    is_weights: bool
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class _Request:
    spec: str
    given: dict[str, str]
    ended: threading.Event = field(default_factory=threading.Event)


class OwnNetworks(QObject):
    """Reads what the user opens in a thread (and there in a child process); the newest request wins.

    `recent` lists what was opened lately as (text that names it, title), the newest first. Call `shutdown` before the
    window goes.
    """

    opened = Signal(object)  # Opened
    asked = Signal(object)  # Question
    failed = Signal(str, str)  # the text that names it, one or two sentences
    reading_changed = Signal(str, object)  # what is being read, in words, and the share done or None; "" at the end
    recent_changed = Signal()

    _progressed = Signal(object, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._request: _Request | None = None
        self._recent: list[tuple[str, str, dict[str, str]]] = []
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)

    @property
    def recent(self) -> tuple[tuple[str, str], ...]:
        return tuple((spec, title) for spec, title, _ in self._recent)

    @property
    def is_reading(self) -> bool:
        return self._request is not None

    def open(self, spec: str, given: Mapping[str, str] | None = None) -> None:
        """Reads the network that a text such as "path/to/file.py:ClassName" names.

        Without `given` arguments it is built with those that it was built with before.
        """
        if given is None:
            given = next((kept for known, _, kept in self._recent if known == spec), {})
        if self._request is not None:
            self._request.ended.set()
        request = self._request = _Request(spec, dict(given))
        self.reading_changed.emit(f"Reading {_file(spec).name}", None)
        if self._worker is None:
            self._worker = Worker("read own network", self)
        self._worker.submit(
            lambda: self._read(request),
            lambda answer: self._take(request, answer),
            lambda sentence: self._fail(request, sentence),
        )

    def cancel(self) -> None:
        """Gives up what is being read."""
        request = self._request
        if request is not None:
            request.ended.set()
            self._fail(request, f"Reading {_file(request.spec).name} was cancelled.")

    def state(self) -> list[dict[str, Any]]:
        """What to remember, fit for JSON."""
        return [{"spec": spec, "title": title, "given": given} for spec, title, given in self._recent]

    def restore(self, state: Any) -> None:
        """Takes back what `state` gave; what does not fit is left out."""
        for stored in state if isinstance(state, list) else ():
            if not isinstance(stored, dict):
                continue
            spec, title, given = stored.get("spec"), stored.get("title"), stored.get("given")
            if isinstance(spec, str) and isinstance(title, str) and spec:
                kept = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
                self._recent.append((spec, title, kept))
        del self._recent[MOST_REMEMBERED:]
        self.recent_changed.emit()

    def forget(self, spec: str) -> None:
        """Takes a network off the list of recent ones."""
        self._recent = [kept for kept in self._recent if kept[0] != spec]
        self.recent_changed.emit()

    def shutdown(self) -> None:
        """Gives up what is being read and ends the thread."""
        if self._request is not None:
            self._request.ended.set()
        if self._worker is not None:
            self._worker.shutdown()

    # In the thread

    def _read(self, request: _Request) -> Opened | Question | None:
        # What reads foreign files is imported with the first of them, so that the window is up sooner.
        from explorer import foreign  # noqa: PLC0415

        def progress(words: str, share: float | None) -> None:
            self._progressed.emit(request, words, share)

        try:
            architecture, options = foreign.open_own(
                request.spec, request.given, progress=progress, cancelled=request.ended.is_set
            )
        except Cancelled:
            return None
        except foreign.ArgumentsNeededError as error:
            return Question(request.spec, str(error).split(":", maxsplit=1)[0], names=error.names, given=request.given)
        except foreign.SeveralNetworksError as error:
            sentence = f"{_file(request.spec).name} defines several networks."
            return Question(request.spec, sentence, choices=error.names)
        is_weights = _file(request.spec).suffix.lower() in WEIGHTS
        return Opened(request.spec, architecture, options, is_weights, request.given)

    # Back in the UI thread

    def _on_progress(self, request: _Request, words: str, share: float | None) -> None:
        if request is self._request:
            self.reading_changed.emit(f"Reading {_file(request.spec).name}: {words}", share)

    def _take(self, request: _Request, answer: Opened | Question | None) -> None:
        if request is not self._request or answer is None:
            return
        self._request = None
        self.reading_changed.emit("", None)
        if isinstance(answer, Question):
            self.asked.emit(answer)
            return
        if not answer.is_weights:
            self._remember(answer)
        self.opened.emit(answer)

    def _remember(self, opened: Opened) -> None:
        title = opened.architecture.title
        kept = [known for known in self._recent if known[0] != opened.spec]
        self._recent = [(opened.spec, title, dict(opened.given)), *kept][:MOST_REMEMBERED]
        self.recent_changed.emit()

    def _fail(self, request: _Request, sentence: str) -> None:
        if request is self._request:
            self._request = None
            self.reading_changed.emit("", None)
            self.failed.emit(request.spec, sentence)


def is_own_file(path: Path) -> bool:
    """Whether a file, or a class in one ("net.py:Net"), is one that networks are read from, going by its name."""
    return _file(str(path)).suffix.lower() in (*CODE, *WEIGHTS, *EXPORTED)


def _file(spec: str) -> Path:
    """The file that a text names, without the class behind a colon."""
    found = re.fullmatch(r"(.+?\.py)(?::.*)?", spec, re.IGNORECASE | re.DOTALL)
    return Path(found[1] if found else spec)
