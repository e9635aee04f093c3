"""The legend of a graph that is coloured by a quantity: a scale from the least to the most."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPen

from explorer.ui.graph_heat import Heat, Quantity, ground_at
from explorer.ui.graph_look import Look

_SCALE_WIDTH = 120
_SCALE_HEIGHT = 10
_PAD = 8


def legend_size(heat: Heat, look: Look) -> QSizeF:
    """How much room the legend takes."""
    least, most = heat.words(heat.least), heat.words(heat.most)
    ends = look.small.horizontalAdvance(least) + look.small.horizontalAdvance(most) + look.px(16)
    title = look.small.horizontalAdvance(_title(heat))
    width = max(look.px(_SCALE_WIDTH), ends, title)
    if heat.is_blank:
        return QSizeF(title + 2 * look.px(_PAD), look.small.height() + 2 * look.px(_PAD))
    return QSizeF(width + 2 * look.px(_PAD), 2 * look.small.height() + look.px(_SCALE_HEIGHT + 2 * _PAD + 6))


def paint_legend(painter: QPainter, corner: QPointF, heat: Heat, look: Look) -> None:
    """Paints the legend with its upper left corner at `corner`."""
    rect = QRectF(corner, legend_size(heat, look))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.colour("line"), look.px(1)))
    painter.setBrush(look.colour("panel"))
    painter.drawRoundedRect(rect, look.px(6), look.px(6))
    pad, line = look.px(_PAD), look.small.height()
    painter.setFont(look.small_font)
    painter.setPen(look.colour("secondary"))
    left, top, width = rect.left() + pad, rect.top() + pad, rect.width() - 2 * pad
    painter.drawText(QPointF(left, top + look.small.ascent()), _title(heat))
    if heat.is_blank:
        return
    scale = QRectF(left, top + line + look.px(3), width, look.px(_SCALE_HEIGHT))
    gradient = QLinearGradient(scale.topLeft(), scale.topRight())
    gradient.setColorAt(0, ground_at(0, look))
    gradient.setColorAt(1, ground_at(1, look))
    painter.setPen(QPen(look.colour("line"), look.px(1)))
    painter.setBrush(gradient)
    painter.drawRoundedRect(scale, look.px(2), look.px(2))
    painter.setPen(look.colour("text"))
    ends = QRectF(left, scale.bottom() + look.px(3), width, line)
    if heat.most > heat.least:
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, heat.words(heat.least))
    painter.drawText(ends, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, heat.words(heat.most))


def _title(heat: Heat) -> str:
    if heat.is_blank:
        return f"{heat.quantity.value}: train this network, or select a run of it"
    return heat.quantity.value if heat.quantity is Quantity.DEAD else f"{heat.quantity.value}, logarithmic"
