"""The mean answer to several views of the input: ten pieces of a photograph, nine places of a digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.input_asking import AnsweringWeights, Asking, is_blank
from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import PredictionBars, percent
from explorer.ui.seen_section import StepPicture
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.ten_crop import Averaged

_INVITES = "Draw a digit or open a photograph: the network is shown several views of it, and its answers are averaged."
_COLUMNS = 5


class SeveralViews(QWidget):
    """Each view with its answer, and the mean of all; `told` carries the mean in a few words.

    Call `shutdown` before the window goes.
    """

    told = Signal(str)

    def __init__(self, weights: AnsweringWeights, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights = weights
        self._asking = Asking("several views", self)
        self.shutdown = self._asking.shutdown
        self.averaged: Averaged | None = None
        self._note = QLabel(_INVITES, self)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self.bars = PredictionBars(self)
        self.bars.setObjectName("views_bars")
        self.bars.setAccessibleName("Mean answer, class by class")
        self._grid = QGridLayout()
        self._cells: list[tuple[StepPicture, QLabel]] = []
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._note)
        self._column.addWidget(self.bars)
        self._column.addLayout(self._grid)
        explain_all("answer", {"mean answer": (self._note, self.bars)})
        theme().changed.connect(self._measure)
        self._measure()
        self._show_nothing(_INVITES)

    def show_source(self, source: object) -> None:
        """Averages the answers to an input."""
        if is_blank(source):
            self._asking.forget()
            self._show_nothing(_INVITES)
            return
        predictor = self._weights.of(source)

        def work() -> Averaged:
            from explorer.inference.ten_crop import averaged  # noqa: PLC0415 - torch is imported off the UI thread

            return averaged(predictor(), source)  # type: ignore[arg-type]

        self._asking.ask(work, self._take, self._show_nothing)

    def _take(self, averaged: Averaged) -> None:
        self.averaged = averaged
        count = len(averaged.views)
        self._columns = 3 if count == 9 else _COLUMNS
        label, share = averaged.mean.top(1)[0]
        one, alone = averaged.single.top(1)[0]
        kind = "ten pieces of the photograph" if count == 10 else "nine places, a pixel apart"
        self._note.setText(f"The mean over {kind}: {label}, {percent(share)}. One look alone: {one}, {percent(alone)}.")
        self.bars.show_prediction(averaged.mean)
        self.bars.show()
        while len(self._cells) < count:
            picture, words = StepPicture(self), QLabel(self)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setProperty("role", "secondary")
            self._cells.append((picture, words))
        for number, (picture, words) in enumerate(self._cells):
            row, column = divmod(number, self._columns)
            self._grid.addWidget(picture, 2 * row, column)
            self._grid.addWidget(words, 2 * row + 1, column)
            picture.setVisible(number < count)
            words.setVisible(number < count)
            if number >= count:
                continue
            best, probability = averaged.each[number].top(1)[0]
            picture.show_pixels(np.moveaxis(averaged.views[number], 0, 2))
            said = f"{averaged.names[number]}: {best}, {percent(probability)}"
            picture.setToolTip(tooltip(said))
            picture.setAccessibleName(said)
            words.setText(words.fontMetrics().elidedText(best, Qt.TextElideMode.ElideRight, theme().px(44)))
        self._measure()
        self.told.emit(f"{label}, {percent(share)}")

    def _show_nothing(self, sentence: str) -> None:
        self.averaged = None
        self._note.setText(sentence)
        self.bars.hide()
        for picture, words in self._cells:
            picture.hide()
            words.hide()
        self.told.emit("")

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, 0, 0, px(4))
        self._column.setSpacing(px(8))
        self._grid.setHorizontalSpacing(px(4))
        self._grid.setVerticalSpacing(px(1))
        self._grid.setColumnStretch(_COLUMNS, 1)
        for picture, _ in self._cells:
            picture.setFixedSize(px(44), px(44))
