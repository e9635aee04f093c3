"""An encoder and decoder as a U: height is resolution, and the skips run straight across on their level.

What changes the resolution, a pooling on the way down and an upsampling on the way up, stands between the rows, so that
the arms are steep.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from explorer.structure.fold import Face
from explorer.structure.layout_level import IN, OUT, Drawing, Element, Level, Net, Point, Spacing

_LEAST_SKIPS = 2
# How long a piece of a skip is at least, in columns: its shape is written on it.
_SKIP = 6.5


@dataclass
class _U:
    """The trunk from start to end, and the skips from the outermost inwards.

    A skip is the places on the trunk between which it runs and the box on it, -1 where there is none.
    """

    trunk: list[int]
    skips: list[tuple[int, int, int]]


def draw_u(level: Level, spacing: Spacing, least_width: float) -> Drawing | None:
    """The level as a U; None where it is not one chain with skips inside one another to ever smaller resolutions."""
    shape = _find(level)
    return _Drawer(level, shape, spacing).draw(least_width) if shape else None


def _find(level: Level) -> _U | None:
    elements = level.elements
    if len(level.nets) < 2 * _LEAST_SKIPS or len({net.source for net in level.nets}) < len(level.nets):
        return None
    net_of = {net.source: net for net in level.nets}
    pills = {index for index, element in enumerate(elements) if element.face is Face.PILL}
    order = [index for index in range(len(elements)) if index not in pills]
    # Elements stand in execution order, and every edge of a U leads forward.
    place = {index: number for number, index in enumerate(order)}
    skips: list[tuple[int, int, int]] = []
    for number, index in enumerate(order):
        follows = False
        for target in net_of[index].targets if index in net_of else ():
            if target in pills:
                behind = net_of[target].targets if target in net_of else []
                if len(behind) != 1 or behind[0] not in place or place[behind[0]] <= number + 1:
                    return None
                skips.append((number, place[behind[0]], target))
            elif place[target] == number + 1:
                follows = True
            elif place[target] > number:
                skips.append((number, place[target], -1))
            else:
                return None
        if not follows and number + 1 < len(order):
            return None
    if len({pill for _, _, pill in skips} - {-1}) != len(pills) or len(skips) < _LEAST_SKIPS:
        return None
    for (start, end, _), (inner_start, inner_end, _) in pairwise(skips):
        sizes = net_of[order[start]].shape[1:], net_of[order[inner_start]].shape[1:]
        falls = len(sizes[0]) == len(sizes[1]) > 0 and sizes[1][-1] < sizes[0][-1]
        if not (start < inner_start < inner_end < end) or not falls:
            return None
    inside = skips[-1][1] - skips[-1][0]
    return _U(order, skips) if inside > 1 else None


class _Drawer:
    def __init__(self, level: Level, shape: _U, spacing: Spacing) -> None:
        self._level = level
        self._elements = level.elements
        self._shape = shape
        self._spacing = spacing
        self._net_of: dict[int, Net] = {net.source: net for net in level.nets}
        self._lines: dict[tuple[str, int], tuple[Point, ...]] = {}
        # By the row above: what stands between it and the next on the way down and up; -1 where nothing does.
        self._falls: list[int] = []
        self._rises: list[int] = []

    def draw(self, least_width: float) -> Drawing:
        trunk, skips = self._shape.trunk, self._shape.skips
        cuts = [start + 1 for start, _, _ in skips] + [end for _, end, _ in reversed(skips)]
        runs = [trunk[first:last] for first, last in zip([0, *cuts], [*cuts, len(trunk)], strict=True)]
        count = len(skips)
        self._take_steps(runs, count)
        # One row for each resolution: what leads to a skip on its left, what follows it on its right.
        heights = self._rows(runs, count)
        x = self._left_side(runs[: count + 1], heights)
        width = max(self._right_side(runs, count, x), *(element.far for element in self._elements))
        drawing = Drawing(self._lines, max(width, least_width), 0, 0, is_whole=True)
        for element in self._elements:
            if element.key.startswith(OUT):
                element.x = drawing.width
        self._connect()
        drawing.enclose(self._level)
        return drawing

    def _take_steps(self, runs: list[list[int]], count: int) -> None:
        """Takes what can stand between two rows out of the runs."""
        for row in range(count):
            below, first = runs[row + 1], runs[len(runs) - 1 - row][0]
            takes = len(below) > 1 and _is_open(self._elements[below[0]])
            self._falls.append(below.pop(0) if takes else -1)
            rising = runs[len(runs) - 2 - row]
            takes = len(rising) > 1 and _is_open(self._elements[rising[-1]]) and _is_open_below(self._elements[first])
            self._rises.append(rising.pop() if takes else -1)

    def _rows(self, runs: list[list[int]], count: int) -> list[float]:
        """The height of each row's line; elements are placed across it on the way."""
        for number, run in enumerate(runs):
            self._align(run, number > count)
        lines: list[float] = []
        bottom = 0.0
        for row in range(count + 1):
            members = {*runs[row], *runs[len(runs) - 1 - row]}
            pill = self._shape.skips[row][2] if row < count else -1
            if pill >= 0:
                self._elements[pill].y = -self._elements[pill].centre
                members.add(pill)
            inside = [self._elements[index] for index in members]
            top = min(element.y - element.above for element in inside)
            if row:
                bottom = self._between(row - 1, bottom) + self._spacing.row
            lines.append(bottom - top)
            for element in inside:
                element.y += lines[-1]
            bottom = max(element.y + element.height + element.below for element in inside)
        return lines

    def _between(self, row: int, bottom: float) -> float:
        """Places what stands between a row and the next across; returns where it ends."""
        steps = [self._elements[index] for index in (self._falls[row], self._rises[row]) if index >= 0]
        for step in steps:
            step.y = bottom + self._spacing.row
        return max((step.y + step.height for step in steps), default=bottom)

    def _align(self, run: list[int], is_right: bool) -> None:
        """Puts a run's elements on one line, which is at 0 where a skip leaves it or arrives."""
        line = 0.0
        for place, index in enumerate(run):
            element = self._elements[index]
            if place:
                element.y = line - element.entry(self._net_of[run[place - 1]].key)
            net = self._net_of.get(index)
            line = element.y + (element.exit(net.key) if net else element.centre)
        if not run:
            return
        if is_right:
            first = self._elements[run[0]]
            skip = next(skip for skip in self._shape.skips if self._shape.trunk[skip[1]] == run[0])
            key = self._net_of[skip[2] if skip[2] >= 0 else self._shape.trunk[skip[0]]].key
            shift = first.y + first.entry(key)
        else:
            shift = line
        for index in run:
            self._elements[index].y -= shift

    def _left_side(self, runs: list[list[int]], heights: list[float]) -> float:
        """Places the runs that lead down, each right of the one above; returns where the lowest ends."""
        spacing = self._spacing
        x = 0.0
        for row, run in enumerate(runs):
            x = self._along(run, x, is_first=row == 0, gap=row == 0 or self._falls[row - 1] < 0)
            last = self._elements[run[-1]]
            if row == len(heights) - 1:
                break
            if self._falls[row] >= 0:
                step, below = self._elements[self._falls[row]], self._elements[runs[row + 1][0]]
                middle = last.x + last.width / 2 if _is_open_below(last) else x + spacing.column
                least = spacing.side if self._level.has_ports else 0.0
                step.x = max(least, middle - step.width / 2)
                middle = step.x + step.width / 2
                x = max(least, middle - below.width / 2) if _is_open(below) else middle + spacing.column
                continue
            x = last.x + last.width / 2 + spacing.track if _is_open_below(last) else x + spacing.column
        return x

    def _right_side(self, runs: list[list[int]], count: int, x: float) -> float:
        """Places the runs that lead up; returns the level's width."""
        spacing = self._spacing
        for row in range(count - 1, -1, -1):
            run = runs[len(runs) - 1 - row]
            start, _, pill = self._shape.skips[row]
            source = self._elements[self._shape.trunk[start]]
            first = self._elements[run[0]]
            box = self._elements[pill]
            if self._rises[row] >= 0:
                x = self._rise(row, self._elements[runs[len(runs) - 2 - row][-1]], source, first, pill)
            else:
                if pill >= 0:
                    x = max(x, source.end + box.width + 2 * spacing.column)
                # The edge from below comes up in the middle of the box, right of all that is below.
                aside = spacing.track - first.width / 2 if _is_open_below(first) else spacing.column
                x = max(x + spacing.column, x + spacing.column + aside)
            if pill >= 0:
                box.x = (source.end + x - box.width) / 2
            x = self._along(run, x, is_first=False, gap=False)
        last = self._elements[runs[-1][-1]]
        x = max([x, *(element.far + element.beside for element in self._elements)])
        if self._level.has_ports and not last.key.startswith(OUT):
            x += spacing.side
        return x

    def _rise(self, row: int, below: Element, source: Element, first: Element, pill: int) -> float:
        """Places what stands between two rows on the way up; returns where what it leads to begins."""
        spacing, step = self._spacing, self._elements[self._rises[row]]
        wires = 2 * _SKIP * spacing.column + self._elements[pill].width if pill >= 0 else _SKIP * spacing.column
        least = source.end + source.beside + wires + first.width / 2
        if self._falls[row] >= 0:
            least = max(least, self._elements[self._falls[row]].far + spacing.column + step.width / 2)
        middle = below.x + below.width / 2
        if not _is_open(below) or middle < least:
            middle = max(least, below.end + below.beside + spacing.column)
        step.x = middle - step.width / 2
        return middle - first.width / 2

    def _along(self, run: list[int], x: float, *, is_first: bool, gap: bool = True) -> float:
        spacing = self._spacing
        for place, index in enumerate(run):
            element = self._elements[index]
            port = element.key.startswith((IN, OUT))
            if place or not is_first:
                x += 0 if not place and not gap else spacing.side if port else spacing.column
            elif self._level.has_ports and not port:
                x += spacing.side
            element.x = x + element.beside
            x = element.end + element.beside
        return x

    def _connect(self) -> None:
        trunk, skips = self._shape.trunk, self._shape.skips
        down = {start for start, _, _ in skips}
        up = {end for _, end, _ in skips}
        for place, (index, following) in enumerate(pairwise(trunk)):
            source, target, key = self._elements[index], self._elements[following], self._net_of[index].key
            leaving, entering = source.y + source.exit(key), target.y + target.entry(key)
            line = self._step_line(index, following, leaving, entering)
            if line is None and place + 1 in up and _is_open_below(target):
                middle = target.x + target.width / 2
                line = [(source.end, leaving), (middle, leaving), (middle, target.y + target.height)]
            elif line is None and place in down and _is_open_below(source):
                middle = source.x + source.width / 2
                line = [(middle, source.y + source.height), (middle, entering), (target.x, entering)]
            elif line is None and (place in down or place + 1 in up or leaving != entering):
                x = target.x - 0.5 * self._spacing.column
                line = [(source.end, leaving), (x, leaving), (x, entering), (target.x, entering)]
            self._lines[key, following] = tuple(line or [(source.end, leaving), (target.x, entering)])
        for start, end, pill in skips:
            if pill >= 0:
                self._straight(trunk[start], pill)
                self._straight(pill, trunk[end])
            else:
                self._straight(trunk[start], trunk[end])

    def _step_line(self, index: int, following: int, leaving: float, entering: float) -> list[Point] | None:
        """The edge to or from what stands between two rows; None where neither end does."""
        source, target = self._elements[index], self._elements[following]
        if index in self._falls:
            middle = source.x + source.width / 2
            start = (middle, source.y + source.height)
            return (
                [start, (middle, target.y)] if _is_open(target) else [start, (middle, entering), (target.x, entering)]
            )
        if index in self._rises:
            middle = source.x + source.width / 2
            return [(middle, source.y), (middle, target.y + target.height)]
        if following in self._falls or following in self._rises:
            middle = target.x + target.width / 2
            falls = following in self._falls
            end = (middle, target.y if falls else target.y + target.height)
            if source.x < middle < source.end:
                return [(middle, source.y + source.height if falls else source.y), end]
            return [(source.end, leaving), (middle, leaving), end]
        return None

    def _straight(self, index: int, following: int) -> None:
        source, target, key = self._elements[index], self._elements[following], self._net_of[index].key
        leaving, entering = source.y + source.exit(key), target.y + target.entry(key)
        self._lines[key, following] = ((source.end, leaving), (target.x, entering))


def _is_open(element: Element) -> bool:
    """Whether edges may come from above and leave below."""
    return _is_open_below(element) and not element.above


def _is_open_below(element: Element) -> bool:
    return element.is_box and not element.below and not element.behind
