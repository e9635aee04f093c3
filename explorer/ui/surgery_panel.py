"""Surgery: buttons that silence and skip what is selected, and the list of what is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QToolButton, QVBoxLayout, QWidget

from explorer.inference.branches import branch_at
from explorer.inference.edits import Edit, Filling
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.plain_text import tooltip
from explorer.ui.spin_box import indent
from explorer.ui.surgery import Surgery, can_silence, channel_count
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

if TYPE_CHECKING:
    from explorer.ui.session import Session

_FILLINGS = {Filling.ZERO: "to zero", Filling.MEAN: "to its mean"}
_CHOOSE = "Select a layer or block in the graph or the table, then silence it here or by its menu."


class SurgeryPanel(QWidget):
    """Acts on the selection; the edits themselves are `Surgery`'s."""

    def __init__(self, session: Session, surgery: Surgery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._surgery = surgery
        self.about = _text("Selected")
        self.silence = _button("Silence layer", "why_silence", "Its whole output becomes zero, or its mean")
        self.silence_channel = _button(
            "Silence channel", "why_silence_channel", "One channel becomes zero, or its mean"
        )
        self.channel = QSpinBox()
        indent(self.channel)
        self.channel.setObjectName("why_channel")
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("The channel to silence, or the unit of a dense layer, numbered from 0")
        self.filling = QComboBox()
        self.filling.setObjectName("why_filling")
        self.filling.setAccessibleName("Silence to")
        self.filling.setToolTip("What stands in the place of a silenced output")
        for filling, words in _FILLINGS.items():
            self.filling.addItem(words, filling.value)
        self.skip = _button("Skip branch", "why_skip", "F(x) = 0: what the residual block adds to x is left out")
        self.undo = _button("Undo", "why_undo", "Take back the last edit (Ctrl+Z)")
        self.reset = _button("Reset", "why_reset", "Take back all edits; Undo brings them again")
        self._buttons = FlowRow(self)
        for widget in (self.silence, self.silence_channel, self.channel, self.filling, self.skip):
            self._buttons.add(widget)
        self._title = _text("Edits in force")
        self._title.setWordWrap(False)
        self._title_row = QHBoxLayout()
        self._title_row.addWidget(self._title, 1)
        self._title_row.addWidget(self.undo)
        self._title_row.addWidget(self.reset)
        self.rows: list[EditRow] = []
        self._list = QVBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.about)
        self._column.addWidget(self._buttons)
        self._column.addLayout(self._title_row)
        self._column.addLayout(self._list)
        explain_all(
            "surgery",
            {
                "channel": (self.about, self.channel),
                "silence": (self.silence, self.silence_channel, self.filling),
                "skip": self.skip,
                "edits": self._title,
            },
        )
        self.silence.clicked.connect(self._on_silence)
        self.silence_channel.clicked.connect(self._on_channel)
        self.skip.clicked.connect(self._on_skip)
        self.undo.clicked.connect(surgery.undo)
        self.reset.clicked.connect(surgery.reset)
        surgery.changed.connect(self._on_edits)
        session.selection_changed.connect(self._on_selection)
        session.graph_changed.connect(self._on_selection)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._on_selection()
        self._on_edits()

    def _on_selection(self) -> None:
        graph, path = self._session.graph, self._session.selection
        silent = can_silence(graph, path)
        count = channel_count(graph, path)
        branch = branch_at(graph, path) if graph is not None and path else None
        for widget in (self.silence, self.filling):
            widget.setEnabled(silent)
        self.silence_channel.setEnabled(count > 1)
        self.channel.setEnabled(count > 1)
        self.channel.setRange(0, max(0, count - 1))
        self.skip.setEnabled(branch is not None)
        self.skip.setVisible(branch is not None)
        if not silent and branch is None:
            self.about.setText(_CHOOSE if not path else f"{path} has no output that could be silenced.")
        else:
            channels = f", {count:,} channels" if count > 1 else ""
            self.about.setText(f"{path}{channels}")

    def _on_silence(self) -> None:
        self._surgery.silence(self._session.selection, None, Filling(self.filling.currentData()))

    def _on_channel(self) -> None:
        self._surgery.silence(self._session.selection, self.channel.value(), Filling(self.filling.currentData()))

    def _on_skip(self) -> None:
        self._surgery.skip(self._session.selection)

    def _on_edits(self) -> None:
        edits = self._surgery.edits
        focused = next((number for number, row in enumerate(self.rows) if row.remove.hasFocus()), None)
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [EditRow(edit, self._surgery, self) for edit in edits]
        for row in self.rows:
            self._list.addWidget(row)
            row.show()
        if focused is not None:
            # The keyboard stays in the list, or goes on to what comes after it.
            after = self.rows[min(focused, len(self.rows) - 1)].remove if self.rows else self.undo
            after.setFocus(Qt.FocusReason.OtherFocusReason)
        count = len(edits)
        self._title.setText("Nothing is edited" if not edits else f"{count} edit{'' if count == 1 else 's'}")
        self.undo.setEnabled(self._surgery.can_undo)
        self.reset.setEnabled(bool(edits))

    def _restyle(self) -> None:
        self._column.setSpacing(theme().px(4))
        self._list.setSpacing(theme().px(2))
        self._title_row.setSpacing(theme().px(4))
        for row in self.rows:
            row.restyle()
        # Small buttons: five of them stand in a narrow dock.
        self._buttons.setStyleSheet(f"QPushButton {{ padding: {theme().px(3)}px {theme().px(8)}px; }}")


class EditRow(QWidget):
    """One edit in words, and the button that takes it back."""

    def __init__(self, edit: Edit, surgery: Surgery, parent: QWidget) -> None:
        super().__init__(parent)
        self.edit = edit
        words = ValueLabel(edit.words)
        explain_all("surgery", {"edits": words})
        self.remove = QToolButton()
        self.remove.setProperty("small", True)
        self.restyle()
        self.remove.setAccessibleName(f"Take back: {edit.words}")
        self.remove.setToolTip(tooltip(f"Take back: {edit.words}"))
        self.remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove.clicked.connect(lambda: surgery.remove(edit))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words, 1)
        row.addWidget(self.remove)

    def restyle(self) -> None:
        """Takes icon and measures from the theme."""
        self.remove.setIcon(theme().icon("close"))
        self.remove.setIconSize(QSize(theme().px(12), theme().px(12)))


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button


def _text(accessible: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    return label
