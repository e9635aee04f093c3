"""My hand: the drawings that were corrected, and a network that learns from them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from explorer.data.personal import CLASSES, as_split
from explorer.inference.kinds import Takes
from explorer.ui import file_dialogs
from explorer.ui.answering import Choice, Subject, Weights
from explorer.ui.empty_note import EmptyNote
from explorer.ui.flow_row import FlowRow
from explorer.ui.hand_result import HandResult
from explorer.ui.image_grid import Caption, ImageGrid
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.data.personal import PersonalDrawing
    from explorer.training.learn_hand import HandLearnt
    from explorer.ui.hand_learner import HandLearner
    from explorer.ui.personal_store import PersonalStore
    from explorer.ui.prediction_service import PredictionService
    from explorer.ui.sketch_pad import SketchPad

_EMPTY = (
    "Your own drawings. Draw a digit, and where the answer is wrong (or right) say below the bars what it was: the "
    "drawing is kept here. With a few of them the network can learn your hand."
)
_LEARN_TIP = (
    "Trains a copy of the network that answers drawings with these drawings, mixed with known digits so that it "
    "forgets nothing. Takes seconds; you can go back at once"
)
_DELETE_TIP = "Delete the chosen drawing (Delete)"
_UNDO_TIP = "Take back the last deletion or change (Ctrl+Z)"
_EXPORT_TIP = "Write the drawings as PNG files, a sub-folder a digit"
# What a button says that can do nothing at the moment.
_KEEP_FIRST = "There is no drawing yet: draw a digit and say below its answer what it was"


class PersonalPanel(QWidget):
    """The personal set as a grid, what can be done with it, and what learning came to.

    Call `shutdown` of store and learner before the window goes; they are the window's.
    """

    def __init__(
        self,
        store: PersonalStore,
        learner: HandLearner,
        service: PredictionService,
        pad: SketchPad,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("personal_panel")
        self._store, self._learner, self._service, self._pad = store, learner, service, pad
        self._drawings: tuple[PersonalDrawing, ...] = ()
        self._before: Choice | None = None  # what answered drawings before the hand was learnt
        self.grid = ImageGrid("Your drawings", self)
        self.grid.setObjectName("personal_grid")
        self.note = EmptyNote(_EMPTY, parent=self)
        self.learn = self._button("Learn my hand", "learn_hand", _LEARN_TIP, self._start)
        self.delete = self._button("Delete", "personal_delete", _DELETE_TIP, self.delete_current)
        self.undo = self._button("Undo", "personal_undo", _UNDO_TIP, store.undo)
        self.export = self._button("Export…", "personal_export", _EXPORT_TIP, self._export)
        self.take_in = self._button(
            "Import…", "personal_import", "Add the pictures in the sub-folders 0 to 9 of a folder", self._import
        )
        self._buttons = FlowRow(self)
        for button in (self.learn, self.delete, self.undo, self.export, self.take_in):
            self._buttons.add(button)
        self.count = _label("personal_count", "How many drawings there are", self)
        self.message = _label("personal_message", "Message", self)
        self.message.setProperty("role", "bad")
        self.message.hide()
        self._bar = ProgressBar("Learning your hand")
        self._words = _label("personal_progress", "What is being done", self)
        self.cancel = self._button("Cancel", "learn_cancel", "End learning; nothing changes", learner.cancel)
        self._progress = FlowRow(self)
        for widget in (self._words, self._bar, self.cancel):
            self._progress.add(widget)
        self._progress.hide()
        self.result = HandResult(self)
        self.result.hide()
        place = QWidget(self)
        self._stack = QStackedLayout(place)
        self._stack.addWidget(self.note)
        self._stack.addWidget(self.grid)
        self._layout = QVBoxLayout(self)
        for widget in (self._buttons, self.count, self.message):
            self._layout.addWidget(widget)
        # What learning came to stands beside the drawings: below them it would take the graph's room.
        self._side = QWidget(self)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self._progress)
        side.addWidget(self.result)
        side.addStretch(1)
        self._middle = QHBoxLayout()
        self._middle.addWidget(place, 1)
        self._middle.addWidget(self._side)
        self._layout.addLayout(self._middle, 1)
        self._side.hide()
        self._connect()
        self._on_theme()
        self._show_drawings()

    def _connect(self) -> None:
        store, learner = self._store, self._learner
        store.changed.connect(self._show_drawings)
        store.failed.connect(self.say)
        learner.busy_changed.connect(self._on_busy)
        learner.progressed.connect(self._on_progress)
        learner.learnt.connect(self._on_learnt)
        learner.failed.connect(self.say)
        self.grid.current_changed.connect(self._on_current)
        self.grid.opened.connect(self._open)
        self.grid.menu_wanted.connect(self._fill_menu)
        self.result.back_wanted.connect(self._go_back)
        self.result.use_wanted.connect(self._use)
        theme().changed.connect(self._on_theme)

    def say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))

    def delete_current(self) -> None:
        if self.grid.current >= 0:
            self._store.delete([self._drawings[self.grid.current].name])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.delete_current()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self._store.undo()
        elif event.text() in CLASSES and event.text() and self.grid.current >= 0:
            self._store.relabel(self._drawings[self.grid.current].name, int(event.text()))
        else:
            super().keyPressEvent(event)

    # The set

    def _show_drawings(self) -> None:
        before = self.grid.current
        name = self._drawings[before].name if 0 <= before < len(self._drawings) else ""
        # By digit, so that each digit's ways of being written stand beside each other.
        self._drawings = tuple(sorted(self._store.drawings, key=lambda drawing: (drawing.label, drawing.created)))
        images = as_split(self._drawings).images
        self.grid.show_images(images, np.arange(len(images)), self._caption, lines=1)
        places = [place for place, drawing in enumerate(self._drawings) if drawing.name == name]
        if places:
            self.grid.go_to(places[0])
        elif self._drawings and before >= 0:
            self.grid.go_to(min(before, len(self._drawings) - 1))
        self._stack.setCurrentWidget(self.grid if self._drawings else self.note)
        count = len(self._drawings)
        digits = len({drawing.label for drawing in self._drawings})
        self.count.setText(
            f"{count:,} {'drawing' if count == 1 else 'drawings'} of {digits} {'digit' if digits == 1 else 'digits'}"
            if count
            else ""
        )
        self.count.setVisible(bool(count))
        self._enable()

    def _caption(self, index: int) -> Caption:
        drawing = self._drawings[index]
        words = f"meant as a {drawing.label}" + ("" if drawing.strokes else ", from a picture")
        return Caption((CLASSES[drawing.label],), words)

    def _on_current(self, _index: object) -> None:
        self._enable()

    def _open(self, index: int) -> None:
        """Puts a drawing back on the pad."""
        drawing = self._drawings[index]
        if drawing.sketch is not None:
            self._pad.show_sketch(drawing.sketch)
        else:
            self._pad.show_picture(drawing.digit)

    def _fill_menu(self, index: int, menu: QMenu) -> None:
        drawing = self._drawings[index]
        menu.addAction("Put on the pad", partial(self._open, index))
        other = menu.addMenu("It was…")
        for label in CLASSES:
            action = other.addAction(label, partial(self._store.relabel, drawing.name, int(label)))
            action.setEnabled(int(label) != drawing.label)
        menu.addAction("Delete", partial(self._store.delete, [drawing.name]))

    def _export(self) -> None:
        name = file_dialogs.open_folder(self, "drawings", "Export drawings into")
        if name:
            self._store.export(Path(name))

    def _import(self) -> None:
        name = file_dialogs.open_folder(self, "drawings", "Import drawings from a folder with sub-folders 0 to 9")
        if name:
            self.say("")
            self._store.take_in(Path(name))

    # Learning

    def _start(self) -> None:
        self.say("")
        self.result.hide()
        self._learner.start(self._of_drawings(), self._drawings)

    def _of_drawings(self) -> Choice:
        """What answers drawings of digits."""
        choice = self._service.chosen(Subject.DRAWING)
        return choice if choice.takes in {Takes.DIGITS, None} else self._service.newest(Takes.DIGITS)

    def _on_busy(self, is_busy: bool) -> None:
        self._progress.setVisible(is_busy)
        if is_busy:
            self._side.show()
        self._bar.show_share(None)
        self._words.setText("Beginning" if is_busy else "")
        self._enable()

    def _on_progress(self, words: str, share: float | None) -> None:
        if self._words.text() != words:
            self._words.setText(words)
            self._progress.updateGeometry()
        self._bar.show_share(share)

    def _on_learnt(self, learnt: HandLearnt) -> None:
        self._before = self._of_drawings()
        self.result.show_result(learnt)
        self.result.show()
        self._use()

    def _use(self) -> None:
        learnt = self.result.learnt
        if learnt is not None:
            folder = learnt.folder
            self._learner.set_aside(folder, is_aside=False, then=partial(self._choose, folder))

    def _choose(self, folder: Path) -> None:
        self._service.choose(Subject.DRAWING, Choice(Weights.CHOSEN, folder, Takes.DIGITS))
        self.result.show_used(is_used=True)

    def _go_back(self) -> None:
        learnt, before = self.result.learnt, self._before
        if learnt is not None and before is not None:
            self._learner.set_aside(learnt.folder, is_aside=True, then=partial(self._choose_before, before))

    def _choose_before(self, before: Choice) -> None:
        self._service.choose(Subject.DRAWING, before)
        self.result.show_used(is_used=False)

    # The look

    def _enable(self) -> None:
        there, busy = bool(self._drawings), self._learner.is_busy
        _allow(self.learn, _LEARN_TIP, _KEEP_FIRST if not there else "A hand is being learnt already" if busy else "")
        _allow(self.export, _EXPORT_TIP, "" if there else _KEEP_FIRST)
        _allow(self.delete, _DELETE_TIP, "" if self.grid.current >= 0 else "Choose a drawing first")
        _allow(self.undo, _UNDO_TIP, "" if self._store.can_undo else "There is nothing to take back")

    def _button(self, text: str, name: str, tip: str, act: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked=False: act())  # type: ignore[operator]
        return button

    def _on_theme(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(px(12), px(8), px(12), px(8))
        self._layout.setSpacing(px(8))
        self._middle.setSpacing(px(12))
        self._bar.setFixedWidth(px(140))
        self._side.setFixedWidth(px(300))
        for label in (self.count, self._words):
            label.setFont(theme().font(secondary=True))


def _allow(button: QPushButton, tip: str, reason: str) -> None:
    """Lets a button be pressed, or says in its tip for which `reason` it cannot."""
    button.setEnabled(not reason)
    button.setToolTip(reason or tip)


def _label(name: str, accessible: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setAccessibleName(accessible)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "secondary")
    label.setWordWrap(name == "personal_message")
    return label
