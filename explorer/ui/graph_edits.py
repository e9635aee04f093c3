"""Marks on the boxes of the graph whose layers are silenced or skipped in a copy of the network."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from explorer.ui.graph_picture import GraphPicture

_RADIUS = 9.0
_LEAST_PIXELS = 6.0  # on screen, however far away


def paint_edits(
    painter: QPainter, picture: GraphPicture, exposed: QRectF, edited: Collection[str], zoom: float
) -> None:
    """Strikes a corner of each box through that stands for an edited path; `zoom` is pixels of the screen a unit."""
    look = picture.look
    radius = max(look.px(_RADIUS), _LEAST_PIXELS / zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for rect in (edited_rect(picture, path) for path in sorted(edited)):
        if rect.isEmpty() or not rect.adjusted(-radius, -radius, radius, radius).intersects(exposed):
            continue
        colour = look.colour("bad")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, max(look.px(1.5), 1.5 / zoom), Qt.PenStyle.DashLine))
        corner = min(look.px(7), rect.height() / 2)
        painter.drawRoundedRect(rect, corner, corner)
        # On a card's corner; before a badge, whose name would be hidden.
        is_low = rect.height() < 3 * radius
        centre = QPointF(rect.left() - radius / 2, rect.center().y()) if is_low else rect.topLeft()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(look.colour("panel"), radius / 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        arm = radius * 0.4
        painter.drawLine(QLineF(centre - QPointF(arm, arm), centre + QPointF(arm, arm)))
        painter.drawLine(QLineF(centre - QPointF(arm, -arm), centre + QPointF(arm, -arm)))


def edited_rect(picture: GraphPicture, path: str) -> QRectF:
    """Where the mark of a path belongs: its badge, its box, or that of the folded block that it is in."""
    where = picture.folded.where(path)
    placed = picture.layout.box_by_path.get(where)
    if placed is None:
        return picture.rect(where)
    box = picture.folded.box_by_path[where]
    for node, rect in picture.faces.badges(box, placed):
        if node.path == path:
            return rect
    return picture.faces.front(box, placed)
