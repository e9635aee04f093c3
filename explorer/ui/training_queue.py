"""The runs that wait for the one under way."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.training.config import TrainingConfig

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueuedRun:
    """A run to be trained by `config`, or to be gone on with in `folder`.

    `group` is the tag that several seeds of one configuration share, "" for none; `number` tells runs apart.
    """

    number: int
    config: TrainingConfig | None = None
    folder: Path | None = None
    group: str = ""


class TrainingQueue(QObject):
    """Runs in the order in which they will be trained; `changed` comes with every change.

    A held queue gives no run: it waits until the user lets it go on.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[QueuedRun] = []
        self._removed: list[tuple[int, QueuedRun]] = []  # with their places, newest last
        self._number = 0
        self._is_held = False

    @property
    def runs(self) -> tuple[QueuedRun, ...]:
        return tuple(self._runs)

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
        runs: list[dict[str, Any]] = []
        if running is not None:
            runs.append({"resume": str(running)})
        for run in self._runs:
            if run.folder is not None:
                runs.append({"resume": str(run.folder)})
            elif run.config is not None:
                runs.append({"config": run.config.to_json(), "group": run.group})
        return {"runs": runs, "held": self._is_held}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; a run that does not fit this version is left out."""
        stored = state.get("runs")
        for values in stored if isinstance(stored, list) else ():
            if not isinstance(values, dict):
                continue
            if isinstance(values.get("resume"), str):
                self._runs.append(self._queued(folder=Path(values["resume"])))
            elif isinstance(values.get("config"), dict):
                try:
                    config = TrainingConfig.from_json(values["config"])
                except ValueError as error:
                    _log.warning("a queued run is left out: %s", error)
                    continue
                self._runs.append(self._queued(config=config, group=str(values.get("group", ""))))
        self._is_held = state.get("held") is True
        self.changed.emit()

    def _queued(self, config: TrainingConfig | None = None, folder: Path | None = None, group: str = "") -> QueuedRun:
        self._number += 1
        return QueuedRun(self._number, config, folder, group)

    def _index(self, number: int) -> int | None:
        return next((index for index, run in enumerate(self._runs) if run.number == number), None)
