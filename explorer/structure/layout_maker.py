"""From a folded graph to its layout: levels are placed from the inside out, an open block being one element around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.structure.fold import Box, FoldedGraph, Frame
from explorer.structure.layout_aside import put_aside
from explorer.structure.layout_bars import stretch_bars
from explorer.structure.layout_bus import draw_bus
from explorer.structure.layout_chain_bus import draw_concatenated
from explorer.structure.layout_level import BUS, IN, OUT, Drawing, Element, Level, Net, Point, Spacing, assign_layers
from explorer.structure.layout_routes import LevelRoutes, straightened
from explorer.structure.layout_rows import place_rows
from explorer.structure.layout_strands import Strand, Strands
from explorer.structure.layout_u import draw_u
from explorer.structure.layout_wrap import wrap
from explorer.structure.shortcuts import is_concatenation

# Rows shorter than a few boxes would be steps.
_LEAST_ROOM = 16


@dataclass(frozen=True)
class Extent:
    """A box's or title's size: `along` the direction in which the network runs and `across` it.

    `behind` and `below` are room at the far end of either, in which nothing is drawn but the box's own captions.
    """

    along: float
    across: float
    behind: float = 0
    below: float = 0


@dataclass
class Made:
    """A finished level: `left` and `top` say where its content begins inside its element."""

    level: Level
    drawing: Drawing
    index: dict[str, int]
    loose: list[Element] = field(default_factory=list)
    width: float = 0
    height: float = 0
    left: float = 0
    top: float = 0


class LayoutMaker:
    """Places everything along (x) and across (y) the direction in which a network runs."""

    def __init__(
        self,
        folded: FoldedGraph,
        measure: Callable[[Box], Extent],
        measure_title: Callable[[Frame], Extent],
        spacing: Spacing,
        title_ahead: bool,
        room: float | None = None,
    ) -> None:
        self._folded = folded
        self._measure = measure
        self._titles = {frame.path: measure_title(frame) for frame in folded.frames}
        self._title_ahead = title_ahead
        self._spacing = spacing
        self._room = room
        self._order = {box.path: index for index, box in enumerate(folded.boxes)}
        self.strands = Strands(folded)
        self.made: dict[str, Made] = {}
        for frame in reversed(folded.frames):
            self.made[frame.path] = self._make(frame.path)
        self.made[""] = self._make("")
        self.origins = self._place()

    def line(self, strand: Strand) -> tuple[Point, ...]:
        """The way of a strand through all its levels."""
        points: list[Point] = []
        for level, _, target in strand.pieces:
            made = self.made[level]
            left, top = self.origins[level]
            line = made.drawing.lines[strand.key, made.index[target]]
            points.extend((left + made.left + x, top + made.top + y) for x, y in line)
        return straightened(points)

    def _make(self, path: str) -> Made:
        level, index, loose, inputs, outputs = self._level(path)
        drawing = self._draw(level, index, path, inputs, outputs)
        if self._room is not None:
            wrap(level, drawing, self._room_in(path), self._spacing, self._least(path))
        made = Made(level, drawing, index, loose)
        spacing = self._spacing
        title = self._titles.get(path, Extent(0, 0))
        head, foot = (spacing.head, spacing.foot) if path else (0.0, 0.0)
        if loose:
            put_aside(loose, level, drawing, spacing.side if path else 0.0, spacing)
        top, bottom = drawing.top, drawing.bottom
        made.width, made.top = drawing.width, head - top
        if self._title_ahead:
            # The title stands before the content; what enters the block passes beside it.
            made.left = title.along
            made.width += title.along
            ports = [element.y for element in level.elements if element.key not in level.inner]
            if ports and path:
                made.top = max(made.top, title.across + spacing.track - min(ports))
            made.height = max(made.top + bottom + foot, title.across)
        else:
            made.top += title.across
            made.height = made.top + bottom + foot
        return made

    def _level(self, path: str) -> tuple[Level, dict[str, int], list[Element], int, int]:
        nets = self.strands.levels[path]
        by_order = sorted(nets.origin, key=lambda key: self._order.get(key, -1))
        inputs = [f"{IN}{key}" for key in by_order if nets.origin[key].startswith(IN)]
        outputs = [f"{OUT}{key}" for key in by_order if f"{OUT}{key}" in nets.targets[key]]
        linked = {*nets.origin.values(), *(target for targets in nets.targets.values() for target in targets)}
        members = self.strands.members[path]
        inner = [self._element(member) for member in members if member in linked]
        loose = [self._element(member) for member in members if member not in linked]
        bus = [Element(BUS, 0, 0, 0, 0)] if nets.bus else []
        elements = [
            *(Element(port, 0, 0, 0, 0) for port in inputs),
            *bus,
            *inner,
            *(Element(port, 0, 0, 0, 0) for port in outputs),
        ]
        index = {element.key: place for place, element in enumerate(elements)}
        level = Level(
            elements,
            [
                Net(key, index[nets.origin[key]], [index[to] for to in nets.targets[key]], shape=nets.shapes[key])
                for key in by_order
            ],
            has_ports=bool(path),
            inner=frozenset(members),
            minor=frozenset(place for place, port in enumerate(inputs) if port.removeprefix(IN) not in nets.trunk),
        )
        return level, index, loose, len(inputs), len(outputs)

    def _draw(self, level: Level, index: dict[str, int], path: str, inputs: int, outputs: int) -> Drawing:
        least = self._least(path)
        if not level.elements:
            return Drawing({}, least, 0, 0)
        layers = [[index[key] for key in layer] for layer in self.strands.levels[path].bus]
        # Beside an upright bus a channel count takes its length, not its height.
        label_room = (2.4 if self._title_ahead else 1.0) * self._spacing.wire
        if layers:
            return draw_bus(level, layers, self._spacing, least, label_room)
        special = draw_concatenated(level, self._spacing, least, label_room) or draw_u(level, self._spacing, least)
        if special is not None:
            return special
        assign_layers(level, inputs, outputs)
        place_rows(level, self._spacing)
        stretch_bars(level, self._spacing)
        routes = LevelRoutes(level, self._spacing, least)
        drawing = Drawing(routes.lines, routes.width, 0, 0)
        drawing.enclose(level)
        return drawing

    def _least(self, path: str) -> float:
        """How long a level is at least, for its title."""
        return 0.0 if self._title_ahead else self._titles.get(path, Extent(0, 0)).along

    def _room_in(self, path: str) -> float:
        """How long a level may be, so that what is around it, too, keeps to its room."""
        room = self._room or 0.0
        while path:
            room -= 2 * self._spacing.side
            path = self._folded.frame_by_path[path].frame
        return max(room, _LEAST_ROOM * self._spacing.column)

    def _element(self, path: str) -> Element:
        made = self.made.get(path)
        if made is None:
            box = self._folded.box_by_path[path]
            size = self._measure(box)
            element = Element(path, size.along, size.across, size.below, size.across / 2, is_box=True, face=box.face)
            element.behind = size.behind
            # Badges hang a little over a box's border, pictures stand beneath it: edges begin behind those.
            element.tucked = size.behind if size.behind <= self._spacing.wire else 0
            element.joins = box.node is not None and is_concatenation(box.node)
            if box.arc is not None:
                element.above, element.beside = 1.4 * self._spacing.wire, 1.1 * self._spacing.wire
            return element
        element = Element(path, made.width, made.height, 0, made.height / 2)
        for port in made.level.elements:
            if port.key.startswith(IN):
                element.ports_in[port.key[len(IN) :]] = port.y + made.top
            elif port.key.startswith(OUT):
                element.ports_out[port.key[len(OUT) :]] = port.y + made.top
        return element

    def _place(self) -> dict[str, tuple[float, float]]:
        """Where each level begins, from the outside in."""
        origins: dict[str, tuple[float, float]] = {"": (0.0, 0.0)}
        for path in ("", *(frame.path for frame in self._folded.frames)):
            made = self.made[path]
            left, top = origins[path]
            for element, x, y in self._elements(made, left, top):
                if element.key in self.made:
                    origins[element.key] = (x, y)
        return origins

    def _elements(self, made: Made, left: float, top: float) -> list[tuple[Element, float, float]]:
        inner = [element for element in made.level.elements if element.key in made.level.inner]
        return [
            (element, left + made.left + element.x, top + made.top + element.y) for element in (*inner, *made.loose)
        ]

    def placed(self) -> list[tuple[Element, float, float]]:
        """All boxes with their places, in execution order."""
        found = [
            entry
            for path, made in self.made.items()
            for entry in self._elements(made, *self.origins[path])
            if entry[0].is_box
        ]
        return sorted(found, key=lambda entry: self._order[entry[0].key])
