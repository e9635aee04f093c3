"""One level of a layered layout: what stands directly in one unfolded block, or in the network, and the nets there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from explorer.structure.fold import Face
from explorer.structure.graph import Shape

Point = tuple[float, float]
Polyline = tuple[Point, ...]

# Keys of elements that are no boxes or frames; no path of a network begins like that.
IN = "\0in:"
OUT = "\0out:"
BUS = "\0bus:"


@dataclass(frozen=True)
class Spacing:
    """The distances that a layout keeps, in the unit of the boxes' sizes.

    `column` separates columns of boxes and holds arrows, `row` separates boxes of one column, `wire` a skip from boxes
    and other skips, `track` the vertical pieces of edges in one gap. `side`, `head` and `foot` pad a frame inside.
    """

    column: float = 28
    row: float = 28
    wire: float = 16
    track: float = 8
    side: float = 20
    head: float = 20
    foot: float = 20


@dataclass
class Element:
    """A box, a frame with all that is in it, or a port on the border of the level.

    `ports_in` and `ports_out` say at which height nets cross a frame's border, measured from the element's top;
    where a net is not named, it meets the element at `centre`. `below` is room under the element that edges avoid;
    `above` and `beside` (on either side, where only the element's own edges are) hold the arc over it. `behind` is the
    part of the width at the far end that holds only captions, `tucked` what edges may run under of it. `joins`: it
    is a concatenation. `span` are the layers, first and last, in which nothing else is on its line.
    """

    key: str
    width: float
    height: float
    below: float
    centre: float
    is_box: bool = False
    face: Face = Face.BOX
    above: float = 0
    beside: float = 0
    behind: float = 0
    tucked: float = 0
    joins: bool = False
    span: tuple[int, int] | None = None
    ports_in: dict[str, float] = field(default_factory=dict)
    ports_out: dict[str, float] = field(default_factory=dict)
    layer: int = 0
    x: float = 0
    y: float = 0

    @property
    def end(self) -> float:
        """Where the element's own edges leave it."""
        return self.x + self.width - self.tucked

    @property
    def far(self) -> float:
        """Where its room ends, captions included."""
        return self.x + self.width

    def entry(self, net: str) -> float:
        return self.ports_in.get(net, self.centre)

    def exit(self, net: str) -> float:
        return self.ports_out.get(net, self.centre)


@dataclass
class Wire:
    """A horizontal piece of a net that runs past the elements of layers `first` to `last`.

    `in_row`: it continues a row of elements on their line. `backward`: it runs from right to left, which happens only
    where folding closes a cycle.
    """

    first: int
    last: int
    targets: list[int]
    in_row: bool = False
    backward: bool = False
    y: float = 0


@dataclass
class Net:
    """What one box sends to others on this level: one tensor, hence one wire that branches."""

    key: str
    source: int
    targets: list[int]
    wires: list[Wire] = field(default_factory=list)
    shape: Shape = ()

    def wire_to(self, target: int) -> Wire | None:
        return next((wire for wire in self.wires if target in wire.targets), None)


@dataclass
class Level:
    """Elements in execution order, input ports first and output ports last; nets by the box that feeds them.

    `inner` names the elements that are no ports; `minor` are input ports through which only skips come.
    """

    elements: list[Element]
    nets: list[Net]
    has_ports: bool
    inner: frozenset[str] = frozenset()
    minor: frozenset[int] = frozenset()

    def successors(self) -> list[list[int]]:
        """For each element, the later elements that it feeds."""
        targets: list[set[int]] = [set() for _ in self.elements]
        for net in self.nets:
            targets[net.source].update(target for target in net.targets if target > net.source)
        return [sorted(found) for found in targets]

    def wires(self) -> Iterator[tuple[Net, Wire]]:
        for net in self.nets:
            for wire in net.wires:
                yield net, wire

    def layers(self) -> int:
        """The number of columns; the first and last of a level with ports hold nothing else."""
        last = max(self.elements, key=lambda element: element.layer, default=None)
        if last is None:
            return 1
        return last.layer + (2 if self.has_ports and last.key in self.inner else 1)


@dataclass
class Thick:
    """A piece of a bus: where it is, and what is written beside it."""

    x: float
    y: float
    width: float
    height: float
    labels: list[tuple[Point, str]] = field(default_factory=list)


@dataclass
class Drawing:
    """A level whose elements have their places: `lines[net, target]` lead from border to border.

    The content reaches from 0 to `width` and from `top` to `bottom`; `is_whole`: it must not be cut into rows;
    `in_rows`: it was, and the level's wires no longer say where its lines are.
    """

    lines: dict[tuple[str, int], Polyline]
    width: float
    top: float
    bottom: float
    buses: list[Thick] = field(default_factory=list)
    is_whole: bool = False
    in_rows: bool = False

    def enclose(self, level: Level) -> None:
        """Makes room for all elements, wires and buses of a level."""
        tops = [element.y - element.above for element in level.elements]
        bottoms = [element.y + element.height + element.below for element in level.elements]
        lines = [wire.y for _, wire in level.wires()]
        label = [y for bus in self.buses for (_, y), _ in bus.labels]
        self.top = min([*tops, *lines, *label], default=0.0)
        self.bottom = max([*bottoms, *lines], default=0.0)


def assign_layers(level: Level, inputs: int, outputs: int) -> None:
    """Puts each element one layer after the last that feeds it.

    The first `inputs` elements are input ports and take the first layer alone, the last `outputs` the last one.
    Elements that nothing feeds stand just before what they feed; what is all there is on a shortcut stands in its
    middle.
    """
    elements = level.elements
    successors = level.successors()
    fed = [-1] * len(elements)
    start = 1 if level.has_ports else 0
    for index, element in enumerate(elements):
        if index >= inputs:
            element.layer = max(element.layer, start)
        for target in successors[index]:
            elements[target].layer = max(elements[target].layer, element.layer + 1)
            fed[target] = index
    inner = range(inputs, len(elements) - outputs)
    for index in reversed(inner):
        targets = successors[index]
        if not targets:
            continue
        nearest = min(elements[target].layer for target in targets)
        if fed[index] < 0:
            elements[index].layer = max(start, nearest - 1)
        elif elements[index].face is Face.PILL and len(targets) == 1:
            elements[index].layer = max(elements[index].layer, (elements[fed[index]].layer + nearest) // 2)
    if level.has_ports:
        last = 1 + max((elements[index].layer for index in inner), default=0)
        for element in elements[len(elements) - outputs :]:
            element.layer = last
