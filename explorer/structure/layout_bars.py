"""Bars across the branches that meet in them: as long as the branches are apart, so that each runs straight into it."""

from __future__ import annotations

from explorer.structure.fold import Face
from explorer.structure.layout_level import Element, Level, Net, Spacing


def stretch_bars(level: Level, spacing: Spacing) -> None:
    """Lengthens the bars of a level whose rows are placed, as far as nothing else stands in their columns."""
    bars = [index for index, element in enumerate(level.elements) if element.face is Face.BAR]
    if not bars:
        return
    columns: dict[int, list[Element]] = {}
    for element in level.elements:
        columns.setdefault(element.layer, []).append(element)
    for index in bars:
        bar = level.elements[index]
        arriving = [
            (net, y) for net in level.nets if index in net.targets if (y := _height(level, net, index)) is not None
        ]
        low, high = _free(level, bar, index, columns[bar.layer])
        line = bar.y + bar.centre
        above = [y for _, y in arriving if low + spacing.row / 4 < y < line]
        below = [y for _, y in arriving if line < y < high - bar.below - spacing.row / 4]
        top = max(low, min([y - spacing.row / 2 for y in above] + [bar.y]))
        bottom = min(high - bar.below, max([y + spacing.row / 2 for y in below] + [bar.y + bar.height]))
        bar.y, bar.height, bar.centre = top, bottom - top, line - top
        for net, y in arriving:
            if top < y < bottom:
                bar.ports_in[net.key] = y - top


def _height(level: Level, net: Net, target: int) -> float | None:
    """How high an edge arrives if it runs straight on from the left."""
    wire = net.wire_to(target)
    if wire is not None:
        return None if wire.backward else wire.y
    source = level.elements[net.source]
    return source.y + source.exit(net.key)


def _free(level: Level, bar: Element, index: int, column: list[Element]) -> tuple[float, float]:
    """How far up and down a bar could reach without touching anything else in its column."""
    low, high = float("-inf"), float("inf")
    top, bottom = bar.y, bar.y + bar.height + bar.below
    taken = [(other.y - other.above, other.y + other.height + other.below) for other in column if other is not bar]
    taken += [
        (wire.y, wire.y)
        for _, wire in level.wires()
        if wire.first <= bar.layer <= wire.last and (index not in wire.targets or wire.last > bar.layer)
    ]
    for first, last in taken:
        if last <= top:
            low = max(low, (last + top) / 2)
        else:
            high = min(high, (first + bottom) / 2)
    return low, high
