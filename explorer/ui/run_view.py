"""The table itself: rows that can be sorted, columns that can be chosen, moved and widened."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from explorer.ui.run_rows import COLUMNS, RunRow, title_text
from explorer.ui.run_table_model import ROW_ROLE, RunFilter, RunTableModel
from explorer.ui.theme import theme

_TITLE = next(number for number, column in enumerate(COLUMNS) if column.title == "Title")
_STARTED = next(number for number, column in enumerate(COLUMNS) if column.title == "Started")


class RunView(QTableView):
    """A view of `model` through `filter`; the heading's menu chooses columns."""

    def __init__(self, model: RunTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_table")
        self.setAccessibleName("Runs")
        self.setToolTip("Select rows to lay their curves over each other; Enter uses a run's weights on the pad")
        self._has_titles = True
        self.filter = RunFilter(self)
        self.filter.setSourceModel(model)
        self.setModel(self.filter)
        self.setSortingEnabled(True)
        self.sortByColumn(_STARTED, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._show_columns_menu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.column_actions = [self._column_action(number) for number in range(len(COLUMNS))]
        model.modelReset.connect(self._on_rows)
        model.dataChanged.connect(self._on_rows)

    def selected(self) -> tuple[RunRow, ...]:
        """The selected rows, from the top."""
        rows = sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        return tuple(row.data(ROW_ROLE) for row in rows)

    def select_folders(self, folders: set[object]) -> None:
        """Selects the rows of these run folders."""
        selection = QItemSelection()
        for number in range(self.filter.rowCount()):
            index = self.filter.index(number, 0)
            if {run.folder for run in index.data(ROW_ROLE).runs} & folders:
                selection.select(index, index)
        model = self.selectionModel()
        model.select(selection, model.SelectionFlag.Select | model.SelectionFlag.Rows)

    def show_column(self, title: str, is_shown: bool) -> None:
        """Shows or hides a column by its title."""
        number = next(number for number, column in enumerate(COLUMNS) if column.title == title)
        self.column_actions[number].setChecked(is_shown)

    def chosen(self) -> dict[str, Any]:
        """The columns shown and the order of the rows, for JSON."""
        header = self.horizontalHeader()
        return {
            "columns": [action.text() for action in self.column_actions if action.isChecked()],
            "sorted_by": COLUMNS[header.sortIndicatorSection()].title,
            "descending": header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `chosen` gave; what does not fit is left as it is."""
        titles = [column.title for column in COLUMNS]
        shown = state.get("columns")
        if isinstance(shown, list) and set(titles) & set(map(str, shown)):
            for title in titles:
                self.show_column(title, title in shown)
        if state.get("sorted_by") in titles:
            order = Qt.SortOrder.DescendingOrder if state.get("descending") else Qt.SortOrder.AscendingOrder
            self.sortByColumn(titles.index(state["sorted_by"]), order)

    def _on_rows(self) -> None:
        # The column of titles is spared while no run has one.
        model = self.filter.sourceModel()
        rows = (model.index(number, 0).data(ROW_ROLE) for number in range(model.rowCount()))
        self._has_titles = any(title_text(row) for row in rows)
        self.setColumnHidden(_TITLE, not (self._has_titles and self.column_actions[_TITLE].isChecked()))

    def measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(28))
        self.verticalHeader().setMinimumSectionSize(theme().px(28))

    def columns_menu(self, parent: QWidget) -> QMenu:
        """A menu of all columns."""
        menu = QMenu("Columns", parent)
        menu.addActions(self.column_actions)
        return menu

    def _column_action(self, number: int) -> QAction:
        action = QAction(COLUMNS[number].title, self)
        action.setCheckable(True)
        action.setChecked(COLUMNS[number].is_shown)
        action.setToolTip(COLUMNS[number].help)
        self.setColumnHidden(number, not COLUMNS[number].is_shown)
        action.toggled.connect(lambda is_shown: self._show_number(number, is_shown))
        return action

    def _show_number(self, number: int, is_shown: bool) -> None:
        others = [action for each, action in enumerate(self.column_actions) if each not in {number, _TITLE}]
        if not is_shown and not any(action.isChecked() for action in others):
            # A table without columns has no heading to bring one back.
            self.column_actions[number].setChecked(True)
            return
        self.setColumnHidden(number, not is_shown or (number == _TITLE and not self._has_titles))

    def _show_columns_menu(self, place: QPoint) -> None:
        menu = self.columns_menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.horizontalHeader().mapToGlobal(place))
