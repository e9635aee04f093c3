"""A dense block that concatenates what each layer gives to all there was: the concatenations stand on a thick line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from explorer.structure.fold import Face
from explorer.structure.layout_level import IN, OUT, Drawing, Level, Net, Point, Spacing, Thick

_LEAST_LAYERS = 3
_DOWN, _UP = 0.25, 0.75


@dataclass
class _Dense:
    """`lead`: the chain of elements up to the first fork; `layers`: elements in a row and their concatenation."""

    lead: list[int]
    layers: list[tuple[list[int], int]]
    tail: list[int]


def draw_concatenated(level: Level, spacing: Spacing, least_width: float, label_room: float) -> Drawing | None:
    """The level with its concatenations on one line and its layers under it; None where it is no such block.

    Words on the other side of the line take `label_room` across it.
    """
    dense = _find(level)
    return _Drawer(level, dense, spacing, label_room).draw(least_width) if dense else None


def _find(level: Level) -> _Dense | None:
    count = len(level.elements)
    joins = sum(element.joins for element in level.elements)
    if joins < _LEAST_LAYERS or len({net.source for net in level.nets}) < len(level.nets):
        return None
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for net in level.nets:
        for target in net.targets:
            after[net.source].append(target)
            before[target].append(net.source)
    starts = [index for index in range(count) if not before[index]]
    if len(starts) != 1:
        return None
    here = starts[0]
    found = _Dense([here], [], [])
    while True:
        while len(after[here]) == 1 and before[after[here][0]] == [here]:
            here = after[here][0]
            (found.tail if found.layers else found.lead).append(here)
        if not after[here]:
            break
        layer = _layer(level, here, after, before) if not found.tail else None
        if layer is None:
            return None
        found.layers.append(layer)
        here = layer[1]
    seen = len(found.lead) + len(found.tail) + sum(len(chain) + 1 for chain, _ in found.layers)
    return found if len(found.layers) >= _LEAST_LAYERS and seen == count else None


def _layer(level: Level, fork: int, after: list[list[int]], before: list[list[int]]) -> tuple[list[int], int] | None:
    """The chain that a fork feeds besides the concatenation in which both end."""
    joins = [target for target in after[fork] if level.elements[target].joins]
    heads = [target for target in after[fork] if not level.elements[target].joins]
    if len(joins) != 1 or len(heads) != 1 or before[heads[0]] != [fork]:
        return None
    join, here = joins[0], heads[0]
    chain = [here]
    while after[here] != [join]:
        if len(after[here]) != 1 or before[after[here][0]] != [here]:
            return None
        here = after[here][0]
        chain.append(here)
    return (chain, join) if sorted(before[join]) == sorted((fork, here)) else None


class _Drawer:
    def __init__(self, level: Level, dense: _Dense, spacing: Spacing, label_room: float) -> None:
        self._level = level
        self._elements = level.elements
        self._dense = dense
        self._spacing = spacing
        self._net_of: dict[int, Net] = {net.source: net for net in level.nets}
        self._lines: dict[tuple[str, int], tuple[Point, ...]] = {}
        self._buses: list[Thick] = []
        self._label_room = label_room
        self._line = 0.0
        self._x = 0.0
        self._previous = -1

    def draw(self, least_width: float) -> Drawing:
        spacing = self._spacing
        for index in self._dense.lead:
            self._on_line(index)
        joins = [self._elements[join] for _, join in self._dense.layers]
        half = spacing.track / 2
        lowest = max(half, *(join.height + join.below - join.centre for join in joins))
        free = self._elements[self._previous].far
        for chain, join in self._dense.layers:
            free = self._layer(chain, join, free, self._line + lowest + spacing.row)
        self._x = max(self._x, free)
        for index in self._dense.tail:
            self._on_line(index)
        width = max(least_width, free, *(element.far for element in self._elements))
        last = self._elements[self._previous]
        if last.key.startswith(OUT):
            # The line to the border is as long as the widest layer asks for.
            source = next(net for net in self._level.nets if self._previous in net.targets)
            last.x = width = max(width, free + spacing.side)
            start = self._elements[source.source]
            self._lines[source.key, self._previous] = ((start.end, last.y), (last.x, last.y))
        elif self._level.has_ports:
            width += spacing.side
        drawing = Drawing(self._lines, width, 0, 0, self._buses)
        drawing.enclose(self._level)
        labels = [y for bus in self._buses for (_, y), _ in bus.labels]
        drawing.top = min([drawing.top, *(y - self._label_room / 2 for y in labels)])
        return drawing

    def _on_line(self, index: int) -> None:
        """Places an element behind the one before it, on its line."""
        element, spacing = self._elements[index], self._spacing
        port = element.key.startswith((IN, OUT))
        if self._previous < 0:
            element.x = 0.0 if port or not self._level.has_ports else spacing.side
            key = self._net_of[index].key
            element.y = self._line - element.exit(key)
        else:
            net = self._net_of[self._previous]
            before = self._elements[self._previous]
            gap = spacing.side if port or before.key.startswith(IN) else spacing.column
            element.x = max(before.end + before.beside, self._x) + gap + element.beside
            element.y = self._line - element.entry(net.key)
            self._lines[net.key, index] = ((before.end, self._line), (element.x, self._line))
            if index in self._net_of:
                self._line = element.y + element.exit(self._net_of[index].key)
        self._x = element.end + element.beside
        self._previous = index

    def _layer(self, chain: list[int], join: int, free: float, top: float) -> float:
        """Hangs a layer under the line and its concatenation on it; returns where the next layer may begin."""
        spacing = self._spacing
        fork, station = self._elements[self._previous], self._elements[join]
        key = self._net_of[self._previous].key
        head, tail = self._elements[chain[0]], self._elements[chain[-1]]
        from_above = head.is_box and not head.above
        # The edge down to the layer needs a piece of the line of its own.
        x = max(free, fork.far) + spacing.column
        if self._dense.layers[0][1] != join and from_above:
            x = max(free + spacing.column, fork.far + spacing.column - _DOWN * (head.width - head.behind))
        line = top
        for place, index in enumerate(chain):
            element = self._elements[index]
            element.x = x + element.beside
            element.y = line - (element.entry(self._net_of[chain[place - 1]].key) if place else 0)
            line = element.y + element.exit(self._net_of[index].key)
            x = element.end + element.beside + spacing.column
        rise = min(self._elements[index].y - self._elements[index].above for index in chain) - top
        for index in chain:
            self._elements[index].y -= rise
        for index, following in pairwise(chain):
            source, target, name = self._elements[index], self._elements[following], self._net_of[index].key
            height = source.y + source.exit(name)
            self._lines[name, following] = ((source.end, height), (target.x, height))
        if from_above:
            down = head.x + _DOWN * (head.width - head.behind)
            self._lines[key, chain[0]] = ((fork.end, self._line), (down, self._line), (down, head.y))
        else:
            down, entry = head.x - 0.6 * spacing.column, head.y + head.entry(key)
            self._lines[key, chain[0]] = (
                (fork.end, self._line), (down, self._line), (down, entry), (head.x, entry),
            )  # fmt: skip
        return self._close(chain[-1], join, down, tail.is_box and not tail.above, station.below + station.behind == 0)

    def _close(self, last: int, join: int, down: float, from_above: bool, from_below: bool) -> float:
        spacing = self._spacing
        tail, station, fork = self._elements[last], self._elements[join], self._elements[self._previous]
        name, key = self._net_of[last].key, self._net_of[self._previous].key
        leaving = tail.y + tail.exit(name)
        up = tail.x + _UP * (tail.width - tail.behind) if from_above else tail.end + tail.beside + 0.4 * spacing.column
        station.x = max(up - station.width / 2 if from_below else up + spacing.column, down + spacing.column)
        station.y = self._line - station.entry(key)
        start: tuple[Point, ...] = ((up, tail.y),) if from_above else ((tail.end, leaving), (up, leaving))
        if from_below and station.x < up < station.end:
            self._lines[name, join] = (*start, (up, station.y + station.height))
        else:
            self._lines[name, join] = (*start, (up, self._line), (station.x, self._line))
        self._lines[key, join] = ((fork.end, self._line), (station.x, self._line))
        half = spacing.track / 2
        begin = fork.far + (spacing.side if fork.key.startswith(IN) else 0.0)
        bus = Thick(begin, self._line - half, station.x - begin, 2 * half)
        if station.face is Face.KNOT and join in self._net_of and self._net_of[join].shape:
            label = self._line - half - self._label_room / 2
            bus.labels.append(((station.x + station.width / 2, label), f"{self._net_of[join].shape[0]:,}"))
        self._buses.append(bus)
        if join in self._net_of:
            self._line = station.y + station.exit(self._net_of[join].key)
        self._previous, self._x = join, station.end
        return max(tail.far + tail.beside, up if not from_above else 0.0)
