"""The answer before and after edits, side by side, at a temperature that can be chosen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from explorer.inference.mask_answer import MaskAnswer
from explorer.inference.temperature import COLDEST, HOTTEST, tempered
from explorer.ui.explanations import explain_all
from explorer.ui.prediction_bars import PredictionBars
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.explaining import Scored
    from explorer.inference.prediction import Prediction
    from explorer.ui.why_asking import Answers

_STEPS = 100  # to either side of temperature 1


class TemperedAnswers(QWidget):
    """Bars of the network as it is and, while it is edited, of its copy; a slider for softmax's temperature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers: Answers | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("why_temperature")
        self.slider.setAccessibleName("Softmax temperature")
        self.slider.setToolTip("Scores are divided by it before softmax: below 1 surer, above 1 less decided")
        self.slider.setRange(-_STEPS, _STEPS)
        self.slider.setPageStep(_STEPS // 5)
        self._label = QLabel("Temperature")
        self._label.setProperty("role", "secondary")
        self._label.setBuddy(self.slider)
        self.value = _text("Temperature")
        self.reset = QPushButton("1")
        self.reset.setObjectName("why_temperature_reset")
        self.reset.setProperty("quiet", True)
        self.reset.setAccessibleName("Temperature 1")
        self.reset.setToolTip("Back to temperature 1, the network's own answer")
        self.before, self.after = _Column("As it is", "why_before"), _Column("Edited", "why_after")
        self._slider_row = QHBoxLayout()
        for widget, stretch in ((self._label, 0), (self.slider, 1), (self.value, 0), (self.reset, 0)):
            self._slider_row.addWidget(widget, stretch)
        self._bars_row = QHBoxLayout()
        self._bars_row.addWidget(self.before, 1)
        self._bars_row.addWidget(self.after, 1)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addLayout(self._bars_row)
        self._rows.addLayout(self._slider_row)
        self._rows.addWidget(QWidget(), 1)
        self.slider.valueChanged.connect(self._show)
        self.reset.clicked.connect(self._cool)
        theme().changed.connect(self._restyle)
        explain_all(
            "answer",
            {
                "temperature": (self._label, self.slider, self.value, self.reset),
                "probability": (self.before.bars, self.after.bars),
                "entropy": (self.before.entropy, self.after.entropy),
            },
        )
        self._restyle()
        self._show()

    @property
    def temperature(self) -> float:
        """From a tenth to ten, 1 in the middle of the slider."""
        span = HOTTEST if self.slider.value() > 0 else 1 / COLDEST
        return math.exp(self.slider.value() / _STEPS * math.log(span))

    def show_answers(self, answers: Answers | None) -> None:
        self.answers = answers
        self._show()

    def _show(self) -> None:
        self.value.setText(f"{self.temperature:.2f}")
        self.reset.setEnabled(self.slider.value() != 0)
        answers = self.answers
        marks = answers is not None and isinstance(answers.before, MaskAnswer)
        for widget in (self._label, self.slider, self.value, self.reset):
            widget.setVisible(not marks)
        is_edited = answers is not None and answers.after is not None
        self.before.name_it("As it is" if is_edited else "Answer")
        self.before.show_answer(None if answers is None else self._at(answers.before))
        self.after.setVisible(is_edited)
        if answers is not None and answers.after is not None:
            self.after.show_answer(self._at(answers.after))

    def _at(self, answer: Scored | MaskAnswer) -> Prediction | MaskAnswer:
        if isinstance(answer, MaskAnswer):
            return answer
        return tempered(answer.labels, answer.scores, self.temperature)

    def _cool(self) -> None:
        self.slider.setValue(0)

    def _restyle(self) -> None:
        self._rows.setSpacing(theme().px(4))
        self._slider_row.setSpacing(theme().px(6))
        self._bars_row.setSpacing(theme().px(12))
        # Nothing moves while the number changes.
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance("10.00"))


class _Column(QWidget):
    """One answer: what it is of, its bars, and how undecided it is."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self.title = _text("Answer of")
        self.name_it(title)
        self.bars = PredictionBars(self)
        self.bars.setObjectName(f"{name}_bars")
        self.bars.setAccessibleName(f"Answer, class by class: {title}")
        self.entropy = _text("Entropy")
        self.entropy.setToolTip("How undecided the answer is, in bits: 0 is certain")
        self.entropy.setWordWrap(True)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addWidget(self.title)
        self._rows.addWidget(self.bars)
        self._rows.addWidget(self.entropy)
        self._rows.addStretch(1)
        self._rows.setSpacing(theme().px(2))

    def name_it(self, title: str) -> None:
        self.title.setText(title)

    def show_answer(self, answer: Prediction | MaskAnswer | None) -> None:
        self.bars.show_prediction(answer)
        if answer is None or isinstance(answer, MaskAnswer):
            self.entropy.setText("" if answer is None else "shares of the pixels")
        else:
            most = math.log2(max(len(answer.labels), 1))
            self.entropy.setText(f"entropy {answer.entropy:.2f} of {most:.2f} bits")


def _text(accessible: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    label.setProperty("role", "secondary")
    return label
