"""How the layer table is painted: quiet rows with a chip of the kind's colour, and a total that stays in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
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
from explorer.ui import numbers
from explorer.ui.layer_columns import COLUMN_BY_KEY, COLUMNS
from explorer.ui.layer_model import NODE_ROLE, LayerModel
from explorer.ui.theme import KIND_COLOURS, theme

_Index = QModelIndex | QPersistentModelIndex


def row_height() -> int:
    """28 pixels, and more where the system's font is larger than the row."""
    return max(theme().px(28), QFontMetrics(theme().font()).height() + theme().px(8))


def padding() -> int:
    """Space at either side of a cell."""
    return theme().px(6)


def chip_space() -> int:
    """What the colour chip takes of the first column."""
    return theme().px(4 + 6)


class LayerCells(QStyledItemDelegate):
    """Paints a cell's text; grounds and lines are the view's, which draws them over its whole width."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option
        width = QFontMetrics(theme().font()).horizontalAdvance(str(index.data())) + 2 * padding()
        return QSize(width + (chip_space() if index.column() == 0 else 0), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme()
        node: Node = index.data(NODE_ROLE)
        column = COLUMNS[index.column()]
        cell = QRect(option.rect).adjusted(padding(), 0, -padding(), 0)
        painter.save()
        if index.column() == 0:
            self._paint_chip(painter, cell, node)
            cell.setLeft(cell.left() + chip_space())
        font = look.font()
        painter.setFont(font)
        painter.setPen(look.colour("secondary" if node.training_only else "text"))
        metrics, text = QFontMetrics(font), str(index.data())
        if column.key == "layer" and metrics.horizontalAdvance(text) > cell.width():
            text = f"…{node.name}"  # the end of a path tells layers apart, not its beginning
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        painter.drawText(cell, int((side | Qt.AlignmentFlag.AlignVCenter).value), text)
        painter.restore()

    @staticmethod
    def _paint_chip(painter: QPainter, cell: QRect, node: Node) -> None:
        look = theme()
        height = look.px(14)
        chip = QRect(cell.left(), cell.center().y() - height // 2, look.px(4), height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(KIND_COLOURS[node.kind]))
        if node.training_only:
            painter.setOpacity(0.5)
        painter.drawRoundedRect(chip, look.px(2), look.px(2))
        painter.setOpacity(1.0)


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
    """Rows told apart by a thin line, selected ones tinted, the current one marked while the keyboard is here."""

    def __init__(self, model: LayerModel) -> None:
        super().__init__()
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
        self.setToolTip("The sum of the layers above")
        header = view.horizontalHeader()
        header.sectionResized.connect(self.update)
        header.sectionMoved.connect(self.update)
        view.horizontalScrollBar().valueChanged.connect(self.update)
        view.verticalScrollBar().rangeChanged.connect(self.update)
        model.modelReset.connect(self._say)
        self._say()

    def label(self) -> str:
        """What the row is called: "total", or what the sums are of while a filter hides some rows."""
        if self._model.is_filtered and self._model.graph is not None:
            rows, layers = len(self._model.rows), numbers.plural(len(self._model.graph.nodes), "layer")
            return f"{rows:,} of {layers}"
        return "total"

    def texts(self) -> dict[str, str]:
        """What stands under each column that is summed."""
        part, whole = self._model.totals(), self._model.whole
        found = {column.key: column.total(part, whole) for column in COLUMNS}
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
            painter.drawText(cell, int((side | Qt.AlignmentFlag.AlignVCenter).value), texts[column.key])
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
        self.update()
