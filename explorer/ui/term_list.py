"""What each input channel adds to one output value: a row for each, with its sum as a number and a bar."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from explorer.inference.one_value import OneValue
from explorer.ui.figures_in_words import decimals_for, figure, fixed
from explorer.ui.signed_colours import sign_colour
from explorer.ui.theme import theme

_MOST_ROWS = 6


class TermList(QAbstractScrollArea):
    """Up and Down walk; `chosen` carries the place of the term among those that are read."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sum of each input channel")
        self.setToolTip("What each input channel adds; a click shows its numbers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._names: list[str] = []
        self._sums = np.zeros(0)
        self._current = -1
        theme().changed.connect(self._measure)
        self._measure()

    def show_value(self, value: OneValue, names: list[str]) -> None:
        """`names` says what each term is."""
        self._names, self._sums = names, value.sums
        self._measure()
        if self._current != value.shown_term:
            self._current = value.shown_term
            self._reveal()
        self.setAccessibleDescription(f"{names[self._current]}: {figure(float(self._sums[self._current]))}")
        self.viewport().update()

    @property
    def _row(self) -> int:
        return round(QFontMetricsF(theme().font(secondary=True)).height()) + theme().px(4)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self._row * min(max(1, len(self._names)), _MOST_ROWS))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), self.sizeHint().height())

    def _measure(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._row * len(self._names) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _reveal(self) -> None:
        top, bar = self._current * self._row, self.verticalScrollBar()
        if top < bar.value():
            bar.setValue(top)
        elif top + self._row > bar.value() + self.viewport().height():
            bar.setValue(top + self._row - self.viewport().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self.viewport())
        painter.setFont(look.font(secondary=True))
        painter.fillRect(event.rect(), look.colour("panel"))
        metrics = painter.fontMetrics()
        finite = self._sums[np.isfinite(self._sums)]
        reach = float(np.abs(finite).max()) if finite.size else 1.0
        decimals = min(4, decimals_for(reach) + 1)
        name_width = metrics.horizontalAdvance(max(self._names, key=len, default="")) + look.px(12)
        number_width = metrics.horizontalAdvance("−0000.00") + look.px(8)
        bars = QRectF(name_width + number_width, 0, max(1.0, self.viewport().width() - name_width - number_width), 1)
        first = self.verticalScrollBar().value() // self._row
        for number in range(first, len(self._names)):
            top = number * self._row - self.verticalScrollBar().value()
            if top > event.rect().bottom():
                break
            rect = QRectF(0, top, self.viewport().width(), self._row)
            if number == self._current:
                painter.fillRect(rect, look.colour("selected"))
            painter.setPen(look.colour("text"))
            vertical = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(look.px(4), top, name_width, self._row),
                vertical | Qt.AlignmentFlag.AlignLeft,
                self._names[number],
            )
            total = float(self._sums[number])
            right = QRectF(name_width, top, number_width - look.px(8), self._row)
            painter.drawText(right, vertical | Qt.AlignmentFlag.AlignRight, fixed(total, decimals))
            if math.isfinite(total) and reach:
                middle = bars.center().x()
                length = total / reach * bars.width() / 2
                colour = sign_colour(total)
                painter.fillRect(
                    QRectF(min(middle, middle + length), top + self._row * 0.3, max(1.0, abs(length)), self._row * 0.4),
                    colour,
                )
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._names) and number != self._current:
            self._current = number
            self._reveal()
            self.viewport().update()
            self.chosen.emit(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(int(event.position().y() + self.verticalScrollBar().value()) // self._row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, last = Qt.Key, len(self._names) - 1
        targets = {
            keys.Key_Up: self._current - 1,
            keys.Key_Down: self._current + 1,
            keys.Key_PageUp: max(0, self._current - _MOST_ROWS),
            keys.Key_PageDown: min(last, self._current + _MOST_ROWS),
            keys.Key_Home: 0,
            keys.Key_End: last,
        }
        if event.key() in targets:
            self._choose(targets[keys(event.key())])
        else:
            super().keyPressEvent(event)
