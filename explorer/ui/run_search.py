"""The row above the runs table: a search, a status, and whether seeds share a row."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from explorer.runs.run_folder import STATUSES
from explorer.ui.flow_row import FlowRow
from explorer.ui.theme import theme


class RunSearch(FlowRow):
    """`changed` says that `text` or `status` is another, `grouped` that seeds shall share a row or not."""

    changed = Signal()
    grouped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = QLineEdit()
        self._field.setObjectName("run_search")
        self._field.setPlaceholderText("Search runs")
        self._field.setClearButtonEnabled(True)
        self._field.setAccessibleName("Search runs")
        self._field.setToolTip("Words that are in any column, titles, tags and notes too (Ctrl+F)")
        self._field.textChanged.connect(self.changed)
        self._status = QComboBox()
        self._status.addItem("any status", "")
        for status in (*STATUSES, "broken"):
            self._status.addItem(status, status)
        self._status.setAccessibleName("Status")
        self._status.setToolTip("Only runs of this status")
        self._status.currentIndexChanged.connect(self.changed)
        self._group = QCheckBox("Group seeds")
        self._group.setAccessibleName("Group seeds")
        self._group.setToolTip("Runs that differ by their seed alone share a row: their mean and its deviation")
        self._group.toggled.connect(self.grouped)
        self._count = QLabel()
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setProperty("role", "secondary")
        for widget in (self._field, self._status, self._group, self._count):
            self.add(widget)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def text(self) -> str:
        return self._field.text()

    @property
    def status(self) -> str:
        return str(self._status.currentData())

    @property
    def groups_seeds(self) -> bool:
        return self._group.isChecked()

    def set_grouped(self, is_wanted: bool) -> None:
        self._group.setChecked(is_wanted)

    def search(self, text: str, status: str = "") -> None:
        self._field.setText(text)
        self._status.setCurrentIndex(max(0, self._status.findData(status)))

    def take_focus(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def say(self, shown: int, of: int) -> None:
        """Says how many rows are left out."""
        self._count.setText("" if shown == of else f"{shown:,} of {of:,}")

    def find_by_key(self, panel: QWidget) -> None:
        """Ctrl+F anywhere in `panel` comes here."""
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), panel)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.take_focus)

    def _measure(self) -> None:
        for widget in (self._field, self._status, self._group, self._count):
            widget.setFont(theme().font(secondary=True))
