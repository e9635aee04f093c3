"""What a panel shows while it has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.ui.theme import theme


class EmptyNote(QWidget):
    """A quiet sentence that says what would fill the panel, and the button that does it; `pressed` is its click."""

    pressed = Signal()

    def __init__(self, sentence: str = "", button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(sentence)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setProperty("role", "secondary")
        self._button = QPushButton(button)
        self._button.setAccessibleName(button)
        self._button.setToolTip(button)
        self._button.setVisible(bool(button))
        self._button.clicked.connect(self._press)
        self._column = layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._label)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def sentence(self) -> str:
        return self._label.text()

    def say(self, sentence: str) -> None:
        self._label.setText(sentence)
        # A long word (a file's name, a search) must not force the panel wider than its dock.
        self._label.setMinimumWidth(1)

    def offer(self, is_offered: bool) -> None:
        """Shows or hides the button."""
        self._button.setVisible(is_offered and bool(self._button.text()))

    def _press(self) -> None:
        self.pressed.emit()

    def _measure(self) -> None:
        margin = theme().px(12)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(theme().px(8))
