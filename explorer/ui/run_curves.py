"""A run's curves from its folder, and how they grow with it."""

from __future__ import annotations

import math

import numpy as np

from explorer.data.datasets import DATASETS
from explorer.runs.following import RunFollower, RunGrowth
from explorer.runs.metrics_columns import Floats
from explorer.runs.run_folder import Run, in_force
from explorer.ui.curve_data import EPOCH_COLUMNS, RunCurves

_STEP_FIGURES = {
    "step": "step",
    "seconds": "seconds",
    "loss": "loss",
    "rate": "learning_rate",
    "speed": "images_per_second",
}
_EPOCH_FIGURES = {
    ("epoch", "loss"): "train_loss",
    ("epoch", "accuracy"): "train_accuracy",
    ("validation", "loss"): "validation_loss",
    ("validation", "accuracy"): "validation_accuracy",
    ("validation", "mean_iou"): "validation_mean_iou",
    ("test", "loss"): "test_loss",
    ("test", "accuracy"): "test_accuracy",
    ("test", "top5"): "test_top5",
    ("test", "mean_iou"): "test_mean_iou",
}


def read_curves(run: Run) -> RunCurves:
    """The curves that a run has measured so far; empty ones where it has no metrics.

    It reads the disk: call it off the UI thread.
    """
    return grown(RunCurves(run.name), RunFollower(run.folder).read_new())


def grown(curves: RunCurves, growth: RunGrowth) -> RunCurves:
    """The curves with what came since: the same ones, or others where a resumed run writes some steps again."""
    run, metrics = growth.run, growth.metrics
    if metrics.void_from is not None:
        curves = curves.before(metrics.void_from)
    planned = in_force(run.record).get("epochs", 0) if run.record is not None else 0
    curves.folder = run.folder
    curves.epochs = planned if isinstance(planned, int) else 0
    curves.saved, curves.marks = growth.saved, growth.marks
    for name, figure in _STEP_FIGURES.items():
        curves[name].extend(metrics.rows["train"][figure])
    tests = metrics.rows["test"]
    columns: dict[str, Floats] = {
        "epoch": tests["epoch"],
        "epoch_step": tests["step"],
        "epoch_seconds": tests["seconds"],
    }
    for (split, figure), name in _EPOCH_FIGURES.items():
        columns[name] = _at(tests["epoch"], metrics.rows[split]["epoch"], metrics.rows[split][figure])
    for name in EPOCH_COLUMNS:
        curves[name].extend(columns[name])
    if len(curves["epoch"]):
        curves.steps_per_epoch = round(float(curves["epoch_step"].values[-1] / curves["epoch"].values[-1]))
    elif len(curves["step"]):
        # The first epoch is still going on, or was never completed.
        curves.steps_per_epoch = max(int(curves["step"].values[-1]), _steps_planned(run))
    return curves


def _steps_planned(run: Run) -> int:
    """How many steps an epoch has by what was asked; 0 where that cannot be told without reading data."""
    if run.record is None:
        return 0
    config = run.record.config
    images = next((entry.train_size for entry in DATASETS if entry.name == run.record.dataset), 0)
    batch, held_out, more = (config.get(name, 0) for name in ("batch_size", "validation_share", "extra_digits"))
    if not images or not all(isinstance(value, int | float) for value in (batch, held_out, more)) or batch < 1:
        return 0
    return math.ceil((images * (1 - held_out) + more) / batch)


def _at(wanted: Floats, epochs: Floats, figures: Floats) -> Floats:
    """The figure of each wanted epoch, NaN where it is missing; of two for one epoch the later one."""
    result = np.full(len(wanted), np.nan)
    if len(epochs) and len(wanted):
        places = np.searchsorted(epochs, wanted, side="right") - 1
        found = (places >= 0) & (epochs[np.maximum(places, 0)] == wanted)
        result[found] = figures[places[found]]
    return result
