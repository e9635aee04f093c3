"""A grid of many small pictures: only those in sight are painted, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QToolTip, QWidget

from explorer.ui.plain_text import tooltip
from explorer.ui.sample_image import sample_image
from explorer.ui.theme import theme

_SIDE = 60
_GAP = 8
_NO_INDICES: NDArray[np.int64] = np.empty(0, np.int64)


@dataclass(frozen=True)
class Caption:
    """What stands below a picture, a line each, and what a screen reader and a tooltip say."""

    lines: tuple[str, ...]
    words: str
    is_bad: bool = False


class ImageGrid(QAbstractScrollArea):
    """Pictures by their index in an array, in an order that the caller gives.

    `current_changed` carries the index of the picture that the user walked to (or -1), `opened` that of a double
    click or Enter, `menu_wanted` an index and a QMenu to fill.
    """

    current_changed = Signal(object)
    opened = Signal(object)
    menu_wanted = Signal(object, object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._images: NDArray[np.uint8] = np.empty((0, 1, 1, 1), np.uint8)
        self._masks: NDArray[np.uint8] | None = None
        self._order = _NO_INDICES
        self._caption: Callable[[int], Caption] = lambda index: Caption((), str(index))
        self._lines = 0
        self._place = -1  # of the current picture, in the order
        self._hovered = -1
        self._focus_shown = False
        self.painted = 0  # pictures in the last painting
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def order(self) -> NDArray[np.int64]:
        """The indices of the pictures, as they are shown."""
        return self._order

    @property
    def current(self) -> int:
        """The index of the picture that the user walked to; -1 for none."""
        return int(self._order[self._place]) if 0 <= self._place < len(self._order) else -1

    def show_images(
        self,
        images: NDArray[np.uint8],
        order: NDArray[np.int64],
        caption: Callable[[int], Caption],
        *,
        lines: int,
        masks: NDArray[np.uint8] | None = None,
    ) -> None:
        """Shows the pictures `order` of `images`, uint8 [N, C, H, W], with `lines` of text below each.

        `masks`, uint8 [N, H, W] of classes, are laid over the pictures. The scroll position goes back to the top.
        """
        self._images, self._masks, self._order, self._caption, self._lines = images, masks, order, caption, lines
        self._place = self._hovered = -1
        self._measure()
        self.verticalScrollBar().setValue(0)
        self.current_changed.emit(-1)

    def clear(self) -> None:
        self.show_images(np.empty((0, 1, 1, 1), np.uint8), _NO_INDICES, self._caption, lines=self._lines)

    def go_to(self, index: int) -> None:
        """Makes a picture the current one, and shows it."""
        found = np.flatnonzero(self._order == index)
        if len(found):
            self._go(int(found[0]))

    # Geometry

    @property
    def columns(self) -> int:
        """How many pictures stand side by side."""
        gap = theme().px(_GAP)
        return max(1, (self.viewport().width() - gap) // (self._tile.width() + gap))

    @property
    def _across(self) -> int:
        """The gap between two columns: the room that is left, shared out."""
        return max(
            theme().px(_GAP), (self.viewport().width() - self.columns * self._tile.width()) // (self.columns + 1)
        )

    def tile_rect(self, place: int) -> QRect:
        """Where the picture at a place of the order stands, in the viewport."""
        gap, across = theme().px(_GAP), self._across
        row, column = divmod(place, self.columns)
        left = across + column * (self._tile.width() + across)
        top = gap + row * (self._tile.height() + gap) - self.verticalScrollBar().value()
        return QRect(QPoint(left, top), self._tile)

    def place_at(self, point: QPoint) -> int:
        """The place of the picture at a point of the viewport, -1 for none."""
        gap, across = theme().px(_GAP), self._across
        column = (point.x() - across // 2) // (self._tile.width() + across)
        row = (point.y() + self.verticalScrollBar().value() - gap // 2) // (self._tile.height() + gap)
        place = row * self.columns + column
        return place if 0 <= column < self.columns and row >= 0 and place < len(self._order) else -1

    def _measure(self) -> None:
        metrics = QFontMetrics(theme().font(secondary=True))
        side, pad = theme().px(_SIDE), theme().px(4)
        width = side + 2 * pad
        if self._lines:
            width = max(width, metrics.horizontalAdvance("0 → 0  00.0 %") + 2 * pad)
        self._tile = QSize(width, side + 2 * pad + self._lines * metrics.height())
        self._share_out()
        self.viewport().update()

    def _share_out(self) -> None:
        gap = theme().px(_GAP)
        rows = -(-len(self._order) // self.columns)
        height = gap + rows * (self._tile.height() + gap)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(theme().px(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(secondary=True))
        gap = look.px(_GAP)
        first = max(0, (self.verticalScrollBar().value() - gap) // (self._tile.height() + gap)) * self.columns
        self.painted = 0
        for place in range(first, len(self._order)):
            rect = self.tile_rect(place)
            if rect.top() > event.rect().bottom():
                break
            if rect.intersects(event.rect()):
                self._paint_tile(painter, place, rect)
                self.painted += 1
        painter.end()

    def _paint_tile(self, painter: QPainter, place: int, rect: QRect) -> None:
        look = theme()
        index = int(self._order[place])
        is_current, is_hovered = place == self._place, place == self._hovered
        if is_current or is_hovered:
            painter.setPen(QPen(look.colour("accent" if is_current and self._focus_shown else "line"), look.px(1)))
            painter.setBrush(look.colour("selected" if is_current else "raised"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), look.px(6), look.px(6))
        pad, side = look.px(4), look.px(_SIDE)
        image = sample_image(self._images[index], None if self._masks is None else self._masks[index])
        room = QSize(side, side)
        shown = image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        corner = QPoint(rect.center().x() - shown.width() // 2, rect.top() + pad + (side - shown.height()) // 2)
        # Pixels of small pictures are to be counted, large ones to be seen.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > shown.width())
        painter.drawImage(QRect(corner, shown), image)
        if not self._lines:
            return
        caption, metrics = self._caption(index), painter.fontMetrics()
        room_for_text = rect.width() - 2 * look.px(2)
        top = rect.top() + pad + side + look.px(2)
        for number, line in enumerate(caption.lines[: self._lines]):
            painter.setPen(
                look.colour("bad" if caption.is_bad and number == 0 else "text" if number == 0 else "secondary")
            )
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room_for_text)
            line_rect = QRect(
                rect.left() + look.px(2), top + number * metrics.height(), room_for_text, metrics.height()
            )
            painter.drawText(line_rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)

    # The user

    def _go(self, place: int) -> None:
        if not len(self._order):
            return
        place = min(max(place, 0), len(self._order) - 1)
        if place != self._place:
            self._place = place
            words = self._caption(self.current).words
            self.setAccessibleDescription(f"{words}; {place + 1:,} of {len(self._order):,}")
            self.current_changed.emit(self.current)
        rect, gap = self.tile_rect(place), theme().px(_GAP)
        bar = self.verticalScrollBar()
        if rect.top() < gap:
            bar.setValue(bar.value() + rect.top() - gap)
        elif rect.bottom() > self.viewport().height() - gap:
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + gap)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, place = Qt.Key, self._place
        page = max(1, self.viewport().height() // (self._tile.height() + theme().px(_GAP))) * self.columns
        steps = {
            keys.Key_Left: -1,
            keys.Key_Right: 1,
            keys.Key_Up: -self.columns,
            keys.Key_Down: self.columns,
            keys.Key_PageUp: -page,
            keys.Key_PageDown: page,
        }
        self._focus_shown = True
        if event.key() in steps:
            step = steps[keys(event.key())]
            self._go(0 if place < 0 else place + step if 0 <= place + step < len(self._order) else place)
        elif event.key() == keys.Key_Home:
            self._go(0)
        elif event.key() == keys.Key_End:
            self._go(len(self._order) - 1)
        elif event.key() in {keys.Key_Return, keys.Key_Enter} and self.current >= 0:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._focus_shown = False
        place = self.place_at(event.position().toPoint())
        if place >= 0:
            self._go(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it all

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.place_at(event.position().toPoint()) >= 0:
            self.opened.emit(self.current)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}
        if self._focus_shown and self._place < 0:
            self._go(0)
        super().focusInEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self._place
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            place = self.place_at(event.pos())
        if place < 0:
            return
        self._go(place)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(self.current, menu)
        if menu.isEmpty():
            menu.deleteLater()
        else:
            menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos())
            if place >= 0:
                words = self._caption(int(self._order[place])).words
                QToolTip.showText(event.globalPos(), tooltip(words), self.viewport(), self.tile_rect(place))
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)
