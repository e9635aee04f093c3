"""The dock "Why": which pixels make the network answer as it does, and what it would answer without parts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.inference.attribution import Method
from explorer.ui.empty_note import EmptyNote
from explorer.ui.reading_area import ReadingArea
from explorer.ui.surgery_panel import SurgeryPanel
from explorer.ui.tempered_answers import TemperedAnswers
from explorer.ui.theme import theme
from explorer.ui.why_asking import Answers, Told, WhyAsking
from explorer.ui.why_controls import WhyControls
from explorer.ui.why_overlay import HeatOverlay
from explorer.ui.why_place import in_square, on_pad
from explorer.ui.why_view import WhyView

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.ui.answer_view import AnswerView
    from explorer.ui.inside_service import InsideService
    from explorer.ui.session import Session
    from explorer.ui.surgery import Surgery

_PAGES = ("Explain", "Surgery")
_WIDE = 400  # pixels from which on two columns stand side by side
_INVITATION = "Draw a digit or open an image: here you see which of its pixels make the network answer as it does."
_UNTRAINED = "Untrained weights: this network has learnt nothing yet. Train it."
_WORKING = "Asking the network…"
_ANOTHER = "Of {}, the network on screen. The pad is answered by another one: {}."
_EDITED = "Of an edited copy: {}. The network itself is unchanged."


class WhyPanel(QWidget):
    """Asks while it is in sight, lays its colours over the pad too, and takes them away when it is hidden.

    Ctrl+Z within it takes the last edit back.
    """

    def __init__(
        self,
        session: Session,
        service: InsideService,
        surgery: Surgery,
        answer_view: AnswerView,
        source: Callable[[], Any],
        answering: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`source` gives what lies on the pad as the network is to see it, `answering` what the pad is answered by."""
        super().__init__(parent)
        self.setObjectName("why_panel")
        self.setAccessibleName("Why")
        self.setAutoFillBackground(True)
        self._session = session
        self._service = service
        self._surgery = surgery
        self._source = source
        self._answering = answering
        self._pad = answer_view.pad
        self._seen = answer_view.picture
        self.asking = WhyAsking(service, self)
        self.controls = WhyControls(session)
        self.view = WhyView()
        self._is_wide = True
        self.surgery = SurgeryPanel(session, surgery)
        self.answers = TemperedAnswers()
        self.over_pad = HeatOverlay(self._pad, "Explanation over the drawing", is_centred=True, is_outlined=True)
        self.over_seen = HeatOverlay(self._seen, "Explanation over the picture", is_centred=False)
        self.also_over = QCheckBox("Also over the pad")
        self.also_over.setObjectName("why_over_pad")
        self.also_over.setAccessibleName("Also over the pad")
        self.also_over.setToolTip("Lay the colours over the drawing and over what the network sees in the Input panel")
        self.also_over.setChecked(True)
        self.note = _text("Note", "why_note")
        self.note.show()
        self.trouble = _text("Message", "why_message", role="bad")
        self.empty = EmptyNote(_INVITATION)
        self._make()
        self._connect()
        self._on_theme()
        self._on_subject()

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {
            "method": self.controls.question.method.value,
            "opacity": self.view.opacity.value(),
            "over_pad": self.also_over.isChecked(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what does not fit is left as it is."""
        if state.get("method") in {method.value for method in Method}:
            self.controls.choose(Method(state["method"]))
        opacity = state.get("opacity")
        if isinstance(opacity, int):
            self.view.opacity.setValue(opacity)
        if isinstance(state.get("over_pad"), bool):
            self.also_over.setChecked(state["over_pad"])

    def show_page(self, name: str) -> None:
        """Shows "Explain" or "Surgery"."""
        self._buttons.button(_PAGES.index(name)).setChecked(True)
        self._pages.setCurrentIndex(_PAGES.index(name))

    # The parts

    def _make(self) -> None:
        segments = QFrame()
        segments.setProperty("segments", "true")
        segments.setAccessibleName("Part of the panel")
        row = QHBoxLayout(segments)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons = QButtonGroup(self)
        tips = ("Which pixels make the network answer so", "Silence parts of a copy, and see the answer change")
        for number, (name, tip) in enumerate(zip(_PAGES, tips, strict=True)):
            button = QPushButton(name)
            button.setObjectName(f"why_page_{name.lower()}")
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setProperty("segment", "true")
            button.setAccessibleName(name)
            button.setToolTip(tip)
            self._buttons.addButton(button, number)
            row.addWidget(button)
        self._view_or_note = QStackedWidget()
        self._view_or_note.addWidget(self.view)
        self._view_or_note.addWidget(self.empty)
        self._asked = QVBoxLayout()
        for widget in (self.controls, self.view.meaning, self.view.numbers, self.also_over):
            self._asked.addWidget(widget)
        cutting = QVBoxLayout()
        cutting.addWidget(self.surgery)
        for column in (self._asked, cutting):
            # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
            column.addWidget(QWidget(), 1)
        explain, cut = QWidget(), QWidget()
        direction = QBoxLayout.Direction.LeftToRight
        self._halves = [QBoxLayout(direction, explain), QBoxLayout(direction, cut)]
        self._halves[0].addWidget(self._view_or_note, 1)
        self._halves[0].addLayout(self._asked, 1)
        self._halves[1].addLayout(cutting, 1)
        self._halves[1].addWidget(self.answers, 1)
        self._pages = QStackedWidget()
        for page in (explain, cut):
            area = ReadingArea(page)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._pages.addWidget(area)
        self._column = QVBoxLayout(self)
        self._head = QVBoxLayout()
        self._top = QHBoxLayout()
        self._top.addWidget(segments, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addWidget(self.note, 1)
        self._head.addLayout(self._top)
        self._head.addWidget(self.trouble)
        self._column.addLayout(self._head)
        self._column.addWidget(self._pages, 1)
        # A drawing that begins is told by the service's first answer; nothing is asked twice for one stroke.
        self._asks = QTimer(self)
        self._asks.setSingleShot(True)
        self._asks.timeout.connect(self._ask)

    def _connect(self) -> None:
        service, surgery = self._service, self._surgery
        self._buttons.idClicked.connect(self._pages.setCurrentIndex)
        self._pages.currentChanged.connect(self._lay_over)
        service.subject_changed.connect(self._on_subject)
        service.input_changed.connect(self._on_input)
        surgery.changed.connect(self._on_edits)
        self.controls.changed.connect(self._ask_soon)
        self.asking.told.connect(self._on_told)
        self.asking.answered.connect(self._on_answers)
        self.asking.progressed.connect(self.view.show_progress)
        self.asking.failed.connect(self._on_failed)
        self.view.cancelled.connect(self.asking.rest)
        self.view.opacity_changed.connect(self._on_opacity)
        self.also_over.toggled.connect(self._lay_over)
        theme().changed.connect(self._on_theme)

    # What happens

    def _on_subject(self) -> None:
        self._clear()
        self.answers.show_answers(None)
        self._describe()
        self._ask_soon()

    def _on_input(self) -> None:
        if not self._service.has_input:
            self._clear()
            self.answers.show_answers(None)
            self._describe()
        elif self.isVisible() and self.asking.is_resting:
            # It was cancelled, and what was told before is of another picture.
            self._clear()
            self._describe()
            self._ask_soon()
        elif self.isVisible():
            self.asking.again()
            self.asking.ask_answers(self._surgery.edits)

    def _on_edits(self) -> None:
        self._describe()
        self._ask_soon()

    def _ask_soon(self) -> None:
        """Several changes at once are one question."""
        if self.isVisible():
            self._asks.start(0)

    def _ask(self) -> None:
        if self.isVisible():
            self.asking.ask(self.controls.question, self._surgery.edits)
            self.asking.ask_answers(self._surgery.edits)

    def _on_told(self, told: Told) -> None:
        if not self._service.has_input:
            return
        found = told.attribution
        self._say("")
        if found.question.label is None:
            self.controls.show_labels(told.labels, found.label_name)
        elif not self.controls.has_labels(told.labels):
            # Other weights have other classes: the number that was chosen is another one's now.
            self.controls.show_labels(told.labels, "")
            self._ask_soon()
            return
        self.view.show_told(told)
        self._view_or_note.setCurrentWidget(self.view)
        self._lay_over()

    def _on_answers(self, answers: Answers) -> None:
        if self._service.has_input:
            self.answers.show_answers(answers)

    def _on_failed(self, sentence: str) -> None:
        self._clear()
        self.empty.say("Nothing to show.")
        self._view_or_note.setCurrentWidget(self.empty)
        self._say(sentence)

    def _on_opacity(self, opacity: float) -> None:
        self.over_pad.set_opacity(opacity)
        self.over_seen.set_opacity(opacity)

    def _lay_over(self) -> None:
        """Lays the colours over the pad and over the picture beside it, where they are of what lies there."""
        told = self.view.told
        is_asked = self.also_over.isChecked() and self._pages.currentIndex() == 0
        if told is None or not is_asked or not self.isVisible() or self._other_answer():
            for overlay in (self.over_pad, self.over_seen):
                overlay.show_heat(QImage(), None, smooth=False)
            return
        place = on_pad(self._source(), told.seen, told.takes, whole=told.whole)
        self.over_pad.show_heat(self.view.image, place, smooth=self.view.is_smooth)
        same = np.array_equal(self._seen.seen, told.seen)
        self.over_seen.show_heat(self.view.image, in_square(told.seen) if same else None, smooth=self.view.is_smooth)

    def _clear(self) -> None:
        self.view.clear()
        self._lay_over()

    def _describe(self) -> None:
        """Says what there is to say before any answer: nothing drawn, untrained, edited."""
        info, edits = self._service.info, self._surgery.edits
        if info is None:
            self.empty.say(self._service.reason)
        else:
            self.empty.say(_WORKING if self._service.has_input else _INVITATION)
        if self.view.told is None:
            self._view_or_note.setCurrentWidget(self.empty)
        if info is None or not self._service.has_input:
            self._say("")
        notes = []
        if info is not None and (other := self._other_answer()):
            notes.append(_ANOTHER.format(info.title, other))
        if edits:
            words = "; ".join(edit.words for edit in edits[:2]) + (f" and {len(edits) - 2} more" if edits[2:] else "")
            notes.append(_EDITED.format(words))
        if info is not None and not info.trained:
            notes.append(_UNTRAINED)
        self.note.setText("\n".join(notes))

    def _other_answer(self) -> str:
        """What answers the pad, where that is another network than the one that is explained."""
        info, answering = self._service.info, self._answering()
        if info is None or not answering:
            return ""
        # Networks of the zoos are called by their names there.
        return "" if answering.startswith((info.architecture.title, info.architecture.name)) else answering

    def follow_answer(self) -> None:
        """Other weights answer the pad."""
        self._describe()
        self._lay_over()

    def _say(self, sentence: str) -> None:
        self.trouble.setText(sentence[:1].upper() + sentence[1:])
        self.trouble.setVisible(bool(sentence))

    # In sight and out of it, keys, the look

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._describe()
        self._ask_soon()
        self._lay_over()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asks.stop()
        self.asking.forget()
        self._clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= theme().px(_WIDE)
        if is_wide is not self._is_wide:
            # Where there is no room beside the picture, what is asked stands below it.
            self._is_wide = is_wide
            sides = QBoxLayout.Direction
            for half in self._halves:
                half.setDirection(sides.LeftToRight if is_wide else sides.TopToBottom)

    def event(self, event: QEvent) -> bool:
        # Before the window takes it for the drawing's undo.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._surgery.undo()
        else:
            super().keyPressEvent(event)

    def _on_theme(self) -> None:
        pad = theme().px(12)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._head.setContentsMargins(pad, theme().px(8), pad, theme().px(4))
        self._top.setSpacing(theme().px(12))
        self._asked.setSpacing(theme().px(6))
        for half in self._halves:
            half.setContentsMargins(pad, theme().px(4), pad, theme().px(8))
            half.setSpacing(theme().px(16))


def _text(accessible: str, name: str, role: str = "secondary") -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.hide()
    return label
