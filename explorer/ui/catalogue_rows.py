"""How a row of the catalogue is painted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.ui import numbers
from explorer.ui.catalogue_model import ROW_ROLE, CatalogueModel, Group, Index
from explorer.ui.theme import theme


def row_height() -> int:
    """28 pixels, and more where the system's font is larger than the row."""
    return max(theme().px(28), QFontMetrics(theme().font()).height() + theme().px(8))


class CatalogueRows(QStyledItemDelegate):
    """Paints year, title and parameter count; a group has a triangle, and a trained network a dot before its count."""

    def __init__(self, model: CatalogueModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(theme().px(120), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme()
        entry = index.data(ROW_ROLE)
        if entry is None:
            return
        row = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, option, row)
        row.adjust(look.px(8), 0, -look.px(8), 0)
        small, normal = look.font(secondary=True), look.font()
        is_group = isinstance(entry, Group)
        years = QFontMetrics(small).horizontalAdvance("0000") + look.px(10)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(small)
        painter.setPen(look.colour("secondary"))
        inside = index.parent().isValid()
        if not inside:
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, entry.year)
        right = f"{len(entry.entries)}" if is_group else _short_count(entry.parameters)
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, right)
        row.adjust(years, 0, -(QFontMetrics(small).horizontalAdvance(right) + look.px(8)), 0)
        if not is_group and self._model.trained(entry):
            size = look.px(6)
            dot = QRectF(row.right() - size, row.center().y() - size / 2 + 0.5, size, size)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("good"))
            painter.drawEllipse(dot)
            row.adjust(0, 0, -size - look.px(6), 0)
        if is_group:
            is_open = bool(option.state & QStyle.StateFlag.State_Open)
            _paint_triangle(painter, QPointF(row.left() + look.px(4), row.center().y() + 0.5), is_open=is_open)
            row.adjust(look.px(12), 0, 0, 0)
        elif inside:
            row.adjust(look.px(12), 0, 0, 0)
        painter.setFont(normal)
        painter.setPen(look.colour("text"))
        title = QFontMetrics(normal).elidedText(entry.title, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, title)
        painter.restore()


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, row: QRect) -> None:
    look = theme()
    state = option.state
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if not selected and not state & QStyle.StateFlag.State_MouseOver:
        return
    focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QPen(look.colour("accent"), 1) if focused else QColor(Qt.GlobalColor.transparent))
    painter.setBrush(look.colour("selected" if selected else "raised"))
    painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), look.px(6), look.px(6))


def _paint_triangle(painter: QPainter, centre: QPointF, *, is_open: bool) -> None:
    look = theme()
    half = look.px(3)
    pen = QPen(look.colour("secondary"), max(1.0, 1.4 * look.scale))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if is_open:
        points = [QPointF(-half, -half / 2), QPointF(0, half / 2), QPointF(half, -half / 2)]
    else:
        points = [QPointF(-half / 2, -half), QPointF(half / 2, 0), QPointF(-half / 2, half)]
    painter.drawPolyline([centre + point for point in points])


def _short_count(parameters: int | None) -> str:
    return "" if parameters is None else numbers.short_count(parameters)
