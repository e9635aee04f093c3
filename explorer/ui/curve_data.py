"""The numbers behind the curves of a run: growing columns, places on the axes, the best epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from explorer.runs.marks import Mark
from explorer.ui.curve_column import Column, Floats
from explorer.ui.curve_smoothing import Smoothed

Axis = Literal["epoch", "step", "seconds"]
Quantity = Literal["loss", "accuracy", "top5", "mean_iou", "rate", "speed"]

STEP_COLUMNS = ("step", "seconds", "loss", "rate", "speed")
EPOCH_COLUMNS = (
    "epoch",
    "epoch_step",
    "epoch_seconds",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_mean_iou",
    "test_loss",
    "test_accuracy",
    "test_top5",
    "test_mean_iou",
)
# Which columns of an epoch each quantity is drawn from.
EPOCH_CURVES: Mapping[str, dict[str, str]] = {
    "loss": {"training": "train_loss", "validation": "validation_loss", "test": "test_loss"},
    "accuracy": {"training": "train_accuracy", "validation": "validation_accuracy", "test": "test_accuracy"},
    "top5": {"test": "test_top5"},
    "mean_iou": {"validation": "validation_mean_iou", "test": "test_mean_iou"},
    "rate": {},
    "speed": {},
}
# Those that are there for each step.
STEP_CURVES: Mapping[str, str] = {"loss": "loss", "rate": "rate", "speed": "speed"}
SHARES = ("accuracy", "top5", "mean_iou")
# What chooses the best epoch, as in `EpochFinished`: mean IoU before accuracy, what was held out before the test set.
_BEST_BY = (
    ("validation_mean_iou", "mean IoU", " (validation)"),
    ("test_mean_iou", "mean IoU", ""),
    ("validation_accuracy", "", " (validation)"),
    ("test_accuracy", "", ""),
)


@dataclass(frozen=True)
class Best:
    """The best epoch so far, the earliest of equals; `value` (0 to 1) is what it is the best by."""

    epoch: int
    value: float
    name: str = ""
    of: str = ""

    @property
    def text(self) -> str:
        figure = f"{self.name} {self.value:.3f}" if self.name else f"{100 * self.value:.1f} %"
        return f"best: epoch {self.epoch:,}, {figure}{self.of}"


def _columns(names: Sequence[str], capacity: int) -> dict[str, Column]:
    return {name: Column(capacity) for name in names}


@dataclass(eq=False)
class RunCurves:
    """One run's curves: figures for each step, and figures for each epoch.

    `steps_per_epoch` and `epochs` give the axes their extent; 0 where they are not known. Steps and epochs count
    from 1, seconds from the run's start. `saved` are the epochs whose weights are kept; `marks` what was changed in
    mid-run. `members` are the runs that this one is the mean of, which have the same steps and epochs.
    """

    name: str = ""
    steps_per_epoch: int = 0
    epochs: int = 0
    folder: Path | None = None
    saved: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    members: tuple[RunCurves, ...] = ()
    columns: dict[str, Column] = field(
        default_factory=lambda: {**_columns(STEP_COLUMNS, 1024), **_columns(EPOCH_COLUMNS, 64)}
    )
    _smoothed: tuple[int, Smoothed] | None = None

    def __getitem__(self, name: str) -> Column:
        """The column of that name, one of `STEP_COLUMNS` and `EPOCH_COLUMNS`."""
        return self.columns[name]

    @property
    def is_empty(self) -> bool:
        return not len(self["step"]) and not len(self["epoch"])

    def has(self, name: str) -> bool:
        """Whether a column holds any figure."""
        return self[name].has_figures

    def add_steps(
        self,
        steps: Sequence[int] | Floats,
        losses: Sequence[float] | Floats,
        seconds: float,
        rates: Sequence[float] | Floats | None = None,
        speed: float = math.nan,
    ) -> None:
        """Steps up to now; those before `seconds` are spread evenly since the last ones."""
        count = len(steps)
        before = float(self["seconds"].values[-1]) if len(self["seconds"]) else 0.0
        self["step"].extend(np.asarray(steps, dtype=float))
        self["loss"].extend(np.asarray(losses, dtype=float))
        self["seconds"].extend(np.linspace(min(before, seconds), seconds, count + 1)[1:])
        self["rate"].extend(np.full(count, np.nan) if rates is None else np.asarray(rates, dtype=float))
        self["speed"].extend(np.full(count, speed))

    def add_epoch(self, epoch: int, step: int, seconds: float, **figures: float | None) -> None:
        """An epoch's figures by the names of their columns; None and what is left out are gaps."""
        given = {"epoch": epoch, "epoch_step": step, "epoch_seconds": seconds, **figures}
        unknown = given.keys() - set(EPOCH_COLUMNS)
        if unknown:
            raise ValueError(f"an epoch has no figure {min(unknown)!r}")
        for name in EPOCH_COLUMNS:
            value = given.get(name)
            self[name].extend((math.nan if value is None else value,))

    def add_mark(self, mark: Mark) -> None:
        self.marks = (*self.marks, mark)

    def before(self, step: int) -> RunCurves:
        """The part up to and without `step`: what a resumed run keeps of its earlier sittings."""
        kept = RunCurves(self.name, self.steps_per_epoch, self.epochs, self.folder, self.saved)
        steps = self["step"].values < step
        epochs = self["epoch_step"].values < step
        for name in STEP_COLUMNS:
            kept[name].extend(self[name].values[steps])
        for name in EPOCH_COLUMNS:
            kept[name].extend(self[name].values[epochs])
        kept.marks = tuple(mark for mark in self.marks if mark.step < step)
        return kept

    def extend(self, later: RunCurves) -> None:
        """Appends the curves of a later sitting."""
        for name in (*STEP_COLUMNS, *EPOCH_COLUMNS):
            self[name].extend(later[name].values)
        self.saved = tuple(sorted({*self.saved, *later.saved}))
        self.marks = (*self.marks, *later.marks)

    def best(self) -> Best | None:
        for name, title, of in _BEST_BY:
            values = self[name].values
            if self.has(name):
                finite = np.isfinite(values)
                index = int(np.argmax(np.where(finite, values, -np.inf)))
                return Best(int(self["epoch"].values[index]), float(values[index]), title, of)
        return None

    def smoothed(self, reach: int) -> Column:
        """The loss smoothed over so many steps, as long as the loss, continued as it grows."""
        if self._smoothed is None or self._smoothed[0] != reach:
            self._smoothed = (reach, Smoothed(reach))
        return self._smoothed[1].of(self["loss"].values)

    def step_axis(self, axis: Axis) -> tuple[Floats, float]:
        """Numbers of each step and what they must be divided by to be places on the axis.

        A step counts when it is done, so an epoch's last one lies on the epoch.
        """
        if axis == "seconds":
            return self["seconds"].values, 1.0
        return self["step"].values, max(self._per_epoch(), 1e-9) if axis == "epoch" else 1.0

    def step_positions(self, axis: Axis) -> Floats:
        """Where each step lies on the axis."""
        values, unit = self.step_axis(axis)
        return values if unit == 1.0 else values / unit

    def epoch_positions(self, axis: Axis) -> Floats:
        return self[{"epoch": "epoch", "step": "epoch_step", "seconds": "epoch_seconds"}[axis]].values

    def place_of_epoch(self, epoch: int, axis: Axis) -> float | None:
        """Where an epoch ends on the axis; None where it is not done."""
        found = np.flatnonzero(self["epoch"].values == epoch)
        return float(self.epoch_positions(axis)[found[-1]]) if len(found) else None

    def epoch_at(self, place: float, axis: Axis) -> int | None:
        """The epoch whose end is nearest to a place on the axis; None while none is done."""
        index = nearest(self.epoch_positions(axis), place)
        return None if index is None else int(self["epoch"].values[index])

    def place_of_step(self, step: int, axis: Axis) -> float:
        if axis != "seconds":
            return step / self.step_axis(axis)[1]
        steps, seconds = self["step"].values, self["seconds"].values
        return float(np.interp(step, steps, seconds)) if len(steps) else 0.0

    def extent(self, axis: Axis) -> float:
        """How far the axis goes: to the planned end, or to the newest figure where none is planned."""
        newest = 0.0
        values, unit = self.step_axis(axis)
        if len(values):
            newest = float(values[-1]) / unit
        epochs = self.epoch_positions(axis)
        if len(epochs):
            newest = max(newest, float(epochs[-1]))
        planned = {"epoch": self.epochs, "step": self.epochs * self._per_epoch(), "seconds": 0}[axis]
        return max(newest, planned)

    def _per_epoch(self) -> float:
        if self.steps_per_epoch:
            return self.steps_per_epoch
        if len(self["epoch"]):
            return float(self["epoch_step"].values[-1] / max(self["epoch"].values[-1], 1))
        return 1.0


def nearest(sorted_values: Floats, place: float) -> int | None:
    """The index of the value nearest to `place` among values that do not fall; None among none."""
    if not len(sorted_values):
        return None
    index = int(np.searchsorted(sorted_values, place))
    if index == len(sorted_values):
        return index - 1
    if index and place - sorted_values[index - 1] <= sorted_values[index] - place:
        return index - 1
    return index
