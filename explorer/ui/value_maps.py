"""The maps before and behind a layer, with the window and the value that comes from it outlined."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.inference.one_value import OneValue
from explorer.ui.signed_colours import map_image
from explorer.ui.theme import theme

_SIDE = 128
_MOST_SIDE = 220


class ValueMaps(QWidget):
    """Input on the left, output on the right. Arrows move the output's position, a click chooses one.

    With the focus on it the wheel, and Page Up and Page Down, change the output channel. `moved` carries (row, column),
    `turned` +1 or -1.
    """

    moved = Signal(object)
    turned = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Input map with the window, output map with the value")
        self.setToolTip(
            "Arrows move the position, a click on the output chooses one; Page Up and Page Down change channels"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self._value: OneValue | None = None
        self._images = (QImage(), QImage())
        self._titles = ("", "")
        theme().changed.connect(self._recolour)

    def show_value(self, value: OneValue, titles: tuple[str, str]) -> None:
        self._value, self._titles = value, titles
        self._recolour()

    def _recolour(self) -> None:
        value = self._value
        if value is not None:
            self._images = (map_image(value.input_map), map_image(value.output_map))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self._height())

    def _height(self) -> int:
        return theme().px(_SIDE) + round(QFontMetricsF(theme().font(secondary=True)).height()) + theme().px(6)

    def map_rects(self) -> tuple[QRectF, QRectF]:
        """Where the two maps are drawn, each as large as its half allows."""
        gap = theme().px(28)
        room = min((self.width() - gap) / 2, theme().px(_MOST_SIDE))
        head = self._height() - theme().px(_SIDE)
        rects: list[QRectF] = []
        for number, image in enumerate(self._images):
            size = image.size().scaled(QSize(round(room), theme().px(_SIDE)), Qt.AspectRatioMode.KeepAspectRatio)
            left = number * (rects[0].width() + gap) if rects else 0.0
            rects.append(QRectF(left, head, max(1, size.width()), max(1, size.height())))
        return rects[0], rects[1]

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, value = theme(), self._value
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        if value is not None:
            rects = self.map_rects()
            for rect, image, title in zip(rects, self._images, self._titles, strict=True):
                painter.setPen(look.colour("secondary"))
                room = max(
                    rect.width(), min(self.width() - rect.left(), look.px(_MOST_SIDE)) if rect is rects[1] else 0
                )
                words = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(QPointF(rect.left(), painter.fontMetrics().ascent()), words)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > rect.width())
                painter.drawImage(rect, image)
                painter.setPen(QPen(look.colour("line"), 1))
                painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._outline(painter, self.window_rect())
            self._outline(painter, self.unit_rect())
            middle = (rects[0].right() + rects[1].left()) / 2
            y = rects[0].top() + min(rects[0].height(), rects[1].height()) / 2
            painter.setPen(QPen(look.colour("secondary"), look.px(1.4)))
            for start, end in (((-5, 0), (5, 0)), ((2, -3), (5, 0)), ((2, 3), (5, 0))):
                painter.drawLine(
                    QPointF(middle + look.px(abs(start[0])) * (1 if start[0] > 0 else -1), y + start[1] * look.px(1)),
                    QPointF(middle + look.px(end[0]), y),
                )
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _outline(self, painter: QPainter, rect: QRectF) -> None:
        """Seen on every ground: dark around light."""
        look = theme()
        grown = rect.adjusted(-1, -1, 1, 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.colour("panel"), look.px(3)))
        painter.drawRect(grown)
        painter.setPen(QPen(look.colour("text"), look.px(1.5)))
        painter.drawRect(grown)

    def window_rect(self) -> QRectF:
        """The window on the input's map; in the padding it stands out over its edge."""
        value = self._value
        if value is None or not len(value.rows) or not len(value.columns):
            return QRectF()
        rect = self.map_rects()[0]
        high, wide = value.input_map.shape
        top, bottom = int(value.rows.min()), int(value.rows.max()) + 1
        left, right = int(value.columns.min()), int(value.columns.max()) + 1
        return QRectF(
            rect.left() + left * rect.width() / wide,
            rect.top() + top * rect.height() / high,
            (right - left) * rect.width() / wide,
            (bottom - top) * rect.height() / high,
        )

    def unit_rect(self) -> QRectF:
        """The value on the output's map."""
        value = self._value
        if value is None:
            return QRectF()
        rect = self.map_rects()[1]
        high, wide = value.output_map.shape
        row, column = value.unit
        return QRectF(
            rect.left() + column * rect.width() / wide,
            rect.top() + row * rect.height() / high,
            rect.width() / wide,
            rect.height() / high,
        )

    # The user

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def _choose(self, place: QPointF) -> None:
        value, rect = self._value, self.map_rects()[1]
        if value is None or not rect.contains(place):
            return
        high, wide = value.output_map.shape
        row = min(high - 1, int((place.y() - rect.top()) / rect.height() * high))
        column = min(wide - 1, int((place.x() - rect.left()) / rect.width() * wide))
        if (row, column) != value.unit:
            self.moved.emit((row, column))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.turned.emit(-1 if event.angleDelta().y() > 0 else 1)
            event.accept()
        else:
            event.ignore()  # the page around it scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, value = Qt.Key, self._value
        steps = {keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0)}
        if value is not None and event.key() in steps:
            down, across = steps[keys(event.key())]
            high, wide = value.output_map.shape
            row = min(max(value.unit[0] + down, 0), high - 1)
            column = min(max(value.unit[1] + across, 0), wide - 1)
            if (row, column) != value.unit:
                self.moved.emit((row, column))
        elif event.key() in {keys.Key_PageUp, keys.Key_PageDown}:
            self.turned.emit(-1 if event.key() == keys.Key_PageUp else 1)
        else:
            super().keyPressEvent(event)
