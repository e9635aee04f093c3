"""A text to select and copy that wraps anywhere, however long its words are."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

# A label breaks lines between words only. An invisible space lets a long path break behind its dots and underscores.
_BREAK = "\u200b"
_JOINED = "\u00a0"
_LONG_WORD = re.compile(r"\S{28,}")
_JOINT = re.compile(r"([._/\\,-]+)")


class ValueLabel(QLabel):
    """Plain text; what is copied from it is the text as it was given."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # The widest word must not widen the dock.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._value = ""
        self.show_value(text)

    @property
    def value(self) -> str:
        """The text as it was given."""
        return self._value

    def show_value(self, text: str) -> None:
        self._value = text
        # A sign of per cent stays with its number.
        self.setText(_LONG_WORD.sub(_with_breaks, text).replace(" %", f"{_JOINED}%"))

    def copy(self) -> None:
        """Copies what is selected, else all of it."""
        chosen = self.selectedText().replace(_BREAK, "").replace(_JOINED, " ")
        chosen = chosen.replace("\u2029", "\n").replace("\u2028", "\n")
        QGuiApplication.clipboard().setText(chosen or self._value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy)
        menu.addAction("Select all", lambda: self.setSelection(0, len(self.text())))
        menu.popup(event.globalPos())


def _with_breaks(word: re.Match[str]) -> str:
    broken = _JOINT.sub(rf"\1{_BREAK}", word[0])
    # Where there is no joint for long, any place will do.
    return re.sub(rf"([^{_BREAK}]{{20}})(?=[^{_BREAK}])", rf"\1{_BREAK}", broken)
