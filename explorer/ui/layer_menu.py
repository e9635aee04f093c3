"""The menu of the layer table: its columns, its order, and whether blocks or layers stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from explorer.structure.table_columns import COLUMNS

if TYPE_CHECKING:
    from explorer.ui.layer_table import LayerTable


def fill_menu(menu: QMenu, table: LayerTable) -> None:
    """Writes the menu anew, as the table is now."""
    menu.clear()
    shown = set(table.shown_columns())
    for column in COLUMNS:
        action = menu.addAction(column.title)
        action.setCheckable(True)
        action.setChecked(column.key in shown)
        action.setEnabled(column.key != "layer")  # a row without its name says nothing
        action.toggled.connect(lambda on, key=column.key: table.show_column(key, on))
    menu.addSeparator()
    _add_order(menu.addMenu("Order"), table)
    flat = menu.addAction("Layers only")
    flat.setCheckable(True)
    flat.setChecked(table.model.layers_only)
    flat.toggled.connect(table.show_layers_only)
    if table.model.graph is not None and table.model.graph.blocks:
        menu.addAction("Fold all blocks", table.fold_all)
        menu.addAction("Unfold all blocks", table.unfold_all)
    per_batch = menu.addAction("MACs and FLOPs of the batch")
    per_batch.setCheckable(True)
    per_batch.setChecked(table.model.terms.macs_per_batch)
    per_batch.toggled.connect(table.count_macs_per_batch)
    menu.addSeparator()
    menu.addAction("Fit widths", table.fit_widths)


def _add_order(menu: QMenu, table: LayerTable) -> None:
    current = table.view.horizontalHeader().sortIndicatorSection()
    is_sorted = 0 <= current < len(COLUMNS)
    choices = [("Execution", -1, Qt.SortOrder.AscendingOrder)]
    for section, column in enumerate(COLUMNS):
        order = Qt.SortOrder.DescendingOrder if column.numeric else Qt.SortOrder.AscendingOrder
        choices.append((column.title, section, order))
    for title, section, order in choices:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(section == current if is_sorted else section < 0)
        action.triggered.connect(lambda _, s=section, o=order: table.view.sortByColumn(s, o))
