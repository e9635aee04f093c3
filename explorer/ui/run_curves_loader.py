"""Reads the curves of the selected runs: seeds of one configuration as their mean, growing ones to be followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.runs.comparing import seed_groups
from explorer.runs.following import RunFollower
from explorer.runs.run_folder import Run
from explorer.ui.curve_data import RunCurves
from explorer.ui.curve_seeds import mean_of
from explorer.ui.run_curves import grown


@dataclass(frozen=True, eq=False)
class LoadedCurves:
    """Curves in the order of the rows, and those among them that still grow with what follows them."""

    curves: tuple[RunCurves, ...]
    growing: tuple[tuple[RunFollower, RunCurves], ...]


def load_curves(runs: Sequence[Run]) -> LoadedCurves:
    """The curves of runs; those that differ by their seed alone become one. Call it off the UI thread."""
    curves: list[RunCurves] = []
    growing: list[tuple[RunFollower, RunCurves]] = []
    for group in seed_groups(runs):
        read = []
        for run in group:
            follower = RunFollower(run.folder)
            growth = follower.read_new()
            found = grown(RunCurves(run.name), growth)
            read.append(found)
            if len(group) == 1 and not growth.is_over:
                growing.append((follower, found))
        # A seed that has not finished an epoch yet would leave nothing to take the mean of.
        whole = [found for found in read if len(found["epoch"])]
        curves += [mean_of(whole), *(found for found in read if not len(found["epoch"]))] if len(whole) > 1 else read
    return LoadedCurves(tuple(curves), tuple(growing))
