"""The runs on disk as a table, and what of it is let through by a search."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from explorer.runs.run_folder import Run
from explorer.ui.explanations import whats_this
from explorer.ui.plain_text import tooltip
from explorer.ui.run_rows import COLUMNS, Column, RunRow, grouped
from explorer.ui.theme import theme

SORT_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_Index = QModelIndex | QPersistentModelIndex


class RunTableModel(QAbstractTableModel):
    """Rows are runs, in the order given; with `groups_seeds`, seeds of one configuration share a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[RunRow, ...] = ()
        self._rows: tuple[RunRow, ...] = ()
        self.groups_seeds = False

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, whether or not they have a row of their own."""
        return tuple(row.run for row in self._all)

    def show(self, rows: tuple[RunRow, ...]) -> None:
        """Replaces the rows; where only figures changed, the rows (and what is selected) stay."""
        self._all = rows
        shown = grouped(rows) if self.groups_seeds else rows
        if [row.run.folder for row in shown] == [row.run.folder for row in self._rows]:
            for number, (old, new) in enumerate(zip(self._rows, shown, strict=True)):
                if old != new:
                    self._rows = (*self._rows[:number], new, *self._rows[number + 1 :])
                    self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._rows = shown
        self.endResetModel()

    def group_seeds(self, is_wanted: bool) -> None:
        """Shows the seeds of one configuration as one row, or each run by itself."""
        self.groups_seeds = is_wanted
        self.show(self._all)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help
        if role == Qt.ItemDataRole.WhatsThisRole:
            return whats_this(f"run/{column.title}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == SORT_ROLE:
            return column.key(row)
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_tip(row))
        if role == Qt.ItemDataRole.WhatsThisRole:
            return whats_this(f"run/{column.title}")
        if role == Qt.ItemDataRole.ForegroundRole and column.title == "Status":
            status = row.run.status if len({run.status for run in row.runs}) == 1 else ""
            name = {"diverged": "bad", "broken": "bad", "finished": "good", "running": "accent"}.get(status)
            return theme().colour(name or "secondary")
        return None


class RunFilter(QSortFilterProxyModel):
    """Sorts by figures, and lets rows through that hold every word of a text and have a status."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self._words: tuple[str, ...] = ()
        self._status = ""

    def look_for(self, text: str, status: str) -> None:
        """Lets through what holds all words of `text` in any of its columns; `status` "" is any."""
        self._words, self._status = tuple(text.lower().split()), status
        self.invalidate()

    def filterAcceptsRow(self, number: int, parent: _Index) -> bool:
        row: RunRow | None = self.sourceModel().index(number, 0, parent).data(ROW_ROLE)
        if row is None:
            return False
        if self._status and self._status not in {run.status for run in row.runs}:
            return False
        if not self._words:
            return True
        texts = [column.text(each) for each in (row, *row.members) for column in COLUMNS]
        found = "\n".join([*texts, *(each.notes.notes for each in row.rows)]).lower()
        return all(word in found for word in self._words)


def _tip(row: RunRow) -> str:
    if row.members:
        return "\n".join([f"{len(row.members)} runs that differ by their seed alone:", *(run.name for run in row.runs)])
    advice = row.run.record.advice if row.run.record else ""
    return "\n".join(part for part in (str(row.run.folder), row.run.problem or advice, row.notes.notes) if part)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
