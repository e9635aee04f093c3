"""The confusion matrix of the run on screen, and the images behind a cell of it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.system.download import Cancelled
from explorer.ui import numbers
from explorer.ui.confusion_figures import Cell, ConfusionFigures
from explorer.ui.confusion_matrix import ConfusionMatrix
from explorer.ui.confusion_reader import NoAnswers, read_confusion
from explorer.ui.data_shelf import DataShelf
from explorer.ui.empty_note import EmptyNote
from explorer.ui.explanations import explain_all
from explorer.ui.image_grid import Caption, ImageGrid
from explorer.ui.run_on_screen import NEWEST, RunOnScreen
from explorer.ui.sample_image import picture_to_send
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.worker import Worker

# From this width on, matrix and images stand side by side.
_WIDE = 680
_HINT = "Click a cell, or press Enter on it, to see the images behind it."
_PIXELS_HINT = "Pixels of the test masks are counted; each cell says how many of a class got which answer."


class ConfusionPanel(QWidget):
    """Reads the answers of the run and epoch that `on_screen` names, while it is in sight.

    `picture_wanted` carries a test image for the pad. Call `shutdown` before the window goes.
    """

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3]
    failed = Signal(str)

    def __init__(self, on_screen: RunOnScreen, shelf: DataShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion_panel")
        self.setAccessibleName("Confusion matrix of the run on screen")
        self._on_screen = on_screen
        self._shelf = shelf
        self._worker = Worker("confusion matrix", self)
        self._ended = threading.Event()
        self._is_stale = True
        self._cell: Cell | None = None
        self._shows_wrong = False
        self._build()
        on_screen.changed.connect(self._look_again)
        on_screen.grown.connect(self._on_grown)
        theme().changed.connect(self._measure)
        self._measure()
        self._say("No run yet. Train a network, or choose a run.")

    @property
    def figures(self) -> ConfusionFigures | None:
        """What is shown; None while there is nothing to show."""
        return self.matrix.figures

    @property
    def is_reading(self) -> bool:
        return self._worker.is_busy

    @property
    def sentence(self) -> str:
        """What stands in place of the matrix, "" where there is one."""
        return self._empty.sentence if self._stack.currentIndex() == 0 else ""

    def open_cell(self, cell: Cell) -> None:
        """Shows the images behind a cell, worst first; pixels have none."""
        if self.figures is not None and self.figures.of_pixels:
            return
        self._cell, self._shows_wrong = cell, False
        self._show_images()

    def open_wrong(self) -> None:
        """Shows every image that was answered wrongly, the surest answers first."""
        self._cell, self._shows_wrong = None, True
        self._show_images()

    def close_images(self) -> None:
        """Shows the matrix alone."""
        self._cell, self._shows_wrong = None, False
        self.grid.clear()
        self._arrange()
        self.matrix.setFocus(Qt.FocusReason.OtherFocusReason)

    def shutdown(self) -> None:
        self._ended.set()
        self._worker.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._worker.is_busy:
            # What nobody looks at is not loaded to the end.
            self._ended.set()
            self._is_stale = True
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._is_open:
            self.close_images()
        else:
            super().keyPressEvent(event)

    # Reading

    def _look_again(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._read()

    def _on_grown(self) -> None:
        if self._on_screen.epoch == NEWEST or self.figures is None:
            self._look_again()

    def _read(self) -> None:
        folder, epoch, shelf = self._on_screen.folder, self._on_screen.epoch, self._shelf
        self._is_stale = False
        self._ended.set()
        ended = self._ended = threading.Event()
        if folder is None:
            self._take(NoAnswers("No run yet. Train a network, or choose a run."))
            return

        def read() -> ConfusionFigures | NoAnswers | None:
            try:
                return read_confusion(folder, epoch, shelf, cancelled=ended.is_set)
            except Cancelled:
                return None

        if self.figures is None:
            self._say("Reading the answers…")
        self._worker.submit(read, self._take, lambda sentence: self._take(NoAnswers(sentence)))

    def _take(self, answer: ConfusionFigures | NoAnswers | None) -> None:
        if answer is None:
            return
        if isinstance(answer, NoAnswers):
            if not (answer.may_come and self.figures is not None and self._is_same_run()):
                self._show_figures(None)
                self._say(answer.sentence)
            return
        self._show_figures(answer)

    def _is_same_run(self) -> bool:
        folder = self._on_screen.folder
        return self.figures is not None and folder is not None and self.figures.run == folder.name

    def _show_figures(self, figures: ConfusionFigures | None) -> None:
        before = self.figures
        self.matrix.show_figures(figures)
        if figures is None:
            self.close_images_quietly()
            return
        self._stack.setCurrentIndex(1)
        self._title.show_text(f"{self._epoch_words(figures)} · {figures.run}")
        self._wrong.setText(f"All {numbers.count(int((figures.labels != figures.answers).sum()))} wrong answers")
        self._slider.blockSignals(True)  # the user has not moved it
        self._slider.setRange(0, max(0, len(figures.epochs) - 1))
        self._slider.setValue(figures.epochs.index(figures.epoch))
        self._slider.blockSignals(False)
        self._slider.setEnabled(len(figures.epochs) > 1)
        self._show_words(self.matrix.current)
        self._wrong.setVisible(not figures.of_pixels)
        if figures.of_pixels or (before is not None and before.classes != figures.classes):
            self.close_images_quietly()
        elif self._is_open:
            self._show_images()

    def close_images_quietly(self) -> None:
        """Shows the matrix alone, and leaves the keyboard where it is."""
        self._cell, self._shows_wrong = None, False
        self.grid.clear()
        self._arrange()

    def _epoch_words(self, figures: ConfusionFigures) -> str:
        newest = ", the newest" if figures.epoch == figures.epochs[-1] else f" of {figures.epochs[-1]:,}"
        right = f"{100 * figures.accuracy:.2f} % right"
        if figures.of_pixels:
            right = f"{100 * figures.accuracy:.2f} % of pixels right · mean IoU {np.nanmean(figures.class_ious()):.3f}"
        return f"Epoch {figures.epoch:,}{newest} · {right}"

    def _say(self, sentence: str) -> None:
        self._empty.say(sentence)
        self._stack.setCurrentIndex(0)

    # Images

    @property
    def _is_open(self) -> bool:
        return self._cell is not None or self._shows_wrong

    def _show_images(self) -> None:
        figures = self.figures
        if figures is None:
            return
        before = self.grid.current
        if self._cell is not None:
            order = figures.behind(self._cell)
            how = "least sure first" if self._cell[0] == self._cell[1] else "most sure first"
            words = f"{figures.words(self._cell)}, {how}"
        else:
            order, words = figures.worst(), "all wrong answers, most sure first"
        if not (self.grid.isVisible() and np.array_equal(order, self.grid.order)):
            self.grid.show_images(figures.images, order, self._caption, lines=2)
            if before >= 0:
                self.grid.go_to(before)
        self._behind.show_value(words)
        self._arrange()

    def _caption(self, index: int) -> Caption:
        figures = self.figures
        if figures is None:
            return Caption((), "")
        true, answered = int(figures.labels[index]), int(figures.answers[index])
        confidence = f"{100 * float(figures.confidence[index]):.1f} %"
        names = figures.classes
        first = f"{names[true]} → {names[answered]}" if true != answered else names[true]
        words = f"test image {index:,}: true {names[true]}, answered {names[answered]} with {confidence}"
        return Caption((first, confidence), words, is_bad=true != answered)

    def _send(self, index: int) -> None:
        if self.figures is not None and index >= 0:
            self.picture_wanted.emit(picture_to_send(self.figures.images[index]))

    def _fill_menu(self, index: int, menu: QMenu) -> None:
        action = QAction("Send to the pad", menu)
        action.triggered.connect(lambda: self._send(index))
        menu.addAction(action)

    # Building

    def _build(self) -> None:
        self._empty = EmptyNote()
        self.matrix = ConfusionMatrix()
        self.matrix.cell_chosen.connect(self.open_cell)
        self.matrix.pointed.connect(self._show_words)
        self.grid = ImageGrid("Images behind the cell")
        self.grid.setToolTip("Double click or Enter puts an image on the pad")
        self.grid.opened.connect(self._send)
        self.grid.menu_wanted.connect(self._fill_menu)
        self.grid.current_changed.connect(lambda index: self._pad.setEnabled(index >= 0))
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.addLayout(self._build_head())
        self._sides = QHBoxLayout()
        self._sides.addWidget(self._build_left(), 3)
        self._sides.addWidget(self._build_right(), 2)
        self._column.addLayout(self._sides, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        explain_all(
            "confusion",
            {
                "matrix": self.matrix,
                "accuracy": self._title,
                "epoch": self._slider,
                "wrong": self._wrong,
                "cell": (self._words, self._behind),
                "images": self.grid,
            },
        )

    def _build_head(self) -> QBoxLayout:
        self._title = StillLabel("Run and epoch of the matrix")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Epoch of the matrix")
        self._slider.setToolTip("Epochs whose answers are kept; at the end it follows the newest")
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._on_slider)
        self._wrong = _quiet("All wrong answers", "The images that were answered wrongly, the surest answers first")
        self._wrong.clicked.connect(self.open_wrong)
        # In a narrow panel there is no room for words beside the slider.
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.addWidget(self._title, 1)
        row = QHBoxLayout()
        row.addWidget(self._slider)
        row.addWidget(self._wrong)
        row.addStretch(1)
        self._head.addLayout(row)
        return self._head

    def _build_left(self) -> QWidget:
        self._words = StillLabel("The cell in words")
        self._words.show_text(_HINT)
        self._left = QWidget()
        self._left_column = QVBoxLayout(self._left)
        self._left_column.setContentsMargins(0, 0, 0, 0)
        self._left_column.addWidget(self.matrix, 1)
        self._left_column.addWidget(self._words)
        return self._left

    def _build_right(self) -> QWidget:
        self._behind = ValueLabel()
        self._behind.setProperty("role", "secondary")
        self._pad = _quiet("To the pad", "Puts the chosen image on the pad (Enter)")
        self._pad.setEnabled(False)
        self._pad.clicked.connect(lambda: self._send(self.grid.current))
        self._close = _quiet("Close", "Back to the matrix alone (Esc)")
        self._close.clicked.connect(self.close_images)
        row = QHBoxLayout()
        row.addWidget(self._behind, 1)
        row.addWidget(self._pad, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._right = QWidget()
        self._right_column = QVBoxLayout(self._right)
        self._right_column.setContentsMargins(0, 0, 0, 0)
        self._right_column.addLayout(row)
        self._right_column.addWidget(self.grid, 1)
        self._right.hide()
        return self._right

    def _arrange(self) -> None:
        """Matrix and images beside each other, or one in place of the other."""
        is_wide = self.width() >= theme().px(_WIDE)
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)
        shown: list[tuple[Any, bool]] = [(self._left, is_wide or not self._is_open), (self._right, self._is_open)]
        # What goes, goes first: both at once would ask for more room than there is.
        for widget, is_shown in sorted(shown, key=lambda pair: pair[1]):
            widget.setVisible(is_shown)
        self._close.setText("Close" if is_wide else "Back")
        self._close.setAccessibleName("Close images" if is_wide else "Back to the matrix")

    def _on_slider(self, place: int) -> None:
        figures = self.figures
        if figures is not None and place < len(figures.epochs):
            is_last = place == len(figures.epochs) - 1
            self._on_screen.show_epoch(NEWEST if is_last else figures.epochs[place])

    def _show_words(self, cell: Cell | None) -> None:
        figures = self.figures
        if figures is None or cell is None:
            most = figures.most_confused() if figures is not None else None
            hint = _PIXELS_HINT if figures is not None and figures.of_pixels else _HINT
            self._words.show_text(f"Most confused: {figures.words(most)}" if figures and most else hint)
        else:
            self._words.show_text(figures.words(cell))

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(12), px(4), px(12), px(8))
        self._column.setSpacing(px(4))
        self._head.setSpacing(px(8))
        self._sides.setSpacing(px(12))
        for column in (self._left_column, self._right_column):
            column.setSpacing(px(4))
        self._slider.setFixedWidth(px(110))
        self._arrange()


def _quiet(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
