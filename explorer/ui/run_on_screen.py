"""Which run, and which of its epochs, the panels are about: the one that trains, until the user chooses another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.training.events import EpochFinished, RunStarted
from explorer.ui.training_thread import Trainer

NEWEST = 0


class RunOnScreen(QObject):
    """`folder` is None while there is none; `epoch` counts from 1, `NEWEST` follows the newest there is.

    `changed` says that another run or epoch is meant, `grown` that the run's folder holds more than before.
    """

    changed = Signal()
    away_changed = Signal(bool)  # whether another run is on screen than the one that trains here
    grown = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.epoch = NEWEST
        self._was_away = False
        self._trained: Path | None = None  # the run that trains here

    @property
    def is_training(self) -> bool:
        """Whether the run on screen is the one that trains in this window."""
        return self.folder is not None and self.folder == self._trained

    @property
    def is_away(self) -> bool:
        """Whether a run trains in this window and another one is on screen."""
        return self._trained is not None and self.folder != self._trained

    def go_live(self) -> None:
        """Turns to the run that trains in this window, at its newest."""
        if self._trained is not None:
            self.show(self._trained)

    def follow(self, trainer: Trainer) -> None:
        """Turns to each run of `trainer` as it begins, and grows with it."""
        trainer.started.connect(self._on_started)
        trainer.epoch_finished.connect(self._on_epoch)
        trainer.state_changed.connect(self._on_state)

    def show(self, folder: Path | None, epoch: int = NEWEST) -> None:
        """Turns to a run, at an epoch."""
        if (folder, epoch) != (self.folder, self.epoch):
            self.folder, self.epoch = folder, epoch
            self.changed.emit()
            self._tell_away()

    def show_epoch(self, epoch: int) -> None:
        """Turns to another epoch of the same run; `NEWEST` follows it again."""
        self.show(self.folder, epoch)

    def grow(self) -> None:
        """Says that the run's folder holds more than before."""
        self.grown.emit()

    def _on_started(self, event: RunStarted) -> None:
        self._trained = event.folder
        self.show(event.folder)

    def _on_epoch(self, _event: EpochFinished) -> None:
        if self.is_training:
            self.grow()

    def _on_state(self, state: str) -> None:
        if state == "idle":
            self._trained = None
            self._tell_away()

    def _tell_away(self) -> None:
        if self.is_away != self._was_away:
            self._was_away = self.is_away
            self.away_changed.emit(self._was_away)
