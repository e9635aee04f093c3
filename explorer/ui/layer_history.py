"""What went on in the layers of the run on screen, step by step: live, and from its folder."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.runs.layer_metrics import LAYERS_NAME, LayerMetricsReader, LayerRow
from explorer.runs.run_folder import read_run
from explorer.training.events import LayerFigures, LayersWatched
from explorer.ui.curve_column import Column, Floats
from explorer.ui.layer_amounts import FIELDS
from explorer.ui.run_on_screen import RunOnScreen
from explorer.ui.session import Session
from explorer.ui.training_thread import Trainer
from explorer.ui.worker import Worker

_COLUMNS = ("step", "epoch", *FIELDS)
_FIRST = 64


@dataclass(eq=False)
class Track:
    """The figures of one layer over steps; NaN where there is none."""

    columns: dict[str, Column] = field(default_factory=lambda: {name: Column(_FIRST) for name in _COLUMNS})

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name].values

    def add(self, step: int, epoch: int, figures: LayerFigures | LayerRow) -> None:
        values = (step, epoch, *(_or_nan(getattr(figures, name)) for name in FIELDS))
        for name, value in zip(_COLUMNS, values, strict=True):
            self.columns[name].extend((value,))

    def before(self, step: int) -> Track:
        """What there was before a step."""
        kept = Track()
        chosen = self["step"] < step
        for name in _COLUMNS:
            kept.columns[name].extend(self[name][chosen])
        return kept

    def has(self, name: str) -> bool:
        return self.columns[name].has_figures


@dataclass(frozen=True, eq=False)
class StoredHistory:
    """What a run's folder says: the network it trains, its layers' tracks, and the newest step in them."""

    folder: Path
    network: str
    tracks: dict[str, Track]
    newest: int


def read_history(folder: Path, reader: LayerMetricsReader | None = None) -> StoredHistory:
    """What there is of a run's layers; it reads the disk: call it off the UI thread.

    `reader` is one of that folder's file that may have read a part of it before.
    """
    record = read_run(folder).record
    network = "" if record is None else _identity(record.architecture, record.options)
    reader = reader or LayerMetricsReader(folder / LAYERS_NAME)
    reader.read_new()
    return StoredHistory(folder, network, _tracks(reader.rows), reader.rows[-1].step if reader.rows else 0)


class LayerHistory(QObject):
    """Keeps `tracks` by the layers' paths for the run that `on_screen` names.

    `changed` comes after each change, live about twice a second. Call `shutdown` before the window goes.
    """

    changed = Signal()

    def __init__(self, on_screen: RunOnScreen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_screen = on_screen
        self._network = ""
        self._folder: Path | None = None
        self._reader: LayerMetricsReader | None = None  # touched by the worker alone, one piece of work at a time
        self.tracks: dict[str, Track] = {}
        self._newest = 0  # the newest step
        self._worker = Worker("layer history", self)
        on_screen.changed.connect(self._on_run)
        on_screen.grown.connect(self._on_grown)

    def follow(self, trainer: Trainer) -> None:
        """Takes what `trainer` watches."""
        trainer.layers_watched.connect(self.take)

    def take(self, event: LayersWatched) -> None:
        """Adds the figures of one step of the run on screen."""
        if self._on_screen.is_training:
            if event.step <= self._newest:
                # A resumed run goes on behind its last complete epoch.
                self.tracks = {path: track.before(event.step) for path, track in self.tracks.items()}
            self._newest = event.step
            for figures in event.layers:
                self.tracks.setdefault(figures.path, Track()).add(event.step, event.epoch, figures)
            self.changed.emit()

    def is_of(self, session: Session) -> bool:
        """Whether the run trains the very network that the session shows."""
        if session.architecture is None or not self._network:
            return False
        return self._network == _identity(session.architecture.name, _values(session.options))

    def figures(self) -> dict[str, LayerFigures]:
        """Each layer's newest figures by path, at the epoch on screen where one is chosen."""
        epoch = self._on_screen.epoch or math.inf
        found = {}
        for path, track in self.tracks.items():
            places = (track["epoch"] <= epoch).nonzero()[0]
            if len(places):
                values = {name: _or_none(float(track[name][places[-1]])) for name in FIELDS}
                found[path] = LayerFigures(path=path, activation_mean=None, **values)
        return found

    def show_history(self, stored: StoredHistory) -> None:
        """Takes what a run's folder says; what came live since then stays behind it."""
        if stored.folder != self._on_screen.folder:
            return
        self._network = stored.network
        live, self.tracks = self.tracks, stored.tracks
        last = stored.newest
        self._newest = max(last, self._newest) if self._on_screen.is_training else last
        if self._on_screen.is_training:
            for path, track in live.items():
                _append_after(self.tracks.setdefault(path, Track()), track, last)
        self.changed.emit()

    def shutdown(self) -> None:
        self._worker.shutdown()

    def _on_run(self) -> None:
        folder = self._on_screen.folder
        if folder == self._folder:
            # Another epoch of the same run.
            self.changed.emit()
            return
        self._folder = folder
        self._network, self.tracks, self._newest = "", {}, 0
        self._reader = None if folder is None else LayerMetricsReader(folder / LAYERS_NAME)
        self.changed.emit()
        self._read()

    def _on_grown(self) -> None:
        # What trains here is told live; another process's run is read again.
        if not self._on_screen.is_training:
            self._read()

    def _read(self) -> None:
        folder, reader = self._folder, self._reader
        if folder is not None:
            self._worker.submit(lambda: read_history(folder, reader), self.show_history)


def _tracks(rows: Iterable[LayerRow]) -> dict[str, Track]:
    by_path: dict[str, list[LayerRow]] = {}
    for row in rows:
        by_path.setdefault(row.path, []).append(row)
    return {path: _track(found) for path, found in by_path.items()}


def _track(rows: list[LayerRow]) -> Track:
    track = Track()
    track.columns["step"].extend([row.step for row in rows])
    track.columns["epoch"].extend([row.epoch for row in rows])
    for name in FIELDS:
        track.columns[name].extend([_or_nan(getattr(row, name)) for row in rows])
    return track


def _append_after(track: Track, later: Track, step: int) -> None:
    chosen = later["step"] > step
    for name in _COLUMNS:
        track.columns[name].extend(later[name][chosen])


def _identity(name: str, options: Mapping[str, Any]) -> str:
    """One text for equal networks, whether their options come from JSON or from a dataclass."""
    return json.dumps([name, options], sort_keys=True, default=str)


def _values(options: Any) -> dict[str, Any]:
    return dataclasses.asdict(options) if dataclasses.is_dataclass(options) else dict(vars(options))  # type: ignore[arg-type]


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
