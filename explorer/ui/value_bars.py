"""A vector as bars: a line for each of a few values, columns for many; one is chosen by mouse or arrow keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.map_page import Page
from explorer.ui.theme import theme

FEW = 16  # values that get a line each, with their figures
_ROW, _HEIGHT = 18, 112


class ValueBars(QWidget):
    """`unit_changed` says that `unit`, the number of a value, is another one."""

    unit_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("feature_values")
        self.setAccessibleName("Values of the vector")
        self.setToolTip("Arrow keys move from value to value")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.page: Page | None = None
        self._first, self._count = 0, 0
        self._chosen = self._hovered = -1
        theme().changed.connect(self.updateGeometry)

    @property
    def unit(self) -> int:
        """The value under the mouse, else the one that the keyboard chose; -1 for none."""
        return self._hovered if self._hovered >= 0 else self._chosen

    def set_form(self, first: int, count: int) -> None:
        """Says which values there are to be, before they are there."""
        if (first, count) != (self._first, self._count):
            self._first, self._count = first, count
            self.forget()
            self.updateGeometry()

    def forget(self) -> None:
        self.page = None
        self._chosen = self._hovered = -1
        self.update()

    def show_page(self, page: Page) -> None:
        self.page = page
        self.update()

    def picture(self) -> QImage:
        """What is shown, for a file or the clipboard."""
        ratio = 2
        image = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(theme().colour("panel"))
        self.render(image)
        return image

    def sizeHint(self) -> QSize:
        height = theme().px(_ROW) * max(1, self._count) if self._count <= FEW else theme().px(_HEIGHT)
        return QSize(theme().px(200), height + 2)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        look = theme()
        if self.page is None:
            painter.fillRect(QRectF(self.rect()), look.colour("grid"))
        else:
            values = self.page.maps.maps[self._first : self._first + self._count, 0, 0]
            finite = np.nan_to_num(values, posinf=0, neginf=0)
            everything = self.page.maps.statistics
            least, most = min(0.0, everything.least), max(0.0, everything.most)
            if self._count <= FEW:
                self._paint_lines(painter, values, finite, (least, most))
            else:
                self._paint_columns(painter, finite, (least, most))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("accent"), look.px(1)))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_lines(self, painter: QPainter, values: object, finite: object, ends: tuple[float, float]) -> None:
        look, page = theme(), self.page
        painter.setFont(look.font(secondary=True))
        metrics, row = painter.fontMetrics(), look.px(_ROW)
        names = page.labels if page else ()
        texts = [number(float(value)) for value in values]  # type: ignore[attr-defined]
        labels = [names[i] if names else f"{self._first + i:,}" for i in range(len(texts))]
        left = min(max(map(metrics.horizontalAdvance, labels), default=0), self.width() // 3) + look.px(8)
        # Room for the longest figure there can be, so that the bars keep their places.
        right = max(metrics.horizontalAdvance("−0.0000"), *map(metrics.horizontalAdvance, texts)) + look.px(8)
        room, span = max(8, self.width() - left - right), (ends[1] - ends[0]) or 1.0
        zero = left + (0 - ends[0]) / span * room
        best = int(np.argmax(finite))  # type: ignore[call-overload]
        for index, value in enumerate(finite):  # type: ignore[arg-type, var-annotated]
            top = 1 + index * row
            chosen = self._first + index == self.unit
            if chosen:
                painter.fillRect(QRectF(0, top, self.width(), row), look.colour("selected"))
            end = left + (float(value) - ends[0]) / span * room
            painter.fillRect(QRectF(left, top + row * 0.28, room, row * 0.44), look.colour("grid"))
            bar = QRectF(min(zero, end), top + row * 0.28, max(1.0, abs(end - zero)), row * 0.44)
            painter.fillRect(bar, look.colour("accent" if index == best else "edge"))
            painter.setPen(look.colour("text"))
            label = metrics.elidedText(labels[index], Qt.TextElideMode.ElideRight, left - look.px(8))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(look.px(2), top, left, row), middle | Qt.AlignmentFlag.AlignLeft, label)
            painter.setPen(look.colour("secondary"))
            place = QRectF(self.width() - right, top, right - look.px(2), row)
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, texts[index])

    def _paint_columns(self, painter: QPainter, values: object, ends: tuple[float, float]) -> None:
        look, span = theme(), (ends[1] - ends[0]) or 1.0
        height, width = self.height() - 2, (self.width() - 2) / max(1, self._count)
        zero = 1 + ends[1] / span * height
        painter.fillRect(QRectF(self.rect()), look.colour("raised"))
        for index, value in enumerate(values):  # type: ignore[arg-type, var-annotated]
            chosen = self._first + index == self.unit
            left = 1 + index * width
            if chosen:
                painter.fillRect(QRectF(left, 0, width, self.height()), look.colour("selected"))
            end = 1 + (ends[1] - float(value)) / span * height
            bar = QRectF(left + width * 0.1, min(zero, end), max(1.0, width * 0.8), abs(end - zero))
            painter.fillRect(bar, look.colour("accent" if chosen else "edge"))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(QPointF(0, zero), QPointF(self.width(), zero))

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._unit_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        last = self._first + self._count - 1
        if key in steps:
            step = steps[key] if self._chosen >= 0 else 0
            self.choose(min(max(max(self._chosen, self._first) + step, self._first), last))
        elif key == Qt.Key.Key_Escape and self._chosen >= 0:
            self.choose(-1)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.update()

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.update()

    def choose(self, unit: int) -> None:
        if unit != self._chosen:
            self._chosen = unit
            self.update()
            self.unit_changed.emit()

    def _unit_at(self, position: QPointF) -> int:
        if self._count <= FEW:
            place = int((position.y() - 1) // theme().px(_ROW))
        else:
            place = int((position.x() - 1) / max(1, self.width() - 2) * self._count)
        return self._first + place if 0 <= place < self._count else -1

    def _hover(self, unit: int) -> None:
        if unit != self._hovered:
            self._hovered = unit
            self.update()
            self.unit_changed.emit()


def number(value: float) -> str:
    """A value in four figures, with a true minus sign."""
    return f"{value:.4g}".replace("-", "−")
