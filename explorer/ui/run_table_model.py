"""The runs on disk as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.data.datasets import DATASETS
from explorer.networks import catalogue
from explorer.networks.options import changed_options
from explorer.runs.run_folder import Run
from explorer.ui import numbers
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

SORT_ROLE = int(Qt.ItemDataRole.UserRole)
RUN_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """A column: its title, a text for each run, what it is sorted by, and whether it holds figures."""

    title: str
    help: str
    text: Callable[[Run], str]
    key: Callable[[Run], Any]
    is_figure: bool = False


def data_text(run: Run) -> str:
    """The data set by its title: "Built-in digits"."""
    if run.record is None:
        return ""
    titles = {entry.name: entry.title for entry in DATASETS}
    return titles.get(run.record.dataset, run.record.dataset)


def network_text(run: Run) -> str:
    """The network with those of its options that differ from the defaults: "LeNet-5, tanh, max"."""
    if run.record is None:
        return ""
    try:
        architecture = catalogue.get(run.record.architecture)
        changed = changed_options(architecture.options_type(**run.record.options))
    except (ValueError, TypeError):
        return run.record.architecture
    parts = [architecture.title]
    for name, value in changed.items():
        label = name.replace("_", " ")
        parts.append((label if value else f"no {label}") if isinstance(value, bool) else numbers.choice(value))
    return ", ".join(parts)


def accuracy_of(run: Run) -> float:
    """The newest test accuracy, -1 where there is none: it sorts below all others."""
    accuracy = run.record.summary.test_accuracy if run.record else None
    return -1.0 if accuracy is None else accuracy


def _epochs_text(run: Run) -> str:
    if run.record is None:
        return ""
    planned = run.record.config.get("epochs")
    done = run.record.summary.epochs
    return f"{done:,} of {planned:,}" if isinstance(planned, int) else f"{done:,}"


def _accuracy_text(run: Run) -> str:
    accuracy = accuracy_of(run)
    return "" if accuracy < 0 else numbers.percent(accuracy, 2)


def _speed(run: Run) -> float:
    return run.record.summary.images_per_second if run.record else 0.0


def _started_text(run: Run) -> str:
    if run.record is None:
        return ""
    try:
        return f"{datetime.fromisoformat(run.record.created):%Y-%m-%d %H:%M}"
    except ValueError:
        return run.record.created


COLUMNS = (
    Column("Network", "The network, with the options that differ from its defaults", network_text, network_text),
    Column(
        "Data set",
        "What it was trained on",
        data_text,
        data_text,
    ),
    Column(
        "Epochs",
        "Complete epochs, of those planned",
        _epochs_text,
        lambda run: run.record.summary.epochs if run.record else -1,
        is_figure=True,
    ),
    Column("Test accuracy", "After the last complete epoch", _accuracy_text, accuracy_of, is_figure=True),
    Column(
        "Images/s",
        "Images trained in a second, without evaluation and pauses",
        lambda run: f"{_speed(run):,.0f}" if _speed(run) else "",
        _speed,
        is_figure=True,
    ),
    Column("Started", "When, by this computer's clock", _started_text, lambda run: run.name),
    Column("Status", "How it ended", lambda run: run.status, lambda run: run.status),
    Column("Run", "The name of its folder", lambda run: run.name, lambda run: run.name),
)


class RunTableModel(QAbstractTableModel):
    """Rows are runs, in the order given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[Run, ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        return self._runs

    def show(self, runs: tuple[Run, ...]) -> None:
        """Replaces the rows; where only figures changed, the rows (and what is selected) stay."""
        if [run.folder for run in runs] == [run.folder for run in self._runs]:
            for row, (old, new) in enumerate(zip(self._runs, runs, strict=True)):
                if old != new:
                    self._runs = (*self._runs[:row], new, *self._runs[row + 1 :])
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._runs = runs
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._runs)

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
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._runs):
            return None
        run, column = self._runs[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == SORT_ROLE:
            return column.key(run)
        if role == RUN_ROLE:
            return run
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            advice = run.record.advice if run.record else ""
            return tooltip("\n".join(part for part in (str(run.folder), run.problem or advice) if part))
        if role == Qt.ItemDataRole.ForegroundRole and column.title == "Status":
            name = {"diverged": "bad", "broken": "bad", "finished": "good", "running": "accent"}.get(run.status)
            return theme().colour(name or "secondary")
        return None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
