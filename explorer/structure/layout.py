"""Where everything of a folded graph is drawn: boxes, frames and edges, left to right.

Block by block, with the boxes' real sizes: an unfolded block is laid out by itself and is one big box to what is
around it. A dense block hangs on a bus, an encoder and decoder stand as a U, and everything else is a layered layout
(Sugiyama, Tagawa and Toda 1981). Edges are horizontal beside the boxes and vertical in the gaps between columns, where
room is kept for them, so that none runs through a box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from explorer.structure.fold import Box, FoldedGraph, Frame, Link, Style
from explorer.structure.layout_level import Element, Point, Polyline, Spacing
from explorer.structure.layout_maker import Extent, LayoutMaker

__all__ = [
    "Arc",
    "Bus",
    "Direction",
    "Layout",
    "PlacedBox",
    "PlacedFrame",
    "Route",
    "Size",
    "Spacing",
    "lay_out",
]


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
    """The way of a link, from border to border, as points of horizontal and vertical pieces.

    The links between the layers of a dense block on a bus have two routes for all: one from each layer to the bus, in
    the style of a skip, and one from the bus to each layer, each with one of the links that it stands for.
    """

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
    """Places of boxes, frames (from the outside in) and links; everything lies in 0 … width and 0 … height.

    `room` is the length along `direction` beyond which levels were put into rows; None where they were not.
    """

    boxes: tuple[PlacedBox, ...]
    frames: tuple[PlacedFrame, ...]
    routes: tuple[Route, ...]
    width: float
    height: float
    arcs: tuple[Arc, ...] = ()
    buses: tuple[Bus, ...] = ()
    direction: Direction = Direction.RIGHT
    room: float | None = None

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
    direction: Direction = Direction.RIGHT,
    room: float | None = None,
) -> Layout:
    """Places a folded graph in a direction; the same graph always gets the same layout.

    `measure` says how large a box is drawn, `measure_title` how much room a frame's title needs. A chain stands on one
    straight line; branches fan out evenly around it and meet; skips run beside it. What is linked to nothing stands
    aside, below the rest. What is longer than `room` stands in rows where it can be cut (see `layout_wrap`). Captions
    and titles are below and above their boxes and frames in either direction.
    """
    kept = spacing or Spacing()
    down = direction is Direction.DOWN

    def extent(box: Box) -> Extent:
        size = measure(box)
        if down:
            return Extent(size.height + size.below, size.width, behind=size.below)
        return Extent(size.width, size.height, below=size.below)

    def title(frame: Frame) -> Extent:
        size = measure_title(frame)
        return Extent(size.height, size.width) if down else Extent(size.width, size.height)

    maker = LayoutMaker(folded, extent, title, kept, down, room)
    turn = _Turn(down)
    frames = []
    for frame in folded.frames:
        made, (x, y), high = maker.made[frame.path], maker.origins[frame.path], title(frame)
        left, top, width, height = turn.rect(x, y, made.width, made.height)
        strip = high.along if down else high.across
        frames.append(PlacedFrame(frame.path, left, top + strip, width, height - strip, strip))
    whole = maker.made[""]
    _, _, width, height = turn.rect(0, 0, whole.width, whole.height)
    placed = maker.placed()
    return Layout(
        boxes=tuple(turn.box(*entry) for entry in placed),
        frames=tuple(frames),
        routes=tuple(Route(strand.link, turn.line(maker.line(strand))) for strand in maker.strands.all),
        width=width,
        height=height,
        arcs=tuple(
            Arc(element.key, turn.line(_arc(element, x, y, kept)), style)
            for element, x, y in placed
            if (style := folded.box_by_path[element.key].arc) is not None
        ),
        buses=tuple(_buses(maker, turn)),
        direction=direction,
        room=room,
    )


def _arc(element: Element, x: float, y: float, spacing: Spacing) -> Polyline:
    """From the edge before a box, over it, to the edge behind it."""
    end = x + element.width
    line, top = y + element.centre, y - element.above + spacing.wire / 4
    left, right = x - 0.85 * element.beside, end + 0.75 * element.beside
    return ((left, line), (left, top), (right, top), (right, line))


def _buses(maker: LayoutMaker, turn: _Turn) -> Iterator[Bus]:
    for path, made in maker.made.items():
        left, top = maker.origins[path]
        left, top = left + made.left, top + made.top
        for bus in made.drawing.buses:
            labels = tuple((turn.line(((left + x, top + y),))[0], text) for (x, y), text in bus.labels)
            yield Bus(path, *turn.rect(left + bus.x, top + bus.y, bus.width, bus.height), labels)


@dataclass(frozen=True)
class _Turn:
    """From along and across a network's direction to x and y."""

    down: bool

    def line(self, points: Polyline) -> Polyline:
        return tuple((y, x) for x, y in points) if self.down else points

    def rect(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        return (y, x, height, width) if self.down else (x, y, width, height)

    def box(self, element: Element, x: float, y: float) -> PlacedBox:
        left, top, width, height = self.rect(x, y, element.width, element.height)
        return PlacedBox(element.key, left, top, width, height - element.behind, element.below + element.behind)
