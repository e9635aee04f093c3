"""The runs that wait for the one under way."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.training.config import TrainingConfig

_log = logging.getLogger(__name__)

# More than these are a fault of all of them.
_MOST_FAILED = 50


@dataclass(frozen=True)
class QueuedRun:
    """A run to be trained by `config`, or to be gone on with in `folder`.

    `group` is the tag that several seeds of one configuration share, "" for none; `number` tells runs apart.
    """

    number: int
    config: TrainingConfig | None = None
    folder: Path | None = None
    group: str = ""


@dataclass(frozen=True)
class FailedRun:
    """A run that was taken from the queue and came to nothing; `why` is a sentence."""

    run: QueuedRun
    why: str


class TrainingQueue(QObject):
    """Runs in the order in which they will be trained; `changed` comes with every change.

    A held queue gives no run: it waits until the user lets it go on. What failed while the queue went on is kept in
    `failed`, the oldest first, until it is tried again or forgotten.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[QueuedRun] = []
        self._removed: list[tuple[int, QueuedRun]] = []  # with their places, newest last
        self._failed: list[FailedRun] = []
        self._number = 0
        self._is_held = False

    @property
    def runs(self) -> tuple[QueuedRun, ...]:
        return tuple(self._runs)

    @property
    def failed(self) -> tuple[FailedRun, ...]:
        return tuple(self._failed)

    @property
    def is_held(self) -> bool:
        return self._is_held

    @property
    def can_undo(self) -> bool:
        return bool(self._removed)

    def add(self, configs: Sequence[TrainingConfig], *, at_front: bool = False) -> None:
        """Appends runs, or puts them before the others; several are seeds of one configuration and share a group."""
        group = f"seeds:{uuid.uuid4().hex[:8]}" if len(configs) > 1 else ""
        place = 0 if at_front else len(self._runs)
        self._runs[place:place] = [self._queued(config=config, group=group) for config in configs]
        self.changed.emit()

    def take(self) -> QueuedRun | None:
        """The next run, which waits no longer; None where there is none or the queue is held."""
        if self._is_held or not self._runs:
            return None
        run = self._runs.pop(0)
        self.changed.emit()
        return run

    def remove(self, number: int) -> None:
        index = self._index(number)
        if index is not None:
            self._removed.append((index, self._runs.pop(index)))
            self.changed.emit()

    def undo(self) -> None:
        """Brings the run back that was removed last, to its place."""
        if self._removed:
            index, run = self._removed.pop()
            self._runs.insert(min(index, len(self._runs)), run)
            self.changed.emit()

    def fail(self, run: QueuedRun, why: str) -> None:
        """Keeps a run that was taken and failed, with a sentence that says why."""
        self._failed = [*self._failed, FailedRun(run, why)][-_MOST_FAILED:]
        self.changed.emit()

    def try_again(self, number: int) -> None:
        """Lets a run that failed wait again, behind the others."""
        again = [each.run for each in self._failed if each.run.number == number]
        if again:
            self._runs += again
            self._failed = [each for each in self._failed if each.run.number != number]
            self.changed.emit()

    def forget_failed(self) -> None:
        self._failed.clear()
        self.changed.emit()

    def move(self, number: int, by: int) -> None:
        """Moves a run down by so many places, or up by a negative number."""
        index = self._index(number)
        if index is None:
            return
        target = min(max(index + by, 0), len(self._runs) - 1)
        if target != index:
            self._runs.insert(target, self._runs.pop(index))
            self.changed.emit()

    def hold(self, *, is_held: bool) -> None:
        if is_held != self._is_held:
            self._is_held = is_held
            self.changed.emit()

    def state(self, running: Path | None = None) -> dict[str, Any]:
        """What waits, for JSON; `running` is the folder of the run under way, to be gone on with first."""
        first = [] if running is None else [{"resume": str(running)}]
        return {
            "runs": [*first, *map(_stored, self._runs)],
            "failed": [{**_stored(each.run), "why": each.why} for each in self._failed],
            "held": self._is_held,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; a run that does not fit this version is left out."""
        self._runs += [run for run, _ in self._restored(state.get("runs"))]
        self._failed += [
            FailedRun(run, str(values.get("why", ""))) for run, values in self._restored(state.get("failed"))
        ]
        self._is_held = state.get("held") is True
        self.changed.emit()

    def _restored(self, stored: Any) -> Iterator[tuple[QueuedRun, dict[str, Any]]]:
        """The runs in what was stored, each with all that was stored of it."""
        for values in stored if isinstance(stored, list) else ():
            if not isinstance(values, dict):
                continue
            if isinstance(values.get("resume"), str):
                yield self._queued(folder=Path(values["resume"])), values
            elif isinstance(values.get("config"), dict):
                try:
                    config = TrainingConfig.from_json(values["config"])
                except ValueError as error:
                    _log.warning("a queued run is left out: %s", error)
                    continue
                yield self._queued(config=config, group=str(values.get("group", ""))), values

    def _queued(self, config: TrainingConfig | None = None, folder: Path | None = None, group: str = "") -> QueuedRun:
        self._number += 1
        return QueuedRun(self._number, config, folder, group)

    def _index(self, number: int) -> int | None:
        return next((index for index, run in enumerate(self._runs) if run.number == number), None)


def _stored(run: QueuedRun) -> dict[str, Any]:
    if run.config is None:
        return {"resume": str(run.folder)}
    return {"config": run.config.to_json(), "group": run.group}
