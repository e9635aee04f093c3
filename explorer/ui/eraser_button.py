"""The button that turns the pen into an eraser, with a picture of one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from explorer.ui.theme import theme


class EraserButton(QPushButton):
    """A checkable button as narrow as it is high; it shows a tilted eraser above the line that it leaves blank."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName("Eraser")

    def sizeHint(self) -> QSize:
        height = super().sizeHint().height()
        return QSize(height, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = theme().scale
        colour = theme().colour("text" if self.isEnabled() else "secondary")
        painter.translate(QRectF(self.rect()).center())
        painter.scale(unit, unit)
        painter.setPen(QPen(colour, 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(-5, 7), QPointF(7, 7))
        painter.translate(0, -1)
        painter.rotate(-45)
        painter.drawRoundedRect(QRectF(-7, -3.5, 14, 7), 1.6, 1.6)
        painter.drawLine(QPointF(-1.5, -3.5), QPointF(-1.5, 3.5))
        painter.end()
