"""The rows of the layer table: a graph's nodes, filtered and sorted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.structure.graph import Graph, Node, Totals
from explorer.ui import naming
from explorer.ui.layer_columns import COLUMN_BY_KEY, COLUMNS, kind_text
from explorer.ui.plain_text import tooltip

_Index = QModelIndex | QPersistentModelIndex
NODE_ROLE = Qt.ItemDataRole.UserRole
_NOTHING = Totals(0, 0, 0, 0)
_LEFT = int((Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value)
_RIGHT = int((Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value)


class LayerModel(QAbstractTableModel):
    """A row is a `Node`; the order is that of execution until a column is sorted by."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._graph: Graph | None = None
        self._filter = ""
        self._sort: tuple[int, Qt.SortOrder] | None = None
        self._rows: list[Node] = []
        self._row_by_path: dict[str, int] = {}

    @property
    def graph(self) -> Graph | None:
        return self._graph

    @property
    def rows(self) -> list[Node]:
        """The nodes shown, in the order shown."""
        return self._rows

    @property
    def whole(self) -> Totals:
        """The network's totals."""
        return self._graph.totals if self._graph else _NOTHING

    @property
    def is_filtered(self) -> bool:
        return self._graph is not None and len(self._rows) < len(self._graph.nodes)

    def totals(self) -> Totals:
        """What the rows shown add up to; the network's own totals while all are shown."""
        if not self.is_filtered:
            return self.whole
        return Totals(
            parameters=sum(node.parameters for node in self._rows),
            trainable_parameters=sum(node.trainable_parameters for node in self._rows),
            macs=sum(node.macs for node in self._rows),
            activation_bytes=sum(node.activation_bytes for node in self._rows),
        )

    def row_of(self, path: str) -> int | None:
        return self._row_by_path.get(path)

    def show_graph(self, graph: Graph | None) -> None:
        self.beginResetModel()
        self._graph = graph
        self._arrange()
        self.endResetModel()

    def filter_by(self, text: str) -> None:
        """Keeps the rows in whose path or kind every word of `text` occurs."""
        if text.split() == self._filter.split():
            return
        self.beginResetModel()
        self._filter = text
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; -1 goes back to the order of execution. Rows without a value stay last."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        paths = [self._rows[index.row()].path for index in before]
        self._sort = (column, order) if 0 <= column < len(COLUMNS) else None
        self._arrange()
        after = [self.index(self._row_by_path[path], index.column()) for path, index in zip(paths, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(node, self.whole)
        if role == NODE_ROLE:
            return node
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_about(node, column.formula(node)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.text(node, self.whole) or 'none'}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{column.title}: {column.help}")
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            order = Qt.SortOrder.DescendingOrder if column.numeric else Qt.SortOrder.AscendingOrder
            return int(order.value)
        return None

    def tab_separated(self, rows: list[int], keys: list[str]) -> str:
        """Rows with a header line, for a spreadsheet: plain numbers, memory in bytes."""
        columns = [COLUMN_BY_KEY[key] for key in keys]
        lines = ["\t".join(column.raw_title or column.title for column in columns)]
        for row in rows:
            cells = (column.raw(self._rows[row], self.whole) for column in columns)
            lines.append("\t".join(" ".join(cell.split()) for cell in cells))
        return "\n".join(lines) + "\n"

    def markdown(self, rows: list[int], keys: list[str]) -> str:
        """Rows as a Markdown table, as they are shown."""
        columns = [COLUMN_BY_KEY[key] for key in keys]
        lines = [
            "| " + " | ".join(column.title for column in columns) + " |",
            "|" + "|".join("---:" if column.numeric else "---" for column in columns) + "|",
        ]
        for row in rows:
            cells = (column.text(self._rows[row], self.whole) for column in columns)
            lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines) + "\n"

    def _arrange(self) -> None:
        nodes = self._graph.nodes if self._graph else ()
        words = self._filter.casefold().split()
        rows = [node for node in nodes if all(word in _searched(node) for word in words)]
        if self._sort is not None:
            section, order = self._sort
            key = COLUMNS[section].order
            valued = [(key(node), node) for node in rows]
            descending = order == Qt.SortOrder.DescendingOrder
            having = [pair for pair in valued if pair[0] is not None]
            having.sort(key=lambda pair: pair[0], reverse=descending)
            rows = [node for _, node in having] + [node for value, node in valued if value is None]
        self._rows = rows
        self._row_by_path = {node.path: row for row, node in enumerate(rows)}


def _searched(node: Node) -> str:
    return f"{node.path} {naming.display_name(node.path)} {kind_text(node)} {node.kind.value}".casefold()


def _about(node: Node, formula: str) -> str:
    """A cell's tooltip: the formula behind its number, else what the layer is and all its formulas."""
    if formula:
        return formula
    lines = [node.path, f"{kind_text(node)} ({node.kind.value})"]
    if node.formulas.parameters:
        lines.append(f"parameters: {node.formulas.parameters}")
    if node.formulas.macs:
        lines.append(f"MACs: {node.formulas.macs}")
    if node.formulas.activation_bytes:
        lines.append(f"memory: {node.formulas.activation_bytes}")
    if node.formulas.receptive_field:
        lines.append(f"receptive field: {node.formulas.receptive_field}")
    if node.shares_with:
        lines.append(f"shares its parameters with {node.shares_with}")
    return "\n".join(lines)
