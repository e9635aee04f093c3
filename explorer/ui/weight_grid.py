"""Pictures of weights side by side: zoomed, walked through and read cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from explorer.inference.weight_statistics import By, FilterSheet, Form
from explorer.ui.figures_in_words import figure
from explorer.ui.signed_colours import reach_of, signed_image
from explorer.ui.theme import theme

_SIDE = 44
_LEAST, _MOST = 12, 320
_GAP = 4
_HEIGHT = 208
_MATRIX_HEIGHT = 320
_NUDGE = 1.25


class WeightGrid(QAbstractScrollArea):
    """Arrows walk from picture to picture, Enter goes into one and Escape out again; + and - zoom.

    `pointed` says in words what is under the mouse or the keyboard, "" for nothing.
    """

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pictures of the weights")
        self.setToolTip(
            "Blue weights are negative, orange ones positive. Arrows walk, Enter looks into a picture, + and − zoom"
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._sheet: FilterSheet | None = None
        self._images: list[QImage] = []
        self._own_scale = False
        self._limit = 1.0
        self._side = float(_SIDE)
        self._at = -1  # the picture that is walked to
        self._cell: tuple[int, int] | None = None
        theme().changed.connect(self._repaint)
        self._measure()

    @property
    def sheet(self) -> FilterSheet | None:
        return self._sheet

    @property
    def side(self) -> float:
        """The longer side of a picture, in pixels of an interface of scale 1."""
        return self._side

    def show_sheet(self, sheet: FilterSheet, limit: float, *, own_scale: bool) -> None:
        """`limit` is where colours are strongest, unless each picture has a scale of its own."""
        before = self._sheet
        self._sheet, self._limit, self._own_scale = sheet, limit, own_scale
        if before is None or before.tiles.shape != sheet.tiles.shape:
            self._at, self._cell = -1, None
            self._side = self._fitting()
            self.verticalScrollBar().setValue(0)
        self._repaint()

    def zoom(self, factor: float) -> None:
        self._side = min(max(self._side * factor, _LEAST), _MOST * (4 if self._is_matrix else 1))
        self._measure()
        self.viewport().update()

    def words(self, tile: int, cell: tuple[int, int] | None) -> str:
        """What a picture, or one of its weights, is."""
        sheet = self._sheet
        if sheet is None or not 0 <= tile < len(sheet.tiles):
            return ""
        if sheet.form is Form.MATRIX:
            return self._matrix_words(sheet, cell)
        number = int(sheet.numbers[tile])
        head = f"input {number}" if sheet.by is By.OUTPUT else f"output {number}"
        values = sheet.tiles[tile]
        if not np.isfinite(values).any():
            return f"{head}: not connected"
        if cell is None:
            bias = ""
            if sheet.biases is not None and sheet.by is By.INPUT:
                bias = f", bias {figure(float(sheet.biases[number]), 3)}"
            return f"{head}: {figure(float(values.min()), 3)} to {figure(float(values.max()), 3)}{bias}"
        row, column = cell
        if sheet.form is Form.COLOUR:
            red, green, blue = (figure(float(value), 3) for value in values[row, column])
            return f"{head}, row {row}, column {column}: red {red}, green {green}, blue {blue}"
        return f"{head}, row {row}, column {column}: {figure(float(values[row, column]))}"

    def _matrix_words(self, sheet: FilterSheet, cell: tuple[int, int] | None) -> str:
        rows, columns = sheet.cell
        outputs, inputs = sheet.shape[0], sheet.shape[1]
        if cell is None:
            thinned = f"; each cell is the mean of {rows} × {columns} weights" if (rows, columns) != (1, 1) else ""
            return f"{outputs:,} outputs (rows) × {inputs:,} inputs (columns){thinned}"
        value = figure(float(sheet.tiles[0, cell[0], cell[1]]))
        output, source = (
            f"{at * width:,}" if width == 1 else f"{at * width:,}–{min((at + 1) * width, most) - 1:,}"
            for at, width, most in ((cell[0], rows, outputs), (cell[1], columns, inputs))
        )
        return f"output {output} ← input {source}: {'mean ' if rows * columns > 1 else ''}{value}"

    # Geometry

    @property
    def _is_matrix(self) -> bool:
        return self._sheet is not None and self._sheet.form is Form.MATRIX

    def _fitting(self) -> float:
        """A matrix fills the width; kernels have cells that can be told apart."""
        sheet = self._sheet
        if sheet is None:
            return _SIDE
        height, width = sheet.tiles.shape[1:3]
        if sheet.form is Form.MATRIX:
            return float(min(max(self._room / theme().px(1), 120), 16 * max(height, width), 420))
        # A few pictures are shown larger, as far as they fit into one row.
        fitting = self._room / theme().px(1) / max(1, len(sheet.tiles)) - _GAP
        return float(min(max(6 * max(height, width), 28, fitting), 84))

    def _tile(self) -> QSize:
        if self._sheet is None:
            return QSize(theme().px(_SIDE), theme().px(_SIDE))
        height, width = self._sheet.tiles.shape[1:3]
        unit = theme().px(1) * self._side / max(height, width)
        return QSize(max(1, round(unit * width)), max(1, round(unit * height)))

    @property
    def _room(self) -> int:
        """The width without a scroll bar, whether there is one or not."""
        return max(1, self.width() - self.verticalScrollBar().sizeHint().width())

    @property
    def columns(self) -> int:
        gap = theme().px(_GAP)
        return max(1, (self._room + gap) // (self._tile().width() + gap))

    def tile_rect(self, number: int) -> QRect:
        tile, gap = self._tile(), theme().px(_GAP)
        row, column = divmod(number, self.columns)
        left = column * (tile.width() + gap) - self.horizontalScrollBar().value()
        return QRect(QPoint(left, row * (tile.height() + gap) - self.verticalScrollBar().value()), tile)

    def _find(self, point: QPoint) -> tuple[int, tuple[int, int] | None]:
        """The picture and the cell at a point of the viewport."""
        if self._sheet is None:
            return -1, None
        tile, gap = self._tile(), theme().px(_GAP)
        column = (point.x() + self.horizontalScrollBar().value()) // (tile.width() + gap)
        row = (point.y() + self.verticalScrollBar().value()) // (tile.height() + gap)
        number = row * self.columns + column
        if not (0 <= column < self.columns and 0 <= number < len(self._sheet.tiles)):
            return -1, None
        rect = self.tile_rect(number)
        if not rect.contains(point):
            return -1, None
        height, width = self._sheet.tiles.shape[1:3]
        down = min(height - 1, (point.y() - rect.top()) * height // rect.height())
        across = min(width - 1, (point.x() - rect.left()) * width // rect.width())
        return number, (down, across)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), self.minimumHeight())

    def _measure(self) -> None:
        """Height and scroll bars follow from the whole width alone: bars that come and go never call for each other."""
        tile, gap = self._tile(), theme().px(_GAP)
        count = 0 if self._sheet is None else len(self._sheet.tiles)
        rows = -(-count // self.columns)
        whole = max(0, rows * (tile.height() + gap) - gap)
        height = max(min(whole, theme().px(_MATRIX_HEIGHT if self._is_matrix else _HEIGHT)), theme().px(28))
        on, off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        is_wide = tile.width() > self._room
        self.setVerticalScrollBarPolicy(on if whole > height else off)
        self.setHorizontalScrollBarPolicy(on if is_wide else off)
        bar = self.horizontalScrollBar().sizeHint().height() if is_wide else 0
        if self.height() != height + bar or self.minimumHeight() != self.maximumHeight():
            self.setFixedHeight(height + bar)
        self.verticalScrollBar().setRange(0, max(0, whole - height))
        self.verticalScrollBar().setPageStep(height)
        self.verticalScrollBar().setSingleStep(theme().px(20))
        self.horizontalScrollBar().setRange(0, max(0, tile.width() - self._room))
        self.horizontalScrollBar().setPageStep(self._room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    # Painting

    def _repaint(self) -> None:
        self._images = []
        self._measure()
        self.viewport().update()

    def _image(self, number: int) -> QImage:
        sheet = self._sheet
        if sheet is None:
            return QImage()
        if not self._images:
            self._images = [QImage()] * len(sheet.tiles)
        if self._images[number].isNull():
            self._images[number] = self._made(sheet, number)
        return self._images[number]

    def _made(self, sheet: FilterSheet, number: int) -> QImage:
        values = sheet.tiles[number]
        limit = reach_of(values) if self._own_scale else self._limit
        if sheet.form is Form.COLOUR:
            return _colour_image(values, limit)
        return signed_image(values, limit)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, sheet = theme(), self._sheet
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.colour("panel"))
        if sheet is not None:
            row = self._tile().height() + look.px(_GAP)
            first = max(0, self.verticalScrollBar().value() // row) * self.columns
            for number in range(first, len(sheet.tiles)):
                rect = self.tile_rect(number)
                if rect.top() > event.rect().bottom():
                    break
                image = self._image(number)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > rect.width())
                painter.drawImage(rect, image)
                painter.setPen(QPen(look.colour("accent" if number == self._at else "line"), look.px(1)))
                painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
            if self._at >= 0 and self._cell is not None:
                self._paint_cell(painter)
        if self.hasFocus() and self._at < 0:
            painter.setPen(QPen(look.colour("accent"), look.px(1)))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_cell(self, painter: QPainter) -> None:
        if self._sheet is None or self._cell is None:
            return
        rect = QRectF(self.tile_rect(self._at))
        height, width = self._sheet.tiles.shape[1:3]
        down, across = self._cell
        cell = QRectF(
            rect.left() + rect.width() * across / width,
            rect.top() + rect.height() * down / height,
            rect.width() / width,
            rect.height() / height,
        )
        painter.setPen(QPen(theme().colour("text"), theme().px(1)))
        painter.drawRect(cell.adjusted(-1, -1, 1, 1))

    # The user

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number, cell = self._find(event.position().toPoint())
        self._go(number, cell, follow=False)

    def leaveEvent(self, event: QEvent) -> None:
        self._go(-1, None, follow=False)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_NUDGE if event.angleDelta().y() > 0 else 1 / _NUDGE)
            event.accept()
        elif self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()  # the page around it scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, sheet = Qt.Key, self._sheet
        if sheet is None:
            super().keyPressEvent(event)
            return
        steps = {keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0)}
        if event.key() in steps:
            self._walk(*steps[keys(event.key())])
        elif event.key() in {keys.Key_Plus, keys.Key_Equal}:
            self.zoom(_NUDGE)
        elif event.key() == keys.Key_Minus:
            self.zoom(1 / _NUDGE)
        elif event.key() in {keys.Key_Return, keys.Key_Enter}:
            self._go(max(self._at, 0), (0, 0))
        elif event.key() == keys.Key_Escape and self._at >= 0:
            self._go(self._at if self._cell is not None else -1, None)
        else:
            super().keyPressEvent(event)

    def _walk(self, down: int, across: int) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        if self._cell is not None:
            height, width = sheet.tiles.shape[1:3]
            cell = (min(max(self._cell[0] + down, 0), height - 1), min(max(self._cell[1] + across, 0), width - 1))
            self._go(self._at, cell)
        else:
            target = 0 if self._at < 0 else self._at + down * self.columns + across
            self._go(target if 0 <= target < len(sheet.tiles) else self._at, None)

    def _go(self, number: int, cell: tuple[int, int] | None, *, follow: bool = True) -> None:
        if (number, cell) == (self._at, self._cell):
            return
        self._at, self._cell = number, cell
        words = self.words(number, cell)
        self.setAccessibleDescription(words)
        self.pointed.emit(words)
        if follow and number >= 0:
            rect, bar = self.tile_rect(number), self.verticalScrollBar()
            if rect.top() < 0 or rect.bottom() > self.viewport().height():
                bar.setValue(bar.value() + rect.top())
        self.viewport().update()


def _colour_image(values: Any, limit: float) -> QImage:
    """Red, green and blue around middle gray, which is zero."""
    reach = limit or 1.0
    scaled = np.nan_to_num(values) / reach * 127.5 + 127.5
    pixels = np.ascontiguousarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
