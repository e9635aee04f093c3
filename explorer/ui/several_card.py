"""The answer of one network among several: title, top class, certainty, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import PredictionBars, percent
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.mask_answer import MaskAnswer
    from explorer.inference.prediction import Prediction

_WIDTH = 200


class AnswerCard(QWidget):
    """One column of the comparison; a card that cannot be removed is an ensemble's and has the accent's frame."""

    removed = Signal()

    def __init__(self, title: str, *, removable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answer_card")
        self._is_ensemble = not removable
        self._full = title
        self.title = _plain(self, "Network")
        self.close_button = QToolButton(self)
        self.close_button.setText("×")
        self.close_button.setAutoRaise(True)
        # Titles of all cards stand on one line.
        policy = self.close_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.close_button.setSizePolicy(policy)
        self.close_button.setVisible(removable)
        self.close_button.clicked.connect(lambda _checked=False: self.removed.emit())
        self.label = _plain(self, "Answer")
        self.words = _plain(self, "Certainty")
        self.words.setProperty("role", "secondary")
        self.words.setWordWrap(True)
        self.bars = PredictionBars(self)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        for widget in (self.label, self.words, self.bars):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self.show_title(title)
        bars, words = ("mean answer", "vote") if self._is_ensemble else ("probability", "probability")
        for name, widget in (("answer", self.label), (bars, self.bars), (words, self.words)):
            explain_all("answer", {name: widget})

    def show_title(self, title: str) -> None:
        self._full = title
        self.title.setToolTip(tooltip(title))
        self.title.setAccessibleDescription(title)
        self.close_button.setAccessibleName(f"Remove {title}")
        self.close_button.setToolTip(tooltip(f"Remove {title}"))
        self.setAccessibleName(title)
        self._elide()

    def show_answer(self, answer: Prediction | MaskAnswer | None, problem: str = "", words: str = "") -> None:
        """Shows what was answered, or a sentence in its place; `words` stand beside the certainty."""
        self.bars.show_prediction(answer)
        self.bars.setVisible(not problem)
        if problem or answer is None:
            self._say("", problem)
            return
        best, share = answer.top(1)[0]
        self._say(best, f"{percent(share)}; {words}" if words else percent(share))

    def _say(self, label: str, words: str) -> None:
        if self.label.text() != label:
            self.label.setText(label)
            self.label.setToolTip(tooltip(label))
        if self.words.text() != words:
            self.words.setText(words)

    def _elide(self) -> None:
        room = theme().px(_WIDTH) - theme().px(48)
        self.title.setText(self.title.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, room))

    def _on_theme(self) -> None:
        px = theme().px
        self.setFixedWidth(px(_WIDTH))
        self.title.setFont(theme().font(secondary=not self._is_ensemble))
        self.label.setFont(theme().font(title=True))
        self.words.setFont(theme().font(secondary=True))
        self._column.setContentsMargins(px(10), px(4), px(10), px(6))
        self._column.setSpacing(px(2))
        self._elide()
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = theme().px(2 if self._is_ensemble else 1)
        painter.setPen(QPen(theme().colour("accent" if self._is_ensemble else "line"), thick))
        painter.setBrush(theme().colour("raised"))
        inset = thick / 2
        radius = theme().px(8)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
        painter.end()


def _plain(parent: QWidget, accessible: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    return label
