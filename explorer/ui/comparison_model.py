"""The rows and columns of the comparison, for a table that sorts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from explorer.networks.comparison import ComparisonRow
from explorer.ui import numbers
from explorer.ui.explanations import whats_this
from explorer.ui.plain_text import tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
_NO_INDEX = QModelIndex()
ALL, OURS = "All networks", "This catalogue"


@dataclass(frozen=True)
class Column:
    """`value` is what is sorted, `text` what is shown."""

    title: str
    tip: str
    value: Callable[[ComparisonRow], Any]
    text: Callable[[Any], str]
    is_number: bool = True


def _count(value: int | None) -> str:
    return "" if value is None else numbers.short_count(value)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _title(row: ComparisonRow) -> str:
    zoo = row.name.split("/", maxsplit=1)[0] if "/" in row.name else ""
    return f"{row.title} ({zoo})" if zoo and zoo.lower() not in row.title.lower() else row.title


COLUMNS = (
    Column("Network", "The network in its default form", _title, str, is_number=False),
    Column("Family", "The family that it belongs to", lambda row: row.family, str, is_number=False),
    Column("Year", "When it was published", lambda row: row.year or None, lambda year: str(year or "")),
    Column("Parameters", "Weights and biases", lambda row: row.parameters, _count),
    Column("MACs", "Multiply-adds for one image", lambda row: row.macs, _count),
    Column("Top-1 %", "Accuracy on ImageNet: the first answer is right", lambda row: row.top1, _percent),
    Column("Top-5 %", "Accuracy on ImageNet: one of the first five answers is right", lambda row: row.top5, _percent),
)


class ComparisonModel(QAbstractTableModel):
    """A row a network; MACs of the catalogue's own arrive one by one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ComparisonRow] = []

    @property
    def rows(self) -> tuple[ComparisonRow, ...]:
        return tuple(self._rows)

    def set_rows(self, rows: Sequence[ComparisonRow]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def set_macs(self, name: str, macs: int) -> None:
        for number, row in enumerate(self._rows):
            if row.name == name:
                self._rows[number] = row.with_macs(macs)
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            column = COLUMNS[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return column.title
            if role == Qt.ItemDataRole.ToolTipRole:
                return column.tip
            if role == Qt.ItemDataRole.WhatsThisRole:
                return whats_this(f"comparison/{column.title}")
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        value = column.value(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(value)
        if role == SORT_ROLE:
            # Qt's own comparison of numbers is one of doubles: counts of 2^31 and more are safe.
            return value if not column.is_number else (-1.0 if value is None else float(value))
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.WhatsThisRole:
            return whats_this(f"comparison/{column.title}")
        if role == Qt.ItemDataRole.ToolTipRole:
            exact = f"{column.title}: {value:,}" if column.is_number and isinstance(value, int) else ""
            # A narrow column shows the beginning of a text.
            whole = "" if column.is_number else str(value)
            return tooltip("\n".join(part for part in (whole, row.name, exact, row.about) if part))
        return None


class ComparisonFilter(QSortFilterProxyModel):
    """Sorts by value and keeps one family, what stands in this catalogue, or all."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = ALL
        self.setSortRole(SORT_ROLE)

    def keep(self, what: str) -> None:
        self._kept = what
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        model = self.sourceModel()
        return keeps(model.index(source_row, 0, source_parent).data(ROW_ROLE), self._kept)


def keeps(row: ComparisonRow, what: str) -> bool:
    """Whether a filter ("All networks", "This catalogue" or a family) keeps a row."""
    if what == ALL:
        return True
    return "/" not in row.name if what == OURS else row.family == what


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
