"""The card of the tour: what to do, how far the tour is, and the ways on, back and out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from explorer.ui.card import Card
from explorer.ui.theme import theme


class StepDots(QWidget):
    """A dot a step: filled for those done, a ring of the accent colour around the present one."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count, self._at = count, 0
        self.setAccessibleName("Step")

    def show_step(self, number: int) -> None:
        self._at = number
        self.setAccessibleDescription(f"step {number + 1} of {self._count}")
        self.setToolTip(f"Step {number + 1} of {self._count}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(12) * self._count, theme().px(14))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # few dots: all are painted
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step, middle = look.px(12), self.height() / 2
        for number in range(self._count):
            is_now = number == self._at
            radius = look.px(4) if is_now else look.px(3)
            painter.setPen(QPen(look.colour("accent" if number <= self._at else "edge"), 1.2))
            painter.setBrush(look.colour("accent") if number <= self._at else Qt.BrushStyle.NoBrush)
            left = number * step + step / 2
            painter.drawEllipse(int(left - radius), int(middle - radius), 2 * radius, 2 * radius)


class TourCard(Card):
    """Says a step. `back`, `skipped` (this step) and `ended` (the tour) are presses of its buttons."""

    back = Signal()
    skipped = Signal()
    ended = Signal()

    def __init__(self, window: QWidget, steps: int) -> None:
        super().__init__(window, "tour_card")
        self.title, self.text = _label("title"), _label("")
        self.text.setWordWrap(True)
        self.meanwhile, self.praise = _label("secondary"), _label("good")
        for label in (self.meanwhile, self.praise):
            label.setWordWrap(True)
        self.close_button = QToolButton()
        self.close_button.setProperty("small", True)
        self.close_button.setAccessibleName("End the tour")
        self.close_button.setToolTip("End the tour (Esc). Help > Tour brings it back")
        self.close_button.clicked.connect(self.ended)
        self.dots = StepDots(steps)
        self.back_button = _button("Back", "The step before", "tour_back")
        self.back_button.clicked.connect(self.back)
        self.skip_button = _button("Skip", "The next step, without doing this one", "tour_skip")
        self.skip_button.clicked.connect(self.skipped)
        self._head, self._foot = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.close_button)
        self._foot.addWidget(self.dots)
        self._foot.addStretch(1)
        self._foot.addWidget(self.back_button)
        self._foot.addWidget(self.skip_button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.text)
        self._column.addWidget(self.meanwhile)
        self._column.addWidget(self.praise)
        self._column.addLayout(self._foot)
        self._restyle_parts()
        theme().changed.connect(self._restyle_parts)

    def say(self, title: str, text: str, number: int, *, last: bool) -> None:
        """Shows a step that is still to be done."""
        self.title.setText(title)
        self.text.setText(text)
        self.praise.hide()
        self.meanwhile.hide()
        self.text.show()
        self.dots.show_step(number)
        self.back_button.setEnabled(number > 0)
        self.skip_button.setText("Finish" if last else "Skip")
        self.skip_button.setAccessibleName("Finish the tour" if last else "Skip this step")
        self.setAccessibleName(f"Tour, step {number + 1}: {title}")
        self.setAccessibleDescription(text)

    def say_meanwhile(self, sentence: str) -> None:
        """Says below the step what it still waits for."""
        if sentence == self.meanwhile.text() and not self.meanwhile.isHidden():
            return
        self.meanwhile.setText(sentence)
        self.meanwhile.show()
        self.place()

    def say_done(self, sentence: str, *, last: bool) -> None:
        """Shows that a step was done, before the next one comes."""
        self.praise.setText(sentence)
        self.praise.show()
        self.text.hide()
        self.meanwhile.hide()
        self.skip_button.setText("Finish" if last else "Next")
        self.setAccessibleDescription(sentence)
        self.place()

    def event(self, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    def _restyle_parts(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(14), look.px(10), look.px(10), look.px(10))
        self._column.setSpacing(look.px(6))
        self._foot.setSpacing(look.px(4))
        self.close_button.setIcon(look.icon("close"))
        self.close_button.setIconSize(QSize(look.px(14), look.px(14)))


class OfferCard(Card):
    """Offers the tour, once and quietly."""

    accepted = Signal()
    declined = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "tour_offer")
        self.setAccessibleName("A tour is offered")
        title, text = _label("title"), _label("")
        title.setText("New here?")
        text.setText(
            "Seven short steps show what this program does; you do each of them yourself. Help > Tour has them too."
        )
        text.setWordWrap(True)
        self.yes = QPushButton("Start the tour")
        self.yes.setProperty("primary", True)
        self.yes.setObjectName("tour_start")
        self.yes.setAccessibleName("Start the tour")
        self.yes.setToolTip("Seven steps, skipped or ended at any time")
        self.yes.clicked.connect(self.accepted)
        self.no = _button("Not now", "Take the offer away; Help > Tour brings it back", "tour_decline")
        self.no.clicked.connect(self.declined)
        self._row = QHBoxLayout()
        self._row.addWidget(self.yes)
        self._row.addWidget(self.no)
        self._row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(title)
        self._column.addWidget(text)
        self._column.addLayout(self._row)
        self._restyle_parts()
        theme().changed.connect(self._restyle_parts)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.declined.emit()
        else:
            super().keyPressEvent(event)

    def _restyle_parts(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
        self._column.setSpacing(look.px(8))
        self._row.setSpacing(look.px(8))


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


def _button(text: str, tip: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button
