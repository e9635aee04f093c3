"""A window, its kernel and their products, number by number, as three tables that are read together."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.inference.one_value import OneValue, Rule
from explorer.ui.figures_in_words import decimals_for, figure, fixed
from explorer.ui.map_colours import image_of
from explorer.ui.signed_colours import reach_of, signed_pixels
from explorer.ui.theme import theme

_MOST_TABLE = 11  # cells a side; of larger windows a part is shown, which moves along with the cell looked at


class ValueTable(QWidget):
    """One term of a value: side by side where there is room, else below one another.

    Arrows walk over the cells; `pointed` says in words what is in the cell, "" for none.
    """

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Input, kernel and products")
        self.setToolTip("The numbers of the window; arrows walk over them")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._value: OneValue | None = None
        self._term = 0
        self._cell: tuple[int, int] | None = None
        self._corner = (0, 0)
        self._widest = "−0.000"
        theme().changed.connect(self._fit)

    def show_value(self, value: OneValue) -> None:
        """Shows the term whose map came along."""
        before = None if self._value is None else self._value.window.shape[1:], self._widest
        self._value, self._term = value, value.shown_term
        # Never narrower again for the same layer: cells stay where they are while the numbers change.
        self._widest = max([self._widest, *(_widest(numbers) for numbers in self._arrays())], key=len)
        if before != (value.window.shape[1:], self._widest):
            self._cell, self._corner = None, (0, 0)
            self._fit()
        if self._cell is not None:
            self._say()
        self.update()

    def forget(self) -> None:
        """Another layer comes: its numbers may be narrower."""
        self._value, self._cell, self._corner, self._widest = None, None, (0, 0), "−0.000"

    @property
    def cell(self) -> tuple[int, int] | None:
        return self._cell

    def words(self, cell: tuple[int, int]) -> str:
        """What is in a cell: "row 1, column 2: 0.52 × −0.13 = −0.0676"."""
        value = self._value
        if value is None:
            return ""
        row, column = cell
        given = figure(float(value.window[self._term, row, column]))
        if value.is_dense and not value.inside[self._term, row, column]:
            return ""
        where = f"row {int(value.rows[row])}, column {int(value.columns[column])}"
        if not value.inside[self._term, row, column]:
            given += " (padding)" if value.rule is not Rule.LARGEST else ""
            if value.rule is Rule.LARGEST:
                return f"{where}: padding, which is never the largest"
        if value.kernel is None:
            return f"{where}: {given}"
        weight = figure(float(value.kernel[self._term, row, column]))
        return f"{where}: {given} × {weight} = {figure(float(value.products[self._term, row, column]))}"

    # Geometry

    def _titles(self) -> list[str]:
        value = self._value
        if value is None or value.kernel is None:
            return ["input"]
        return ["input", "× weight", "= product"]

    def _arrays(self) -> list[np.ndarray]:
        value = self._value
        if value is None:
            return []
        if value.kernel is None:
            return [value.window[self._term]]
        return [value.window[self._term], value.kernel[self._term], value.products[self._term]]

    def _size(self) -> tuple[int, int]:
        if self._value is None:
            return 0, 0
        height, width = self._value.window.shape[1:]
        return min(height, _MOST_TABLE), min(width, _MOST_TABLE)

    def _cell_size(self) -> tuple[float, float]:
        metrics = QFontMetricsF(theme().font(secondary=True))
        return metrics.horizontalAdvance(self._widest) + theme().px(8), metrics.height() + theme().px(5)

    def _table_size(self) -> tuple[float, float]:
        rows, columns = self._size()
        wide, high = self._cell_size()
        head = QFontMetricsF(theme().font(secondary=True)).height() + theme().px(4)
        return max(columns * wide, 2 * wide), rows * high + head

    def _across(self, width: float) -> bool:
        table, _ = self._table_size()
        count = len(self._titles())
        return count * table + (count - 1) * theme().px(12) <= width

    def _corners(self) -> list[QPointF]:
        """Where the tables stand."""
        wide, high = self._table_size()
        gap = theme().px(12)
        if self._across(self.width()):
            return [QPointF(number * (wide + gap), 0) for number in range(len(self._titles()))]
        return [QPointF(0, number * (high + theme().px(8))) for number in range(len(self._titles()))]

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        _, high = self._table_size()
        count = 1 if self._across(width) else len(self._titles())
        return round(count * high + (count - 1) * theme().px(8)) + 2

    def sizeHint(self) -> QSize:
        wide, _ = self._table_size()
        return QSize(round(wide) + 2, self.heightForWidth(max(self.width(), round(wide) + 2)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = self.heightForWidth(self.width())
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)
        self.updateGeometry()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, value = theme(), self._value
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        if value is not None:
            for title, numbers, corner in zip(self._titles(), self._arrays(), self._corners(), strict=True):
                self._paint_table(painter, value, title, numbers, corner)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_table(
        self, painter: QPainter, value: OneValue, title: str, numbers: np.ndarray, corner: QPointF
    ) -> None:
        look = theme()
        wide, high = self._cell_size()
        rows, columns = self._size()
        head = self._table_size()[1] - rows * high
        painter.setPen(look.colour("secondary"))
        more = (
            ""
            if value.window.shape[1:] == (rows, columns)
            else f" (a part of {value.window.shape[1]} × {value.window.shape[2]})"
        )
        painter.drawText(QPointF(corner.x() + look.px(2), corner.y() + painter.fontMetrics().ascent()), title + more)
        reach = reach_of(numbers)
        decimals = decimals_for(reach)
        top, left = self._corner
        part = (slice(top, top + rows), slice(left, left + columns))
        inside = value.inside[self._term][part]
        absent = ~inside if value.is_dense else np.zeros_like(inside)
        pixels = signed_pixels(numbers[part] * _PALE, reach)
        if title == "input":
            pixels = np.where(inside, pixels, np.uint32(look.colour("grid").rgb()))
        pixels = np.where(absent, np.uint32(look.colour("panel").rgb()), pixels)
        room = QRectF(corner.x(), corner.y() + head, columns * wide, rows * high)
        # One picture and a few lines cost a tenth of as many rectangles as there are cells.
        painter.drawImage(room, image_of(pixels))
        painter.setPen(QPen(look.colour("panel"), 1))
        for column in range(1, columns):
            painter.drawLine(
                QLineF(room.left() + column * wide, room.top(), room.left() + column * wide, room.bottom())
            )
        for row in range(1, rows):
            painter.drawLine(QLineF(room.left(), room.top() + row * high, room.right(), room.top() + row * high))
        metrics = QFontMetricsF(painter.font())
        advances = {sign: metrics.horizontalAdvance(sign) for sign in "0123456789.−"}
        drop = (high + metrics.ascent() - metrics.descent()) / 2
        winner = self._winner(value)
        painter.setPen(look.colour("text"))
        for row in range(rows):
            for column in range(columns):
                if absent[row, column]:
                    continue
                if inside[row, column] or value.rule is not Rule.LARGEST:
                    text = fixed(float(numbers[top + row, left + column]), decimals)
                else:
                    text = "pad"
                width = sum(advances[sign] if sign in advances else metrics.horizontalAdvance(sign) for sign in text)
                x = room.left() + (column + 1) * wide - look.px(4) - width
                painter.drawText(QPointF(x, room.top() + row * high + drop), text)
        painter.setPen(QPen(look.colour("text"), look.px(1)))
        for place in {self._cell, winner} - {None}:
            row, column = place[0] - top, place[1] - left  # type: ignore[index]
            if 0 <= row < rows and 0 <= column < columns:
                cell = QRectF(room.left() + column * wide, room.top() + row * high, wide, high)
                painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def _winner(self, value: OneValue) -> tuple[int, int] | None:
        """The largest of a window that is looked through for it."""
        if value.rule is not Rule.LARGEST or not value.inside[self._term].any():
            return None
        numbers = np.where(value.inside[self._term], value.window[self._term], -np.inf)
        row, column = np.unravel_index(int(numbers.argmax()), numbers.shape)
        return int(row), int(column)

    # The user

    def _find(self, place: QPointF) -> tuple[int, int] | None:
        wide, high = self._cell_size()
        rows, columns = self._size()
        head = self._table_size()[1] - rows * high
        for corner in self._corners():
            row = int((place.y() - corner.y() - head) // high)
            column = int((place.x() - corner.x()) // wide)
            if 0 <= row < rows and 0 <= column < columns:
                return self._corner[0] + row, self._corner[1] + column
        return None

    def go(self, cell: tuple[int, int] | None) -> None:
        """Looks at a cell of the window."""
        if cell == self._cell:
            return
        self._cell = cell
        if cell is not None:
            rows, columns = self._size()
            top, left = self._corner
            self._corner = (
                min(max(top, cell[0] - rows + 1), cell[0]),
                min(max(left, cell[1] - columns + 1), cell[1]),
            )
        self._say()
        self.update()

    def _say(self) -> None:
        words = "" if self._cell is None else self.words(self._cell)
        self.setAccessibleDescription(words)
        self.pointed.emit(words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.go(self._find(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.go(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0)}
        if event.key() in steps and self._value is not None:
            height, width = self._value.window.shape[1:]
            down, across = steps[keys(event.key())]
            row, column = (0, 0) if self._cell is None else (self._cell[0] + down, self._cell[1] + across)
            if height and width:
                self.go((min(max(row, 0), height - 1), min(max(column, 0), width - 1)))
        elif event.key() == keys.Key_Escape and self._cell is not None:
            self.go(None)
        else:
            super().keyPressEvent(event)


def _widest(numbers: np.ndarray) -> str:
    """The most room that numbers of this size take."""
    reach = reach_of(numbers)
    return fixed(-round(reach), decimals_for(reach)) if reach >= 1 else f"−0.{decimals_for(reach) * '0'}"


# Text stays readable on the grounds of the cells: they go half of the way to the strongest colour.
_PALE = 0.45
