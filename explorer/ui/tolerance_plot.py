"""The answer along one change of the input: two probabilities as curves, and a mark where the slider stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import percent
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.tolerance import Curve

INSET = 7
"""Pixels, scaled, from the edges to the ends of the range: where the middle of a slider's handle goes no further."""


class TolerancePlot(QWidget):
    """Painted from arrays; `picked` carries the value that was clicked or dragged to."""

    picked = Signal(float)

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._low, self._high = low, high
        self._value = low
        self._labels = ("", "")
        self.curve: Curve | None = None
        theme().changed.connect(self.update)

    def show_curve(self, curve: Curve | None, labels: tuple[str, str] = ("", "")) -> None:
        """Shows a curve; `labels` name its two classes."""
        self.curve, self._labels = curve, labels
        self.update()

    def show_value(self, value: float) -> None:
        """Puts the mark at a value."""
        if value != self._value:
            self._value = value
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(44))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event.position())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.curve is not None:
            curve = self.curve
            value = self._value_at(event.pos().x())
            index = int(np.argmin(np.abs(curve.values - value)))
            at = curve.change.text(float(curve.values[index]))
            text = f"{at}\n{self._labels[0]}: {percent(curve.best[index])}"
            if self._labels[1] != self._labels[0]:
                text += f"\n{self._labels[1]}: {percent(curve.second[index])}"
            if curve.other is not None:
                text += f"\n{self._labels[0]}, the other network: {percent(curve.other[index])}"
            QToolTip.showText(event.globalPos(), tooltip(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        field = self._field()
        painter.setPen(QPen(theme().colour("grid"), 1))
        for share in (0.0, 0.5, 1.0):
            y = round(field.bottom() - share * field.height()) + 0.5
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
        painter.setPen(QPen(theme().colour("line"), 1))
        x = round(self._x_of(self._value)) + 0.5
        painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
        if self.curve is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(field.adjusted(-2, -2, 2, 2))
            curve = self.curve
            if curve.other is not None:
                self._line(painter, curve.values, curve.other, "accent", dashed=True)
            self._line(painter, curve.values, curve.second, "series_test")
            self._line(painter, curve.values, curve.best, "accent")
            for shares, name in ((curve.second, "series_test"), (curve.best, "accent")):
                share = float(np.interp(self._value, curve.values, shares))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().colour(name))
                radius = theme().px(3)
                painter.drawEllipse(QPointF(self._x_of(self._value), self._y_of(share)), radius, radius)
        painter.end()

    def _line(
        self, painter: QPainter, values: np.ndarray, shares: np.ndarray, name: str, *, dashed: bool = False
    ) -> None:
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(theme().colour(name)), theme().px(1.5), style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pairs = zip(values, shares, strict=True)
        painter.drawPolyline(QPolygonF([QPointF(self._x_of(float(v)), self._y_of(float(s))) for v, s in pairs]))

    def _field(self) -> QRectF:
        inset = theme().px(INSET)
        return QRectF(inset, theme().px(4), max(1, self.width() - 2 * inset), max(1, self.height() - theme().px(8)))

    def _x_of(self, value: float) -> float:
        field = self._field()
        return field.left() + (value - self._low) / (self._high - self._low) * field.width()

    def _y_of(self, share: float) -> float:
        field = self._field()
        return field.bottom() - share * field.height()

    def _value_at(self, x: float) -> float:
        field = self._field()
        share = min(1.0, max(0.0, (x - field.left()) / field.width()))
        return self._low + share * (self._high - self._low)

    def _pick(self, place: QPointF) -> None:
        self.picked.emit(self._value_at(place.x()))
