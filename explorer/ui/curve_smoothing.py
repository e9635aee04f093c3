"""Smoothing of the curves: an exponential mean that is continued as a run grows."""

from __future__ import annotations

import math

import numpy as np

from explorer.ui.curve_column import Column, Floats

# Blocks of the smoothing below grow their weights to at most this; far from where a double overflows.
_LARGEST_WEIGHT = 1e200


class Smoother:
    """An exponential mean with bias correction, which takes values as they come.

    After t values the mean is sum(w^(t-i) x_i) / sum(w^(t-i)), so that the first values are not pulled to zero.
    (D. Kingma and J. Ba, Adam, arXiv:1412.6980, section 3, derive the correction.) Non-finite values are left out and
    have NaN in their place.
    """

    def __init__(self, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"a smoothing weight is 0 to 1 and less than 1, not {weight}")
        self._weight = weight
        self._sum = 0.0  # of w^(t-i) x_i
        self._total = 0.0  # of w^(t-i)

    def smooth(self, values: Floats) -> Floats:
        """The mean after each of the next values."""
        finite = np.isfinite(values)
        result = np.full(len(values), np.nan)
        result[finite] = self._smooth_finite(values[finite])
        return result

    def _smooth_finite(self, values: Floats) -> Floats:
        if self._weight == 0:
            return values
        length = max(1, int(math.log(_LARGEST_WEIGHT) / -math.log(self._weight)))
        result = np.empty(len(values))
        for begin in range(0, len(values), length):
            block = values[begin : begin + length]
            powers = self._weight ** np.arange(1, len(block) + 1)
            # With s the sum before the block, the sum after k values is w^k (s + x_1/w + x_2/w^2 + ... + x_k/w^k).
            sums = powers * (self._sum + np.cumsum(block / powers))
            totals = powers * (self._total + np.cumsum(1 / powers))
            # A large weight makes sum / total a ratio of nearly equal growth; both stay exact to rounding.
            result[begin : begin + length] = sums / totals
            self._sum, self._total = float(sums[-1]), float(totals[-1])
        return result


class Smoothed:
    """The smoothed losses of a run, continued as it grows; `reach` is how many steps the mean goes back."""

    def __init__(self, reach: float) -> None:
        self._smoother = Smoother(weight_over(reach))
        self._column = Column()

    def of(self, losses: Floats) -> Column:
        """As many means as there are losses; these must be those of the last call, and perhaps more."""
        done = len(self._column)
        if done < len(losses):
            self._column.extend(self._smoother.smooth(losses[done:]))
        return self._column


def weight_over(steps: float) -> float:
    """The weight whose mean reaches back over about that many steps: 1 - 1/steps; no smoothing for 1."""
    return 1 - 1 / max(1.0, steps)
