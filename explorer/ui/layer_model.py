"""The rows of the layer table: a graph's blocks and layers as they are folded, filtered and sorted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.structure.fold import first_folding
from explorer.structure.graph import Graph, Node, Totals
from explorer.structure.table_columns import COLUMNS, Item, Terms, description, kind_name, kind_text
from explorer.structure.table_rows import LayerTree, Row, totals_of
from explorer.ui import naming
from explorer.ui.explanations import whats_this
from explorer.ui.plain_text import tooltip

_Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
_LONGEST = 200  # characters of a cell; names in a network may have millions
_LONGEST_TIP = 2000
_LEFT = int((Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value)
_RIGHT = int((Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value)


class LayerModel(QAbstractTableModel):
    """Visible rows of a tree, one below the other, so that 20,000 of them cost Qt nothing until they are painted.

    A column that is sorted by, or `layers_only`, gives the layers without their blocks; a filter gives the layers that
    match with the blocks around them, whatever is folded.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tree: LayerTree | None = None
        self._folded: frozenset[str] = frozenset()
        self._filter = ""
        self._sort: tuple[int, Qt.SortOrder] | None = None
        self._layers_only = False
        self._terms = Terms()
        self._rows: list[Row] = []
        self._row_by_path: dict[str, int] = {}
        self._found: list[Node] = []
        self._short_titles: frozenset[str] = frozenset()

    @property
    def graph(self) -> Graph | None:
        return self._tree.graph if self._tree else None

    @property
    def tree(self) -> LayerTree | None:
        return self._tree

    @property
    def rows(self) -> list[Row]:
        """What is shown, in the order shown."""
        return self._rows

    @property
    def terms(self) -> Terms:
        return self._terms

    @property
    def folded(self) -> frozenset[str]:
        """Paths of closed blocks, and whatever else was given to `show_folding`."""
        return self._folded

    @property
    def layers_only(self) -> bool:
        return self._layers_only

    @property
    def is_flat(self) -> bool:
        """Whether layers stand without their blocks."""
        return self._layers_only or self._sort is not None

    @property
    def is_filtered(self) -> bool:
        return self.graph is not None and len(self._found) < len(self.graph.nodes)

    @property
    def found(self) -> list[Node]:
        """The layers that the filter keeps; all without one."""
        return self._found

    def totals(self) -> Totals:
        """What the layers that the filter keeps add up to; the network's own totals without one."""
        return totals_of(self._found) if self.is_filtered else self._terms.whole

    def row_of(self, path: str) -> int | None:
        return self._row_by_path.get(path)

    def nearest(self, path: str) -> int | None:
        """The row of a node or block, or of the innermost block around it that is shown."""
        row = self._row_by_path.get(path)
        if row is not None or self._tree is None:
            return row
        around = (self._row_by_path.get(block) for block in self._tree.blocks_around(path))
        return next((found for found in around if found is not None), None)

    def show_graph(self, graph: Graph | None, folded: frozenset[str] | None = None) -> None:
        """Shows a network; `folded` is how it is shown first unless given."""
        self.beginResetModel()
        self._tree = LayerTree(graph) if graph else None
        self._folded = folded if folded is not None else first_folding(graph) if graph else frozenset()
        self._terms = Terms(
            graph.totals if graph else Totals(0, 0, 0, 0), self._terms.batch, self._terms.macs_per_batch
        )
        self._arrange()
        self.endResetModel()

    def use_terms(self, terms: Terms) -> None:
        """Tells the same rows in other terms: another batch, other times."""
        self._terms = terms
        if self._sort is not None and COLUMNS[self._sort[0]].key == "time":
            self.sort(*self._sort)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def shorten_titles(self, keys: frozenset[str]) -> None:
        """Gives the columns of these keys their short titles, as far as they have one."""
        wanted = frozenset(column.key for column in COLUMNS if column.key in keys and column.short_title)
        if wanted != self._short_titles:
            self._short_titles = wanted
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def show_folding(self, folded: frozenset[str]) -> None:
        """Closes exactly the given blocks; rows that stay keep what is known of them (selection, place)."""
        self._folded = folded
        if not self.is_flat and not self._filter:
            self._show(self._arranged())

    def filter_by(self, text: str) -> None:
        """Keeps the layers in whose path or kind every word of `text` occurs."""
        if text.split() == self._filter.split():
            return
        self.beginResetModel()
        self._filter = text.strip()
        self._arrange()
        self.endResetModel()

    def show_layers_only(self, flat: bool) -> None:
        if flat != self._layers_only:
            self.beginResetModel()
            self._layers_only = flat
            self._arrange()
            self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; -1 goes back to the order of execution. Rows without a value stay last."""
        self.beginResetModel()
        self._sort = (column, order) if 0 <= column < len(COLUMNS) else None
        self._arrange()
        self.endResetModel()

    def cell_text(self, row: Row, section: int) -> str:
        """What a cell says, on one line of bounded length; in a tree a layer goes by the last part of its path."""
        column = COLUMNS[section]
        if column.key == "layer":
            return one_line(row.item.name if not self.is_flat else row.path)
        return one_line(column.text(row.item, self._terms))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(row, index.column())
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_about(row.item, column.formula(row.item, self._terms))[:_LONGEST_TIP])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._said(row, index.column())
        if role == Qt.ItemDataRole.WhatsThisRole:
            return whats_this(f"layer/{column.key}")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.short_title if column.key in self._short_titles else column.heading(self._terms)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            measured = f"\n{self._terms.measured_on}" if column.key == "time" and self._terms.times else ""
            return tooltip(f"{column.heading(self._terms)}: {column.help}{measured}")
        if role == Qt.ItemDataRole.WhatsThisRole:
            return whats_this(f"layer/{column.key}")
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            order = Qt.SortOrder.DescendingOrder if column.numeric else Qt.SortOrder.AscendingOrder
            return int(order.value)
        return None

    def _said(self, row: Row, section: int) -> str:
        column = COLUMNS[section]
        said = f"{column.title}: {self.cell_text(row, section) or 'none'}"
        if column.key == "layer" and not self.is_flat:
            state = (", open" if row.is_open else ", folded") if row.is_block else ""
            said += f", level {row.depth + 1}{state}"
        return said

    def _arrange(self) -> None:
        self._take(self._arranged())

    def _arranged(self) -> list[Row]:
        tree = self._tree
        if tree is None:
            self._found = []
            return []
        words = self._filter.casefold().split()
        nodes = tree.graph.nodes
        self._found = [node for node in nodes if all(word in _searched(node) for word in words)] if words else [*nodes]
        if self._sort is not None:
            return [Row(node) for node in self._sorted(*self._sort)]
        if self._layers_only:
            return [Row(node) for node in self._found]
        return tree.around(self._found) if words else tree.rows(self._folded)

    def _sorted(self, section: int, order: Qt.SortOrder) -> list[Node]:
        key = COLUMNS[section].order
        valued = [(key(node, self._terms), node) for node in self._found]
        having = [pair for pair in valued if pair[0] is not None]
        having.sort(key=lambda pair: pair[0], reverse=order == Qt.SortOrder.DescendingOrder)
        return [node for _, node in having] + [node for value, node in valued if value is None]

    def _take(self, rows: list[Row]) -> None:
        self._rows = rows
        self._row_by_path = {row.item.path: place for place, row in enumerate(rows)}

    def _show(self, rows: list[Row]) -> None:
        """Puts rows in the place of those shown: what is common at both ends stays, so one block opens in place."""
        before = self._rows
        most = min(len(before), len(rows))
        start = 0
        while start < most and before[start].path == rows[start].path:
            start += 1
        end = 0
        while end < most - start and before[-1 - end].path == rows[-1 - end].path:
            end += 1
        gone, come = len(before) - start - end, len(rows) - start - end
        if gone and come:
            self.beginResetModel()
            self._take(rows)
            self.endResetModel()
        elif gone:
            self.beginRemoveRows(QModelIndex(), start, start + gone - 1)
            self._take(rows)
            self.endRemoveRows()
        elif come:
            self.beginInsertRows(QModelIndex(), start, start + come - 1)
            self._take(rows)
            self.endInsertRows()
        else:
            self._take(rows)
        if rows:
            # An open block's numbers stand back, so its whole row is painted anew.
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))


def one_line(text: str) -> str:
    """Text of unknown origin as a cell shows it: its end where it is too long, for that tells paths apart."""
    if len(text) > _LONGEST:
        text = f"…{text[-_LONGEST:]}"
    return text if text.isprintable() else " ".join(text.split())


def _searched(node: Node) -> str:
    return f"{node.path} {naming.display_name(node.path)} {kind_text(node)} {node.kind.value}".casefold()


def _about(item: Item, formula: str) -> str:
    """A cell's tooltip: the formula behind its number, else what the layer is and all its formulas."""
    if formula:
        return formula
    lines = [item.path, f"{kind_text(item)} ({kind_name(item)})" if description(item) else kind_name(item)]
    for name, text in (
        ("parameters", item.formulas.parameters),
        ("MACs", item.formulas.macs),
        ("memory", item.formulas.activation_bytes),
        ("receptive field", item.formulas.receptive_field),
    ):
        if text:
            lines.append(f"{name}: {text}")
    if item.shares_with:
        lines.append(f"shares its parameters with {item.shares_with}")
    return "\n".join(lines)
