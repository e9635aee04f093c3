"""Badges: activations and dropouts as small labels on the box that they follow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.structure.fold import Box, Face
from explorer.structure.graph import Kind, Node
from explorer.structure.layout import PlacedBox
from explorer.structure.node_labels import badge_label
from explorer.ui.graph_look import Look
from explorer.ui.theme import KIND_COLOURS, ON_ACTIVATION

_MOST_TEXT = 210
# How far a badge reaches into the circle above it, without touching the sign.
JOIN_OVERLAP = 4


def badge_height(look: Look) -> float:
    return look.small.height() + look.px(2)


def badge_width(node: Node, look: Look) -> float:
    text = min(look.small.horizontalAdvance(badge_label(node)), look.px(_MOST_TEXT))
    return max(text + look.px(16), look.px(38))


def badges_width(box: Box, look: Look) -> float:
    """The width of all badges of a box beside each other."""
    return sum(badge_width(node, look) + look.px(4) for node in box.badges)


def badge_rects(box: Box, placed: PlacedBox, look: Look) -> list[tuple[Node, QRectF]]:
    """The badges of a box, in execution order: on a card's lower right edge, under or beside a circle."""
    if not box.badges:
        return []
    height = badge_height(look)
    right, top = placed.x + placed.width - look.px(4), placed.y + placed.height - height / 2
    if box.face is Face.JOIN and placed.below:
        right = placed.x + (placed.width + badges_width(box, look)) / 2 - look.px(2)
        top = placed.y + placed.height - look.px(JOIN_OVERLAP)
    elif box.face is Face.JOIN:
        right, top = placed.x + placed.width, placed.y + (placed.height - height) / 2
    found: list[tuple[Node, QRectF]] = []
    for node in reversed(box.badges):
        width = badge_width(node, look)
        found.append((node, QRectF(right - width, top, width, height)))
        right -= width + look.px(4)
    return found[::-1]


def paint_badge(
    painter: QPainter, node: Node, rect: QRectF, look: Look, *, selected: bool = False, hovered: bool = False
) -> None:
    amber = node.kind is Kind.ACTIVATION
    colour = QColor(KIND_COLOURS[node.kind])
    painter.setBrush(colour.lighter(112) if hovered else colour)
    painter.setPen(QPen(look.colour("accent"), look.px(2)) if selected else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setFont(look.small_font)
    painter.setPen(QColor(ON_ACTIVATION) if amber else QColor("#ffffff"))
    text = look.small.elidedText(badge_label(node), Qt.TextElideMode.ElideRight, look.px(_MOST_TEXT))
    x = rect.center().x() - look.small.horizontalAdvance(text) / 2
    painter.drawText(QPointF(x, rect.center().y() + (look.small.ascent() - look.small.descent()) / 2), text)
