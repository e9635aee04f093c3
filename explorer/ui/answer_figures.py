"""Below the bars: how undecided the answer is, and how many classes are shown where there are many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import MOST_ROWS
from explorer.ui.spin_box import indent
from explorer.ui.still_holder import StillHolder
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.ui.prediction_bars import PredictionBars
    from explorer.ui.prediction_service import Answer

_EXPLAINED = (
    "Entropy: how undecided the network is, in bits. 0 bits: all probability on one class. 1 bit: as between two "
    "equally likely classes. {most:.2f} bits: all {count:,} classes equally likely. A network can be wrong at 0 bits."
)


class AnswerFigures(QWidget):
    """One line: the entropy of the answer, and for more than ten classes how many of them the bars show."""

    def __init__(self, bars: PredictionBars, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = bars
        self.entropy = QLabel(self)
        self.entropy.setObjectName("answer_entropy")
        self.entropy.setTextFormat(Qt.TextFormat.PlainText)
        self.entropy.setAccessibleName("Entropy of the answer")
        self.entropy.setProperty("role", "secondary")
        self._show = QLabel("Show top", self)
        self._show.setProperty("role", "secondary")
        self.top = QSpinBox(self)
        indent(self.top)
        self.top.setObjectName("answer_top")
        self.top.setRange(1, MOST_ROWS)
        self.top.setValue(MOST_ROWS)
        self.top.setAccessibleName("How many classes are shown")
        self.top.setToolTip("Of so many classes, how many bars: the most probable first")
        self.top.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.top.valueChanged.connect(bars.show_most)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        # It changes with each move of the pen.
        self._holder = StillHolder(self.entropy)
        self._row.addWidget(self._holder, 1)
        self._row.addWidget(self._show)
        self._row.addWidget(self.top)
        explain_all("answer", {"entropy": self.entropy, "shown classes": (self._show, self.top), "probability": bars})
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self._offer(many=False)

    def show_answer(self, answer: Answer) -> None:
        prediction = answer.prediction
        text = ""
        if prediction is not None:
            count = len(prediction.labels)
            most = math.log2(max(1, count))
            text = f"Entropy {entropy_of(prediction.probabilities):.2f} of {most:.2f} bits"
            tip = tooltip(_EXPLAINED.format(most=most, count=count))
            if self.entropy.toolTip() != tip:
                self.entropy.setToolTip(tip)
            self._offer(many=count > MOST_ROWS)
        if self.entropy.text() != text:
            self.entropy.setText(text)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {"top": self.top.value()}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        top = state.get("top")
        if isinstance(top, int) and not isinstance(top, bool):
            self.top.setValue(min(MOST_ROWS, max(1, top)))

    def _offer(self, *, many: bool) -> None:
        if self.top.isVisibleTo(self) is not many:
            self.top.setVisible(many)
            self._show.setVisible(many)

    def _on_theme(self) -> None:
        for widget in (self.entropy, self._show, self.top):
            widget.setFont(theme().font(secondary=True))
        self._holder.setMinimumWidth(self.entropy.fontMetrics().horizontalAdvance("Entropy 0.00 of 0.00 bits"))
        self._row.setSpacing(theme().px(6))


def entropy_of(shares: Sequence[float]) -> float:
    """In bits."""
    return -sum(share * math.log2(share) for share in shares if share > 0) or 0.0
