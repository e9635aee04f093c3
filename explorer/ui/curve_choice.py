"""Which epoch of the run in front was chosen on its curve."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.ui.curve_data import Axis, RunCurves


class EpochChoice(QObject):
    """The chosen epoch, one of those whose weights are kept; None is the newest, which goes on with the run."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = RunCurves()
        self.epoch: int | None = None
        self._before: int | None = None

    @property
    def folder(self) -> Path | None:
        return self._run.folder

    def use(self, run: RunCurves, *, keep: bool = False) -> None:
        """Chooses among the epochs of `run` from now on; with `keep` what was chosen stays chosen."""
        if not keep and self.epoch is not None:
            self._choose(None)
        self._run = run

    def choose_at(self, place: float, axis: Axis) -> None:
        """Chooses the epoch that ended nearest to a place on the axis; right of the last one it is the newest."""
        self._before = self.epoch
        saved = self._run.saved
        if not saved:
            return
        newest = self._run.place_of_epoch(saved[-1], axis)
        if newest is not None and place > newest:
            self._choose(None)
            return
        wanted = self._run.epoch_at(place, axis)
        if wanted is not None:
            self._choose(min(saved, key=lambda epoch: abs(epoch - wanted)))

    def step(self, direction: int) -> None:
        """Chooses the next (1) or the previous (-1) epoch; after the last one it is the newest."""
        saved = self._run.saved
        if not saved:
            return
        if self.epoch is None:
            # Left of the newest is the one before it: the newest is on screen.
            if direction < 0:
                self._choose(saved[-2] if len(saved) > 1 else saved[-1])
            return
        later = [epoch for epoch in saved if epoch > self.epoch]
        earlier = [epoch for epoch in saved if epoch < self.epoch]
        if direction > 0:
            self._choose(later[0] if later else None)
        elif earlier:
            self._choose(earlier[-1])

    def take_back(self) -> None:
        """Chooses what was chosen before the last click."""
        self._choose(self._before)

    def let_go(self) -> None:
        self._choose(None)

    def _choose(self, epoch: int | None) -> None:
        if epoch != self.epoch:
            self.epoch = epoch
            self.changed.emit()
