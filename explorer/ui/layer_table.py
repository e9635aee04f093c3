"""The layers of the network as a table that folds with the graph: filter, columns, selection, total, memory, times."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
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
    Signal,
)
from PySide6.QtGui import QKeyEvent
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
from explorer.structure.fold import all_blocks
from explorer.structure.graph import Graph
from explorer.structure.memory_use import Optimiser
from explorer.structure.table_columns import COLUMNS, milliseconds
from explorer.ui.column_widths import ColumnWidths
from explorer.ui.empty_note import EmptyNote
from explorer.ui.explanations import explain_all
from explorer.ui.layer_export import LayerExport
from explorer.ui.layer_measuring import LayerMeasuring
from explorer.ui.layer_menu import fill_menu
from explorer.ui.layer_model import ROW_ROLE, LayerModel
from explorer.ui.layer_rows import LayerView, TotalRow, row_height
from explorer.ui.layer_summary import LayerSummary
from explorer.ui.session import Session
from explorer.ui.theme import theme

_Index = QModelIndex | QPersistentModelIndex
_SECTION = {column.key: section for section, column in enumerate(COLUMNS)}
_ORDERS = {"ascending": Qt.SortOrder.AscendingOrder, "descending": Qt.SortOrder.DescendingOrder}


class LayerTable(QWidget):
    """The table follows the session's selection and sets it.

    Its blocks fold as the graph's do: `folding_changed` tells of blocks that were folded here, as the frozenset of all
    folded paths, `show_folding` takes what was folded elsewhere. What is selected in a closed block selects the block's
    row. A list of layers without blocks, as sorting gives, selects all layers of a block. Esc selects nothing. Call
    `shutdown` before the window goes.
    """

    folding_changed = Signal(object)  # frozenset[str]
    menu_wanted = Signal(object)  # a QMenu of the rows that is about to open, to be added to
    terms_changed = Signal(object, object)  # batch, Optimiser: what memory is told for

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self._awaited: frozenset[str] | None = None
        self.setAutoFillBackground(True)
        self.model = LayerModel(self)
        self.view = LayerView(self.model)
        self.view.setObjectName("layer_table")
        self.view.setAccessibleName("Layers")
        self.total_row = TotalRow(self.view, self.model)
        explain_all("status", {"totals": self.total_row})
        self._widths = ColumnWidths(self.view, self.model)
        self.summary = LayerSummary()
        self.measuring = LayerMeasuring(session, lambda: self.summary.batch)
        self._make_bar()
        self.export = LayerExport(self, session)
        self.export_button.setMenu(self.export.menu)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.installEventFilter(self)
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
        """Columns in their order, widths set by hand, sorting, batch and optimiser, for the settings (JSON)."""
        header = self.view.horizontalHeader()
        section, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        word = "descending" if order == Qt.SortOrder.DescendingOrder else "ascending"
        return {
            "columns": self.shown_columns(),
            "widths": self._widths.state(),
            "sort": [COLUMNS[section].key, word] if 0 <= section < len(COLUMNS) else None,
            "layers_only": self.model.layers_only,
            "batch": self.summary.batch,
            "optimiser": self.summary.optimiser.key,
        }

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
        self.show_layers_only(state.get("layers_only") is True)
        batch, kept = state.get("batch"), state.get("optimiser")
        self.summary.choose(
            batch if isinstance(batch, int) and 0 < batch < 2**31 else self.summary.batch,
            next((optimiser for optimiser in Optimiser if optimiser.key == kept), self.summary.optimiser),
        )
        self._widths.fit()

    def show_folding(self, folded: frozenset[str]) -> None:
        """Closes exactly the given blocks; paths of stacks and whatever else is not a block here are kept."""
        if self._session.graph is not self.model.graph:
            # Told of the next graph before this table has it.
            self._awaited = folded
        elif folded != self.model.folded:
            self._refold(folded)

    def toggle(self, path: str) -> None:
        """Opens or closes a block, here and wherever the folding is shown."""
        folded = self.model.folded ^ {path}
        self._refold(folded)
        self.folding_changed.emit(folded)

    def fold_all(self) -> None:
        if self.model.graph is not None:
            self._refold(all_blocks(self.model.graph))
            self.folding_changed.emit(self.model.folded)

    def unfold_all(self) -> None:
        self._refold(frozenset())
        self.folding_changed.emit(self.model.folded)

    def show_layers_only(self, flat: bool) -> None:
        """Leaves out the blocks' rows, or puts them back."""
        self.model.show_layers_only(flat)
        self._widths.fit()

    def count_macs_per_batch(self, on: bool) -> None:
        self._use_terms(macs_per_batch=on)

    def fit_widths(self) -> None:
        """Fits all columns to what they say, those too whose width was set by hand."""
        self._widths.forget()

    def shutdown(self) -> None:
        """Stops measuring and waits for its thread."""
        self.measuring.shutdown()

    def shown_columns(self) -> list[str]:
        """Keys of the columns shown, from left to right."""
        header = self.view.horizontalHeader()
        sections = (header.logicalIndex(place) for place in range(len(COLUMNS)))
        return [COLUMNS[section].key for section in sections if not header.isSectionHidden(section)]

    def show_column(self, key: str, shown: bool) -> None:
        self.view.setColumnHidden(_SECTION[key], not shown)
        self._widths.fit()

    def copy(self) -> None:
        """Puts the selected rows on the clipboard as tab-separated text with a header, all rows where none are."""
        self.export.copy()

    def selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.view.selectionModel().selectedRows())

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
        self.export_button = _menu_button("layer_export", "Copy or save the table")
        self.columns_button = _menu_button("layer_columns", "Choose columns and order")
        self.columns_menu = QMenu(self)
        self.columns_menu.aboutToShow.connect(self._fill_menu)
        self.columns_button.setMenu(self.columns_menu)

    def _lay_out(self) -> None:
        self._bar = QHBoxLayout()
        self._bar.addWidget(self.filter, 1)
        self._bar.addStretch(0)
        self._bar.addWidget(self.measuring)
        self._bar.addWidget(self.export_button)
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
        layout.addWidget(self.summary)
        order = (
            self.filter, self.measuring.button, self.measuring.cancel_button, self.export_button, self.columns_button,
            self.view, self.summary.batch_field, self.summary.optimiser_field,
        )  # fmt: skip
        for first, second in itertools.pairwise(order):
            QWidget.setTabOrder(first, second)

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
        self.view.toggled.connect(self.toggle)
        self.view.customContextMenuRequested.connect(self._open_context_menu)
        self.model.modelReset.connect(self._after_reset)
        self.summary.changed.connect(self._take_summary)
        self.measuring.measured.connect(self._take_timings)
        self.measuring.failed.connect(self._session.message)
        self.total_row.pressed.connect(self._select_nothing)
        self._session.architecture_changed.connect(self._wait)
        self._session.graph_changed.connect(self._show_graph)
        self._session.graph_failed.connect(self.empty_note.say)
        self._session.selection_changed.connect(self._follow_selection)
        theme().changed.connect(self._restyle)

    def _wait(self, architecture: Architecture) -> None:
        self.empty_note.say(f"Reading {architecture.title}…")

    def _show_graph(self, graph: Graph | None) -> None:
        before, folded = self.model.graph, self._awaited
        self._awaited = None
        if folded is None and graph is not None and before is not None:
            # As the graph does it: the same blocks keep their folding, other options of a network for instance.
            folded = self.model.folded if graph.block_by_path.keys() == before.block_by_path.keys() else None
        self.export.measured = None
        self.summary.show_graph(graph)
        self.summary.say_measured("")
        self.model.show_graph(graph, folded)
        self._widths.fit()
        self._show_what_there_is()

    def _filter(self, text: str) -> None:
        self.model.filter_by(text)
        self.none_found.say(f"No layer matches '{text.strip()[:60]}'.")
        self._show_what_there_is()

    def _after_reset(self) -> None:
        self._follow_selection(self._session.selection)
        self._fit_height()

    def _refold(self, folded: frozenset[str]) -> None:
        self._quietly(lambda: self.model.show_folding(folded))
        self._follow_selection(self._session.selection, scroll=False)
        self._fit_height()

    def _use_terms(self, **changes: Any) -> None:
        self.model.use_terms(dataclasses.replace(self.model.terms, **changes))
        self._widths.fit()

    def _take_summary(self) -> None:
        self._use_terms(batch=self.summary.batch)
        self.terms_changed.emit(self.summary.batch, self.summary.optimiser)

    def _take_timings(self, timings: Any) -> None:
        self.export.measured = timings.as_record()
        self.view.setColumnHidden(_SECTION["time"], False)
        self._use_terms(times=timings.layers, measured_on=timings.conditions)
        self.summary.say_measured(f"whole pass {milliseconds(timings.whole)} ms · {timings.conditions}")
        self._session.message.emit(f"measured: {milliseconds(timings.whole)} ms on {timings.conditions}")

    def _show_what_there_is(self) -> None:
        has_graph = self.model.graph is not None
        for widget in (self.filter, self.columns_button, self.export_button, self.measuring):
            widget.setVisible(has_graph)
        shown = self._table if self.model.rows else self.none_found if has_graph else self.empty_note
        self._stack.setCurrentWidget(shown)

    def _quietly(self, change: Callable[[], None]) -> None:
        """Changes what the view shows without taking what it then selects for a wish of the user's."""
        before, self._following = self._following, True
        try:
            change()
        finally:
            self._following = before

    def _select_current(self, current: _Index) -> None:
        if not self._following and current.isValid():
            # Qt moves the current row before it selects; what is selected with it is the view's own business.
            self._quietly(lambda: self._session.select(current.data(ROW_ROLE).path))

    def _select_clicked(self, index: _Index) -> None:
        # The row that is current already, as the first of a selected block is, changes nothing that Qt would tell.
        if self.view.selectionModel().isRowSelected(index.row()):
            self._quietly(lambda: self._session.select(index.data(ROW_ROLE).path))

    def _select_nothing(self) -> None:
        self._session.select("")

    def _follow_selection(self, path: str, *, scroll: bool = True) -> None:
        graph = self.model.graph
        if graph is None or self._following:
            return
        if path in graph.block_by_path and self.model.is_flat:
            found = (self.model.row_of(node.path) for node in graph.inside(path))
            rows = sorted(row for row in found if row is not None)
        else:
            row = self.model.nearest(path) if path else None
            rows = [] if row is None else [row]
        self._quietly(lambda: self._select_rows(rows, scroll=scroll))

    def _select_rows(self, rows: list[int], *, scroll: bool) -> None:
        chosen, none = self.view.selectionModel(), QItemSelectionModel.SelectionFlag.NoUpdate
        selection = QItemSelection()
        for first, last in _stretches(rows):
            selection.select(self.model.index(first, 0), self.model.index(last, len(COLUMNS) - 1))
        chosen.setCurrentIndex(self.model.index(rows[0], 0) if rows else QModelIndex(), none)
        chosen.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows and scroll:
            across = self.view.horizontalScrollBar().value()
            self.view.scrollTo(self.model.index(rows[0], 0), QAbstractItemView.ScrollHint.EnsureVisible)
            self.view.horizontalScrollBar().setValue(across)

    def _open_header_menu(self, position: Any) -> None:
        self.columns_menu.popup(self.view.horizontalHeader().mapToGlobal(position))

    def _open_context_menu(self, position: Any) -> None:
        index = self.view.indexAt(position)
        if index.isValid():
            self._session.select(index.data(ROW_ROLE).path)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.export.menu.actions())
        self.menu_wanted.emit(menu)
        menu.popup(self.view.viewport().mapToGlobal(position))

    def _fill_menu(self) -> None:
        fill_menu(self.columns_menu, self)

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
        for button, icon in ((self.columns_button, "columns"), (self.export_button, "copy")):
            button.setIcon(look.icon(icon))
            button.setIconSize(QSize(look.px(16), look.px(16)))
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


def _menu_button(name: str, about: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(about)
    button.setToolTip(about)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _stretches(rows: list[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring rows: [1, 2, 3, 7] is (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
