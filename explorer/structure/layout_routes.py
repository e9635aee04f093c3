"""Columns, and the edges between them: horizontal beside the elements, vertical in the gaps between columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.structure.layout_level import Element, Level, Net, Point, Polyline, Spacing, Wire

# Heights that differ by less are drawn as one straight line.
_STRAIGHT = 1e-3
# The last of a gap is kept for arrow heads.
_LEAD = 0.38


@dataclass
class _Bundle:
    """What one net connects in one gap: the heights at which it comes from the left and leaves to the right."""

    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    x: float = 0

    @property
    def low(self) -> float:
        return min(*self.left, *self.right)

    @property
    def high(self) -> float:
        return max(*self.left, *self.right)

    @property
    def bends(self) -> bool:
        return self.high - self.low > _STRAIGHT


class LevelRoutes:
    """Places a level's columns and finds the way of each of its edges.

    The elements' `y` and the wires are given; `x` is set here. `width` is the level's; `lines[net, target]` leads from
    the border of the net's source to the border of the target.
    """

    def __init__(self, level: Level, spacing: Spacing, least_width: float = 0) -> None:
        self._level = level
        self._spacing = spacing
        self._columns: list[list[Element]] = [[] for _ in range(level.layers())]
        for element in level.elements:
            self._columns[element.layer].append(element)
        self._drops = self._find_drops()
        self._sources: dict[str, _Bundle] = {}
        self._taps: dict[tuple[int, int], _Bundle] = {}
        self._gaps: list[list[_Bundle]] = [[] for _ in range(level.layers() + 1)]
        self._bundle()
        self.width = self._place_columns(least_width)
        self.lines: dict[tuple[str, int], Polyline] = {}
        for net in level.nets:
            for target in net.targets:
                self.lines[net.key, target] = straightened(self._line(net, target))

    def _find_drops(self) -> dict[tuple[int, int], float]:
        """The edges that enter a box from above or below, and where: as a share of its width from the left."""
        wanted: dict[tuple[int, bool], list[tuple[float, int]]] = {}
        for _, wire in self._level.wires():
            if wire.in_row or wire.backward:
                continue
            for target in wire.targets:
                element = self._level.elements[target]
                if self._is_clear(wire, element):
                    above = wire.y < element.y
                    wanted.setdefault((target, above), []).append((abs(wire.y - element.y), id(wire)))
        drops: dict[tuple[int, int], float] = {}
        for (target, _), wires in wanted.items():
            for place, (_, name) in enumerate(sorted(wires)):
                drops[name, target] = 0.5 if len(wires) == 1 else 0.25 + 0.5 * place / (len(wires) - 1)
        return drops

    def _is_clear(self, wire: Wire, element: Element) -> bool:
        """Whether nothing but wires stands between a wire and a box's upper or lower border."""
        if not element.is_box or not element.width or wire.last < element.layer:
            return False
        if wire.y < element.y and not element.above:
            low, high = wire.y, element.y
        elif wire.y > element.y + element.height and not element.below and not element.behind:
            low, high = element.y + element.height, wire.y
        else:
            return False
        return not any(
            other.y - other.above < high and other.y + other.height + other.below > low
            for other in self._columns[element.layer]
            if other is not element
        )

    def _bundle(self) -> None:
        elements = self._level.elements
        entering: dict[tuple[int, int], _Bundle] = {}
        for net in self._level.nets:
            source = elements[net.source]
            bundle = _Bundle(left=[source.y + source.exit(net.key)])
            direct = [target for target in net.targets if net.wire_to(target) is None]
            bundle.right.extend(elements[target].y + elements[target].entry(net.key) for target in direct)
            for wire in net.wires:
                (bundle.left if wire.backward else bundle.right).append(wire.y)
            gap = source.layer + 1
            merged = _merged(entering, direct[0], bundle) if direct and len(bundle.right) == 1 else bundle
            self._add(gap, merged)
            self._sources[net.key] = merged
            for wire in net.wires:
                self._tap(net, wire, entering)

    def _tap(self, net: Net, wire: Wire, entering: dict[tuple[int, int], _Bundle]) -> None:
        elements = self._level.elements
        needed = {target: elements[target].layer for target in wire.targets}
        end = max(layer if (id(wire), target) in self._drops else layer - 1 for target, layer in needed.items())
        by_gap: dict[int, list[int]] = {}
        for target, layer in needed.items():
            if (id(wire), target) not in self._drops:
                by_gap.setdefault(layer, []).append(target)
        for gap, targets in by_gap.items():
            bundle = _Bundle(right=[elements[target].y + elements[target].entry(net.key) for target in targets])
            if wire.backward:
                bundle.right.append(wire.y)
            else:
                bundle.left.append(wire.y)
                if end >= gap:
                    bundle.right.append(wire.y)
            merged = _merged(entering, targets[0], bundle) if len(bundle.right) == 1 else bundle
            self._add(gap, merged)
            self._taps[id(wire), gap] = merged

    def _add(self, gap: int, bundle: _Bundle) -> None:
        if not any(other is bundle for other in self._gaps[gap]):
            self._gaps[gap].append(bundle)

    def _place_columns(self, least_width: float) -> float:
        spacing = self._spacing
        last = len(self._columns)
        widths: list[float] = []
        tracks: list[list[list[_Bundle]]] = []
        for gap, bundles in enumerate(self._gaps):
            tracks.append(_tracks([bundle for bundle in bundles if bundle.bends]))
            outside = gap in {0, last}
            at_border = self._level.has_ports and gap in {1, last - 1}
            base = spacing.side if at_border and not tracks[gap] else spacing.column
            widths.append(0 if outside and not tracks[gap] else base + spacing.track * max(0, len(tracks[gap]) - 1))
        sliding = [element for element in self._level.elements if element.span and self._may_slide(element)]
        columns = [
            max((element.width + 2 * element.beside for element in column if element not in sliding), default=0)
            for column in self._columns
        ]
        for element in sliding:
            first, end = element.span or (0, 0)
            room = sum(columns[first : end + 1]) + sum(widths[first + 1 : end + 1])
            columns[element.layer] += max(0.0, element.width - room)
        missing = max(0.0, least_width - sum(widths) - sum(columns))
        widths[min(1, last)] += missing / 2
        widths[max(0, last - 1)] += missing / 2
        x = 0.0
        starts: list[float] = []
        for gap, width in enumerate(widths):
            lead = x + (_LEAD * (width - spacing.track * max(0, len(tracks[gap]) - 1)))
            for place, bundles in enumerate(tracks[gap]):
                for bundle in bundles:
                    bundle.x = lead + place * spacing.track
            x += width
            starts.append(x)
            if gap < last:
                for element in self._columns[gap]:
                    element.x = x + (columns[gap] - element.width) / 2
                x += columns[gap]
        for element in sliding:
            first, end = element.span or (0, 0)
            element.x = (starts[first] + starts[end] + columns[end] - element.width) / 2
        return x

    def _may_slide(self, element: Element) -> bool:
        """Whether no vertical piece of an edge crosses a box's line where it has that line to itself."""
        first, last = element.span or (0, 0)
        top, bottom = element.y, element.y + element.height + element.below
        bends = (bundle for gap in range(first + 1, last + 1) for bundle in self._gaps[gap])
        if any(bundle.bends and bundle.low < bottom and bundle.high > top for bundle in bends):
            return False
        for _, wire in self._level.wires():
            for target in wire.targets:
                entered = self._level.elements[target]
                low, high = min(wire.y, entered.y), max(wire.y, entered.y)
                if entered is not element and first <= entered.layer <= last and low < bottom and high > top:
                    return False
        return True

    def _line(self, net: Net, target: int) -> list[Point]:
        source, element = self._level.elements[net.source], self._level.elements[target]
        start = source.y + source.exit(net.key)
        end = element.y + element.entry(net.key)
        points = [(source.end, start)]
        wire = net.wire_to(target)
        if wire is None:
            points += _through(self._sources[net.key], start, end)
            return [*points, (element.x, end)]
        points += _through(self._sources[net.key], start, wire.y)
        share = self._drops.get((id(wire), target))
        if share is not None:
            x = element.x + share * (element.width - element.behind)
            return [*points, (x, wire.y), (x, element.y if wire.y < element.y else element.y + element.height)]
        points += _through(self._taps[id(wire), element.layer], wire.y, end)
        return [*points, (element.x, end)]


def _merged(entering: dict[tuple[int, int], _Bundle], target: int, bundle: _Bundle) -> _Bundle:
    """Branches that end at the same point of the same element share one vertical piece, as they fanned out."""
    key = (target, round(bundle.right[0] * 16))
    if key in entering:
        entering[key].left.extend(bundle.left)
    else:
        entering[key] = bundle
    return entering[key]


def _through(bundle: _Bundle, start: float, end: float) -> list[Point]:
    if abs(start - end) <= _STRAIGHT:
        return []
    return [(bundle.x, start), (bundle.x, end)]


def _tracks(bundles: list[_Bundle]) -> list[list[_Bundle]]:
    """Bundles that bend, from left to right, so that few cross; those that do not overlap share a track."""
    ordered: list[_Bundle] = []
    for bundle in bundles:
        costs = [0.0]
        # Costs of standing left of all, then right of the first, the first two, ...
        costs[0] = sum(_crossings(bundle, other) for other in ordered)
        for other in ordered:
            costs.append(costs[-1] - _crossings(bundle, other) + _crossings(other, bundle))
        ordered.insert(costs.index(min(costs)), bundle)
    tracks: list[list[_Bundle]] = []
    for bundle in ordered:
        place = 0
        for index, track in enumerate(tracks):
            if any(_overlap(bundle, other) for other in track):
                place = index + 1
        if place == len(tracks):
            tracks.append([])
        tracks[place].append(bundle)
    return tracks


def _overlap(first: _Bundle, second: _Bundle) -> bool:
    return first.low <= second.high + _STRAIGHT and second.low <= first.high + _STRAIGHT


def _crossings(left: _Bundle, right: _Bundle) -> float:
    """How often two bundles cross when one stands left of the other; lines on top of each other count most."""
    crossed = sum(right.low < y < right.high for y in left.right) + sum(left.low < y < left.high for y in right.left)
    covered = sum(abs(y - other) <= _STRAIGHT for y in left.right for other in right.left)
    return crossed + 20 * covered


def straightened(points: list[Point]) -> Polyline:
    """The same line without repeated points and without points in the middle of straight pieces."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) <= _STRAIGHT and abs(kept[-1][1] - point[1]) <= _STRAIGHT:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _in_line(first: Point, middle: Point, last: Point) -> bool:
    horizontal = abs(first[1] - middle[1]) <= _STRAIGHT and abs(middle[1] - last[1]) <= _STRAIGHT
    vertical = abs(first[0] - middle[0]) <= _STRAIGHT and abs(middle[0] - last[0]) <= _STRAIGHT
    return horizontal or vertical
