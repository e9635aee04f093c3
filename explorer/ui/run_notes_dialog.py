"""The dialog in which a run gets its title, tags and notes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from explorer.runs.notes import RunNotes
from explorer.ui.theme import theme


class RunNotesDialog(QDialog):
    """Title, tags and notes of a run, or the tags of several; `changed` carries what was entered."""

    changed = Signal(object)  # RunNotes

    def __init__(self, name: str, notes: RunNotes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Notes on {name}")
        self._title = QLineEdit(notes.title)
        self._title.setPlaceholderText(name)
        self._title.setAccessibleName("Title")
        self._title.setToolTip("What the run is called in tables; its folder keeps its name")
        self._tags = QLineEdit(", ".join(notes.tags))
        self._tags.setPlaceholderText("baseline, seeds")
        self._tags.setAccessibleName("Tags")
        self._tags.setToolTip("Words to find the run by, with commas between them")
        self._notes = QPlainTextEdit(notes.notes)
        self._notes.setTabChangesFocus(True)
        self._notes.setAccessibleName("Notes")
        self._notes.setToolTip("Anything worth remembering")
        form = QFormLayout(self)
        form.addRow("&Title", self._title)
        form.addRow("Ta&gs", self._tags)
        form.addRow("&Notes", self._notes)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.resize(theme().px(440), theme().px(280))

    def entered(self) -> RunNotes:
        return RunNotes(self._title.text(), tuple(self._tags.text().split(",")), self._notes.toPlainText())

    def accept(self) -> None:
        self.changed.emit(self.entered())
        super().accept()
