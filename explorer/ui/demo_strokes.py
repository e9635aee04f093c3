"""The digit that the program draws by itself: a five, in the two strokes of a hand."""

from __future__ import annotations

import math

from explorer.data.sketch import Sketch, Stroke

Point = tuple[float, float]

# In the pad's space of 280 x 280, y down. While it grows, the shipped weights take it for a 1, a 6, a 4, then a 5.
_BODY: tuple[Point, ...] = (
    (104, 66), (100, 98), (97, 130), (122, 120), (156, 122), (180, 148),
    (182, 184), (160, 214), (126, 222), (88, 206),
)  # fmt: skip
_BAR: tuple[Point, ...] = ((104, 66), (140, 63), (186, 60))
_SPACING = 4.0


def demo_sketch() -> Sketch:
    """The whole digit."""
    return Sketch(tuple(Stroke(_smooth(corners)) for corners in (_BODY, _BAR)))


def _smooth(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    """A curve through all corners (Catmull-Rom), in points at about equal distances."""
    ends = (corners[0], *corners, corners[-1])
    points = [corners[0]]
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        steps = max(1, round(math.dist(start, end) / _SPACING))
        points += [_between(before, start, end, after, step / steps) for step in range(1, steps + 1)]
    return tuple(points)


def _between(before: Point, start: Point, end: Point, after: Point, share: float) -> Point:
    def along(axis: int) -> float:
        a, b, c, d = before[axis], start[axis], end[axis], after[axis]
        return 0.5 * (
            2 * b
            + (c - a) * share
            + (2 * a - 5 * b + 4 * c - d) * share**2
            + (3 * b - a - 3 * c + d) * share**3
        )  # fmt: skip

    return along(0), along(1)
