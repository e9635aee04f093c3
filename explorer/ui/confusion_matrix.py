"""The confusion matrix as a heat table: rows are true classes, columns what was answered."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.confusion_figures import Cell, ConfusionFigures
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

# How far a cell's ground goes towards its colour; text keeps a contrast of 4.5 : 1 on it.
_MOST_LIGHT, _MOST_DARK = 0.55, 0.42
_LEAST = 0.06
# Class names longer than this many digits' width are shortened.
_NAME = 72
_ACCURACY = 96


class ConfusionMatrix(QWidget):
    """Counts in cells coloured by their share of the true class, and the accuracy of each class at the side.

    Where pixels are counted, intersection over union stands at the side.

    `cell_chosen` carries the cell (true class, answered class) of a click or Enter, `pointed` the one under the pointer
    or the keyboard's, None for none. Arrow keys, Home and End walk.
    """

    cell_chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion_matrix")
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.figures: ConfusionFigures | None = None
        self._current: Cell | None = None
        self._hovered: Cell | None = None
        self._focus_shown = False
        self._ground = QImage()
        theme().changed.connect(self._on_theme)

    @property
    def current(self) -> Cell | None:
        """The cell that was chosen last, or that the keyboard has walked to."""
        return self._current

    def show_figures(self, figures: ConfusionFigures | None) -> None:
        """Shows other figures; the current cell stays where there are as many classes."""
        if figures is None or (self._current and max(self._current) >= len(figures.classes)):
            self._current = None
        self.figures = figures
        self._hovered = None
        self._colour()
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(420), theme().px(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(160))

    # Geometry

    def table_rect(self) -> QRectF:
        """Where the cells are."""
        if self.figures is None:
            return QRectF()
        look = theme()
        metrics = QFontMetricsF(look.font(secondary=True))
        count = max(1, len(self.figures.classes))
        left = metrics.height() + look.px(4) + (self._name_width(metrics) + look.px(6) if self._has_names() else 0)
        top = metrics.height() + look.px(4) + (metrics.height() + look.px(2) if self._has_names() else 0)
        right = look.px(_ACCURACY) if self.width() > look.px(300) else 0
        room = QRectF(self.rect()).adjusted(left, top, -right - look.px(8), -look.px(2))
        # Cells may be wider than high, for figures are; but not so wide that rows are hard to follow.
        height = max(1.0, room.height() / count)
        width = max(1.0, min(room.width() / count, height * 1.9))
        if min(height, width) >= look.px(6):
            height, width = math.floor(height), math.floor(width)
        return QRectF(room.left(), room.top(), width * count, height * count)

    def cell_rect(self, cell: Cell) -> QRectF:
        table = self.table_rect()
        count = len(self.figures.classes) if self.figures else 1
        width, height = table.width() / count, table.height() / count
        return QRectF(table.left() + cell[1] * width, table.top() + cell[0] * height, width, height)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell at a point; None beside the table."""
        table = self.table_rect()
        if self.figures is None or not table.contains(point):
            return None
        count = len(self.figures.classes)
        row = int((point.y() - table.top()) / table.height() * count)
        column = int((point.x() - table.left()) / table.width() * count)
        return min(row, count - 1), min(column, count - 1)

    def _has_names(self) -> bool:
        """Whether a row is high enough for its class's name."""
        count = len(self.figures.classes) if self.figures else 1
        return (self.height() - theme().px(40)) / count >= QFontMetricsF(theme().font(secondary=True)).height() * 0.95

    def _name_width(self, metrics: QFontMetricsF) -> float:
        names = self.figures.classes if self.figures else ()
        return min(max((metrics.horizontalAdvance(name) for name in names), default=0.0), theme().px(_NAME))

    # Painting

    def _colour(self) -> None:
        """One pixel a cell: right answers towards the accent, wrong ones towards the colour of the test curve."""
        if self.figures is None or not len(self.figures.classes):
            self._ground = QImage()
            return
        look = theme()
        most = _MOST_DARK if look.is_dark else _MOST_LIGHT
        shares = self.figures.shares()
        # A cube root: one wrong answer in a hundred is to be seen beside ninety-nine right ones.
        strength = np.where(self.figures.counts > 0, _LEAST + (most - _LEAST) * np.cbrt(shares), 0)[:, :, None]
        right, wrong, panel = (_rgb(look.colour(name)) for name in ("accent", "series_test", "panel"))
        is_right = np.eye(len(shares), dtype=bool)[:, :, None]
        colours = panel + (np.where(is_right, right, wrong) - panel) * strength
        pixels = np.full((*shares.shape, 4), 255, np.uint8)
        pixels[:, :, :3] = np.rint(colours)
        side = len(shares)
        self._ground = QImage(pixels.data, side, side, 4 * side, QImage.Format.Format_RGBA8888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the table is one picture
        figures = self.figures
        if figures is None:
            return
        look = theme()
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        metrics = QFontMetricsF(painter.font())
        table, count = self.table_rect(), len(figures.classes)
        width, height = table.width() / count, table.height() / count
        painter.drawImage(table, self._ground)
        is_open = min(width, height) >= look.px(12)
        painter.setPen(QPen(look.colour("panel" if is_open else "line"), look.px(1)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_open:
            for number in range(count + 1):
                x, y = table.left() + number * width, table.top() + number * height
                painter.drawLine(QPointF(x, table.top()), QPointF(x, table.bottom()))
                painter.drawLine(QPointF(table.left(), y), QPointF(table.right(), y))
            painter.setPen(QPen(look.colour("line"), look.px(1)))
        painter.drawRect(table)
        self._paint_counts(painter, metrics, figures, table, width, height)
        self._paint_names(painter, metrics, figures, table, width, height)
        self._paint_accuracies(painter, metrics, figures, table, height)
        self._paint_marks(painter)
        painter.end()

    def _paint_counts(
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        figures: ConfusionFigures,
        table: QRectF,
        width: float,
        height: float,
    ) -> None:
        widest = metrics.horizontalAdvance(f"{int(figures.counts.max(initial=0)):,}")
        if height < metrics.height() or width < widest + 2:
            return
        with_shares = height >= 2 * metrics.height() + 2 and width >= metrics.horizontalAdvance("100.0 %") + 2
        shares = figures.shares()
        painter.setPen(theme().colour("text"))
        for true, answered in np.argwhere(figures.counts > 0).tolist():
            rect = QRectF(table.left() + answered * width, table.top() + true * height, width, height)
            text = f"{int(figures.counts[true, answered]):,}"
            if with_shares:
                middle = rect.center().y()
                top = QRectF(rect.left(), middle - metrics.height(), rect.width(), metrics.height())
                painter.drawText(top, Qt.AlignmentFlag.AlignCenter, text)
                share = f"{100 * shares[true, answered]:.1f} %"
                painter.drawText(top.translated(0, metrics.height()), Qt.AlignmentFlag.AlignCenter, share)
            else:
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        figures: ConfusionFigures,
        table: QRectF,
        width: float,
        height: float,
    ) -> None:
        look = theme()
        flags, line = Qt.AlignmentFlag, metrics.height()
        painter.setPen(look.colour("secondary"))
        painter.drawText(QRectF(table.left(), 0, table.width(), line), flags.AlignCenter, "answered")
        painter.save()
        painter.translate(line / 2, table.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-table.height() / 2, -line / 2, table.height(), line), flags.AlignCenter, "true")
        painter.restore()
        if not self._has_names():
            return
        painter.setPen(look.colour("text"))
        room = self._name_width(metrics)
        for number, name in enumerate(figures.classes):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            row = QRectF(table.left() - look.px(6) - room, table.top() + number * height, room, height)
            painter.drawText(row, flags.AlignRight | flags.AlignVCenter, text)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width - 2)
            column = QRectF(table.left() + number * width, table.top() - line - look.px(2), width, line)
            painter.drawText(column, flags.AlignCenter, text)

    def _paint_accuracies(
        self, painter: QPainter, metrics: QFontMetricsF, figures: ConfusionFigures, table: QRectF, height: float
    ) -> None:
        look = theme()
        left = table.right() + look.px(10)
        if left + look.px(_ACCURACY - 12) > self.width():
            return
        text_width = metrics.horizontalAdvance("100.0 %") + look.px(6)
        bar_width = look.px(_ACCURACY - 12) - text_width
        has_text = self._has_names()
        if has_text:
            painter.setPen(look.colour("secondary"))
            head = QRectF(left, table.top() - metrics.height() - look.px(2), look.px(_ACCURACY), metrics.height())
            painter.drawText(
                head,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                "IoU" if figures.of_pixels else "right",
            )
        shares = figures.class_ious() if figures.of_pixels else figures.class_accuracies()
        for number, share in enumerate(shares.tolist()):
            if math.isnan(share):
                continue
            y = table.top() + number * height
            thick = min(look.px(6), max(1.0, height * 0.6))
            bar = QRectF(left, y + (height - thick) / 2, bar_width, thick)
            painter.fillRect(bar, look.colour("grid"))
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, thick), look.colour("accent"))
            if has_text:
                painter.setPen(look.colour("text"))
                row = QRectF(left + bar_width, y, text_width, height)
                text = f"{share:.3f}" if figures.of_pixels else f"{100 * share:.1f} %"
                painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_marks(self, painter: QPainter) -> None:
        look = theme()
        for cell, colour, width in ((self._hovered, "edge", 1.0), (self._current, "accent", 2.0)):
            if cell is not None:
                painter.setPen(QPen(look.colour(colour), max(1.0, look.scale * width)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.cell_rect(cell))
        if self._focus_shown and self._current is None:
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(self.table_rect().adjusted(-2, -2, 2, 2))

    # The user

    def go_to(self, cell: Cell) -> None:
        """Makes a cell the current one."""
        self._current = cell
        self._describe()
        self.pointed.emit(cell)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.figures is None or not len(self.figures.classes):
            super().keyPressEvent(event)
            return
        keys, last = Qt.Key, len(self.figures.classes) - 1
        row, column = self._current or (0, 0)
        cells = {
            keys.Key_Left: (row, column - 1),
            keys.Key_Right: (row, column + 1),
            keys.Key_Up: (row - 1, column),
            keys.Key_Down: (row + 1, column),
            keys.Key_Home: (row, 0),
            keys.Key_End: (row, last),
        }
        self._focus_shown = True
        if event.key() in cells:
            row, column = cells[keys(event.key())] if self._current else (0, 0)
            self.go_to((min(max(row, 0), last), min(max(column, 0), last)))
        elif event.key() in {keys.Key_Return, keys.Key_Enter, keys.Key_Space} and self._current:
            self.cell_chosen.emit(self._current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._focus_shown = False
            self.go_to(cell)
            self.cell_chosen.emit(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = False
        self.update()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            if cell is not None and self.figures is not None:
                rect = self.cell_rect(cell).toAlignedRect()
                QToolTip.showText(event.globalPos() + QPoint(0, 4), tooltip(self.figures.words(cell)), self, rect)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.pointed.emit(cell if cell is not None else self._current)
            self.update()

    def _describe(self) -> None:
        words = ""
        if self.figures is not None:
            words = self.figures.words(self._current) if self._current else "arrow keys walk from cell to cell"
        self.setAccessibleDescription(words)

    def _on_theme(self) -> None:
        self._colour()
        self.updateGeometry()
        self.update()


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array((colour.red(), colour.green(), colour.blue()), np.float64)
