"""How the layer table is painted: quiet rows with a chip of the kind's colour, and a total that stays in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from explorer.structure.graph import Node
from explorer.structure.node_labels import type_line
from explorer.structure.table_columns import COLUMN_BY_KEY, COLUMNS
from explorer.structure.table_rows import Group, Row
from explorer.ui import numbers
from explorer.ui.layer_model import ROW_ROLE, LayerModel, one_line
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import KIND_COLOURS, theme

_Index = QModelIndex | QPersistentModelIndex
# Written shorter where room is short; the tooltip and what is copied keep the whole number.
_SHORTENED = frozenset({"output", "macs", "flops"})


def row_height() -> int:
    """28 pixels, and more where the system's font is larger than the row."""
    return max(theme().px(28), QFontMetrics(theme().font()).height() + theme().px(8))


def padding() -> int:
    """Space at either side of a cell."""
    return theme().px(6)


def chip_space() -> int:
    """What the colour chip takes of the first column."""
    return theme().px(4 + 6)


def arrow_space() -> int:
    """What the arrow of a block takes of the first column, in a tree."""
    return theme().px(16)


def indent(depth: int) -> int:
    """How far in a row begins that has `depth` blocks around it; the deepest ones no further than twelve."""
    return theme().px(12) * min(depth, 12)


def name_offset(row: Row, is_flat: bool) -> int:
    """Where a row's name begins, from the left of its cell's contents: behind a block's arrow or a layer's chip."""
    return (0 if is_flat else indent(row.depth)) + (arrow_space() if row.is_block else chip_space())


def compact(shape: str) -> str:
    """A shape without spaces: "64×112×112"."""
    return shape.replace(" × ", "×")


def short_total(text: str) -> str:
    """A sum in three figures, "1.8 G" of "1,814,073,344"; other texts as they are."""
    digits = text.replace(",", "")
    return numbers.short_count(int(digits)) if digits.isdecimal() else text


def shortened(key: str, text: str) -> str:
    """What a cell says where room is short: shapes without spaces, counts of millions in three figures."""
    return compact(text) if key == "output" else short_total(text)


def without_settings(text: str, metrics: QFontMetrics, width: int) -> str:
    """A layer's kind without its last settings, as few as fit: "Conv 7×7, /2" of "Conv 7×7, /2, pad 3"."""
    while ", " in text and metrics.horizontalAdvance(text) > width:
        text = text.rpartition(", ")[0]
    return text


class LayerCells(QStyledItemDelegate):
    """Paints a cell's text; grounds and lines are the view's, which draws them over its whole width."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option
        row: Row = index.data(ROW_ROLE)
        font = theme().font(title=row.is_block and index.column() == 0)
        width = QFontMetrics(font).horizontalAdvance(str(index.data())) + 2 * padding()
        return QSize(width + (name_offset(row, _is_flat(index)) if index.column() == 0 else 0), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme()
        row: Row = index.data(ROW_ROLE)
        column, item = COLUMNS[index.column()], row.item
        cell = QRect(option.rect).adjusted(padding(), 0, -padding(), 0)
        painter.save()
        painter.setClipRect(option.rect)
        if index.column() == 0:
            flat = _is_flat(index)
            cell.setLeft(cell.left() + name_offset(row, flat))
            if isinstance(item, Group):
                self._paint_arrow(painter, cell, row)
            else:
                self._paint_chip(painter, cell, item)
        is_name = index.column() == 0 and row.is_block
        font = look.font(title=is_name)
        painter.setFont(font)
        # An open block's sums stand back: the rows below it say the same number part by part.
        quiet = item.training_only or (row.is_open and column.key != "layer")
        painter.setPen(look.colour("bad" if item.failed and not row.is_open else "secondary" if quiet else "text"))
        metrics, text = QFontMetrics(font), str(index.data())
        if column.key == "layer" and metrics.horizontalAdvance(text) > cell.width() and "." in text:
            text = f"…{one_line(item.name)}"  # the end of a path tells layers apart, not its beginning
        if column.key == "kind" and metrics.horizontalAdvance(text) > cell.width() and isinstance(item, Node):
            # "Conv 5×5" leaves more room for the settings than "Conv2d 5×5".
            text = without_settings(type_line(item), metrics, cell.width())
        view = self.parent()
        if column.key in _SHORTENED and isinstance(view, LayerView) and column.key in view.compact:
            text = shortened(column.key, text)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        painter.drawText(cell, int((side | Qt.AlignmentFlag.AlignVCenter).value), text)
        painter.restore()

    @staticmethod
    def _paint_arrow(painter: QPainter, name: QRect, row: Row) -> None:
        look = theme()
        side = look.px(12)
        left = name.left() - arrow_space()
        place = QRect(left, name.center().y() - side // 2, side, side)
        look.icon("chevron-down" if row.is_open else "chevron-right").paint(painter, place)

    @staticmethod
    def _paint_chip(painter: QPainter, name: QRect, item: Node) -> None:
        look = theme()
        height = look.px(14)
        chip = QRect(name.left() - chip_space(), name.center().y() - height // 2, look.px(4), height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(KIND_COLOURS[item.kind]))
        if item.training_only:
            painter.setOpacity(0.5)
        painter.drawRoundedRect(chip, look.px(2), look.px(2))
        painter.setOpacity(1.0)


def _is_flat(index: _Index) -> bool:
    model = index.model()
    return isinstance(model, LayerModel) and model.is_flat


class _Header(QHeaderView):
    """Titles over a line that runs on where the columns end."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.fillRect(0, self.viewport().height() - 1, self.viewport().width(), 1, theme().colour("line"))
        painter.end()


class LayerView(QTableView):
    """Rows told apart by a thin line, selected ones tinted, the current one marked while the keyboard is here.

    A block opens and closes by its arrow, a double click, Enter, or the arrow keys to the right and to the left; the
    view only asks for it: `toggled`.
    """

    toggled = Signal(str)  # path of a block

    def __init__(self, model: LayerModel) -> None:
        super().__init__()
        self.compact: frozenset[str] = frozenset()  # columns that have less room than they would like
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setItemDelegate(LayerCells(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # The bar itself stands below the total row.
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        look = theme()
        width = self.viewport().width()
        row = self.rowAt(0)
        selection = self.selectionModel()
        while 0 <= row < self.model().rowCount():
            top, height = self.rowViewportPosition(row), self.rowHeight(row)
            if top > event.rect().bottom():
                break
            if selection.isRowSelected(row):
                painter.fillRect(0, top, width, height, look.colour("selected"))
                if self.hasFocus() and row == self.currentIndex().row():
                    painter.fillRect(0, top, look.px(2), height, look.colour("accent"))
            painter.fillRect(0, top + height - 1, width, 1, look.colour("line"))
            row += 1
        painter.end()
        super().paintEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        path = self._arrow_at(event.position().toPoint())
        if path and event.button() == Qt.MouseButton.LeftButton:
            self.toggled.emit(path)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self.row_at(place)
        if row is not None and row.is_block and event.button() == Qt.MouseButton.LeftButton:
            self.toggled.emit(row.path)
            event.accept()
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if index.isValid() and plain and self._fold_by_key(event.key(), index):
            event.accept()
            return
        super().keyPressEvent(event)

    def row_at(self, place: QPoint) -> Row | None:
        index = self.indexAt(place)
        return index.data(ROW_ROLE) if index.isValid() else None

    def arrow_rect(self, row: int) -> QRect:
        """Where a block's arrow is, in the viewport, with some room around it."""
        cell = self.visualRect(self.model().index(row, 0))
        shown: Row = self.model().index(row, 0).data(ROW_ROLE)
        left = cell.left() + padding() + indent(shown.depth)
        return QRect(left - padding(), cell.top(), arrow_space() + padding(), cell.height())

    def _arrow_at(self, place: QPoint) -> str:
        index = self.indexAt(place)
        if not index.isValid() or index.column() != 0:
            return ""
        row: Row = index.data(ROW_ROLE)
        return row.path if row.is_block and self.arrow_rect(index.row()).contains(place) else ""

    def _fold_by_key(self, key: int, index: QModelIndex) -> bool:
        model = self.model()
        if not isinstance(model, LayerModel) or model.is_flat:
            return False
        row: Row = index.data(ROW_ROLE)
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            closes = opens = row.is_block
        else:
            closes = key == Qt.Key.Key_Left and row.is_block and row.is_open
            opens = key == Qt.Key.Key_Right and row.is_block and not row.is_open
        if closes or opens:
            self.toggled.emit(row.path)
            return True
        if key == Qt.Key.Key_Left and row.depth and model.tree is not None:
            parent = model.row_of(model.tree.blocks_around(row.path)[0])
            if parent is not None:
                self.selectRow(parent)
            return True
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()


class TotalRow(QWidget):
    """The sums below the table, under the columns that they are of; a click selects the whole network."""

    pressed = Signal()

    def __init__(self, view: LayerView, model: LayerModel) -> None:
        super().__init__()
        self._view = view
        self._model = model
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        header = view.horizontalHeader()
        header.sectionResized.connect(self.update)
        header.sectionMoved.connect(self.update)
        view.horizontalScrollBar().valueChanged.connect(self.update)
        view.verticalScrollBar().rangeChanged.connect(self.update)
        model.modelReset.connect(self._say)
        model.dataChanged.connect(self._say)
        self._say()

    def label(self) -> str:
        """What the row is called: "total", or what the sums are of while a filter hides some rows."""
        if self._model.is_filtered and self._model.graph is not None:
            found, layers = len(self._model.found), numbers.plural(len(self._model.graph.nodes), "layer")
            return f"{found:,} of {layers}"
        return "total"

    def texts(self) -> dict[str, str]:
        """What stands under each column that is summed."""
        part, terms = self._model.totals(), self._model.terms
        found = {column.key: column.total(part, terms) for column in COLUMNS}
        return {key: text for key, text in found.items() if text}

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), row_height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        look = theme()
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.colour("line"))
        if self._view.verticalScrollBar().maximum() > 0:
            painter.fillRect(0, 0, self.width(), 1, look.colour("edge"))
        painter.setFont(look.font(title=True))
        painter.setPen(look.colour("text"))
        header = self._view.horizontalHeader()
        texts = {**self.texts(), "layer": self.label()}
        right_of_view = self._view.viewport().width()
        painter.setClipRect(0, 0, right_of_view, self.height())
        for section, column in enumerate(COLUMNS):
            if header.isSectionHidden(section) or column.key not in texts:
                continue
            cell = QRect(header.sectionViewportPosition(section), 0, header.sectionSize(section), self.height())
            cell.adjust(padding(), 0, -padding(), 0)
            if column.key == "layer":
                # The label may run on where the columns beside it sum nothing.
                cell.setRight(max(cell.right(), self._free_until(header)))
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            text = texts[column.key]
            if column.numeric and painter.fontMetrics().horizontalAdvance(text) > cell.width():
                text = short_total(text)
            painter.drawText(cell, int((side | Qt.AlignmentFlag.AlignVCenter).value), text)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.updateGeometry()
        super().changeEvent(event)

    def _free_until(self, header: QHeaderView) -> int:
        """Where the first summed column begins."""
        starts = [
            header.sectionViewportPosition(section)
            for section, column in enumerate(COLUMNS)
            if column.key in self.texts() and not header.isSectionHidden(section)
        ]
        return min(starts, default=self.width()) - padding()

    def _say(self) -> None:
        said = ", ".join(f"{COLUMN_BY_KEY[key].title} {text}" for key, text in self.texts().items())
        self.setAccessibleName(f"{self.label()}: {said}")
        self.setToolTip(tooltip(f"The sum of the layers above\n{said}"))
        self.update()
