"""A small table of figures under its title, as high as its rows."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.claims.results import Table
from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_ROW = 24


class FiguresTable(QWidget):
    """A title and rows; the first column is words, the others are figures. Ctrl+C copies what is selected."""

    def __init__(self, table: Table, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self._title = ValueLabel(table.title)
        self._title.setProperty("role", "heading")
        self.view = _Grid(table)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._title)
        self._column.addWidget(self.view)
        theme().changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self._column.setContentsMargins(0, theme().px(6), 0, 0)
        self._column.setSpacing(theme().px(2))
        self.view.measure()


class _Grid(QTableWidget):
    def __init__(self, table: Table) -> None:
        super().__init__(len(table.rows), len(table.columns))
        self._words = {column for column in range(len(table.columns)) if column == 0 or _is_words(table, column)}
        self.setAccessibleName(table.title)
        explain_all("experiment", {"table": self})
        self.setToolTip("Ctrl+C copies the selected figures")
        self.setHorizontalHeaderLabels(list(table.columns))
        for row, cells in enumerate(table.rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(self._side(column) | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        for column in range(len(table.columns)):
            heading = self.horizontalHeaderItem(column)
            if heading is not None:
                heading.setTextAlignment(self._side(column) | Qt.AlignmentFlag.AlignVCenter)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _side(self, column: int) -> Qt.AlignmentFlag:
        return Qt.AlignmentFlag.AlignLeft if column in self._words else Qt.AlignmentFlag.AlignRight

    def measure(self) -> None:
        font = theme().font(secondary=True)
        self.setFont(font)
        for column in range(self.columnCount()):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setFont(font)
        height = max(theme().px(_ROW), QFontMetrics(font).height() + theme().px(6))
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        self._fit()

    def sizeHint(self) -> QSize:
        rows = self.rowCount() * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar()
        more = bar.sizeHint().height() if self.horizontalHeader().length() > max(self.width(), 1) else 0
        return QSize(self.horizontalHeader().length(), self.horizontalHeader().sizeHint().height() + rows + more)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type] # Qt's own
        self._fit()

    def wheelEvent(self, event: object) -> None:
        # The page around the table scrolls.
        event.ignore()  # type: ignore[attr-defined]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        rows: dict[int, dict[int, str]] = {}
        for index in self.selectedIndexes():
            rows.setdefault(index.row(), {})[index.column()] = str(index.data() or "")
        lines = ("\t".join(cells[column] for column in sorted(cells)) for _, cells in sorted(rows.items()))
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _fit(self) -> None:
        """Spreads the columns over the room that there is, the words first."""
        header = self.horizontalHeader()
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        spare = self.viewport().width() - header.length()
        if spare > 0:
            widest = max(self._words)
            header.resizeSection(widest, header.sectionSize(widest) + spare)
        self.updateGeometry()


def _is_words(table: Table, column: int) -> bool:
    """Whether a column holds words rather than figures."""
    return not any(any(letter.isdigit() for letter in row[column][:2]) for row in table.rows if row[column])
