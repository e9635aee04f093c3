"""A run's curves from its folder."""

from __future__ import annotations

import math

from explorer.runs.metrics import MetricsRow, read_metrics
from explorer.runs.run_folder import METRICS_NAME, Run
from explorer.ui.curve_data import RunCurves


def read_curves(run: Run) -> RunCurves:
    """The curves that a run has measured so far; empty ones where it has no metrics.

    It reads the disk: call it off the UI thread.
    """
    rows = read_metrics(run.folder / METRICS_NAME)
    planned = run.record.config.get("epochs", 0) if run.record is not None else 0
    curves = RunCurves(run.name, epochs=planned if isinstance(planned, int) else 0)
    steps = [row for row in rows if row.split == "train"]
    curves.step.extend([row.step for row in steps])
    curves.loss.extend([row.loss for row in steps])
    curves.seconds.extend([row.seconds for row in steps])
    trained = {row.epoch: row for row in rows if row.split == "epoch"}
    for row in rows:
        if row.split == "test":
            _add_epoch(curves, row, trained.get(row.epoch))
    if len(curves.epoch):
        curves.steps_per_epoch = round(float(curves.epoch_step.values[-1] / curves.epoch.values[-1]))
    elif steps:
        # The first epoch is still going on; all that is known is how many steps it has at least.
        curves.steps_per_epoch = steps[-1].step
    return curves


def _add_epoch(curves: RunCurves, test: MetricsRow, trained: MetricsRow | None) -> None:
    curves.add_epoch(
        test.epoch,
        test.step,
        test.seconds,
        train_loss=trained.loss if trained else math.nan,
        train_accuracy=_or_nan(trained.accuracy) if trained else math.nan,
        test_loss=test.loss,
        test_accuracy=_or_nan(test.accuracy),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
