"""What the plot shows at one moment, made from the numbers: free of the plotting library, which is imported late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor

from explorer.structure.graph import Kind
from explorer.ui.curve_column import Column, Floats, Indices, stride
from explorer.ui.curve_controls import CurveView
from explorer.ui.curve_data import EPOCH_CURVES, SHARES, STEP_CURVES, RunCurves
from explorer.ui.curve_legend import LegendEntry
from explorer.ui.curve_seeds import limits
from explorer.ui.curve_values import for_log
from explorer.ui.theme import KIND_COLOURS, theme

# More overlaid runs than this cannot be told apart by eye; curve items are made once, for speed.
OVERLAYS = 6
# The smoothed curve is smooth: so many points show all of it.
_SMOOTH_POINTS = 300


@dataclass(frozen=True, eq=False)
class Line:
    """A curve in axis units (logarithms where the axis is logarithmic); x does not fall, NaN in y is a gap."""

    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class Band:
    """The room between two curves: that of several seeds."""

    x: Floats
    low: Floats
    high: Floats


EMPTY = Line(np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Flag:
    """A place on the x axis and what there is to say of it."""

    place: float
    text: str


@dataclass(frozen=True, eq=False)
class Picture:
    """All that the plot shows at one moment: the run in front, others pale behind it, and what is marked."""

    raw: Line
    smooth: Line
    validation: Line
    test: Line
    bands: tuple[Band | None, Band | None]  # around the smooth line, around the test's
    overlays: tuple[tuple[Line, Line], ...]
    best: Flag | None
    chosen: Flag | None
    flags: tuple[Flag, ...]
    legend: tuple[LegendEntry, ...]


class PictureMaker:
    """Makes pictures of what is between two places of the x axis, `columns` pixels wide."""

    def __init__(self, view: CurveView, x_range: tuple[float, float], columns: int) -> None:
        self._view = view
        self._low, self._high = x_range
        self._columns = columns

    def picture(self, front: RunCurves, overlays: Sequence[RunCurves], chosen: int | None) -> Picture:
        view = self._view
        raw, smooth, band = self._training(front)
        names = EPOCH_CURVES[view.quantity]
        test, test_band = self._epochs(front, names.get("test", ""))
        behind = []
        for run in overlays[:OVERLAYS]:
            _, train, _ = self._training(run)
            behind.append((train, self._epochs(run, names.get("test", ""))[0]))
        best = front.best()
        best_place = None if best is None else front.place_of_epoch(best.epoch, view.axis)
        place = None if chosen is None else front.place_of_epoch(chosen, view.axis)
        return Picture(
            raw=raw,
            smooth=smooth,
            validation=self._epochs(front, names.get("validation", ""))[0],
            test=test,
            bands=(band, test_band),
            overlays=tuple(behind),
            best=None if best is None or best_place is None else Flag(best_place, best.text),
            chosen=None if place is None else Flag(place, f"epoch {chosen:,} is shown"),
            flags=tuple(Flag(front.place_of_step(mark.step, view.axis), mark.text) for mark in front.marks),
            legend=_legend(front, overlays, view),
        )

    def _training(self, run: RunCurves) -> tuple[Line, Line, Band | None]:
        """The training's raw line, its calm line, and the band around that."""
        view, name = self._view, STEP_CURVES.get(self._view.quantity)
        if name is None:
            line, band = self._epochs(run, EPOCH_CURVES[view.quantity].get("training", ""))
            return EMPTY, line, band
        begin, end = self._part(*run.step_axis(view.axis))
        if name != "loss":
            line = self._line(run, run[name], run[name].extremes(begin, end, self._columns))
            return (line, EMPTY, None) if name == "speed" else (EMPTY, line, None)
        raw = self._line(run, run["loss"], run["loss"].extremes(begin, end, self._columns))
        places = stride(begin, end, min(self._columns // 2, _SMOOTH_POINTS))
        smooth = self._line(run, run.smoothed(view.reach), places)
        return (EMPTY if run.members else raw), smooth, self._band(run, smooth.x, "loss", places, view.reach)

    def _epochs(self, run: RunCurves, name: str) -> tuple[Line, Band | None]:
        if not name:
            return EMPTY, None
        positions = run.epoch_positions(self._view.axis)
        places = run[name].extremes(*self._part(positions, 1.0), self._columns)
        x = positions[places]
        return Line(x, scaled(run[name].values[places], self._view)), self._band(run, x, name, places)

    def _band(self, run: RunCurves, x: Floats, name: str, places: Indices, reach: int = 0) -> Band | None:
        if not run.members or not len(places):
            return None
        low, high = (scaled(values, self._view) for values in limits(run, name, places, reach))
        kept = np.isfinite(low) & np.isfinite(high)
        return Band(x[kept], low[kept], high[kept]) if kept.sum() > 1 else None

    def _line(self, run: RunCurves, column: Column, places: Indices) -> Line:
        values, unit = run.step_axis(self._view.axis)
        return Line(values[places] / unit, scaled(column.values[places], self._view))

    def _part(self, values: Floats, unit: float) -> tuple[int, int]:
        """Which values are in view, and one on each side, so that lines leave it at the right slope."""
        begin = max(int(np.searchsorted(values, self._low * unit, side="left")) - 1, 0)
        end = min(int(np.searchsorted(values, self._high * unit, side="right")) + 1, len(values))
        return begin, end


def scaled(values: Floats, view: CurveView) -> Floats:
    """Figures in the units of the y axis."""
    if view.quantity in SHARES and view.quantity != "mean_iou":
        return np.where(np.isfinite(values), 100 * values, np.nan)
    return for_log(values) if view.has_log_axis else np.where(np.isfinite(values), values, np.nan)


def overlay_colours() -> tuple[QColor, ...]:
    """Colours of overlaid runs, none of them those of the run in front."""
    kinds = (Kind.POOLING, Kind.ACTIVATION, Kind.JOIN)
    return (*(QColor(KIND_COLOURS[kind]) for kind in kinds), *map(theme().colour, ("good", "edge", "text")))


def validation_colour() -> QColor:
    """The colour of what was held out, beside those of training and test."""
    return QColor(KIND_COLOURS[Kind.NORMALISATION])


def _legend(front: RunCurves, overlays: Sequence[RunCurves], view: CurveView) -> tuple[LegendEntry, ...]:
    colours, names = theme().colours, EPOCH_CURVES[view.quantity]
    entries = []
    if view.quantity == "loss" and view.reach > 1:
        entries.append(LegendEntry("training, smoothed", colours.series_train))
    elif view.quantity in STEP_CURVES or "training" in names:
        entries.append(LegendEntry("training", colours.series_train))
    if "validation" in names and front.has(names["validation"]):
        entries.append(LegendEntry("validation", validation_colour().name()))
    if "test" in names:
        entries.append(LegendEntry("test", colours.series_test))
    if front.members:
        entries.append(LegendEntry(f"mean and range of {len(front.members)} seeds", colours.edge))
    for run, colour in zip(overlays[:OVERLAYS], overlay_colours(), strict=False):
        entries.append(LegendEntry(run.name, colour.name()))
    return tuple(entries)
