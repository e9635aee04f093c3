"""A bar for each channel (or block), however many there are; one can be pointed at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.figures_in_words import figure
from explorer.ui.signed_colours import sign_colour
from explorer.ui.theme import theme


@dataclass(frozen=True, eq=False)
class Bars:
    """Values from the axis at `base`, drawn between `low` and `high`; `others` are thin marks beside them.

    `line` is a level to compare with. `left` and `right` stand below the first and the last bar. Bars of `signed`
    values have the colour of their sign.
    """

    values: NDArray[Any]
    low: float
    high: float
    base: float = 0.0
    others: NDArray[Any] | None = None
    line: float | None = None
    left: str = ""
    right: str = ""
    marked: int = -1
    signed: bool = False


_NOTHING = Bars(np.zeros(0), 0.0, 1.0)


class ChannelBars(QWidget):
    """Left and Right walk along the bars; `pointed` carries the number of the one looked at, -1 for none."""

    pointed = Signal(int)

    def __init__(self, name: str, height: int = 92, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._bars = _NOTHING
        self._at = -1
        self._words: Callable[[int], str] = str
        self.setAccessibleName(name)
        self.setToolTip(f"{name}; Left and Right walk along them")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def bars(self) -> Bars:
        return self._bars

    @property
    def at(self) -> int:
        """The bar that is pointed at, -1 for none."""
        return self._at

    def show_bars(self, bars: Bars, words: Callable[[int], str]) -> None:
        """`words` says what a bar is, for a screen reader."""
        self._bars, self._words = bars, words
        if self._at >= len(bars.values):
            self._at = -1
        self._describe()
        self.update()

    def point(self, number: int) -> None:
        """Looks at a bar."""
        number = number if 0 <= number < len(self._bars.values) else -1
        if number != self._at:
            self._at = number
            self._describe()
            self.pointed.emit(number)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(self._height))

    def plot_rect(self) -> QRectF:
        """Where the bars stand."""
        look = theme()
        metrics = QFontMetricsF(look.font(secondary=True))
        left = max(metrics.horizontalAdvance(text) for text in (*self._labels(), "0")) + look.px(6)
        bottom = metrics.height() + look.px(2) if self._bars.left or self._bars.right else look.px(4)
        return QRectF(left, look.px(5), max(1.0, self.width() - left - look.px(2)), self.height() - bottom - look.px(5))

    def bar_at(self, x: float) -> int:
        """The number of the bar at a place across the widget, -1 beside them."""
        plot, count = self.plot_rect(), len(self._bars.values)
        if not count or not plot.left() <= x <= plot.right():
            return -1
        return min(count - 1, int((x - plot.left()) / plot.width() * count))

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, bars, plot = theme(), self._bars, self.plot_rect()
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        metrics = QFontMetricsF(painter.font())
        painter.fillRect(plot, look.colour("raised"))
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(plot.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setPen(look.colour("secondary"))
        room = plot.left() - look.px(6)
        top, bottom = self._labels()
        for text, y in ((top, plot.top()), (bottom, plot.bottom())):
            painter.drawText(
                QRectF(
                    0, min(max(0.0, y - metrics.height() / 2), self.height() - metrics.height()), room, metrics.height()
                ),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
        below = QRectF(plot.left(), plot.bottom() + look.px(2), plot.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, bars.left)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, bars.right)
        if len(bars.values):
            self._paint_bars(painter, plot)
        if bars.line is not None:
            pen = QPen(look.colour("text"), 1, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            y = self._y(bars.line, plot)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.end()

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        look, bars = theme(), self._bars
        count = len(bars.values)
        base = self._y(bars.base, plot)
        painter.setPen(Qt.PenStyle.NoPen)
        step = plot.width() / count
        if step < 1.5:
            self._paint_envelope(painter, plot)
        else:
            gap = min(look.px(2), step / 5)
            for number, value in enumerate(bars.values):
                if not math.isfinite(value):
                    continue
                is_at = number in {self._at, bars.marked}
                colour = sign_colour(float(value) - bars.base) if bars.signed else look.colour("accent")
                if is_at:
                    colour = look.colour("text")
                y = self._y(float(value), plot)
                left = plot.left() + number * step
                painter.fillRect(QRectF(left + gap / 2, min(y, base), step - gap, max(1.0, abs(base - y))), colour)
                if bars.others is not None:
                    other = self._y(float(bars.others[number]), plot)
                    painter.fillRect(QRectF(left, other - look.px(1), step, look.px(2)), look.colour("secondary"))
        painter.setPen(QPen(look.colour("edge"), 1))
        painter.drawLine(QPointF(plot.left(), base), QPointF(plot.right(), base))
        if step < 1.5 and self._at >= 0:
            x = plot.left() + (self._at + 0.5) * step
            painter.setPen(QPen(look.colour("text"), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _paint_envelope(self, painter: QPainter, plot: QRectF) -> None:
        """Of many bars the least and the largest in each column of pixels."""
        values = np.nan_to_num(self._bars.values, nan=self._bars.base)
        columns = max(1, int(plot.width()))
        edges = np.linspace(0, len(values), columns + 1).astype(int)
        colour = theme().colour("accent")
        for column in range(columns):
            part = values[edges[column] : max(edges[column] + 1, edges[column + 1])]
            high = self._y(max(float(part.max()), self._bars.base), plot)
            low = self._y(min(float(part.min()), self._bars.base), plot)
            painter.fillRect(QRectF(plot.left() + column, high, 1, max(1.0, low - high)), colour)

    def _labels(self) -> tuple[str, str]:
        return figure(self._bars.high, 2), figure(self._bars.low, 2)

    def _y(self, value: float, plot: QRectF) -> float:
        low, high = self._bars.low, self._bars.high
        share = (min(max(value, low), high) - low) / ((high - low) or 1.0)
        return plot.bottom() - share * plot.height()

    # The user

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point(self.bar_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self.point(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, keys = len(self._bars.values) - 1, Qt.Key
        steps = {keys.Key_Left: self._at - 1, keys.Key_Right: self._at + 1, keys.Key_Home: 0, keys.Key_End: last}
        if event.key() in steps and last >= 0:
            self.point(min(max(steps[keys(event.key())], 0), last))
        elif event.key() == keys.Key_Escape and self._at >= 0:
            self.point(-1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self._words(self._at) if self._at >= 0 else "")
