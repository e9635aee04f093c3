"""A long level in rows, like the lines of a text: cut where a single tensor passes, its pieces below each other.

Each row runs as the level did. What passes a cut leads from the end of its row through the free strip below it to the
beginning of the next, where nothing else is, so that it runs through nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from explorer.structure.layout_level import IN, OUT, Drawing, Element, Level, Point, Spacing, Thick
from explorer.structure.layout_routes import straightened

# A level that is longer than its room by no more than this share stays in one row.
_TOLERANCE = 1.12
_SAME = 1e-3
# What a row costs whose end is not that of a stage of equal resolution, and a row that is too long, as shares of the
# square of its length.
_WITHIN_STAGE = 0.04
_TOO_LONG = 6.0
# The last row may well be shorter than the others.
_LAST = 0.4
# How far a bus's words reach from their middle across it at most: upright they take their length.
_LABEL = 1.2


@dataclass(frozen=True)
class _Cut:
    """A place along the level at which one tensor alone passes, `ends_stage` where it is smaller than that before."""

    x: float
    ends_stage: bool


@dataclass
class _Row:
    """The part of a level between two cuts: how far it reaches across, and where it goes."""

    start: float
    end: float
    top: float = 0
    bottom: float = 0
    dx: float = 0
    dy: float = 0


def wrap(level: Level, drawing: Drawing, room: float, spacing: Spacing, least_width: float) -> bool:
    """Puts a drawn level into rows of about `room`; says whether it was longer than that and could be cut."""
    if drawing.is_whole or drawing.width <= _TOLERANCE * room:
        return False
    cuts = _chosen(list(_cuts(level, drawing, spacing.track)), drawing.width, room)
    if not cuts:
        return False
    _Wrapper(level, drawing, cuts, spacing).wrap(least_width)
    return True


def _cuts(level: Level, drawing: Drawing, least: float) -> Iterator[_Cut]:
    """Where the level can be cut: between the columns of elements, one cut in each gap of at least that room."""
    places = [place for place in _places(level, drawing) if place[1] >= least]
    found = [x for x, _, _ in places]
    lines: dict[str, list[tuple[Point, ...]]] = {}
    for (key, _), line in drawing.lines.items():
        lines.setdefault(key, []).append(line)
    # How many nets pass each place, and the sum of their numbers, which is the net's own where it is the only one.
    count, total = [0] * (len(found) + 1), [0] * (len(found) + 1)
    keys = list(lines)
    for number, key in enumerate(keys):
        along = [x for line in lines[key] for x, _ in line]
        first, last = bisect_right(found, min(along)), bisect_left(found, max(along))
        if first < last:
            count[first] += 1
            count[last] -= 1
            total[first] += number
            total[last] -= number
    ends_stage = _stage_ends(level)
    passing = number = 0
    best: dict[int, tuple[float, _Cut]] = {}
    for place, (x, width, gap) in enumerate(places):
        passing += count[place]
        number += total[place]
        heights = [bus.y + bus.height / 2 for bus in drawing.buses if bus.x < x < bus.x + bus.width]
        if passing > 1 or not passing + len(heights):
            continue
        if passing:
            crossed = [_heights(line, x) for line in lines[keys[number]]]
            if any(len(ys) > 1 for ys in crossed):
                continue
            heights += [y for ys in crossed for y in ys]
        if heights and max(heights) - min(heights) <= _SAME and width > best.get(gap, (0.0,))[0]:
            best[gap] = width, _Cut(x, passing == 1 and keys[number] in ends_stage)
    return (cut for _, cut in best.values())


def _places(level: Level, drawing: Drawing) -> Iterator[tuple[float, float, int]]:
    """Places between elements and upright pieces of lines, with the room there and the number of the gap."""
    upright = sorted({x for line in drawing.lines.values() for (x, _), (after, _) in pairwise(line) if x == after})
    for gap, (start, end) in enumerate(_gaps(level)):
        inside = upright[bisect_right(upright, start) : bisect_left(upright, end)]
        for left, right in pairwise((start, *inside, end)):
            yield (left + right) / 2, right - left, gap


def _gaps(level: Level) -> Iterator[tuple[float, float]]:
    """The free parts between the elements of a level, along it."""
    taken = sorted(
        (element.x - element.beside, element.far + element.beside)
        for element in level.elements
        if element.key in level.inner
    )
    end = taken[0][1] if taken else 0.0
    for start, last in taken:
        if start > end:
            yield end, start
        end = max(end, last)


def _heights(line: tuple[Point, ...], x: float) -> list[float]:
    return [y for (start, y), (end, _) in pairwise(line) if min(start, end) < x < max(start, end)]


def _stage_ends(level: Level) -> set[str]:
    """The nets whose maps are smaller than those that their source reads."""
    read: dict[int, tuple[int, ...]] = {}
    for net in level.nets:
        for target in net.targets:
            read.setdefault(target, net.shape)
    found = set()
    for net in level.nets:
        before = read.get(net.source, ())
        if len(before) == len(net.shape) > 1 and net.shape[-1] < before[-1]:
            found.add(net.key)
    return found


def _chosen(cuts: list[_Cut], width: float, room: float) -> list[float]:
    """The cuts that give rows of about the same length, at the ends of stages where that is as good."""
    places = [_Cut(0.0, ends_stage=True), *cuts, _Cut(width, ends_stage=True)]
    best = [0.0]
    before = [0]
    for end in range(1, len(places)):
        options: list[tuple[float, int]] = []
        for start in range(end - 1, -1, -1):
            length = places[end].x - places[start].x
            if length > 1.5 * room and options:
                break
            slack = (room - length) / room
            cost = slack**2 * (_TOO_LONG if slack < 0 else _LAST if end == len(places) - 1 else 1.0)
            options.append((best[start] + cost + (0.0 if places[end].ends_stage else _WITHIN_STAGE), start))
        least, start = min(options)
        best.append(least)
        before.append(start)
    found = []
    here = before[-1]
    while here:
        found.append(places[here].x)
        here = before[here]
    return found[::-1]


class _Wrapper:
    def __init__(self, level: Level, drawing: Drawing, cuts: list[float], spacing: Spacing) -> None:
        self._level = level
        self._drawing = drawing
        self._spacing = spacing
        self._cuts = cuts
        self._rows = [_Row(start, end) for start, end in pairwise((0.0, *cuts, drawing.width))]
        # Inside a frame, what comes back keeps away from its border.
        thickest = max((min(bus.width, bus.height) for bus in drawing.buses), default=0.0)
        self._side = spacing.side if level.has_ports else thickest / 2
        self._strip = spacing.row + spacing.wire

    def wrap(self, least_width: float) -> None:
        drawing, rows = self._drawing, self._rows
        pieces = {key: list(self._split(line)) for key, line in drawing.lines.items()}
        self._measure(pieces)
        bottom = rows[0].bottom
        for row in rows[1:]:
            row.dx = self._side - row.start
            row.dy = bottom + self._strip - row.top
            bottom = row.bottom + row.dy
        width = max(least_width, *(row.end + row.dx + self._side for row in rows[:-1]), rows[-1].end + rows[-1].dx)
        for element in self._level.elements:
            row = rows[self._place(element)]
            element.x += row.dx
            element.y += row.dy
        outputs = {index for index, element in enumerate(self._level.elements) if element.key.startswith(OUT)}
        for index in outputs:
            self._level.elements[index].x = width
        for key, parts in pieces.items():
            line = self._joined(parts)
            if key[1] in outputs:
                line[-1] = (width, line[-1][1])
            drawing.lines[key] = straightened(line)
        drawing.buses = [piece for bus in drawing.buses for piece in self._bus(bus)]
        drawing.width, drawing.top, drawing.bottom = width, rows[0].top, bottom
        drawing.in_rows = True

    def _row_at(self, x: float) -> int:
        return bisect_right(self._cuts, x)

    def _place(self, element: Element) -> int:
        if element.key.startswith(OUT):
            return len(self._rows) - 1
        if element.key.startswith(IN):
            return 0
        return self._row_at(element.x + element.width / 2)

    def _split(self, line: tuple[Point, ...]) -> Iterator[tuple[int, list[Point]]]:
        """The parts of a line in the rows that it passes; they end and begin at the cuts."""
        row = self._row_at(line[0][0])
        part = [line[0]]
        for point in line[1:]:
            last = self._row_at(point[0])
            while row != last:
                cut = self._cuts[row if last > row else row - 1]
                part.append((cut, point[1]))
                yield row, part
                row += 1 if last > row else -1
                part = [(cut, point[1])]
            part.append(point)
        yield row, part

    def _measure(self, pieces: dict[tuple[str, int], list[tuple[int, list[Point]]]]) -> None:
        """How far each row reaches across."""
        heights: list[list[float]] = [[] for _ in self._rows]
        for parts in pieces.values():
            for row, part in parts:
                heights[row] += (y for _, y in part)
        for element in self._level.elements:
            if element.key in self._level.inner:
                reach = (element.y - element.above, element.y + element.height + element.below)
                heights[self._place(element)] += reach
        for bus in self._drawing.buses:
            for row in range(self._row_at(bus.x), self._row_at(bus.x + bus.width) + 1):
                heights[row] += (bus.y, bus.y + bus.height)
            for (x, y), _ in bus.labels:
                heights[self._row_at(x)] += (y - _LABEL * self._spacing.wire, y)
        for measured, found in zip(self._rows, heights, strict=True):
            measured.top, measured.bottom = min(found, default=0.0), max(found, default=0.0)

    def _joined(self, parts: list[tuple[int, list[Point]]]) -> list[Point]:
        points: list[Point] = []
        before = parts[0][0]
        for number, part in parts:
            row = self._rows[number]
            moved = [(x + row.dx, y + row.dy) for x, y in part]
            if number != before:
                strip = self._below(min(number, before))
                points += [(points[-1][0], strip), (moved[0][0], strip)]
            points += moved
            before = number
        return points

    def _below(self, row: int) -> float:
        """The middle of the strip below a row."""
        return self._rows[row].bottom + self._rows[row].dy + self._strip / 2

    def _bus(self, bus: Thick) -> Iterator[Thick]:
        """The pieces of a bus in the rows that it passes, and those from row to row."""
        half, middle = bus.height / 2, bus.y + bus.height / 2
        first, last = self._row_at(bus.x), self._row_at(bus.x + bus.width)
        for number in range(first, last + 1):
            row = self._rows[number]
            start = (bus.x if number == first else row.start) + row.dx
            end = (bus.x + bus.width if number == last else row.end) + row.dx
            labels = [((x + row.dx, y + row.dy), text) for (x, y), text in bus.labels if self._row_at(x) == number]
            yield Thick(start, bus.y + row.dy, end - start, bus.height, labels)
            if number < last:
                below, strip, line = self._rows[number + 1], self._below(number), middle + row.dy
                back = below.start + below.dx
                yield Thick(end - half, line - half, bus.height, strip - line + bus.height)
                yield Thick(back - half, strip - half, end - back + bus.height, bus.height)
                yield Thick(back - half, strip - half, bus.height, middle + below.dy - strip + bus.height)
