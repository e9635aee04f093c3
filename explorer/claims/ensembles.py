"""Claim 7: several trained networks together against each alone, on the images that they were tested on."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from explorer.claims.claim import Measure, Part
from explorer.claims.results import Chart, Computed, Context, Line
from explorer.claims.verdict import Figure, judge
from explorer.claims.weight_measures import trained


def compare(context: Context, *, members: int) -> Computed:
    """Groups of `members` runs, each group against the mean of its own members; no run is in two groups."""
    answers: list[tuple[Tensor, Tensor]] = []
    runs = [run for run in context.runs if not run.diverged]
    for place, run in enumerate(runs):
        context.step(f"asking {run.arm}, seed {run.seed}", place / len(runs))
        found = trained(run.folder, context.settings)
        answers.append((found.probabilities(found.images), found.labels))
    groups = [answers[start : start + members] for start in range(0, len(answers) - members + 1, members)]
    alone = [float(np.mean([_error(one, labels) for one, labels in group])) for group in groups]
    together = [_error(torch.stack([one for one, _ in group]).mean(0), group[0][1]) for group in groups]
    numbers = tuple(range(len(groups)))
    figures = {
        "ensemble": Figure("ensemble", numbers, tuple(together)),
        "a member": Figure("a member", numbers, tuple(alone)),
    }
    measure = Measure("test_error", "the test error", per="group")
    says = f"{members} networks together err less than one of them"
    part = judge(Part(says, "lower", measure, "ensemble", "a member"), figures)
    counts = range(1, len(answers) + 1)
    errors = [_error(torch.stack([one for one, _ in answers[:count]]).mean(0), answers[0][1]) for count in counts]
    chart = Chart(
        "Error by number of members",
        "members",
        "test error",
        (Line("mean of the first members", tuple(float(count) for count in counts), tuple(errors)),),
    )
    return Computed((part,), (chart,) if not math.isnan(sum(errors)) and errors else ())


def _error(probabilities: Tensor, labels: Tensor) -> float:
    return 1 - float((probabilities.argmax(1) == labels).double().mean())
