"""Numbers that grow at the end, and an envelope of them that loses no extreme at any zoom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

# The finest blocks whose extremes are kept, and how many blocks make one of the next level. 16 values are read as fast
# as two kept indices; a quarter fewer blocks a level leaves at most four blocks to a pixel.
_FINEST = 16
_RATIO = 4
# So many points a pixel are drawn as they are.
_RAW = 4


class Column:
    """Numbers that grow at the end, in an array that doubles when it is full."""

    def __init__(self, capacity: int = 1024) -> None:
        self._array: Floats = np.empty(capacity)
        self._size = 0
        self._envelope: Envelope | None = None
        self._has_figures = False

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> Floats:
        """What is there so far; a view, valid until the next `extend`."""
        return self._array[: self._size]

    def extend(self, values: Sequence[float] | Floats) -> None:
        size = self._size + len(values)
        if size > len(self._array):
            grown: Floats = np.empty(max(size, 2 * len(self._array)))
            grown[: self._size] = self.values
            self._array = grown
        self._array[self._size : size] = values
        self._has_figures = self._has_figures or bool(np.isfinite(self._array[self._size : size]).any())
        self._size = size

    def cut(self, size: int) -> None:
        """Keeps the first `size` numbers: what follows is about to be another."""
        if size < self._size:
            self._size = size
            self._envelope = None

    @property
    def has_figures(self) -> bool:
        """Whether any value is a finite number."""
        return self._has_figures

    def extremes(self, begin: int, end: int, columns: int) -> Indices:
        """Where between `begin` and `end` a curve of so many pixels must pass; see `Envelope.indices`."""
        if self._envelope is None:
            self._envelope = Envelope()
        return self._envelope.indices(self.values, begin, end, columns)


class Envelope:
    """The places of the smallest and the largest value of each block, at growing sizes of blocks.

    What is there of a growing array is computed once: a block whose values are all there is never looked at again.
    """

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def indices(self, values: Floats, begin: int, end: int, columns: int) -> Indices:
        """Which of `values[begin:end]` are worth drawing on `columns` pixels, in order.

        The smallest and the largest finite value are among them, and those of every pixel, and the last value; values
        just outside may be too. `values` must be those of the last call, and perhaps more.
        """
        begin, end, columns = max(begin, 0), min(end, len(values)), max(columns, 1)
        span = end - begin
        if span <= _RAW * columns:
            return np.arange(begin, max(end, begin))
        self._follow(values)
        wanted = span / columns
        level = next((each for each in reversed(self._levels) if each.size <= wanted and each.count), None)
        if level is None:
            # Blocks of a fixed place, so that nothing flickers while the view is moved.
            size = int(wanted)
            first = begin // size * size
            return _with_last(_extremes(values, np.arange(first, end // size * size), size), values, end, size)
        group = max(1, int(wanted / level.size))
        first = begin // level.size // group * group
        last = min(end // level.size, level.count) // group * group
        smallest = _best(values, level.smallest.values[first:last], group, np.argmin, np.inf)
        largest = _best(values, level.largest.values[first:last], group, np.argmax, -np.inf)
        kept = np.sort(np.stack([smallest, largest], axis=1), axis=1).ravel()
        rest = np.arange(max(last * level.size, 0), end)
        return _with_last(np.concatenate([kept, _extremes(values, rest, len(rest))]), values, end, 1)

    def _follow(self, values: Floats) -> None:
        size, below = _FINEST, len(values) // _FINEST
        number = 0
        while below:
            if number == len(self._levels):
                self._levels.append(_Level(size))
            level = self._levels[number]
            done, level_below = level.count, self._levels[number - 1] if number else None
            if below > done:
                if level_below is None:
                    places = np.arange(done * size, below * size)
                    low = _best(values, places, size, np.argmin, np.inf)
                    high = _best(values, places, size, np.argmax, -np.inf)
                else:
                    part = slice(done * _RATIO, below * _RATIO)
                    low = _best(values, level_below.smallest.values[part], _RATIO, np.argmin, np.inf)
                    high = _best(values, level_below.largest.values[part], _RATIO, np.argmax, -np.inf)
                level.smallest.extend(low)
                level.largest.extend(high)
            number += 1
            size *= _RATIO
            below //= _RATIO


class _Level:
    """The extremes of blocks of one size."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.smallest = _Places()
        self.largest = _Places()

    @property
    def count(self) -> int:
        return len(self.smallest.values)


class _Places:
    """Indices that grow at the end."""

    def __init__(self) -> None:
        self._array: Indices = np.empty(64, np.int64)
        self._size = 0

    @property
    def values(self) -> Indices:
        return self._array[: self._size]

    def extend(self, values: Indices) -> None:
        size = self._size + len(values)
        if size > len(self._array):
            grown: Indices = np.empty(max(size, 2 * len(self._array)), np.int64)
            grown[: self._size] = self.values
            self._array = grown
        self._array[self._size : size] = values
        self._size = size


def _best(values: Floats, places: Indices, group: int, choose: object, blank: float) -> Indices:
    """Of each group of places the one whose value `choose` chooses; values that are not finite count as `blank`."""
    if group == 1:
        return places
    rows = values[places].reshape(-1, group)
    chosen = choose(np.where(np.isfinite(rows), rows, blank), axis=1)  # type: ignore[operator]
    best: Indices = places.reshape(-1, group)[np.arange(len(rows)), chosen]
    return best


def _extremes(values: Floats, places: Indices, size: int) -> Indices:
    """The places of the extremes of each `size` places, in order; `places` is a whole number of blocks."""
    if not len(places):
        return places
    both = [_best(values, places, size, np.argmin, np.inf), _best(values, places, size, np.argmax, -np.inf)]
    kept: Indices = np.sort(np.stack(both, axis=1), axis=1).ravel()
    return kept


def _with_last(kept: Indices, values: Floats, end: int, size: int) -> Indices:
    """The places kept, the extremes of an incomplete last block, and the last place of all."""
    rest = np.arange(end // size * size, end) if size > 1 else np.empty(0, np.int64)
    more = _extremes(values, rest, len(rest)) if len(rest) else rest
    found: Indices = np.concatenate([kept, more, [end - 1]]).astype(np.int64)
    # An extreme may be both the smallest and the largest of its block.
    kept: Indices = found[np.concatenate([[True], np.diff(found) > 0])]
    return kept


def stride(begin: int, end: int, count: int) -> Indices:
    """About `count` places between `begin` and `end` for a smooth curve, and the last.

    They are at multiples, so that the curve does not change while the view is moved.
    """
    size = max(1, -(-(end - begin) // max(count, 1)))
    places = np.arange(begin // size * size, end, size)
    return np.append(places, end - 1) if len(places) and places[-1] != end - 1 else places
