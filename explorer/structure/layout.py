"""Where everything of a folded graph is drawn: boxes, frames and edges, left to right.

A layered layout (Sugiyama, Tagawa and Toda 1981) with the boxes' real sizes, made block by block: an unfolded block is
laid out by itself and is one big box to what is around it. Edges are horizontal beside the boxes and vertical in the
gaps between columns, where room is kept for them, so that none runs through a box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from explorer.structure.fold import Box, FoldedGraph, Frame, Link, Style
from explorer.structure.layout_level import Element, Level, Net, Spacing, assign_layers
from explorer.structure.layout_routes import LevelRoutes, Point, Polyline, straightened
from explorer.structure.layout_rows import place_rows

__all__ = ["Layout", "PlacedBox", "PlacedFrame", "Route", "Size", "Spacing", "lay_out"]


@dataclass(frozen=True)
class Size:
    """How large a box is drawn; `below` is room kept free under it, where no edge runs."""

    width: float
    height: float
    below: float = 0


@dataclass(frozen=True)
class PlacedBox:
    """A box's place; `x`, `y` is its upper left corner."""

    path: str
    x: float
    y: float
    width: float
    height: float
    below: float = 0


@dataclass(frozen=True)
class PlacedFrame:
    """The border of an unfolded block; its title stands in the `title` high strip above the border."""

    path: str
    x: float
    y: float
    width: float
    height: float
    title: float


@dataclass(frozen=True)
class Route:
    """The way of a link, from border to border, as points of horizontal and vertical pieces."""

    link: Link
    points: Polyline


class Direction(Enum):
    """Which way a network runs."""

    RIGHT = "right"
    DOWN = "down"


@dataclass(frozen=True)
class Arc:
    """The shortcut of a folded block, from the edge before it over the box to the edge behind it."""

    path: str
    points: Polyline
    style: Style


@dataclass(frozen=True)
class Bus:
    """A thick line beside the members of a dense block, which all read it and add to it.

    `labels` are channel counts and the middle of the place where each is written. Routes end and begin on the bus.
    """

    frame: str
    x: float
    y: float
    width: float
    height: float
    labels: tuple[tuple[Point, str], ...] = ()


@dataclass(frozen=True)
class Layout:
    """Places of boxes, frames (from the outside in) and links; everything lies in 0 … width and 0 … height."""

    boxes: tuple[PlacedBox, ...]
    frames: tuple[PlacedFrame, ...]
    routes: tuple[Route, ...]
    width: float
    height: float
    arcs: tuple[Arc, ...] = ()
    buses: tuple[Bus, ...] = ()
    direction: Direction = Direction.RIGHT

    @cached_property
    def box_by_path(self) -> dict[str, PlacedBox]:
        return {box.path: box for box in self.boxes}

    @cached_property
    def frame_by_path(self) -> dict[str, PlacedFrame]:
        return {frame.path: frame for frame in self.frames}


def lay_out(
    folded: FoldedGraph,
    measure: Callable[[Box], Size],
    measure_title: Callable[[Frame], Size] = lambda _: Size(0, 20),
    spacing: Spacing | None = None,
    direction: Direction = Direction.RIGHT,  # noqa: ARG001
) -> Layout:
    """Places a folded graph, left to right; the same graph always gets the same layout.

    `measure` says how large a box is drawn, `measure_title` how much room a frame's title needs. A chain stands on one
    straight line; branches fan out evenly around it and meet; skips run beside it.
    """
    return _Maker(folded, measure, measure_title, spacing or Spacing()).layout()


@dataclass
class _Made:
    """A finished level: `left` and `top` say where its content begins inside its element."""

    level: Level
    routes: LevelRoutes
    index: dict[str, int]
    width: float
    height: float
    left: float = 0
    top: float = 0


class _Maker:
    def __init__(
        self,
        folded: FoldedGraph,
        measure: Callable[[Box], Size],
        measure_title: Callable[[Frame], Size],
        spacing: Spacing,
    ) -> None:
        self._folded = folded
        self._measure = measure
        self._titles = {frame.path: measure_title(frame) for frame in folded.frames}
        self._spacing = spacing
        self._order = {box.path: index for index, box in enumerate(folded.boxes)}
        self._members: dict[str, list[str]] = {"": []}
        for frame in folded.frames:
            self._members[frame.path] = list(frame.members)
        self._members[""] = self._top_members()
        # For each level: which element a box's output leaves or enters by, and which elements it reaches.
        self._nets: dict[str, dict[str, dict[str, None]]] = {level: {} for level in self._members}
        self._from: dict[str, dict[str, str]] = {level: {} for level in self._members}
        # Levels and the boxes whose output enters them by a link that is no skip.
        self._major: set[tuple[str, str]] = set()
        self._made: dict[str, _Made] = {}

    def layout(self) -> Layout:
        for link in self._folded.links:
            self._split(link)
        for frame in reversed(self._folded.frames):
            self._made[frame.path] = self._make(frame.path)
        self._made[""] = self._make("")
        return self._collect()

    def _top_members(self) -> list[str]:
        found: dict[str, None] = {}
        for box in self._folded.boxes:
            path, frame = box.path, box.frame
            while frame:
                path, frame = frame, self._folded.frame_by_path[frame].frame
            found[path] = None
        return list(found)

    def _levels(self, path: str) -> list[tuple[str, str]]:
        """From the whole network inwards: each level that holds a box, and the element it is there."""
        element, frame = path, self._folded.box_by_path[path].frame
        chain = [(frame, element)]
        while frame:
            element, frame = frame, self._folded.frame_by_path[frame].frame
            chain.append((frame, element))
        return chain[::-1]

    def _split(self, link: Link) -> None:
        """Enters a link into each level that it touches."""
        for level, source, target in self._pieces(link):
            self._from[level][link.source] = source
            self._nets[level].setdefault(link.source, {})[target] = None
            if not link.skip:
                self._major.add((level, link.source))

    def _pieces(self, link: Link) -> list[tuple[str, str, str]]:
        """The levels that a link passes, with the elements it runs between, from its source to its target."""
        leaving, entering = self._levels(link.source), self._levels(link.target)
        shared = 0
        while leaving[shared] == entering[shared]:
            shared += 1
        outwards = [(level, element, f"out:{link.source}") for level, element in leaving[shared + 1 :]]
        across = (leaving[shared][0], leaving[shared][1], entering[shared][1])
        inwards = [(level, f"in:{link.source}", element) for level, element in entering[shared + 1 :]]
        return [*outwards[::-1], across, *inwards]

    def _make(self, path: str) -> _Made:
        nets, origins = self._nets[path], self._from[path]
        by_order = sorted(nets, key=self._order.__getitem__)
        inputs = [f"in:{source}" for source in by_order if origins[source].startswith("in:")]
        outputs = [f"out:{source}" for source in by_order if f"out:{source}" in nets[source]]
        inner = [self._element(member) for member in self._members[path]]
        ports = [Element(port, 0, 0, 0, 0) for port in (*inputs, *outputs)]
        elements = [*ports[: len(inputs)], *inner, *ports[len(inputs) :]]
        index = {element.key: place for place, element in enumerate(elements)}
        level = Level(
            elements,
            [Net(source, index[origins[source]], [index[key] for key in nets[source]]) for source in by_order],
            has_ports=bool(path),
            inner=frozenset(self._members[path]),
            minor=frozenset(
                place for place, port in enumerate(inputs) if (path, port.removeprefix("in:")) not in self._major
            ),
        )
        assign_layers(level, len(inputs), len(outputs))
        place_rows(level, self._spacing)
        title = self._titles.get(path, Size(0, 0))
        made = _Made(level, LevelRoutes(level, self._spacing, title.width), index, 0, 0)
        tops = [element.y for element in inner] + [wire.y for _, wire in level.wires()]
        bottoms = [element.y + element.height + element.below for element in inner]
        bottoms += [wire.y for _, wire in level.wires()]
        for element in ports:
            tops.append(element.y)
            bottoms.append(element.y)
        top, bottom = min(tops, default=0.0), max(bottoms, default=0.0)
        head, foot = (self._spacing.head, self._spacing.foot) if path else (0.0, 0.0)
        made.top = title.height + head - top
        made.width = made.routes.width
        made.height = title.height + head + (bottom - top) + foot
        return made

    def _element(self, path: str) -> Element:
        made = self._made.get(path)
        if made is None:
            size = self._measure(self._folded.box_by_path[path])
            return Element(path, size.width, size.height, size.below, size.height / 2, is_box=True)
        element = Element(path, made.width, made.height, 0, made.height / 2)
        for port in made.level.elements:
            if port.key.startswith("in:"):
                element.ports_in[port.key[3:]] = port.y + made.top
            elif port.key.startswith("out:"):
                element.ports_out[port.key[4:]] = port.y + made.top
        return element

    def _collect(self) -> Layout:
        origins: dict[str, tuple[float, float]] = {"": (0.0, 0.0)}
        boxes: list[PlacedBox] = []
        frames: list[PlacedFrame] = []
        for path in ("", *(frame.path for frame in self._folded.frames)):
            made = self._made[path]
            left, top = origins[path]
            top += made.top
            for element in made.level.elements:
                x, y = left + element.x, top + element.y
                if element.is_box:
                    boxes.append(PlacedBox(element.key, x, y, element.width, element.height, element.below))
                elif element.key in self._made:
                    origins[element.key] = (x, y)
            if path:
                x, y = origins[path]
                title = self._titles[path].height
                frames.append(PlacedFrame(path, x, y + title, made.width, made.height - title, title))
        boxes.sort(key=lambda box: self._order[box.path])
        routes = tuple(self._route(link, origins) for link in self._folded.links)
        whole = self._made[""]
        return Layout(tuple(boxes), tuple(frames), routes, whole.width, whole.height)

    def _route(self, link: Link, origins: dict[str, tuple[float, float]]) -> Route:
        points: list[tuple[float, float]] = []
        for level, _, target in self._pieces(link):
            made = self._made[level]
            left, top = origins[level]
            line = made.routes.lines[link.source, made.index[target]]
            points.extend((left + x, top + made.top + y) for x, y in line)
        return Route(link, straightened(points))
