"""A dense block whose layers all read what all before them gave: one thick line instead of n² edges."""

from __future__ import annotations

from itertools import pairwise

from explorer.structure.layout_level import BUS, OUT, Drawing, Element, Level, Net, Point, Spacing, Thick

# Where edges leave the bus for a layer and come back, as shares of a box's width.
_DOWN, _UP = 0.25, 0.75


def draw_bus(level: Level, layers: list[list[int]], spacing: Spacing, least_width: float, label_room: float) -> Drawing:
    """Places the layers under the bus, except a last one that ends the block: it stands at the bus's end.

    Words on the other side of the bus take `label_room` across it.
    """
    return _BusDrawer(level, layers, spacing).draw(least_width, label_room)


class _BusDrawer:
    def __init__(self, level: Level, layers: list[list[int]], spacing: Spacing) -> None:
        self._level = level
        self._elements = level.elements
        self._spacing = spacing
        self._net_of: dict[int, Net] = {net.source: net for net in level.nets}
        self._bus = next(index for index, element in enumerate(self._elements) if element.key == BUS)
        last = self._net_of.get(layers[-1][-1])
        self._is_final = last is None or self._bus not in last.targets
        self._hanging = layers[:-1] if self._is_final else layers
        self._final = layers[-1] if self._is_final else []
        self._start = next(net.source for net in level.nets if self._bus in net.targets)
        self._lines: dict[tuple[str, int], tuple[Point, ...]] = {}

    def draw(self, least_width: float, label_room: float) -> Drawing:
        spacing, first = self._spacing, self._elements[self._start]
        half = spacing.track / 2
        x = spacing.side if self._level.has_ports else 0.0
        key = self._net_of[self._start].key
        if first.key in self._level.inner:
            first.x, first.y = x, -first.exit(key)
            x += first.width + spacing.column
        left = x
        ups: list[float] = []
        for layer in self._hanging:
            x, up = self._hang(layer, x, half)
            ups.append(up)
            x += spacing.column
        # What ends the block stands on the bus's line and may be as wide as to reach the layers.
        right = max(max(ups) + spacing.column, *(self._elements[layer[-1]].far for layer in self._hanging))
        self._lines[key, self._bus] = ((first.end, 0.0), (left, 0.0))
        width = self._end(right)
        bus = Thick(left, -half, right - left, 2 * half)
        label = -half - label_room / 2
        for place, (up, text) in enumerate(zip(ups, self._channels(), strict=False)):
            after = ups[place + 1] if place + 1 < len(ups) else right
            bus.labels.append((((up + min(after, up + 2 * spacing.column)) / 2, label), text))
        drawing = Drawing(self._lines, max(width, least_width), 0, 0, [bus])
        for element in self._elements:
            if element.key.startswith(OUT):
                element.x = drawing.width
                self._out(element)
        drawing.enclose(self._level)
        drawing.top = min(drawing.top, label - label_room / 2)
        return drawing

    def _channels(self) -> list[str]:
        """How many channels the bus has behind each layer; nothing where shapes are unknown."""
        given = [self._start, *(layer[-1] for layer in self._hanging)]
        shapes = [self._net_of[index].shape for index in given if index in self._net_of]
        if any(len(shape) < 2 for shape in shapes):
            return []
        counts = [shape[0] for shape in shapes]
        return [f"{sum(counts[: place + 1]):,}" for place in range(1, len(counts))]

    def _hang(self, layer: list[int], x: float, half: float) -> tuple[float, float]:
        """Places a layer's elements in a row; returns where they end and where the edge back to the bus is."""
        spacing = self._spacing
        chain = [self._elements[index] for index in layer]
        head, tail = chain[0], chain[-1]
        from_bus = next(net for net in self._level.nets if net.source == self._bus)
        if not _takes_from_above(head):
            x += spacing.column
        line = 0.0
        for place, element in enumerate(chain):
            element.x = x + element.beside
            x = element.end + element.beside + (spacing.column if element is not tail else 0)
            if place:
                element.y = line - element.entry(self._net_of[layer[place - 1]].key)
            line = element.y + (element.exit(self._net_of[layer[place]].key) if layer[place] in self._net_of else 0)
        rise = min(element.y - element.above for element in chain) - half - spacing.row
        for element in chain:
            element.y -= rise
        for index, after in pairwise(layer):
            key = self._net_of[index].key
            self._lines[key, after] = _across(self._elements[index], self._elements[after], key)
        if _takes_from_above(head):
            down = head.x + _DOWN * (head.width - head.behind)
            way: tuple[Point, ...] = ((down, half), (down, head.y))
        else:
            down, entry = head.x - 0.6 * spacing.column, head.y + head.entry(from_bus.key)
            way = ((down, half), (down, entry), (head.x, entry))
        self._lines[from_bus.key, layer[0]] = way
        key = self._net_of[layer[-1]].key
        if _takes_from_above(tail):
            up = tail.x + _UP * (tail.width - tail.behind)
            back: tuple[Point, ...] = ((up, tail.y), (up, half))
        else:
            up, leaving = tail.end + tail.beside + 0.4 * spacing.column, tail.y + tail.exit(key)
            back = ((tail.end, leaving), (up, leaving), (up, half))
            x += spacing.column
        self._lines[key, self._bus] = back
        return x, up

    def _end(self, x: float) -> float:
        """Places what stands at the end of the bus, on its line; returns where the level ends."""
        spacing = self._spacing
        line, before = 0.0, ""
        start = x
        for index in self._final:
            element = self._elements[index]
            key = before or next(net.key for net in self._level.nets if net.source == self._bus)
            element.x = x + spacing.column + element.beside
            element.y = line - element.entry(key)
            self._lines[key, index] = ((start, line), (element.x, line))
            net = self._net_of.get(index)
            start, x = element.end, element.far + element.beside
            if net is not None:
                line, before = element.y + element.exit(net.key), net.key
        return x + (spacing.side if self._level.has_ports else 0.0)

    def _out(self, port: Element) -> None:
        key = port.key.removeprefix(OUT)
        net = next(net for net in self._level.nets if net.key == key)
        source = self._elements[net.source]
        port.y = source.y + source.exit(key)
        self._lines[key, self._elements.index(port)] = ((source.end, port.y), (port.x, port.y))


def _takes_from_above(element: Element) -> bool:
    return element.is_box and not element.above


def _across(source: Element, target: Element, key: str) -> tuple[Point, ...]:
    line = source.y + source.exit(key)
    return ((source.end, line), (target.x, line))
