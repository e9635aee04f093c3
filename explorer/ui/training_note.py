"""The line in the training panel that says what went wrong, and offers what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.ui.flow_row import FlowRow
from explorer.ui.theme import theme
from explorer.ui.training_job import Failure


class TrainingNote(QWidget):
    """A sentence in plain text with at most two offers; hidden while there is nothing to say."""

    dismissed = Signal()  # the user took the sentence away without an offer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._do: list[Callable[[], None] | None] = [None, None]
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
        self._other = QPushButton()
        self._other.setObjectName("training_other_offer")
        self._other.clicked.connect(self._on_other)
        self._close = QPushButton("Dismiss")
        self._close.setProperty("quiet", True)
        self._close.setAccessibleName("Dismiss the message")
        self._close.setToolTip("Dismiss the message")
        self._close.clicked.connect(self._on_close)
        # In a narrow panel the buttons stand below the sentence.
        self._buttons = FlowRow()
        for button in (self._offer, self._other, self._close):
            self._buttons.add(button)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._label)
        self._layout.addWidget(self._buttons)
        self.hide()
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def text(self) -> str:
        return self._label.text()

    def say(
        self,
        sentence: str,
        *,
        is_bad: bool,
        offer: str = "",
        do: Callable[[], None] | None = None,
        other: str = "",
        do_other: Callable[[], None] | None = None,
    ) -> None:
        """Shows a sentence, and buttons `offer` and `other` that do something and take the sentence away."""
        self._label.setText(sentence)
        self._label.setProperty("role", "bad" if is_bad else "secondary")
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
        self._do = [do, do_other]
        for button, text in ((self._offer, offer), (self._other, other)):
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(text)
            button.setVisible(bool(text))
        self.show()

    def clear(self) -> None:
        self._label.clear()
        self._do = [None, None]
        self.hide()

    def _on_offer(self) -> None:
        self._carry_out(0)

    def _on_other(self) -> None:
        self._carry_out(1)

    def _carry_out(self, number: int) -> None:
        do = self._do[number]
        self.clear()
        if do is not None:
            do()

    def _on_close(self) -> None:
        self.clear()
        self.dismissed.emit()

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(px(12), 0, px(8), px(4))
        self._layout.setSpacing(px(4))


def offer_smaller_batch(note: TrainingNote, failure: Failure, use: Callable[[], None]) -> None:
    """Says that memory ran short, and offers the smaller batch that would do."""
    note.say(failure.sentence, is_bad=True, offer=f"Train with batch size {failure.batch_size:,}", do=use)
