"""The activation of F6 as a picture of 7 x 12, beside the picture that stands for each class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.figures_in_words import figure
from explorer.ui.signed_colours import signed_image
from explorer.ui.theme import theme

_ROWS, _COLUMNS = 12, 7


class RbfView(QWidget):
    """Left and Right walk along the classes; `pointed` carries the class looked at, -1 for none."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Activation of F6 and the targets")
        self.setToolTip("Orange is +1 (ink), blue is −1; Left and Right walk along the classes")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._activation = np.zeros((_ROWS, _COLUMNS), np.float32)
        self._targets = np.zeros((0, _ROWS, _COLUMNS), np.float32)
        self._distances = np.zeros(0)
        self._labels: tuple[str, ...] = ()
        self._at = -1
        theme().changed.connect(self._fit)

    @property
    def at(self) -> int:
        return self._at

    def show_targets(
        self, activation: np.ndarray, targets: np.ndarray, distances: np.ndarray, labels: tuple[str, ...]
    ) -> None:
        self._activation, self._targets, self._distances, self._labels = activation, targets, distances, labels
        self._fit()
        self.update()

    def point(self, number: int) -> None:
        number = number if 0 <= number < len(self._targets) else -1
        if number != self._at:
            self._at = number
            self.pointed.emit(number)
            self.update()

    # Geometry

    def _text(self) -> float:
        return QFontMetricsF(theme().font(secondary=True)).height()

    def _tile(self) -> tuple[float, float]:
        """A picture's size: as large as lets five stand beside the activation's."""
        room = self.width() / 7.4
        unit = min(max(room / (_COLUMNS + 1), theme().px(4)), theme().px(9))
        return unit * _COLUMNS, unit * _ROWS

    def _across(self) -> int:
        return -(-max(1, len(self._targets)) // 2)

    def activation_rect(self) -> QRectF:
        wide, high = self._tile()
        return QRectF(0, self._text() + theme().px(2), 1.55 * wide, 1.55 * high)

    def target_rect(self, number: int) -> QRectF:
        wide, high = self._tile()
        left = 1.55 * wide + theme().px(14)
        step = (self.width() - left - wide - theme().px(4)) / max(1, self._across() - 1)
        row, column = divmod(number, self._across())
        text = 2 * self._text() + theme().px(6)
        return QRectF(left + column * min(step, 1.8 * wide), row * (high + text) + self._text() / 4, wide, high)

    def sizeHint(self) -> QSize:
        _, high = self._tile()
        return QSize(theme().px(240), round(2 * (high + 2 * self._text() + theme().px(6))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self.height() != self.sizeHint().height():
            self.setFixedHeight(self.sizeHint().height())

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        painter.setPen(look.colour("secondary"))
        painter.drawText(QPointF(0, painter.fontMetrics().ascent()), "F6")
        self._picture(painter, self.activation_rect(), self._activation)
        winner = int(self._distances.argmin()) if len(self._distances) else -1
        for number in range(len(self._targets)):
            rect = self.target_rect(number)
            self._picture(painter, rect, self._targets[number])
            if number in {winner, self._at}:
                painter.setPen(QPen(look.colour("accent" if number == winner else "text"), look.px(2)))
                painter.drawRect(rect.adjusted(-2, -2, 2, 2))
            painter.setPen(look.colour("text" if number == winner else "secondary"))
            name = self._labels[number] if number < len(self._labels) else str(number)
            below = QRectF(rect.left() - rect.width() / 2, rect.bottom() + look.px(2), 2 * rect.width(), self._text())
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
            painter.drawText(
                below.translated(0, self._text() - look.px(1)), Qt.AlignmentFlag.AlignCenter,
                figure(float(self._distances[number]), 3),
            )  # fmt: skip
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    @staticmethod
    def _picture(painter: QPainter, rect: QRectF, values: np.ndarray) -> None:
        painter.drawImage(rect, signed_image(values, 1.7159))
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))

    # The user

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        places = range(len(self._targets))
        self.point(next((each for each in places if self.target_rect(each).contains(event.position())), -1))

    def leaveEvent(self, event: QEvent) -> None:
        self.point(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, keys = len(self._targets) - 1, Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Right: 1, keys.Key_Up: -self._across(), keys.Key_Down: self._across()}
        if event.key() in steps and last >= 0:
            target = 0 if self._at < 0 else self._at + steps[keys(event.key())]
            self.point(min(max(target, 0), last))
        elif event.key() == keys.Key_Escape and self._at >= 0:
            self.point(-1)
        else:
            super().keyPressEvent(event)
