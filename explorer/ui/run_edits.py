"""Deleting, restoring and annotating runs off the UI thread, each of which can be undone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from explorer.runs import notes as run_notes
from explorer.runs import trash
from explorer.runs.notes import RunNotes
from explorer.runs.run_folder import Run
from explorer.ui import numbers


@dataclass
class _Step:
    """What was done, and what undoes it: deletions that follow each other are one step."""

    what: str
    undo: list[Callable[[], None]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return f"Deleted {numbers.plural(len(self.undo), 'run')}." if self.what == "delete" else self.what


class RunEdits:
    """A queue of work that is carried out by `perform`, in another thread, and a history that `undo` goes back in.

    Methods other than `perform` belong to the UI thread.
    """

    def __init__(self) -> None:
        self._work: deque[Callable[[], None]] = deque()
        self._steps: list[_Step] = []
        self.complaints: deque[str] = deque()

    @property
    def undo_text(self) -> str:
        """What `undo` would take back, in words; "" where there is nothing."""
        return self._steps[-1].text if self._steps else ""

    def delete(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._work.append(partial(self._delete, run.folder))

    def annotate(self, runs: Sequence[Run], change: Callable[[RunNotes], RunNotes], what: str) -> None:
        """Changes what was said of runs; `what` says it in words, as "Renamed the run."."""
        self._work.append(partial(self._annotate, [run.folder for run in runs], change, what))

    def undo(self) -> None:
        if self._steps:
            self._work.extend(self._steps.pop().undo)

    def perform(self) -> None:
        """Does all that waits; what went wrong is said in `complaints`."""
        while self._work:
            work = self._work.popleft()
            try:
                work()
            except (ValueError, OSError) as error:
                self.complaints.append(str(error))

    def _delete(self, folder: Path) -> None:
        moved = trash.delete_run(folder)
        if not (self._steps and self._steps[-1].what == "delete"):
            self._steps.append(_Step("delete"))
        self._steps[-1].undo.append(partial(_restore, moved))

    def _annotate(self, folders: list[Path], change: Callable[[RunNotes], RunNotes], what: str) -> None:
        step = _Step(what)
        for folder in folders:
            before = run_notes.write_notes(folder, change(run_notes.read_notes(folder)))
            step.undo.append(partial(_write, folder, before))
        self._steps.append(step)


def _restore(deleted: Path) -> None:
    trash.restore_run(deleted)


def _write(folder: Path, notes: RunNotes) -> None:
    run_notes.write_notes(folder, notes)
