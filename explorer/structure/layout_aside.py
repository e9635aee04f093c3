"""What is linked to nothing stands aside: in rows of its own, wrapped like words."""

from __future__ import annotations

from math import sqrt

from explorer.structure.layout_level import Drawing, Element, Level, Spacing

# What is known of modules alone is still a sequence, so rows are long.
_ASPECT = 4.0


def put_aside(loose: list[Element], level: Level, drawing: Drawing, side: float, spacing: Spacing) -> None:
    """Places what is linked to nothing under a level that is drawn, as high as there is room."""
    if not level.elements:
        width, drawing.bottom = shelve(loose, side, 0.0, drawing.width - 2 * side, spacing)
        drawing.width = max(drawing.width, width + 2 * side)
        return
    width, lowest = shelve(loose, side, 0.0, drawing.width - 2 * side, spacing)
    reach = side + width + 2 * spacing.column
    above = [element.y + element.height + element.below for element in level.elements if element.x < reach]
    above += [wire.y for _, wire in level.wires()]
    start = (drawing.bottom if drawing.in_rows else max(above)) + spacing.row
    for element in loose:
        element.y += start
    drawing.bottom = max(drawing.bottom, lowest + start)
    drawing.width = max(drawing.width, width + 2 * side)


def shelve(elements: list[Element], left: float, top: float, width: float, spacing: Spacing) -> tuple[float, float]:
    """Places elements in rows from `left` and `top` that are as long as `width`, or longer where they would pile up.

    Returns the width that they take and the lower end of the last row.
    """
    area = sum(
        (element.width + spacing.column) * (element.height + element.below + spacing.row) for element in elements
    )
    most = max(width, sqrt(area * _ASPECT), *(element.width for element in elements))
    x, y, lowest, widest = left, top, top, 0.0
    for element in elements:
        if x > left and x + element.width > left + most:
            x, y = left, lowest + spacing.row
        element.x, element.y = x, y + element.above
        x += element.width + spacing.column
        lowest = max(lowest, element.y + element.height + element.below)
        widest = max(widest, element.x + element.width - left)
    return widest, lowest
