"""The pad beside what became of it: what the network sees and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.ui.digit_view import SIZE, DigitView
from explorer.ui.explanations import explain_all
from explorer.ui.mask_overlay import MaskOverlay
from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import percent
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.ui.prediction_service import Answer
    from explorer.ui.sketch_pad import SketchPad

_SEES = "what the network sees: {}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{}"
_INVITES = "Draw a digit or open an image."
_LABEL_TIP = "The class that the network takes it for"
# From this probability on an answer counts as sure; below, the runner-up is named as well.
_SURE = 0.9


class AnswerView(QWidget):
    """Pad on the left; on the right the picture, the answer beside it and its certainty below.

    The parts are placed by hand and keep their places whatever the answer is, so that no layout is computed while the
    pen moves. Where the texts would not fit beside the pad they stand below it.
    """

    def __init__(self, pad: SketchPad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.pad = pad
        pad.setParent(self)
        self.overlay = MaskOverlay(pad)
        self.picture = DigitView(self)
        self.label = _plain(QLabel(self), "prediction_label", "Answer", _LABEL_TIP)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.certainty = _plain(
            QLabel(self), "prediction_certainty", "Certainty", "The probability that the network gives its answer"
        )
        self.caption = _plain(QLabel(_INVITES, self), "digit_caption", "About the picture", "")
        self.caption.setWordWrap(True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.caption.setProperty("role", "secondary")
        explain_all("answer", {"answer": self.label, "probability": self.certainty})
        explain_all("answer", {"seen": (self.picture, self.caption)})
        self._blank = True
        self._certain = ""
        self._worded = False  # the answer is a word, which needs a line of its own
        self._large = theme().font(title=True)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def show_answer(self, answer: Answer) -> None:
        """Shows picture, answer and certainty of one answer, in one repaint."""
        self.picture.show_seen(answer.seen)
        self.overlay.show_mask(answer.mask)
        prediction = answer.prediction
        labels: Sequence[str] = ()
        if answer.mask is not None:
            mask, labels = answer.mask, answer.mask.labels
            label = mask.best
            certainty = f"{percent(mask.shares[mask.labels.index(label)])} of the pixels"
        elif prediction is not None:
            labels = prediction.labels
            label, certainty = _in_words(labels, prediction.probabilities)
        else:
            label, certainty = "", ""
        if self.label.text() != label:
            self.label.setText(label)
            self.label.setToolTip(tooltip(f"{_LABEL_TIP}: {label}" if label else _LABEL_TIP))
            self._fit_label()
        self._certain = certainty
        self._fit_certainty()
        _say(self.caption, _INVITES if answer.is_blank else _SEES.format(*answer.seen.shape[1:]))
        worded = any(len(name) > 1 for name in labels) if labels else self._worded
        if (answer.is_blank, worded) != (self._blank, self._worded):
            if worded is not self._worded:
                self.updateGeometry()
            self._blank, self._worded = answer.is_blank, worded
            self._arrange()

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[-1]

    def sizeHint(self) -> QSize:
        width = theme().px(256)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        width = self._answer_width() + theme().px(8) + self._certainty_width()
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        *places, _ = self._places(self.width())
        if self._blank:
            # The invitation stands where the answer would be.
            places[4].moveTop(places[3].top())
        parts = (self.pad, self.picture, self.label, self.certainty, self.caption)
        for part, place in zip(parts, places, strict=True):
            part.setGeometry(place)
        self.overlay.setGeometry(self.pad.rect())
        self._fit_label()
        self._fit_certainty()

    def _fit_label(self) -> None:
        """A digit is written large; the name of another class as a title, or where that is too long in two lines."""
        text, width = self.label.text(), self.label.width()
        large = theme().font(title=True) if self._worded else self._large
        fits = QFontMetrics(large).horizontalAdvance(text) <= width
        font = large if fits else theme().font(secondary=True)
        if self.label.font() != font or self.label.wordWrap() is fits:
            self.label.setFont(font)
            self.label.setWordWrap(not fits)
        side = Qt.AlignmentFlag.AlignLeft if self._worded else Qt.AlignmentFlag.AlignHCenter
        if self.label.alignment() != Qt.AlignmentFlag.AlignVCenter | side:
            self.label.setAlignment(Qt.AlignmentFlag.AlignVCenter | side)

    def _fit_certainty(self) -> None:
        """Where the runner-up's name is too long for its line, the bars tell it alone."""
        fits = QFontMetrics(self.certainty.font()).horizontalAdvance(self._certain) <= self.certainty.width()
        _say(self.certainty, self._certain if fits or not self._worded else self._certain.partition(",")[0])

    def _places(self, width: int) -> tuple[QRect, QRect, QRect, QRect, QRect, int]:
        """Where pad, picture, answer, certainty and caption stand, and the height of all."""
        px = theme().px
        gap, line = px(10), QFontMetrics(self.caption.font()).lineSpacing()
        answer = px(8) + self._answer_width()
        texts = 3 * line + px(8)
        word = max(2 * line, QFontMetrics(theme().font(title=True)).height()) + px(2)
        # Multiples of 14 enlarge 28 pixels evenly, or in turns of one and two, and multiples of 16 do so with 32.
        step = 16 if self._worded else 14
        # The pad takes what a picture at four times its size leaves, but no more than its own 280 units.
        side = max(round((width - gap) * 0.52), min(px(280), width - gap - answer - px(4 * SIZE)))
        column = width - gap - side
        if column >= max(self._certainty_width(), self._smallest_picture() + answer):
            picture = min(column - answer, max(self._smallest_picture(), side - texts))
            if self._worded:
                picture = max(self._smallest_picture(), min(picture, side - texts - word))
            below = px(4) + max(SIZE, picture // step * step)
            answered = QRect(side + gap + below, 0, column - below, below - px(4))
            certain = QRect(side + gap, below, column, line + px(2))
            if self._worded:
                answered = QRect(side + gap, below, column, word)
                certain.translate(0, word)
        else:
            # A narrow panel or a large scale: the answer has a line of its own below both pictures.
            side = round((width - gap) * 0.6)
            column = width
            picture = width - gap - side
            answered = QRect(-px(4), side + px(4), answer, QFontMetrics(self._large).height())
            certain = QRect(answer, answered.top(), width - answer, answered.height())
            if self._worded:
                answered = QRect(0, side + px(4), width, word)
                certain = QRect(0, answered.bottom() + 1, width, line + px(2))
        picture = max(SIZE, picture // step * step)
        caption = QRect(width - column, certain.bottom() + 1, column, self._caption_height(column))
        return (
            QRect(0, 0, side, side),
            QRect(side + gap, 0, picture, picture),
            answered,
            certain,
            caption,
            max(side, caption.bottom() + 1),
        )

    def _caption_height(self, column: int) -> int:
        """The taller of both captions, so that nothing moves when one takes the other's place."""
        metrics = QFontMetrics(self.caption.font())
        flags = Qt.TextFlag.TextWordWrap
        texts = (_SEES.format(SIZE, SIZE), _INVITES)
        return max(metrics.boundingRect(0, 0, column, 10_000, flags, text).height() for text in texts)

    def _answer_width(self) -> int:
        return QFontMetrics(self._large).horizontalAdvance("0") + theme().px(8)

    def _certainty_width(self) -> int:
        return QFontMetrics(self.certainty.font()).horizontalAdvance("100.0 %, sure")

    def _smallest_picture(self) -> int:
        return theme().px(2 * SIZE)

    def _on_theme(self) -> None:
        secondary = theme().font(secondary=True)
        self.caption.setFont(secondary)
        self.certainty.setFont(secondary)
        self._large = theme().font(title=True)
        self._large.setPointSizeF(self._large.pointSizeF() * 2.2)
        self.updateGeometry()
        self._arrange()


def _in_words(labels: Sequence[str], probabilities: Sequence[float]) -> tuple[str, str]:
    """The top class, and how certain it is: "98.2 %, sure" or "61.0 %, or 1"."""
    order = sorted(range(len(labels)), key=lambda index: -float(probabilities[index]))
    best = float(probabilities[order[0]])
    doubt = "sure" if best >= _SURE or len(order) == 1 else f"or {labels[order[1]]}"
    return str(labels[order[0]]), f"{percent(best)}, {doubt}"


def _say(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)


def _plain(label: QLabel, name: str, accessible: str, tip: str) -> QLabel:
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    label.setToolTip(tip)
    return label
