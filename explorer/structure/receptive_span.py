"""What the units of a map see of an image along one axis, unit by unit.

A window of size k, stride s, padding p and dilation d on units that are `step` pixels apart grows a field by
(k - 1) d step, lets it begin p step further out, and makes the step s step (Araujo, Norris, Sim: Computing receptive
fields of convolutional neural networks, Distill 2019). Behind layers that make maps larger, neighbouring units may see
the same pixels or fields of other sizes, in a pattern that repeats: a span holds one turn of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

Interval = tuple[int, int]
"""The first pixel and the one behind the last; negative ones lie in the padding."""

# Sizes that have little to do with each other, such as 97 made of 61, repeat late.
_LONGEST_TURN = 1024


@dataclass(frozen=True)
class Span:
    """Unit number `i` of a turn sees `intervals[i]`; each further turn lies `advance` pixels on.

    A unit may see nothing (None): a transposed convolution leaves such holes where its stride exceeds its window. All
    units see the same where `advance` is 0.
    """

    intervals: tuple[Interval | None, ...] = ((0, 1),)
    advance: int = 1

    @property
    def is_same_for_all(self) -> bool:
        return self.advance == 0

    @property
    def size(self) -> int:
        """How many pixels a unit sees; the most, where units differ."""
        return max((seen[1] - seen[0] for seen in self.intervals if seen), default=0)

    @property
    def step(self) -> int | Fraction:
        """How far the field moves from one unit to the next, on the whole."""
        if len(self.intervals) == 1:
            return self.advance
        step = Fraction(self.advance, len(self.intervals))
        return int(step) if step.denominator == 1 else step

    @property
    def start(self) -> int:
        """Where the field of the first unit begins that sees anything."""
        return next((seen[0] for seen in self.intervals if seen), 0)

    def of(self, unit: int) -> Interval | None:
        """What a unit sees; numbers below 0 and beyond the map stand for units in the padding."""
        turn, place = divmod(unit, len(self.intervals))
        seen = self.intervals[place]
        return None if seen is None else (seen[0] + turn * self.advance, seen[1] + turn * self.advance)

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Span | None:
        """What a convolution's or pool's units see."""
        if len(self.intervals) == 1 and self.intervals[0] is not None:
            begin, end = self.intervals[0]
            out = padding * self.advance
            return Span(((begin - out, end - out + (kernel - 1) * dilation * self.advance),), self.advance * stride)

        def read(unit: int) -> Iterable[int]:
            first = unit * stride - padding
            return range(first, first + (kernel - 1) * dilation + 1, dilation)

        return self.through(read, 1, stride)

    def transposed(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Span | None:
        """What a transposed convolution's units see."""

        def read(unit: int) -> Iterable[int]:
            places = (unit + padding - dilation * tap for tap in range(kernel))
            return (place // stride for place in places if place % stride == 0)

        return self.through(read, stride, 1)

    def resampled(self, ratio: Fraction, taps: range, shift: Fraction = Fraction(0)) -> Span | None:
        """What is read at place `ratio` (i + shift) - shift by unit i: `taps` around it, one where it meets a unit.

        Nearest neighbours are the tap at 0 with no shift; linear interpolation has the taps 0 and 1.
        """

        def read(unit: int) -> Iterable[int]:
            place = ratio * (unit + shift) - shift
            first = place.numerator // place.denominator
            return (first,) if place.denominator == 1 else (first + tap for tap in taps)

        return self.through(read, ratio.denominator, ratio.numerator)

    def pooled(self, units: int, outputs: int) -> Span | None:
        """What adaptive pooling of so many units to `outputs` sees."""
        if outputs == 1:
            return self.all_of(units)
        ratio = Fraction(units, outputs)
        return self.through(
            lambda unit: range(unit * units // outputs, -(-(unit + 1) * units // outputs)),
            ratio.denominator,
            ratio.numerator,
        )

    def windowed(self, side: int, shift: int) -> Span | None:
        """What is seen by units of which each looks at all of its group of `side`; the first group ends at `shift`."""

        def read(unit: int) -> Iterable[int]:
            first = (unit - shift) // side * side + shift
            return range(first, first + side)

        return self.through(read, side, side)

    def all_of(self, units: int) -> Span:
        """What one unit sees that looks at all `units` along this axis."""
        if self.is_same_for_all:
            return self
        return Span((_hull(map(self.of, range(units))),), 0)

    def union(self, other: Span) -> Span | None:
        """What is seen by units that read one unit of each; None where the two never keep step.

        Where one is the same for all units, as behind a global pool, it is taken to hold what the others see.
        """
        if self.advance == 0 or other.advance == 0:
            fixed = self if self.advance == 0 else other
            return Span((_hull((fixed.of(0), (other if fixed is self else self).of(0))),), 0)
        mine, theirs = len(self.intervals), len(other.intervals)
        turn = lcm(mine, theirs)
        if self.advance * theirs != other.advance * mine or turn > _LONGEST_TURN:
            return None
        return _shortest(
            Span(tuple(_hull((self.of(i), other.of(i))) for i in range(turn)), self.advance * turn // mine)
        )

    def through(self, read: Callable[[int], Iterable[int]], every: int, moves: int) -> Span | None:
        """What is seen by units that read the units `read(i)` here, when `read(i + every)` is `read(i)` plus `moves`.

        None where the pattern takes too long to repeat.
        """
        mine = len(self.intervals)
        turns = mine // gcd(mine, moves)
        if every * turns > _LONGEST_TURN:
            return None
        seen = tuple(_hull(map(self.of, read(unit))) for unit in range(every * turns))
        return _shortest(Span(seen, self.advance * moves * turns // mine))


def _hull(seen: Iterable[Interval | None]) -> Interval | None:
    known = [interval for interval in seen if interval is not None]
    return (min(begin for begin, _ in known), max(end for _, end in known)) if known else None


def _shortest(span: Span) -> Span:
    """The same with the shortest turn that repeats."""
    length = len(span.intervals)
    for turn in range(1, length):
        if length % turn == 0 and span.advance * turn % length == 0:
            short = Span(span.intervals[:turn], span.advance * turn // length)
            if all(short.of(unit) == seen for unit, seen in enumerate(span.intervals)):
                return short
    return span
