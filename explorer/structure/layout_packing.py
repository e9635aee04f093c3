"""How high the rows of a level stand: packed from the inside out against the outline of what is already there.

As tree layouts do (Reingold and Tilford 1981); it keeps every trunk exactly straight and every limb symmetrical in
itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.structure.fold import Face
from explorer.structure.layout_level import Level, Spacing, Wire


@dataclass
class Limb:
    """Rows that hang on another between the layers of a fork and a join, each list from top to bottom.

    `bar` is the layer of the bar in which they meet, -1 where they meet in none.
    """

    span: int
    order: int
    bar: int = -1
    above: list[Row] = field(default_factory=list)
    below: list[Row] = field(default_factory=list)


@dataclass
class Row:
    """Elements on one line, or a wire. `offsets` are the elements' lines relative to the row's own."""

    elements: list[int] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    wire_offsets: list[float] = field(default_factory=list)
    limbs: list[Limb] = field(default_factory=list)
    parent: Row | None = None
    y: float = 0
    top: dict[int, float] = field(default_factory=dict)
    bottom: dict[int, float] = field(default_factory=dict)

    def reserve(self, layer: int, top: float, bottom: float) -> None:
        self.top[layer] = min(top, self.top.get(layer, top))
        self.bottom[layer] = max(bottom, self.bottom.get(layer, bottom))


def reserve_rooms(level: Level, rows: list[Row], spacing: Spacing) -> None:
    """Notes how far each row reaches above and below its line, layer by layer."""
    for row in rows:
        for index, offset in zip(row.elements, row.offsets, strict=True):
            element = level.elements[index]
            room = spacing.row / 2 if element.width or element.height else spacing.wire / 2
            bottom = offset + element.height + element.below
            layers = [element.layer]
            if element.face is Face.PILL and len(row.elements) == 1:
                # A box on a shortcut has all of its line to itself, and so can stand in the middle of it.
                layers = _layers_to_itself(level, row)
                element.span = layers[0], layers[-1]
            for layer in layers:
                row.reserve(layer, offset - element.above - room, bottom + room)
        for wire, offset in zip(row.wires, row.wire_offsets, strict=True):
            for layer in range(wire.first, wire.last + 1):
                row.reserve(layer, offset - spacing.wire / 2, offset + spacing.wire / 2)


def _layers_to_itself(level: Level, row: Row) -> list[int]:
    own = level.elements[row.elements[0]].layer
    ends = [level.elements[target].layer for wire in row.wires for target in wire.targets]
    first = min([own, *(wire.first for wire in row.wires)])
    last = max([own, *(wire.last for wire in row.wires)])
    return list(range(first, max(own, min(last, max(ends, default=own) - 1)) + 1))


def inside_out(row: Row) -> list[Limb]:
    """The limbs of a row, those that span the fewest layers first."""
    return sorted(row.limbs, key=lambda limb: (limb.span, limb.order))


def leaves_first(roots: list[Row]) -> list[Row]:
    """All rows, those that hang on a row before it."""
    found: list[Row] = []
    waiting = list(roots)
    while waiting:
        row = waiting.pop()
        found.append(row)
        for limb in row.limbs:
            waiting.extend(limb.above)
            waiting.extend(limb.below)
    return found[::-1]


def from_top(roots: list[Row]) -> list[Row]:
    """All rows from top to bottom."""
    found: list[Row] = []
    waiting: list[tuple[Row, bool]] = [(row, False) for row in reversed(roots)]
    while waiting:
        row, opened = waiting.pop()
        if opened:
            found.append(row)
            continue
        limbs = inside_out(row)
        below = [child for limb in limbs for child in limb.below]
        above = [child for limb in reversed(limbs) for child in limb.above]
        waiting.extend((child, False) for child in reversed(below))
        waiting.append((row, True))
        waiting.extend((child, False) for child in reversed(above))
    return found


def pack(row: Row, spacing: Spacing) -> None:
    """Places the rows that hang on a row relative to it, the narrower limbs first."""
    for limb in inside_out(row):
        for child in reversed(limb.above):
            _keep_line_free(row, child)
            child.y = min(row.top[layer] - child.bottom[layer] for layer in child.bottom)
            _grow(row, child)
        for child in limb.below:
            _keep_line_free(row, child)
            child.y = max(row.bottom[layer] - child.top[layer] for layer in child.top)
            _grow(row, child)
        if limb.bar >= 0:
            lines = [child.y for child in (*limb.above, *limb.below)]
            row.reserve(limb.bar, min(lines) - spacing.row, max(lines) + spacing.row)


def _keep_line_free(row: Row, child: Row) -> None:
    for layer in child.top:
        row.top.setdefault(layer, 0.0)
        row.bottom.setdefault(layer, 0.0)


def _grow(row: Row, child: Row) -> None:
    for layer in child.top:
        row.reserve(layer, child.top[layer] + child.y, child.bottom[layer] + child.y)


def settle(level: Level, roots: list[Row]) -> None:
    """Stacks the rows that hang on none and hands the heights down."""
    taken: dict[int, float] = {}
    for root in roots:
        root.y = max((taken[layer] - root.top[layer] for layer in root.top if layer in taken), default=0.0)
        for layer, bottom in root.bottom.items():
            taken[layer] = max(taken.get(layer, bottom + root.y), bottom + root.y)
    waiting = list(roots)
    while waiting:
        row = waiting.pop()
        for index, offset in zip(row.elements, row.offsets, strict=True):
            level.elements[index].y = row.y + offset
        for wire, offset in zip(row.wires, row.wire_offsets, strict=True):
            wire.y = row.y + offset
        for limb in row.limbs:
            for child in (*limb.above, *limb.below):
                child.y += row.y
                waiting.append(child)
