"""How far the axes go: to all that the curves hold, on round figures that change seldom."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from explorer.ui.curve_column import Floats
from explorer.ui.curve_controls import CurveView
from explorer.ui.curve_data import EPOCH_CURVES, SHARES, STEP_CURVES, RunCurves
from explorer.ui.curve_picture import scaled
from explorer.ui.curve_values import value_range

# A range is known well enough from so many values of a long run.
_SAMPLED = 2000
# The wildest steps do not decide about the range; what is left out by it is seen by zooming out.
_SHOWN_SHARE = (0.01, 0.99)


def ranges(
    front: RunCurves, overlays: Sequence[RunCurves], view: CurveView
) -> tuple[tuple[float, float], tuple[float, float], float | None]:
    """The range of x, that of y, and what y cannot be below (None on a logarithmic axis)."""
    runs = [front, *overlays]
    extent = max(run.extent(view.axis) for run in runs)
    if view.axis == "seconds":
        extent = _rounded_seconds(extent)
    x = (0.0, extent or 1.0)
    values = [scaled(found, view) for run in runs for found in _values(run, view)]
    if view.quantity in STEP_CURVES and view.quantity != "rate":
        values.append(_without_the_wildest(scaled(_sample(front[STEP_CURVES[view.quantity]].values), view)))
    is_log = view.has_log_axis
    y = value_range(values, is_log=is_log) or ((-1.0, 1.0) if is_log else (0.0, 1.0))
    if is_log:
        return x, y, None
    if view.quantity in SHARES:
        most = 1.0 if view.quantity == "mean_iou" else 100.0
        y = (max(y[0], 0.0), min(y[1], most)) if y[0] < most else y
    else:
        # None of these figures is negative, and room below zero would say that they may be.
        y = (0.0 if view.quantity == "speed" else max(y[0], 0.0), y[1]) if y[1] > 0 else y
    return x, y, 0.0


def _values(run: RunCurves, view: CurveView) -> list[Floats]:
    # The training's loss is drawn from its steps.
    names = [name for name in EPOCH_CURVES[view.quantity].values() if name != "train_loss"]
    found = [each[name].values for each in (run, *run.members) for name in names]
    if view.quantity == "loss":
        found.append(_sample(run.smoothed(view.reach).values))
    elif view.quantity == "rate":
        found.append(_sample(run["rate"].values))
    return found


def _sample(values: Floats) -> Floats:
    """Every so manieth value and the newest: enough to know the range by."""
    every = max(1, len(values) // _SAMPLED)
    return np.append(values[::every], values[-1:]) if every > 1 else values


def _without_the_wildest(values: Floats) -> Floats:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite
    # Not numpy's percentile: its first call loads numpy.ma, 35 ms of the UI thread while training has just begun.
    places = [round(share * (len(finite) - 1)) for share in _SHOWN_SHARE]
    return np.partition(finite, places)[places]


def _rounded_seconds(seconds: float) -> float:
    """The next round number of seconds: an axis that follows the clock would jump with every update."""
    for mark in (10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600):
        if seconds <= mark:
            return float(mark)
    return math.ceil(seconds / 3600) * 3600.0
