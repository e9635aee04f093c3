"""What differs between two runs: their settings, and the figures they reached."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.runs.comparing import Difference, differences
from explorer.ui import numbers
from explorer.ui.run_rows import RunRow
from explorer.ui.theme import theme


class RunDifference(QDialog):
    """A table of the settings that differ between two runs, and below them of their figures."""

    def __init__(self, first: RunRow, second: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Difference of two runs")
        settings, figures = different(first, second), _figures(first, second)
        self.table = QTableWidget(len(settings) + len(figures), 3)
        self.table.setAccessibleName("What differs")
        self.table.setHorizontalHeaderLabels(["", _name(first), _name(second)])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        for number, row in enumerate((*settings, *figures)):
            for column, text in enumerate((row.name, row.first, row.second)):
                item = QTableWidgetItem(text or "—")
                if number >= len(settings) and column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(number, column, item)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        self.resize(theme().px(620), theme().px(360))


def different(first: RunRow, second: RunRow) -> tuple[Difference, ...]:
    """The settings that differ; one line that says so where none does."""
    one, other = first.run.record, second.run.record
    if one is None or other is None:
        return (Difference("settings", *("damaged" if record is None else "" for record in (one, other))),)
    return differences(one, other) or (Difference("settings", "the same", "the same"),)


def _figures(first: RunRow, second: RunRow) -> tuple[Difference, ...]:
    pairs = zip(_reached(first), _reached(second), strict=True)
    return tuple(Difference(name, value, other) for (name, value), (_, other) in pairs)


def _reached(row: RunRow) -> list[tuple[str, str]]:
    summary = None if row.run.record is None else row.run.record.summary
    if summary is None:
        return [(name, "") for name in ("epochs", "test accuracy", "best accuracy", "test loss", "images/s", "time")]
    return [
        ("epochs", f"{summary.epochs:,}"),
        ("test accuracy", "" if summary.test_accuracy is None else numbers.percent(summary.test_accuracy, 2)),
        ("best accuracy", "" if summary.best_accuracy is None else numbers.percent(summary.best_accuracy, 2)),
        ("test loss", "" if summary.test_loss is None else f"{summary.test_loss:.4f}"),
        ("images/s", f"{summary.images_per_second:,.0f}"),
        ("time", numbers.duration(summary.seconds)),
    ]


def _name(row: RunRow) -> str:
    return row.notes.title or row.run.name
