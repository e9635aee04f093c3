"""The line of figures under the plot: those at the crosshair, or the newest."""

from __future__ import annotations

import math

from explorer.ui.curve_controls import CurveView
from explorer.ui.curve_data import EPOCH_CURVES, SHARES, STEP_CURVES, RunCurves, nearest


def readout(run: RunCurves, view: CurveView, place: float | None) -> str:
    """The figures of a run at a place on the x axis; None: the newest."""
    parts = [*_step_parts(run, view, place), *_epoch_parts(run, view, place)]
    flag = _flag_at(run, view, place)
    return " · ".join([*parts, flag] if flag else parts)


def _step_parts(run: RunCurves, view: CurveView, place: float | None) -> list[str]:
    name = STEP_CURVES.get(view.quantity)
    values, unit = run.step_axis(view.axis)
    if name is None or not len(values):
        return []
    index = len(values) - 1 if place is None else nearest(values, place * unit) or 0
    value = run[name].values[index]
    parts = [f"step {int(run['step'].values[index]):,}"]
    if name == "rate":
        parts.append(f"learning rate {value:.4g}" if math.isfinite(value) else "learning rate not kept")
    elif name == "speed":
        parts.append(f"{value:,.0f} images/s" if math.isfinite(value) else "speed not kept")
    else:
        text = f"training {_figure(value)}"
        if view.reach > 1:
            text += f" (smoothed {_figure(run.smoothed(view.reach).values[index])})"
        parts.append(text)
    return parts


def _epoch_parts(run: RunCurves, view: CurveView, place: float | None) -> list[str]:
    positions = run.epoch_positions(view.axis)
    index = nearest(positions, math.inf if place is None else place)
    if index is None:
        return []
    figures = []
    for title, name in EPOCH_CURVES[view.quantity].items():
        value = float(run[name].values[index])
        if name == "train_loss" or (title != "test" and not math.isfinite(value)):
            continue
        figures.append(f"{title} {_share(view.quantity, value)}")
    if view.quantity == "loss":
        # Both figures of the test tell more than one, and fit.
        accuracy = float(run["test_accuracy"].values[index])
        figures.append(_share("accuracy", accuracy))
    epoch = f"epoch {int(run['epoch'].values[index]):,}"
    return [f"{epoch}: {', '.join(figures)}" if figures else epoch]


def _flag_at(run: RunCurves, view: CurveView, place: float | None) -> str:
    """What was changed nearest before the crosshair, within a fiftieth of the axis."""
    if place is None:
        return ""
    reach = run.extent(view.axis) / 50
    near = [mark for mark in run.marks if abs(run.place_of_step(mark.step, view.axis) - place) <= reach]
    return "; ".join(mark.text for mark in near[-2:])


def _share(quantity: str, value: float) -> str:
    if quantity in SHARES and quantity != "mean_iou":
        return f"{100 * value:.2f} %" if math.isfinite(value) else "not finite"
    return _figure(value)


def _figure(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not finite"
