"""Figures of finished runs, read from their folders.

Free of torch; those that need the weights are in `weight_measures`.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.claims.claim import Measure
from explorer.claims.results import KeptRun
from explorer.claims.verdict import Figure
from explorer.runs.metrics import MetricsRow, read_metrics
from explorer.runs.run_folder import METRICS_NAME
from explorer.system.settings import Settings


@dataclass(frozen=True)
class Reading:
    """A figure of one run. `censored`: the run ended before it came to what was asked; the value is a lower bound."""

    value: float
    censored: bool = False


def figure_of(measure: Measure, arm: str, runs: Sequence[KeptRun], settings: Settings) -> Figure:
    """A measure over all runs of an arm; where a run diverged, the measure's worst value stands for it.

    Steps that were not reached are those that the run was to have, so that they are bounded from below.
    """
    ours = [run for run in runs if run.arm == arm]
    readings = [_reading(measure, run, settings) for run in ours]
    return Figure(
        arm=arm,
        seeds=tuple(run.seed for run in ours),
        values=tuple(reading.value for reading in readings),
        diverged=sum(run.diverged for run in ours),
        censored=sum(reading.censored for reading in readings),
    )


def _reading(measure: Measure, run: KeptRun, settings: Settings) -> Reading:
    if run.diverged:
        return Reading(math.nan if measure.worst is None else measure.worst)
    function = _BY_ROWS.get(measure.name)
    if function is not None:
        return function(read_metrics(run.folder / METRICS_NAME), **measure.parameters)
    # These load the weights, and with them torch.
    module = importlib.import_module("explorer.claims.weight_measures")
    value: float = getattr(module, measure.name)(run.folder, settings, **measure.parameters)
    return Reading(value)


def train_error(rows: Sequence[MetricsRow]) -> Reading:
    """The share of training images answered wrongly over the last epoch, while it was trained."""
    return _last(rows, "epoch", _error)


def train_loss(rows: Sequence[MetricsRow]) -> Reading:
    """The mean training loss over the last epoch."""
    return _last(rows, "epoch", lambda row: row.loss)


def test_error(rows: Sequence[MetricsRow]) -> Reading:
    """The share of test images answered wrongly after the last epoch."""
    return _last(rows, "test", _error)


def generalisation_gap(rows: Sequence[MetricsRow]) -> Reading:
    """How much larger the test error is than the training error after the last epoch."""
    return Reading(test_error(rows).value - train_error(rows).value)


def missed_iou(rows: Sequence[MetricsRow]) -> Reading:
    """What the mean IoU of the test masks lacks of 1 after the last epoch."""
    return _last(rows, "test", lambda row: math.nan if row.mean_iou is None else 1 - row.mean_iou)


def steps_to_train_error(rows: Sequence[MetricsRow], *, error: float, window: int = 20) -> Reading:
    """The step at which the mean training error of `window` steps first is `error` or less.

    Where it never is, the last step there was, marked as censored.
    """
    steps = [row for row in rows if row.split == "train" and row.accuracy is not None]
    return _first_at_most([(row.step, _error(row)) for row in steps], error, window)


def steps_to_train_loss(rows: Sequence[MetricsRow], *, loss: float, window: int = 20) -> Reading:
    """The step at which the mean training loss of `window` steps first is `loss` or less; else as above."""
    return _first_at_most([(row.step, row.loss) for row in rows if row.split == "train"], loss, window)


def steps_to_test_error(rows: Sequence[MetricsRow], *, error: float) -> Reading:
    """The steps after which the test error, looked at after each epoch, first is `error` or less; else as above."""
    return _first_at_most([(row.step, _error(row)) for row in rows if row.split == "test"], error, 1)


def _first_at_most(values: Sequence[tuple[int, float]], limit: float, window: int) -> Reading:
    if not values:
        return Reading(math.nan)
    total = 0.0
    for place, (step, value) in enumerate(values):
        total += value
        if place >= window:
            total -= values[place - window][1]
        if place >= window - 1 and total / window <= limit:
            return Reading(float(step))
    return Reading(float(values[-1][0]), censored=True)


def _last(rows: Sequence[MetricsRow], split: str, figure: Callable[[MetricsRow], float]) -> Reading:
    found = [row for row in rows if row.split == split]
    return Reading(figure(found[-1]) if found else math.nan)


def _error(row: MetricsRow) -> float:
    return math.nan if row.accuracy is None else 1 - row.accuracy


_BY_ROWS: dict[str, Callable[..., Reading]] = {
    function.__name__: function
    for function in (
        train_error,
        train_loss,
        test_error,
        generalisation_gap,
        missed_iou,
        steps_to_train_error,
        steps_to_train_loss,
        steps_to_test_error,
    )
}


def names() -> tuple[str, ...]:
    """The measures that need no weights."""
    return tuple(_BY_ROWS)
