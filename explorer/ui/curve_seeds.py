"""Several seeds of one run as their mean, with the members kept for the band around it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from explorer.ui.curve_column import Floats, Indices
from explorer.ui.curve_data import EPOCH_COLUMNS, STEP_COLUMNS, RunCurves


def mean_of(runs: Sequence[RunCurves]) -> RunCurves:
    """The mean of runs that differ by their seed alone, over the steps and epochs that all of them have.

    A figure that one of them lacks is missing in the mean, which would jump where a run ends otherwise.
    """
    steps = functools.reduce(np.intersect1d, [run["step"].values for run in runs])
    epochs = functools.reduce(np.intersect1d, [run["epoch"].values for run in runs])
    members = tuple(_cut(run, steps, epochs) for run in runs)
    first = members[0]
    name = f"{first.name}, {len(runs)} seeds"
    mean = RunCurves(name, first.steps_per_epoch, max(run.epochs for run in runs), first.folder, first.saved)
    for column in (*STEP_COLUMNS, *EPOCH_COLUMNS):
        mean[column].extend(np.mean([member[column].values for member in members], axis=0))
    mean.marks = tuple(mark for member in members for mark in member.marks)
    mean.members = members
    return mean


def limits(run: RunCurves, name: str, places: Indices, reach: int = 0) -> tuple[Floats, Floats]:
    """The smallest and the largest of the members' figures; with a `reach`, of their losses smoothed over it."""
    columns = [member.smoothed(reach) if reach else member[name] for member in run.members]
    found = np.array([column.values[places] for column in columns])
    return found.min(axis=0), found.max(axis=0)


def _cut(run: RunCurves, steps: Floats, epochs: Floats) -> RunCurves:
    cut = RunCurves(run.name, run.steps_per_epoch, run.epochs, run.folder, run.saved, run.marks)
    kept = np.isin(run["step"].values, steps)
    for name in STEP_COLUMNS:
        cut[name].extend(run[name].values[kept])
    kept = np.isin(run["epoch"].values, epochs)
    for name in EPOCH_COLUMNS:
        cut[name].extend(run[name].values[kept])
    return cut
