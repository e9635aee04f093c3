"""The joined table of two networks: a row a pair of layers, all or those that differ."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from explorer.structure import alignment_table
from explorer.structure.alignment import Alignment, Match, Pair
from explorer.structure.alignment_words import titles
from explorer.ui.explanations import whats_this
from explorer.ui.plain_text import tooltip
from explorer.ui.side_by_side_marks import COLOURS
from explorer.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex
PAIR_ROLE = Qt.ItemDataRole.UserRole
_NO_INDEX = QModelIndex()
_WIDEST = 260
FILTERS: dict[str, frozenset[Match]] = {
    "Differences": frozenset({Match.CHANGED, Match.LEFT, Match.RIGHT}),
    "All layers": frozenset(Match),
    "Only on the left": frozenset({Match.LEFT}),
    "Only on the right": frozenset({Match.RIGHT}),
    "Changed": frozenset({Match.CHANGED}),
}
# What is asked first stands first; MACs of both are in the tooltip and in the files.
_SHOWN = (
    "match", "left", "right", "difference", "parameters", "macs", "shape", "kind", "left_parameters",
    "right_parameters",
)  # fmt: skip
_COLUMNS = tuple(next(column for column in alignment_table.COLUMNS if column.key == key) for key in _SHOWN)
_HEADINGS = {
    "left_parameters": "Parameters, left", "right_parameters": "right", "parameters": "± Parameters", "macs": "± MACs",
}  # fmt: skip


class JoinedModel(QAbstractTableModel):
    """The pairs that a filter leaves."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.alignment: Alignment | None = None
        self._kept = FILTERS["Differences"]
        self._pairs: tuple[Pair, ...] = ()
        self._titles = ("", "")

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self._pairs

    def show_alignment(self, alignment: Alignment | None) -> None:
        self.beginResetModel()
        self.alignment = alignment
        self._titles = ("", "") if alignment is None else titles((alignment.left, alignment.right))  # type: ignore[assignment]
        self._take()
        self.endResetModel()

    def keep(self, name: str) -> None:
        """Keeps the rows of one of `FILTERS`."""
        self.beginResetModel()
        self._kept = FILTERS.get(name, FILTERS["Differences"])
        self._take()
        self.endResetModel()

    def row_of(self, left: str, right: str) -> int:
        """The row of a layer of either network; -1 where the filter leaves it out."""
        for number, pair in enumerate(self._pairs):
            if (left and pair.left and pair.left.path == left) or (right and pair.right and pair.right.path == right):
                return number
        return -1

    def _take(self) -> None:
        pairs = () if self.alignment is None else self.alignment.pairs
        self._pairs = tuple(pair for pair in pairs if pair.match in self._kept)

    # Qt asks

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._pairs)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(_COLUMNS):
            column = _COLUMNS[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return _HEADINGS.get(column.key) or column.title(*self._titles)
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(numeric=column.numeric)
            if role == Qt.ItemDataRole.WhatsThisRole:
                return whats_this(f"side by side/{column.key}")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        pair, column = self._pairs[index.row()], _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(pair)
        if role == PAIR_ROLE:
            return pair
        if role == Qt.ItemDataRole.TextAlignmentRole:
            if column.key == "match":
                return Qt.AlignmentFlag.AlignCenter
            return _alignment(numeric=column.numeric)
        if role == Qt.ItemDataRole.ForegroundRole and column.key in {"match", "difference"} and pair.match in COLOURS:
            return theme().colour(COLOURS[pair.match])
        if role == Qt.ItemDataRole.AccessibleTextRole and column.key == "match":
            return alignment_table.match_words(pair.match, *self._titles)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._in_words(pair))
        return None

    def _in_words(self, pair: Pair) -> str:
        lines = [alignment_table.match_words(pair.match, *self._titles)]
        for title, node in zip(self._titles, (pair.left, pair.right), strict=True):
            if node is not None:
                costs = f"{node.parameters:,} parameters, {node.macs:,} MACs"
                lines.append(f"{title}: {node.path}, {node.type_name} {node.detail}".rstrip() + f", {costs}")
        if pair.words:
            lines.append(pair.words)
        return "\n".join(lines)


class JoinedTable(QTableView):
    """`chosen` carries the two paths of the row that the user walked to, "" for a layer that is not there."""

    chosen = Signal(str, str)

    def __init__(self, model: JoinedModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_told = False
        self.setObjectName("side_by_side_table")
        self.setAccessibleName("Layers of both networks")
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMinimumWidth(0)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        model.modelReset.connect(self.fit_columns)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_pair(self, left: str, right: str) -> None:
        """Makes the row of a pair the current one, without telling anybody."""
        model = self.model()
        row = model.row_of(left, right) if isinstance(model, JoinedModel) else -1
        self._is_told = True
        if row >= 0:
            self.setCurrentIndex(model.index(row, 0))
            self.scrollTo(model.index(row, 0))
        else:
            self.clearSelection()
        self._is_told = False

    def fit_columns(self) -> None:
        """Makes columns as wide as what is in them, within reason."""
        header = self.horizontalHeader()
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        most = theme().px(_WIDEST)
        for section in range(header.count()):
            if header.sectionSize(section) > most:
                header.resizeSection(section, most)

    def _on_row(self, current: Index) -> None:
        pair = current.data(PAIR_ROLE)
        if isinstance(pair, Pair) and not self._is_told:
            self.chosen.emit(pair.left.path if pair.left else "", pair.right.path if pair.right else "")

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(26))
        self.verticalHeader().setMinimumSectionSize(theme().px(26))
        self.viewport().update()


def _alignment(*, numeric: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
