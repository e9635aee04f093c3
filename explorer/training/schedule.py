"""The learning rate over a run, as a function of the step alone, so that a resumed run needs no saved schedule."""

from __future__ import annotations

import math

from explorer.training.config import Schedule

# One cycle (Smith and Topin, 2017), shortened: a linear rise over the first fifth, a cosine down to a thousandth.
_RISE = 0.2
_START = 0.04
_END = 0.001


def learning_rate(schedule: Schedule, peak: float, step: int, steps: int, warm_up: float = 0.0) -> float:
    """The rate of `step`, counted from 1, in a run of `steps`; `peak` is the highest.

    "one_cycle" rises, then falls; "cosine" falls to zero; "step" divides by 10 after half and after three quarters of
    the run; "constant" stays. Only the rate moves: momentum keeps its value. With `warm_up` a linear rise of so many
    steps comes first, for one cycle in place of its own; the schedule takes the steps that are left.
    """
    if warm_up > 0:
        if step - 1 < warm_up:
            return peak * (_START + (1 - _START) * (step - 1) / warm_up)
        done = (step - 1 - warm_up) / max(steps - warm_up, 1)
    else:
        done = (step - 1) / max(steps, 1)
        if schedule == "one_cycle":
            if done < _RISE:
                return peak * (_START + (1 - _START) * done / _RISE)
            done = (done - _RISE) / (1 - _RISE)
    if schedule == "one_cycle":
        return peak * (_END + (1 - _END) * _half_cosine(done))
    if schedule == "cosine":
        return peak * _half_cosine(done)
    if schedule == "step":
        return peak * (1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01)
    return peak


def _half_cosine(share: float) -> float:
    return (1 + math.cos(math.pi * min(max(share, 0.0), 1.0))) / 2
