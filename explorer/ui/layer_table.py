"""The layers of the network as a table: filter, columns, selection, copying, total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollBar,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph
from explorer.ui.column_widths import ColumnWidths
from explorer.ui.empty_note import EmptyNote
from explorer.ui.layer_columns import COLUMNS
from explorer.ui.layer_model import NODE_ROLE, LayerModel
from explorer.ui.layer_rows import LayerView, TotalRow, row_height
from explorer.ui.session import Session
from explorer.ui.theme import theme

_Index = QModelIndex | QPersistentModelIndex
_SECTION = {column.key: section for section, column in enumerate(COLUMNS)}
_ORDERS = {"ascending": Qt.SortOrder.AscendingOrder, "descending": Qt.SortOrder.DescendingOrder}


class LayerTable(QWidget):
    """The table follows the session's selection and sets it.

    A selected block selects all rows inside it and scrolls to the first. Esc selects nothing. Columns are chosen and
    rows sorted in the header or in the menu of the button beside the filter.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self.setAutoFillBackground(True)
        self.model = LayerModel(self)
        self.view = LayerView(self.model)
        self.view.setObjectName("layer_table")
        self.view.setAccessibleName("Layers")
        self.total_row = TotalRow(self.view, self.model)
        self._widths = ColumnWidths(self.view, self.model)
        self._make_bar()
        self._make_actions()
        self.empty_note = EmptyNote("No network yet. Choose one in the catalogue.")
        self.none_found = EmptyNote(button="Clear filter")
        self._lay_out()
        for column in COLUMNS:
            self.view.setColumnHidden(_SECTION[column.key], not column.shown_at_first)
        self._connect()
        self._restyle()
        if session.architecture is not None:
            self._wait(session.architecture)
        self._show_graph(session.graph)

    def state(self) -> dict[str, Any]:
        """Columns in their order, widths that were set by hand, and the sort, for the settings (JSON)."""
        header = self.view.horizontalHeader()
        section, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        word = "descending" if order == Qt.SortOrder.DescendingOrder else "ascending"
        sort = [COLUMNS[section].key, word] if 0 <= section < len(COLUMNS) else None
        return {"columns": self.shown_columns(), "widths": self._widths.state(), "sort": sort}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Puts back what `state` gave; what is unknown or damaged is passed over."""
        columns = state.get("columns")
        if isinstance(columns, list):
            keys = [key for key in dict.fromkeys(columns) if key in _SECTION and key != "layer"]
            if keys:
                self._show_columns(keys)
        self._widths.restore(state.get("widths"))
        match state.get("sort"):
            case [str(key), str(word)] if key in _SECTION and word in _ORDERS:
                self.view.sortByColumn(_SECTION[key], _ORDERS[word])
            case _:
                self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self._widths.fit()

    def shown_columns(self) -> list[str]:
        """Keys of the columns shown, from left to right."""
        header = self.view.horizontalHeader()
        sections = (header.logicalIndex(place) for place in range(len(COLUMNS)))
        return [COLUMNS[section].key for section in sections if not header.isSectionHidden(section)]

    def show_column(self, key: str, shown: bool) -> None:
        self.view.setColumnHidden(_SECTION[key], not shown)
        self._widths.fit()

    def copy(self) -> None:
        """Puts the selected rows on the clipboard as tab-separated text with a header."""
        self._to_clipboard(self.model.tab_separated(self._selected_rows(), self.shown_columns()))

    def copy_as_markdown(self) -> None:
        self._to_clipboard(self.model.markdown(self._selected_rows(), self.shown_columns()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.filter and event.key() == Qt.Key.Key_Down and self.model.rows:
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)
                if not self.view.currentIndex().isValid():
                    self.view.selectRow(0)
                return True
            if watched is self.filter and event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
            if watched is self.view and event.key() == Qt.Key.Key_Escape:
                self._session.select("")
                return True
        return super().eventFilter(watched, event)

    def _make_bar(self) -> None:
        self.filter = QLineEdit()
        self.filter.setObjectName("layer_filter")
        self.filter.setPlaceholderText("Filter layers")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter layers")
        self.filter.setToolTip("Words that the path or the kind of a layer holds")
        self.filter.installEventFilter(self)
        self.columns_button = QToolButton()
        self.columns_button.setObjectName("layer_columns")
        self.columns_button.setAccessibleName("Columns and order")
        self.columns_button.setToolTip("Choose columns and order")
        self.columns_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.columns_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.columns_menu = QMenu(self)
        self.columns_menu.aboutToShow.connect(self._fill_menu)
        self.columns_button.setMenu(self.columns_menu)

    def _make_actions(self) -> None:
        self._copy = QAction("Copy", self.view)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self.copy)
        self._copy_markdown = QAction("Copy as Markdown", self.view)
        self._copy_markdown.triggered.connect(self.copy_as_markdown)
        self.view.addActions([self._copy, self._copy_markdown])
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.installEventFilter(self)

    def _lay_out(self) -> None:
        self._bar = QHBoxLayout()
        self._bar.addWidget(self.filter, 1)
        self._bar.addStretch(0)
        self._bar.addWidget(self.columns_button)
        # The horizontal bar belongs under the total row, which moves with it.
        self._scroll = QScrollBar(Qt.Orientation.Horizontal)
        self._scroll.hide()
        table = QWidget()
        rows = QVBoxLayout(table)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.view, 1)
        rows.addWidget(self.total_row)
        rows.addWidget(self._scroll)
        rows.addStretch(0)
        self._table = table
        self._stack = QStackedLayout()
        for widget in (table, self.none_found, self.empty_note):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar)
        layout.addLayout(self._stack, 1)
        QWidget.setTabOrder(self.filter, self.columns_button)
        QWidget.setTabOrder(self.columns_button, self.view)

    def _connect(self) -> None:
        bar, header = self.view.horizontalScrollBar(), self.view.horizontalHeader()
        bar.rangeChanged.connect(self._follow_range)
        bar.valueChanged.connect(self._scroll.setValue)
        self._scroll.valueChanged.connect(bar.setValue)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_header_menu)
        self.filter.textChanged.connect(self._filter)
        self.none_found.pressed.connect(self.filter.clear)
        self.view.selectionModel().currentRowChanged.connect(self._select_current)
        self.view.clicked.connect(self._select_clicked)
        self.total_row.pressed.connect(self._select_nothing)
        self._session.architecture_changed.connect(self._wait)
        self._session.graph_changed.connect(self._show_graph)
        self._session.graph_failed.connect(self.empty_note.say)
        self._session.selection_changed.connect(self._follow_selection)
        theme().changed.connect(self._restyle)

    def _wait(self, architecture: Architecture) -> None:
        self.empty_note.say(f"Reading {architecture.title}…")

    def _show_graph(self, graph: Graph | None) -> None:
        self._refill(lambda: self.model.show_graph(graph))
        self._widths.fit()

    def _filter(self, text: str) -> None:
        self._refill(lambda: self.model.filter_by(text))
        self.none_found.say(f"No layer matches '{text.strip()}'.")

    def _refill(self, change: Any) -> None:
        self._following = True
        change()
        self._following = False
        self._follow_selection(self._session.selection)
        self._fit_height()
        has_graph = self.model.graph is not None
        self.filter.setVisible(has_graph)
        self.columns_button.setVisible(has_graph)
        shown = self._table if self.model.rows else self.none_found if has_graph else self.empty_note
        self._stack.setCurrentWidget(shown)

    def _select_current(self, current: _Index) -> None:
        if not self._following and current.isValid():
            # Qt moves the current row before it selects; what is selected with it is the view's own business.
            self._following = True
            self._session.select(current.data(NODE_ROLE).path)
            self._following = False

    def _select_clicked(self, index: _Index) -> None:
        # The row that is current already, as the first of a selected block is, changes nothing that Qt would tell.
        if self.view.selectionModel().isRowSelected(index.row()):
            self._following = True
            self._session.select(index.data(NODE_ROLE).path)
            self._following = False

    def _select_nothing(self) -> None:
        self._session.select("")

    def _follow_selection(self, path: str) -> None:
        graph = self.model.graph
        if graph is None or self._following:
            return
        row = self.model.row_of(path)
        if path in graph.block_by_path:
            found = (self.model.row_of(node.path) for node in graph.inside(path))
            rows = sorted(r for r in found if r is not None)
        else:
            rows = [] if row is None else [row]
        self._following = True
        self._select_rows(rows)
        self._following = False

    def _select_rows(self, rows: list[int]) -> None:
        chosen, none = self.view.selectionModel(), QItemSelectionModel.SelectionFlag.NoUpdate
        selection = QItemSelection()
        for first, last in _stretches(rows):
            selection.select(self.model.index(first, 0), self.model.index(last, len(COLUMNS) - 1))
        chosen.setCurrentIndex(self.model.index(rows[0], 0) if rows else QModelIndex(), none)
        chosen.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            across = self.view.horizontalScrollBar().value()
            self.view.scrollTo(self.model.index(rows[0], 0), QAbstractItemView.ScrollHint.EnsureVisible)
            self.view.horizontalScrollBar().setValue(across)

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.view.selectionModel().selectedRows())

    def _to_clipboard(self, text: str) -> None:
        rows = len(self._selected_rows())
        if rows:
            QGuiApplication.clipboard().setText(text)
            self._session.message.emit(f"{rows:,} {'row' if rows == 1 else 'rows'} copied")

    def _open_header_menu(self, position: Any) -> None:
        self.columns_menu.popup(self.view.horizontalHeader().mapToGlobal(position))

    def _fill_menu(self) -> None:
        menu, header = self.columns_menu, self.view.horizontalHeader()
        menu.clear()
        for section, column in enumerate(COLUMNS):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(section))
            action.setEnabled(column.key != "layer")  # a row without its name says nothing
            action.toggled.connect(lambda shown, key=column.key: self.show_column(key, shown))
        menu.addSeparator()
        orders = menu.addMenu("Order")
        self._add_order(orders, "Execution", -1, Qt.SortOrder.AscendingOrder)
        for section, column in enumerate(COLUMNS):
            order = Qt.SortOrder.DescendingOrder if column.numeric else Qt.SortOrder.AscendingOrder
            self._add_order(orders, column.title, section, order)
        menu.addAction("Fit widths", self._widths.forget)

    def _add_order(self, menu: QMenu, title: str, section: int, order: Qt.SortOrder) -> None:
        action = menu.addAction(title)
        action.setCheckable(True)
        current = self.view.horizontalHeader().sortIndicatorSection()
        action.setChecked(section == current or (section < 0 and not 0 <= current < len(COLUMNS)))
        action.triggered.connect(lambda: self.view.sortByColumn(section, order))

    def _show_columns(self, keys: list[str]) -> None:
        header = self.view.horizontalHeader()
        for place, key in enumerate(["layer", *keys]):
            header.moveSection(header.visualIndex(_SECTION[key]), place)
        for key, section in _SECTION.items():
            self.view.setColumnHidden(section, key != "layer" and key not in keys)

    def _follow_range(self, lowest: int, highest: int) -> None:
        self._scroll.setRange(lowest, highest)
        self._scroll.setPageStep(self.view.horizontalScrollBar().pageStep())
        self._scroll.setVisible(highest > lowest)

    def _fit_height(self) -> None:
        # The total stands right under the last row, and at the bottom where the rows do not fit.
        rows = len(self.model.rows) * row_height()
        self.view.setMaximumHeight(min(rows + self.view.horizontalHeader().sizeHint().height() + 1, 2**24 - 1))

    def _restyle(self) -> None:
        look = theme()
        self.columns_button.setIcon(look.icon("columns"))
        self.columns_button.setIconSize(QSize(look.px(16), look.px(16)))
        self._bar.setContentsMargins(look.px(8), look.px(4), look.px(8), look.px(4))
        self._bar.setSpacing(look.px(8))
        self.filter.setMaximumWidth(look.px(320))
        vertical = self.view.verticalHeader()
        vertical.setMinimumSectionSize(1)
        vertical.setDefaultSectionSize(row_height())
        self.view.horizontalHeader().setMinimumSectionSize(look.px(32))
        self._widths.fit()
        self._fit_height()
        self.total_row.updateGeometry()
        self.view.viewport().update()


def _stretches(rows: list[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring rows: [1, 2, 3, 7] is (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
