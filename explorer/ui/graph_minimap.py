"""The whole graph in small, with a frame around what the view shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from explorer.ui.graph_picture import GraphPicture
from explorer.ui.theme import theme

_WIDTH = 136
_HEIGHT = 96
_LEAST_HEIGHT = 44
_PAD = 5


class GraphMinimap(QWidget):
    """Emits `moved` with the point of the graph that a click or drag wants in the middle of the view."""

    moved = Signal(QPointF)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("graph_minimap")
        self.setAccessibleName("Overview of the graph")
        self.setToolTip("Click or drag to move the view")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture: GraphPicture | None = None
        self._visible = QRectF()
        self._drawn = QPixmap()

    def set_picture(self, picture: GraphPicture | None) -> None:
        """Shows another picture and takes the size that suits it."""
        self._picture = picture
        self._drawn = QPixmap()
        if picture is not None:
            self.setFixedSize(self._wanted_size(picture))
        self.update()

    def show_part(self, part: QRectF) -> None:
        """Frames the part of the graph that the view shows."""
        if part != self._visible:
            self._visible = part
            self.update()

    def _wanted_size(self, picture: GraphPicture) -> QSize:
        px = theme().px
        bounds = picture.bounds
        ratio = bounds.height() / max(1.0, bounds.width())
        height = min(max(px(_WIDTH) * ratio, px(_LEAST_HEIGHT)), px(_HEIGHT))
        return QSize(px(_WIDTH), round(height))

    def _scale(self) -> float:
        if self._picture is None:
            return 1.0
        bounds = self._picture.bounds
        pad = 2 * theme().px(_PAD)
        width, height = max(1.0, bounds.width()), max(1.0, bounds.height())
        return min((self.width() - pad) / width, (self.height() - pad) / height)

    def _origin(self) -> QPointF:
        """Where the graph's upper left corner is."""
        bounds = self._picture.bounds if self._picture else QRectF()
        scale = self._scale()
        return QPointF((self.width() - bounds.width() * scale) / 2, (self.height() - bounds.height() * scale) / 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        colour = theme().colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("line"), 1))
        painter.setBrush(colour("panel"))
        corner = theme().px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        ratio = self.devicePixelRatioF()
        if self._drawn.isNull() or self._drawn.devicePixelRatio() != ratio:
            self._drawn = self._draw(ratio)
        painter.drawPixmap(0, 0, self._drawn)
        origin, scale = self._origin(), self._scale()
        part = QRectF(
            origin.x() + self._visible.x() * scale,
            origin.y() + self._visible.y() * scale,
            self._visible.width() * scale,
            self._visible.height() * scale,
        ).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.setPen(QPen(colour("accent"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(part, 2, 2)

    def _draw(self, ratio: float) -> QPixmap:
        drawn = QPixmap(self.size() * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        if self._picture is None:
            return drawn
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        origin, scale = self._origin(), self._scale()
        painter.translate(origin)
        painter.scale(scale, scale)
        for rgba, rects in self._picture.in_colours.items():
            colour = QColor.fromRgba(rgba)
            colour.setAlphaF(0.8)
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.end()
        return drawn

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._move_to(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _move_to(self, point: QPointF) -> None:
        origin, scale = self._origin(), self._scale()
        self.moved.emit(QPointF((point.x() - origin.x()) / scale, (point.y() - origin.y()) / scale))
