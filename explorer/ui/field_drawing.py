"""The fields of a stack of windows, one inside the other, on a grid of input pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.structure.graph import Kind
from explorer.structure.stacked_windows import Comparison
from explorer.ui.theme import KIND_COLOURS, theme

# A grid finer than this is a grey area.
_SMALLEST_CELL_PX = 3.0
_LARGEST_CELL_PX = 26.0


class FieldDrawing(QWidget):
    """What one unit sees after each window: the innermost square after the first, the outermost after the last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Nested fields")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._comparison: Comparison | None = None
        theme().changed.connect(self.update)

    def show_comparison(self, comparison: Comparison) -> None:
        self._comparison = comparison
        fields = ", ".join(f"{level.field} × {level.field}" for level in comparison.levels)
        self.setAccessibleDescription(f"fields after each window, in pixels: {fields}")
        self.setToolTip(f"Fields after each window, in input pixels: {fields}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(240))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(120))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the drawing is small: all of it is painted
        if self._comparison is None:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(look.font(secondary=True))
        margin = metrics.height() + look.px(6)
        side = min(self.width(), self.height()) - 2 * margin
        whole = self._comparison.field
        # One pixel more on each side shows where the field ends.
        cells = whole + 2
        cell = min(side / cells, _LARGEST_CELL_PX * look.scale)
        centre = QPointF(self.width() / 2, self.height() / 2)
        self._paint_grid(painter, centre, cells, cell)
        self._paint_fields(painter, centre, cell)
        painter.setFont(look.font(secondary=True))
        painter.setPen(look.colour("text"))
        below = QRectF(0, centre.y() + cells * cell / 2 + look.px(2), self.width(), margin)
        text = f"{whole:,} × {whole:,} input pixels"
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)

    @staticmethod
    def _paint_grid(painter: QPainter, centre: QPointF, cells: int, cell: float) -> None:
        look = theme()
        half = cells * cell / 2
        area = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
        painter.fillRect(area, look.colour("raised"))
        if cell < _SMALLEST_CELL_PX:
            return
        painter.setPen(QPen(look.colour("line"), 1))
        for number in range(cells + 1):
            offset = number * cell
            painter.drawLine(QPointF(area.left() + offset, area.top()), QPointF(area.left() + offset, area.bottom()))
            painter.drawLine(QPointF(area.left(), area.top() + offset), QPointF(area.right(), area.top() + offset))

    def _paint_fields(self, painter: QPainter, centre: QPointF, cell: float) -> None:
        assert self._comparison is not None  # noqa: S101 - the caller has looked
        look = theme()
        levels = self._comparison.levels
        for number, level in reversed(list(enumerate(levels))):
            kind = Kind.CONVOLUTION if level.window.is_convolution else Kind.POOLING
            colour = QColor(KIND_COLOURS[kind])
            half = level.field * cell / 2
            square = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
            ground = QColor(colour)
            ground.setAlphaF(0.16)
            painter.setBrush(ground)
            painter.setPen(QPen(colour, 2.0 if number == len(levels) - 1 else 1.4))
            painter.drawRect(square)
            painter.setFont(look.font(secondary=True))
            metrics = QFontMetrics(painter.font())
            if cell * 2 > metrics.height() or level.field == self._comparison.field:
                painter.setPen(look.colour("text"))
                painter.drawText(
                    square.topLeft() + QPointF(look.px(3), metrics.ascent() + look.px(1)), str(level.field)
                )
