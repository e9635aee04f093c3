"""The line in the training panel that says what went wrong, and offers what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from explorer.ui.theme import theme


class TrainingNote(QWidget):
    """A sentence in plain text with at most one offer; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._do: Callable[[], None] | None = None
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._label.setWordWrap(True)
        self._label.setAccessibleName("Message about training")
        self._offer = QPushButton()
        self._offer.setObjectName("training_offer")
        self._offer.clicked.connect(self._on_offer)
        self._close = QPushButton("Dismiss")
        self._close.setProperty("quiet", True)
        self._close.setAccessibleName("Dismiss the message")
        self._close.setToolTip("Dismiss the message")
        self._close.clicked.connect(self.clear)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._label, 1)
        self._layout.addWidget(self._offer, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, sentence: str, *, is_bad: bool, offer: str = "", do: Callable[[], None] | None = None) -> None:
        """Shows a sentence, and a button `offer` that calls `do` and takes the sentence away."""
        self._label.setText(sentence)
        self._label.setProperty("role", "bad" if is_bad else "secondary")
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
        self._do = do
        self._offer.setText(offer)
        self._offer.setAccessibleName(offer)
        self._offer.setToolTip(offer)
        self._offer.setVisible(bool(offer))
        self.show()

    def clear(self) -> None:
        self._label.clear()
        self._do = None
        self.hide()

    def _on_offer(self) -> None:
        do = self._do
        self.clear()
        if do is not None:
            do()

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(px(12), 0, px(8), px(4))
        self._layout.setSpacing(px(8))
