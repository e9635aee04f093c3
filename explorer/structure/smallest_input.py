"""The smallest square image that a network accepts, found by trying."""

from __future__ import annotations

from collections.abc import Callable

from explorer.structure.graph import Shape

_MOST_TRIALS = 40
_LARGEST = 1024
# What networks are made for, tried when doubling finds nothing: a vision transformer takes one size only.
_USUAL = (32, 64, 96, 112, 128, 160, 192, 224, 227, 240, 256, 288, 299, 320, 384, 448, 480, 512, 518, 572)

Judge = Callable[[Shape], int]
"""Says of an image's shape: 0 it works, -1 it may be too small, 1 it is too large."""


def smallest_input(judge: Judge, shape: Shape) -> Shape | None:
    """The smallest (channels, side, side) that works, with the channels of `shape`.

    Sizes are halved in between one that is too small and one that works, and those that are multiples of powers of two
    are looked at below; at most 40 sizes are tried. None where none works, and for what is no image.
    """
    if len(shape) != 3:
        return None
    search = _Search(judge, shape[0])
    working = search.first()
    if working is None:
        return None
    smallest = search.down_from(working)
    return shape[0], smallest, smallest


class _Search:
    def __init__(self, judge: Judge, channels: int) -> None:
        self._judge = judge
        self._channels = channels
        self._known: dict[int, int] = {}

    def first(self) -> int | None:
        """A side that works: by doubling, between too small and too large, or among the usual ones."""
        small, side = 0, 1
        while side <= _LARGEST:
            verdict = self._try(side)
            if verdict == 0:
                return side
            if verdict > 0:
                found = self._between(small, side)
                if found is not None:
                    return found
                break
            small, side = side, side * 2
        return next((side for side in _USUAL if self._try(side) == 0), None)

    def _between(self, small: int, large: int) -> int | None:
        while large - small > 1:
            middle = (small + large) // 2
            verdict = self._try(middle)
            if verdict == 0:
                return middle
            small, large = (middle, large) if verdict < 0 else (small, middle)
        return None

    def down_from(self, working: int) -> int:
        """The smallest side that works below one that does."""
        failing = max((side for side, verdict in self._known.items() if verdict and side < working), default=0)
        while working - failing > 1:
            middle = (failing + working) // 2
            if self._try(middle) == 0:
                working = middle
            else:
                failing = middle
        # Networks that halve an image several times may take every 32nd size only.
        for step in (64, 32, 16, 8, 4, 2):
            working = next((side for side in range(step, working, step) if self._try(side) == 0), working)
        return working

    def _try(self, side: int) -> int:
        if side not in self._known:
            if len(self._known) >= _MOST_TRIALS:
                return -1
            self._known[side] = self._judge((self._channels, side, side))
        return self._known[side]
