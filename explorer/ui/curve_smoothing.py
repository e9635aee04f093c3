"""Smoothing of the curves: a mean of the values around each, continued as a run grows."""

from __future__ import annotations

import numpy as np

from explorer.ui.curve_column import Column, Floats


def centred_mean(values: Floats, reach: int) -> Floats:
    """The mean of `reach` values with each in their middle, so that no curve lags behind what it is of.

    At both ends the mean is over as many as there are. Non-finite values are left out and have NaN in their place.

    Raises:
        ValueError: the reach is less than 1.
    """
    if reach < 1:
        raise ValueError(f"a mean is over 1 value or more, not {reach}")
    finite = np.isfinite(values)
    if reach == 1:
        return np.where(finite, values, np.nan)
    sums = _window_sums(np.where(finite, values, 0.0), reach)
    counts = _window_sums(finite.astype(float), reach)
    return np.where(finite, sums / np.maximum(counts, 1), np.nan)


class Smoothed:
    """The smoothed losses of a run, continued as it grows; `reach` is over how many steps each mean is."""

    def __init__(self, reach: int) -> None:
        self._reach = max(1, reach)
        self._column = Column()

    def of(self, losses: Floats) -> Column:
        """As many means as there are losses; these must be those of the last call, and perhaps more."""
        before, after = _sides(self._reach)
        done = len(self._column)
        if done < len(losses):
            # The newest means were over fewer values than there are now.
            settled = max(0, done - after)
            begin = max(0, settled - before)
            self._column.cut(settled)
            self._column.extend(centred_mean(losses[begin:], self._reach)[settled - begin :])
        return self._column


def _sides(reach: int) -> tuple[int, int]:
    """How many values before and behind the middle one belong to it."""
    return (reach - 1) // 2, reach // 2


def _window_sums(values: Floats, reach: int) -> Floats:
    """The sum of the `reach` values around each place, of fewer at the ends.

    A window of `reach` values is the end of one block of that length and the beginning of the next (M. van Herk, 1992,
    does this for extremes), so that nothing is subtracted and one huge value spoils its neighbours alone.
    """
    before, after = _sides(reach)
    count = len(values)
    padded = np.zeros(-(-(count + before + after) // reach) * reach)
    padded[before : before + count] = values
    blocks = padded.reshape(-1, reach)
    first = np.cumsum(blocks, axis=1).ravel()
    last = np.cumsum(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    places = np.arange(count)
    ends = first[places + reach - 1]
    sums: Floats = np.where(places % reach == 0, ends, last[places] + ends)
    return sums
