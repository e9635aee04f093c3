"""The faces that are no cards: circles of joins, bars and knots of concatenations, pills on shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.structure.fold import Box, Face
from explorer.structure.layout import Direction, PlacedBox, Size
from explorer.ui.graph_badges import JOIN_OVERLAP, badge_height, badges_width
from explorer.ui.graph_look import Look
from explorer.ui.graph_words import bar_caption, join_sign

_CIRCLE = 26
_KNOT = 12
_BAR = 11
_LEAST_BAR = 48
_CAPTION_GAP = 5


def measure_shape(box: Box, look: Look, direction: Direction, pill: str) -> Size:
    """The room that a circle, bar or pill takes, with its caption and badges."""
    down = direction is Direction.DOWN
    if box.face is Face.JOIN:
        side = look.px(_CIRCLE)
        badges = badges_width(box, look)
        if not badges:
            return Size(side, side)
        if down:
            # Edges leave below; beside the circle the badges are in nobody's way.
            return Size(side + 2 * badges, side)
        return Size(max(side, badges), side, badge_height(look) - look.px(JOIN_OVERLAP))
    if box.face is Face.KNOT:
        # Its channels are written beside the bus.
        badges = badge_height(look) / 2 if box.badges else 0
        return Size(look.px(_KNOT), look.px(_KNOT), badges)
    if box.face is Face.BAR:
        caption = look.small.horizontalAdvance(bar_caption(box))
        if down:
            height = look.px(_BAR + _CAPTION_GAP) + look.small.height()
            return Size(2 * (caption + look.px(8)), height)
        badges = badges_width(box, look)
        below = look.px(_CAPTION_GAP) + look.small.height() + (badge_height(look) + look.px(3) if badges else 0)
        counts = max((look.small.horizontalAdvance(f"{shape[0]:,}") for shape in box.input_shapes if shape), default=0)
        return Size(max(caption, badges, look.px(_BAR) + 2 * (counts + look.px(10))), look.px(_LEAST_BAR), below)
    width = max(look.small.horizontalAdvance(pill), badges_width(box, look)) + look.px(22)
    return Size(width, look.small.height() + look.px(8), badge_height(look) / 2 if box.badges else 0)


def body(box: Box, placed: PlacedBox, look: Look, direction: Direction) -> QRectF:
    """What of a box's place its face fills: edges are drawn up to here."""
    rect = QRectF(placed.x, placed.y, placed.width, placed.height)
    if box.face is Face.JOIN:
        side = min(look.px(_CIRCLE), rect.width(), rect.height())
        return QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    if box.face is Face.BAR and direction is Direction.DOWN:
        return QRectF(rect.left(), rect.top(), rect.width(), look.px(_BAR))
    if box.face is Face.BAR:
        width = min(look.px(_BAR), rect.width())
        return QRectF(rect.center().x() - width / 2, rect.top(), width, rect.height())
    return rect


def paint_shape(
    painter: QPainter, box: Box, placed: PlacedBox, look: Look, direction: Direction, pill: str, border: QColor | None
) -> None:
    """Paints a circle, bar or pill without its badges; `border` marks one that is selected or under the cursor."""
    rect = body(box, placed, look, direction)
    if box.face is Face.JOIN:
        painter.setPen(QPen(border or look.colour("secondary"), look.px(2 if border else 1.4)))
        painter.setBrush(look.colour("panel"))
        painter.drawEllipse(rect)
        arm = rect.width() * 0.2
        sign = join_sign(box)
        painter.setPen(QPen(look.colour("text"), look.px(1.5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if sign in "+−":
            painter.drawLine(rect.center() - QPointF(arm, 0), rect.center() + QPointF(arm, 0))
        if sign == "+":
            painter.drawLine(rect.center() - QPointF(0, arm), rect.center() + QPointF(0, arm))
        if sign in "×÷":
            painter.drawLine(rect.center() - QPointF(arm, arm) * 0.8, rect.center() + QPointF(arm, arm) * 0.8)
        if sign == "×":
            painter.drawLine(rect.center() - QPointF(arm, -arm) * 0.8, rect.center() + QPointF(arm, -arm) * 0.8)
        return
    if box.face is Face.KNOT:
        painter.setPen(QPen(border or look.colour("secondary"), look.px(2.2)))
        painter.setBrush(look.colour("panel"))
        painter.drawEllipse(rect.adjusted(look.px(1), look.px(1), -look.px(1), -look.px(1)))
        return
    if box.face is Face.BAR:
        _paint_bar(painter, box, rect, look, direction, border)
        return
    painter.setPen(QPen(border or look.colour("accent"), look.px(2 if border else 1.3)))
    painter.setBrush(look.colour("panel"))
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setFont(look.small_font)
    painter.setPen(look.colour("text"))
    x = rect.center().x() - look.small.horizontalAdvance(pill) / 2
    painter.drawText(QPointF(x, rect.center().y() + (look.small.ascent() - look.small.descent()) / 2), pill)


def _paint_bar(
    painter: QPainter, box: Box, rect: QRectF, look: Look, direction: Direction, border: QColor | None
) -> None:
    painter.setPen(QPen(border, look.px(2)) if border else Qt.PenStyle.NoPen)
    painter.setBrush(look.kind_colour(box))
    radius = min(rect.width(), rect.height()) / 2
    painter.drawRoundedRect(rect, radius, radius)
    caption = bar_caption(box)
    painter.setFont(look.small_font)
    painter.setPen(look.colour("secondary"))
    y = rect.bottom() + look.px(_CAPTION_GAP) + look.small.ascent()
    # Downwards the edge leaves from the middle: the caption stands left of it.
    middle = rect.center().x() - look.small.horizontalAdvance(caption) / 2
    x = rect.left() if direction is Direction.DOWN else middle
    painter.drawText(QPointF(x, y), caption)
