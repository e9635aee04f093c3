"""A layer's channels beside each other, or one of them large; a unit is chosen by mouse or arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.map_colours import coloured, image_of
from explorer.ui.map_page import Page
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterable

Unit = tuple[int, int, int]  # channel, row, column
_GAP = 3
_ENLARGED_TO = 300
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class MapGrid(QWidget):
    """`unit_changed` says that `unit` is another one; `enlarged` carries the channel to show alone, -1 for all."""

    unit_changed = Signal()
    enlarged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("feature_maps")
        self.setAccessibleName("Feature maps")
        self.setToolTip(
            "Click a channel to enlarge it. Arrow keys go from unit to unit, Page Up and Down change the channel"
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.page: Page | None = None
        self.single = -1  # the channel that is shown alone
        self._first, self._count = 0, 0
        self._sides = (1, 1)  # of a map
        self._images: list[QImage] = []
        self._large = QImage()
        self._chosen: Unit | None = None  # by the keyboard
        self._hovered: Unit | None = None
        theme().changed.connect(self._on_theme)

    @property
    def unit(self) -> Unit | None:
        """The unit under the mouse, else the one that the keyboard chose."""
        return self._hovered or self._chosen

    def set_form(self, first: int, count: int, sides: tuple[int, int]) -> None:
        """Says which channels there are to be, and how large their maps are, before they are there."""
        if (first, count, sides) != (self._first, self._count, self._sides):
            self._first, self._count, self._sides = first, count, sides
            self.forget()
            self._fit()

    def forget(self) -> None:
        """Shows no maps, in the same room."""
        self.page, self._images, self._large = None, [], QImage()
        self._hovered = self._chosen = None
        self.update()

    def show_page(self, page: Page) -> None:
        self.page = page
        self._images = [image_of(picture) for picture in page.pictures]
        self._enlarge()
        self.update()

    def show_single(self, channel: int) -> None:
        """Shows one channel alone, -1 all of the page."""
        if channel != self.single:
            self.single = channel
            if channel >= 0 and self._chosen is not None:
                self._chosen = (channel, *self._chosen[1:])
            self._hovered = None
            self._enlarge()
            self._fit()
            self.update()

    def choose(self, unit: Unit | None) -> None:
        """Chooses a unit as the keyboard does."""
        if unit != self._chosen:
            self._chosen = unit
            self.update()
            self.unit_changed.emit()

    def picture(self) -> QImage:
        """What is shown, for a file or the clipboard: channels at whole multiples of their pixels."""
        if self.page is None:
            return QImage()
        if self.single >= 0:
            factor = max(1, 512 // max(self._large.width(), self._large.height(), 1))
            return self._large.scaled(self._large.size() * factor)
        if not self._images:
            return QImage()
        width, height = self._images[0].width(), self._images[0].height()
        factor = max(1, 112 // max(width, height))
        columns = self._columns()
        rows = -(-len(self._images) // columns)
        gap = 8
        sheet = QImage(
            columns * (width * factor + gap) - gap, rows * (height * factor + gap) - gap, QImage.Format.Format_RGB32
        )
        sheet.fill(theme().colour("panel"))
        painter = QPainter(sheet)
        for number, image in enumerate(self._images):
            left = number % columns * (width * factor + gap)
            top = number // columns * (height * factor + gap)
            painter.drawImage(QRectF(left, top, width * factor, height * factor), image)
        painter.end()
        return sheet

    # Geometry

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Takes the height that the maps need at this width: layouts within pages ask for it too late."""
        self.setFixedHeight(self._height_at(self.width()))

    def _height_at(self, width: int) -> int:
        if self.single >= 0:
            return round(self._single_rect(width).height()) + 2
        _, height = self._tile(width)
        rows = -(-max(1, self._count) // self._columns())
        return round(rows * (height + _GAP) - _GAP) + 2

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.height())

    def _columns(self) -> int:
        count = max(1, self._count)
        for most, columns in ((1, 1), (2, 2), (4, 2), (9, 3), (16, 4), (36, 6)):
            if count <= most:
                return columns
        return 8

    def _tile(self, width: float) -> tuple[float, float]:
        """A channel's width and height in pixels."""
        rows, columns = self._sides
        room = (width - 2 - (self._columns() - 1) * _GAP) / self._columns()
        room = min(room, theme().px(132))
        shrunk = room / max(rows, columns)
        return max(4.0, columns * shrunk), max(4.0, rows * shrunk)

    def _single_rect(self, width: float) -> QRectF:
        rows, columns = self._sides
        scale = min(width - 2, theme().px(_ENLARGED_TO)) / max(rows, columns)
        return QRectF(1, 1, columns * scale, rows * scale)

    def _rect(self, channel: int) -> QRectF:
        """Where a channel is."""
        if self.single >= 0:
            return self._single_rect(self.width()) if channel == self.single else QRectF()
        number = channel - self._first
        if not 0 <= number < self._count:
            return QRectF()
        width, height = self._tile(self.width())
        row, column = divmod(number, self._columns())
        return QRectF(1 + column * (width + _GAP), 1 + row * (height + _GAP), width, height)

    def _channels(self) -> Iterable[int]:
        return (self.single,) if self.single >= 0 else range(self._first, self._first + self._count)

    def _unit_at(self, position: QPointF) -> Unit | None:
        rows, columns = self._sides
        for channel in self._channels():
            rect = self._rect(channel)
            if rect.contains(position):
                row = min(rows - 1, int((position.y() - rect.top()) / rect.height() * rows))
                column = min(columns - 1, int((position.x() - rect.left()) / rect.width() * columns))
                return channel, row, column
        return None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        look = theme()
        for number, channel in enumerate(self._channels()):
            rect = self._rect(channel)
            image = self._large if self.single >= 0 else self._images[number] if number < len(self._images) else None
            if image is None or image.isNull():
                painter.fillRect(rect, look.colour("grid"))
                continue
            shrinks = image.width() > rect.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(rect, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        unit = self.unit
        if unit is not None and self.page is not None:
            self._paint_unit(painter, unit)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), look.px(1)))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_unit(self, painter: QPainter, unit: Unit) -> None:
        rect = self._rect(unit[0])
        if rect.isEmpty():
            return
        look, (rows, columns) = theme(), self._sides
        painter.setPen(QPen(look.colour("accent"), look.px(1)))
        painter.drawRect(rect)
        width, height = rect.width() / columns, rect.height() / rows
        place = QRectF(rect.left() + unit[2] * width, rect.top() + unit[1] * height, width, height)
        least = look.px(5)
        if place.width() < least:
            place = QRectF(place.center().x() - least / 2, place.center().y() - least / 2, least, least)
        # Light around dark: to be seen on any colour.
        painter.setPen(QPen(QColor("#14171c"), look.px(3)))
        painter.drawRect(place)
        painter.setPen(QPen(QColor("#ffffff"), look.px(1)))
        painter.drawRect(place)

    def _enlarge(self) -> None:
        page = self.page
        if page is None or not 0 <= self.single < len(page.maps.maps):
            self._large = QImage()
            return
        values = page.maps.maps[self.single]
        self._large = image_of(coloured(values, page.scales[self.single], dark=page.wanted.dark))

    def _on_theme(self) -> None:
        self._fit()
        self.update()

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self._unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self._chosen = unit
            self.enlarged.emit(-1 if self.single >= 0 else unit[0])
            self.unit_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        rows, columns = self._sides
        channel, row, column = self._chosen or (max(self.single, self._first), rows // 2, columns // 2)
        if key in _STEPS and self._chosen is not None:
            down, across = _STEPS[key]
            self.choose((channel, min(max(row + down, 0), rows - 1), min(max(column + across, 0), columns - 1)))
        elif key in _STEPS:
            self.choose((channel, row, column))
        elif key in {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp} and self.single < 0:
            step = 1 if key == Qt.Key.Key_PageDown else -1
            last = self._first + self._count - 1
            self.choose((min(max(channel + (step if self._chosen else 0), self._first), last), row, column))
        elif key in {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp} and self.page is not None:
            step = 1 if key == Qt.Key.Key_PageDown else -1
            self.enlarged.emit(min(max(self.single + step, 0), len(self.page.maps.maps) - 1))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.enlarged.emit(-1 if self.single >= 0 else channel)
        elif key == Qt.Key.Key_Escape and (self.single >= 0 or self._chosen is not None):
            if self.single >= 0:
                self.enlarged.emit(-1)
            else:
                self.choose(None)
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

    def _hover(self, unit: Unit | None) -> None:
        if unit != self._hovered:
            self._hovered = unit
            self.update()
            self.unit_changed.emit()


def value_of(page: Page, unit: Unit) -> float:
    """The value of a unit; not a number where there is none."""
    channel, row, column = unit
    values = page.maps.maps
    inside = channel < len(values) and row < values.shape[1] and column < values.shape[2]
    return float(values[channel, row, column]) if inside else float(np.nan)
