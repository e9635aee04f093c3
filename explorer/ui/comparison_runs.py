"""Two trained runs side by side: accuracy of each class, and the images on which they disagree."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.runs.run_folder import Run
from explorer.system.download import Cancelled
from explorer.ui.comparison_answers import AnswersCompared, Side, read_both
from explorer.ui.comparison_classes import ClassAccuracies
from explorer.ui.comparison_own import dataset_title, network_title
from explorer.ui.confusion_reader import NoAnswers
from explorer.ui.data_shelf import DataShelf
from explorer.ui.empty_note import EmptyNote
from explorer.ui.image_grid import Caption, ImageGrid
from explorer.ui.sample_image import picture_to_send
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.worker import Worker

_FEW = "Two trained runs are needed. Train two networks on the same data set, then compare what they get right."
_SIDES = ((Side.LEFT, "Only left right"), (Side.RIGHT, "Only right right"), (Side.NEITHER, "Both wrong, differently"))


class RunsCompared(QWidget):
    """Reads the answers of the two runs while it is in sight. Call `shutdown` before the window goes.

    `picture_wanted` carries a test image for the pad.
    """

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3]

    def __init__(self, shelf: DataShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparison_runs")
        self.setAccessibleName("Two trained runs side by side")
        self._shelf = shelf
        self._worker = Worker("compare runs", self)
        self._ended = threading.Event()
        self._is_stale = True
        self._remembered: tuple[str, str] = ("", "")
        self.compared: AnswersCompared | None = None
        self.side = Side.LEFT
        self._build()
        theme().changed.connect(self._measure)
        self._measure()
        self.set_runs(())

    @property
    def is_reading(self) -> bool:
        return self._worker.is_busy

    @property
    def sentence(self) -> str:
        """What stands in place of the images, "" where there are some."""
        return self._empty.sentence if self._stack.currentIndex() == 0 else ""

    def set_runs(self, runs: Sequence[Run]) -> None:
        """The runs to choose from, the newest first."""
        usable = [run for run in runs if run.record is not None and run.record.summary.epochs]
        chosen = [box.currentData() for box in self.boxes]
        for number, box in enumerate(self.boxes):
            box.blockSignals(True)
            box.clear()
            for run in usable:
                box.addItem(_title(run), run.folder)
                box.setItemData(box.count() - 1, run.name, Qt.ItemDataRole.ToolTipRole)
            kept = (run.folder for run in usable if run.name == self._remembered[number])
            wanted = chosen[number] or next(kept, None)
            places = [place for place in range(box.count()) if box.itemData(place) == wanted]
            box.setCurrentIndex(places[0] if places else min(number, box.count() - 1))
            box.blockSignals(False)
        self._look_again()

    def choose(self, left: Path, right: Path) -> None:
        """Compares two runs by their folders."""
        for box, folder in zip(self.boxes, (left, right), strict=True):
            for place in range(box.count()):
                if box.itemData(place) == folder:
                    box.setCurrentIndex(place)

    def show_side(self, side: Side) -> None:
        """Shows the images that only one of the runs answers rightly, or neither."""
        self.side = side
        for button, (each, _) in zip(self._buttons, _SIDES, strict=True):
            button.setChecked(each is side)
        known = self.compared
        if known is not None:
            self.grid.show_images(known.images, known.only(side), self._caption, lines=3)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        chosen = [box.currentData() for box in self.boxes]
        both = zip(chosen, self._remembered, strict=True)
        names = [folder.name if isinstance(folder, Path) else kept for folder, kept in both]
        return {"left": names[0], "right": names[1]}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        self._remembered = (str(state.get("left") or ""), str(state.get("right") or ""))

    def shutdown(self) -> None:
        self._ended.set()
        self._worker.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._worker.is_busy:
            self._ended.set()
            self._is_stale = True
        super().hideEvent(event)

    # Reading

    def _look_again(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._is_stale = False
        self._ended.set()
        ended = self._ended = threading.Event()
        folders = tuple(box.currentData() for box in self.boxes)
        if self.boxes[0].count() < 2 or not all(isinstance(folder, Path) for folder in folders):
            self._take(NoAnswers(_FEW))
            return
        if folders[0] == folders[1]:
            self._take(NoAnswers("Left and right are the same run. Choose another one on either side."))
            return
        left, right, shelf = folders[0], folders[1], self._shelf

        def read() -> AnswersCompared | NoAnswers | None:
            try:
                return read_both((left, right), shelf, cancelled=ended.is_set)
            except Cancelled:
                return None

        if self.compared is None:
            self._say("Reading the answers…")
        self._worker.submit(read, self._take, lambda sentence: self._take(NoAnswers(sentence)))

    def _take(self, answer: AnswersCompared | NoAnswers | None) -> None:
        if answer is None:
            return
        if isinstance(answer, NoAnswers):
            self.compared = None
            self.grid.clear()
            self._say(answer.sentence)
            return
        self.compared = answer
        self._stack.setCurrentIndex(1)
        self._words.setText(answer.sentence)
        self.classes.show_accuracies(answer.class_accuracies())
        for button, (side, title) in zip(self._buttons, _SIDES, strict=True):
            button.setText(f"{title}: {len(answer.only(side)):,}")
        self.show_side(self.side)

    def _say(self, sentence: str) -> None:
        self._empty.say(sentence)
        self._stack.setCurrentIndex(0)

    # Images

    def _caption(self, index: int) -> Caption:
        known = self.compared
        if known is None:
            return Caption((), "")
        true, names = int(known.left.labels[index]), known.left.classes
        lines, words = [f"true {names[true]}"], [f"test image {index:,}: true {names[true]}"]
        for sign, side, figures in (("◂", "left", known.left), ("▸", "right", known.right)):
            answered, confidence = int(figures.answers[index]), 100 * float(figures.confidence[index])
            lines.append(f"{sign} {names[answered]} {confidence:.0f} %")
            words.append(f"the {side} one answers {names[answered]} with {confidence:.1f} %")
        return Caption(tuple(lines), ", ".join(words))

    def _send(self, index: int) -> None:
        if self.compared is not None and index >= 0:
            self.picture_wanted.emit(picture_to_send(self.compared.images[index]))

    def _fill_menu(self, index: int, menu: QMenu) -> None:
        action = QAction("Send to the pad", menu)
        action.triggered.connect(lambda: self._send(index))
        menu.addAction(action)

    # Building

    def _build_choices(self) -> QHBoxLayout:
        self.boxes = (CalmComboBox(), CalmComboBox())
        row = QHBoxLayout()
        for box, side, sign in zip(self.boxes, ("left", "right"), ("◂ ●", "▸ ■"), strict=True):
            box.setObjectName(f"comparison_run_{side}")
            box.setAccessibleName(f"Run on the {side}")
            box.setToolTip("A trained run; both must have been tested on the same data set")
            box.setSizeAdjustPolicy(CalmComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
            box.currentIndexChanged.connect(lambda _place: self._look_again())
            label = QLabel(sign)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box, 1)
        swap = QPushButton("⇄ Swap")
        swap.setAccessibleName("Swap")
        swap.setToolTip("Left and right change places")
        swap.clicked.connect(self._swap)
        row.addWidget(swap)
        return row

    def _build(self) -> None:
        row = self._build_choices()
        self._empty = EmptyNote()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self.classes = ClassAccuracies()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.classes)
        self.grid = ImageGrid("Images on which the runs disagree")
        self.grid.setToolTip("Double click or Enter puts an image on the pad")
        self.grid.opened.connect(self._send)
        self.grid.menu_wanted.connect(self._fill_menu)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.addWidget(self._build_sides(), 0, Qt.AlignmentFlag.AlignLeft)
        self._right.addWidget(self.grid, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(area)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 2)
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.addWidget(self._words)
        self._page.addWidget(self._split, 1)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(row)
        self._column.addWidget(body, 1)

    def _build_sides(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("segments", "true")
        frame.setAccessibleName("Which disagreements")
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        self._buttons: list[QPushButton] = []
        for number, (side, title) in enumerate(_SIDES):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(side is self.side)
            button.setProperty("segment", "true")
            button.setAccessibleName(title)
            button.setToolTip("The surest wrong answers first")
            group.addButton(button, number)
            row.addWidget(button)
            self._buttons.append(button)
        group.idClicked.connect(lambda number: self.show_side(_SIDES[number][0]))
        return frame

    def _swap(self) -> None:
        first, second = (box.currentIndex() for box in self.boxes)
        for box, place in zip(self.boxes, (second, first), strict=True):
            box.blockSignals(True)
            box.setCurrentIndex(place)
            box.blockSignals(False)
        self._look_again()

    def _measure(self) -> None:
        px = theme().px
        self._column.setSpacing(px(8))
        self._page.setSpacing(px(8))
        self._right.setSpacing(px(6))


def _title(run: Run) -> str:
    record = run.record
    if record is None:
        return run.name
    accuracy = record.summary.test_accuracy
    share = f", {100 * accuracy:.2f} %" if accuracy is not None else ""
    return f"{network_title(record)} on {dataset_title(record.dataset)}{share} · {run.name}"
