"""The personal set as the window has it: read and written in a thread, told to all who show it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from explorer.data.personal import PersonalDrawing, PersonalSet, drawing_of
from explorer.system.download import Cancelled
from explorer.ui.numbers import plural

if TYPE_CHECKING:
    from explorer.ui.answering import Source


class PersonalStore(QObject):
    """Keeps, deletes, brings back, exports and imports drawings; lives in the UI thread.

    What is asked is done one after the other in a thread that lives while there is something to do. `drawings` is what
    the set holds, oldest first.
    """

    changed = Signal()  # `drawings` is another one
    kept = Signal(str, int)  # name and digit of a drawing that was just kept
    failed = Signal(str)  # one sentence
    told = Signal(str)  # one sentence about what was done

    _done = Signal(object, object, object)  # what to call with the answer, the answer, a sentence or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drawings: tuple[PersonalDrawing, ...] = ()
        self._set: PersonalSet | None = None
        self._undo: list[Callable[[PersonalSet], Any]] = []  # what takes each change back
        self._waiting: list[tuple[Callable[[PersonalSet], Any], Callable[[Any], None]]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(drawing.name for drawing in self.drawings)

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    def refresh(self) -> None:
        """Reads the set anew."""
        self._ask(lambda _personal: None, lambda _nothing: None)

    def keep(self, source: Source, label: int) -> None:
        """Keeps what was drawn as that digit."""

        def told(drawing: PersonalDrawing) -> None:
            self.kept.emit(drawing.name, drawing.label)

        self._ask(lambda personal: personal.add(drawing_of(source, label)), told)

    def delete(self, names: Iterable[str]) -> None:
        """Takes drawings out of the set; `undo` brings them back."""
        wanted = tuple(names)

        def gone(deleted: tuple[str, ...]) -> None:
            if deleted:
                self._undo.append(lambda personal: personal.restore(deleted))
                count = len(deleted)
                self.told.emit(f"{count} {'drawing was' if count == 1 else 'drawings were'} deleted; undo brings back")

        self._ask(lambda personal: personal.delete(wanted), gone)

    def undo(self) -> None:
        """Takes the last deletion or change back."""
        if self._undo:
            self._ask(self._undo.pop(), lambda _done: None)

    def relabel(self, name: str, label: int) -> None:
        """Says what a drawing was meant as; `undo` takes it back."""

        def changed(before: int) -> None:
            if before != label:
                self._undo.append(lambda personal: personal.relabel(name, before))

        self._ask(lambda personal: personal.relabel(name, label), changed)

    def export(self, folder: Path) -> None:
        """Writes all drawings as PNG files, a sub-folder a digit."""

        def write(personal: PersonalSet) -> int:
            from explorer.data.personal_files import export  # noqa: PLC0415 - Pillow, only where it is needed

            return export(personal.drawings(), folder)

        self._ask(write, lambda count: self.told.emit(f"{plural(count, 'drawing is', 'drawings are')} in {folder}"))

    def take_in(self, folder: Path) -> None:
        """Adds the pictures in a folder's sub-folders 0 to 9."""

        def read(personal: PersonalSet) -> tuple[int, tuple[str, ...]]:
            from explorer.data.personal_files import imported  # noqa: PLC0415 - Pillow, only where it is needed

            drawings, faults = imported(folder, lambda: self._closing)
            for drawing in drawings:
                if self._closing:
                    raise Cancelled
                personal.add(drawing)
            return len(drawings), faults

        def told(answer: tuple[int, tuple[str, ...]]) -> None:
            count, faults = answer
            missing = f"; {plural(len(faults), 'picture')} could not be read: {faults[0]}" if faults else ""
            self.told.emit(f"{plural(count, 'drawing was', 'drawings were')} added from {folder.name}{missing}")

        self._ask(read, told)

    def shutdown(self) -> None:
        """Waits for what is being written."""
        with self._lock:
            self._closing = True
            # A correction that was made is kept, however fast the window closes.
            thread = self._thread
        if thread is not None:
            thread.join()

    def _ask(self, work: Callable[[PersonalSet], Any], told: Callable[[Any], None]) -> None:
        with self._lock:
            if self._closing:
                return
            self._waiting.append((work, told))
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="personal set")
                self._thread.start()

    def _loop(self) -> None:
        if self._set is None:
            self._set = PersonalSet()
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                work, told = self._waiting.pop(0)
            try:
                answer, sentence = work(self._set), None
            except (ValueError, OSError, RuntimeError) as error:
                answer, sentence = None, str(error)
            except Cancelled:
                continue
            drawings = self._set.drawings()
            if not self._closing:
                self._done.emit(told, (answer, drawings, self._set.faults), sentence)

    def _deliver(
        self,
        told: Callable[[Any], None],
        found: tuple[Any, tuple[PersonalDrawing, ...], tuple[str, ...]],
        sentence: str | None,
    ) -> None:
        if self._closing:
            return
        answer, drawings, faults = found
        is_first_fault = bool(faults) and not self.drawings
        self.drawings = drawings
        if sentence is None:
            told(answer)
        self.changed.emit()
        if sentence is not None:
            self.failed.emit(sentence)
        elif is_first_fault:
            self.failed.emit(faults[0])
