"""The browser of data sets: their classes, their samples, and what augmentation makes of one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.data.datasets import DATASETS
from explorer.system.download import Cancelled
from explorer.ui import file_dialogs, numbers
from explorer.ui.data_browser_classes import ClassBars
from explorer.ui.data_browser_preview import SamplePreview
from explorer.ui.data_browser_reader import PARTS, BrowsedPart, browsed, classes_named
from explorer.ui.data_shelf import DataShelf
from explorer.ui.empty_note import EmptyNote
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.image_grid import Caption, ImageGrid
from explorer.ui.plain_text import tooltip
from explorer.ui.sample_image import picture_to_send
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.worker import Worker

# From this width on, samples and the chosen one stand side by side.
_WIDE = 780
_TELL_EVERY_MS = 100
_LOOKED_AT_MS = 120
_NOT_HERE = "{} is not on this computer."


class DataBrowser(QWidget):
    """Looks into the data sets that `shelf` can load; the one on show is loaded when the panel is first in sight.

    `picture_wanted` carries a sample for the pad. Call `shutdown` before the window goes.
    """

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3]
    failed = Signal(str)

    def __init__(self, shelf: DataShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_browser")
        self.setAccessibleName("Browser of data sets")
        self._shelf = shelf
        self._names: list[str] = [entry.name for entry in DATASETS]
        self._name = "digits"
        self._part_name = PARTS[0]
        self._part: BrowsedPart | None = None
        self._shows_sample = False  # where there is no room for both
        self._ended = threading.Event()
        self._progress: tuple[str, float | None] = ("", None)  # written by the thread, a tuple at a time
        self._worker = Worker("browse data", self)
        self._telling = QTimer(self)
        self._telling.setInterval(_TELL_EVERY_MS)
        self._telling.timeout.connect(self._tell_progress)
        # Docks behind other tabs count as visible for seconds after a start; digits are not drawn for nobody to see.
        self._looked_at = QTimer(self)
        self._looked_at.setInterval(_LOOKED_AT_MS)
        self._looked_at.timeout.connect(self._load_if_missing)
        self._build()
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def part(self) -> BrowsedPart | None:
        """What is browsed; None while it is being loaded."""
        return self._part

    @property
    def is_loading(self) -> bool:
        return self._worker.is_busy

    @property
    def sentence(self) -> str:
        """What stands in place of the samples, "" where there are some."""
        return self._empty.sentence if self._stack.currentIndex() == 0 else ""

    def show_dataset(self, name: str, title: str = "") -> None:
        """Turns to a data set; one that is not listed yet, such as a folder of images, is added to the list."""
        if name not in self._names:
            self._names.append(name)
            self._box.addItem(title or name)
        self._box.setCurrentIndex(self._names.index(name))
        if name != self._name or self._part is None:
            self._name = name
            self._load(may_download=False)

    def show_part(self, part: str) -> None:
        """Turns to the training images ("train") or the test images ("test")."""
        self._buttons[part].setChecked(True)
        if part != self._part_name:
            self._part_name = part
            self._load(may_download=False)

    def search(self, text: str) -> None:
        """Shows only the classes whose name contains a text, and their images."""
        self._search.setText(text)

    def state(self) -> dict[str, Any]:
        """What is browsed, for the next start."""
        return {"dataset": self._name, "part": self._part_name}

    def restore(self, state: dict[str, Any]) -> None:
        """Turns to what `state` gave; what does not fit is left as it is."""
        if state.get("dataset") in self._names:
            self._name = state["dataset"]
            self._box.setCurrentIndex(self._names.index(self._name))
        if state.get("part") in PARTS:
            self._part_name = state["part"]
            self._buttons[self._part_name].setChecked(True)

    def shutdown(self) -> None:
        self._ended.set()
        self._looked_at.stop()
        self._telling.stop()
        self.preview.shutdown()
        self._worker.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._part is None and not self._worker.is_busy:
            self._looked_at.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._looked_at.stop()
        if self._part is None:
            # What nobody looks at is not loaded to the end.
            self._ended.set()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Loading

    def _load_if_missing(self) -> None:
        if self.visibleRegion().isEmpty():
            return
        self._looked_at.stop()
        if self._part is None and not self._worker.is_busy:
            self._load(may_download=False)

    def _load(self, *, may_download: bool) -> None:
        name, part, shelf = self._name, self._part_name, self._shelf
        self._ended.set()
        ended = self._ended = threading.Event()
        self._part = None
        if not self.isVisible():
            return
        if not may_download and not self._is_at_hand(name):
            self._empty.say(_NOT_HERE.format(self._box.currentText()))
            self._empty.offer(True)
            self._show_page(0)
            return
        self._progress = ("Loading…", None)

        def progress(words: str, share: float | None) -> None:
            self._progress = (words, share)

        def work() -> BrowsedPart | None:
            try:
                dataset = shelf.load(name, progress=progress, cancelled=ended.is_set, may_download=may_download)
            except Cancelled:
                return None
            return browsed(dataset, part)

        self._telling.start()
        self._worker.submit(work, self._take, self._fail)

    def _is_at_hand(self, name: str) -> bool:
        try:
            return self._shelf.is_at_hand(name)
        except (ValueError, OSError):
            # What is wrong with it is told by the loading.
            return True

    def _take(self, part: BrowsedPart | None) -> None:
        self._telling.stop()
        if part is None:
            return
        self._part = part
        self._show_page(1)
        self._list_classes()
        self._show_samples()

    def _fail(self, sentence: str) -> None:
        self._telling.stop()
        self._empty.say(sentence)
        self._empty.offer(False)
        self._show_page(0)
        self.failed.emit(sentence)

    def _tell_progress(self) -> None:
        if self._part is None:
            words, share = self._progress
            self._empty.say(words if share is None else f"{words}: {numbers.percent(share)}")
            self._empty.offer(False)
            self._show_page(0)

    # Samples

    def _list_classes(self) -> None:
        part = self._part
        if part is None:
            return
        named = classes_named(part.dataset.classes, self._search.text())
        rows = zip(range(len(part.counts)), part.dataset.classes, part.counts, strict=True)
        self._classes.show_classes(row for row in rows if row[0] in named)

    def _show_samples(self) -> None:
        part = self._part
        if part is None:
            return
        text = self._search.text().strip()
        named = classes_named(part.dataset.classes, text)
        chosen = self._classes.selected() or (named if text else frozenset())
        order = part.chosen(chosen) if named else np.empty(0, np.int64)
        self.grid.show_images(part.split.images, order, self._caption, lines=0 if part.masks is not None else 1)
        if part.masks is not None:
            self.grid.show_images(part.split.images, order, self._caption, lines=0, masks=part.masks)
        whole = len(part.split)
        said = (
            f"{len(order):,} of {numbers.plural(whole, 'image')}"
            if len(order) != whole
            else numbers.plural(whole, "image")
        )
        remarks = part.dataset.remarks
        said += " · some cannot be read" if remarks else ""
        self._count.setText(said if named else f"No class is called “{text}”.")
        self._count.setToolTip(tooltip("\n".join(remarks)))
        self.preview.show_sample(part, -1)
        self._arrange()

    def _caption(self, index: int) -> Caption:
        part = self._part
        if part is None:
            return Caption((), "")
        return Caption((part.label(index),), part.words(index))

    def _on_current(self, index: int) -> None:
        if self._part is not None and index >= 0:
            self.preview.show_sample(self._part, index)

    def _on_opened(self, index: int) -> None:
        self._shows_sample = True
        self._on_current(index)
        self._arrange()

    def _send(self, index: int) -> None:
        if self._part is not None and index >= 0:
            self.picture_wanted.emit(picture_to_send(self._part.split.images[index]))

    def _fill_menu(self, index: int, menu: QMenu) -> None:
        for text, work in (
            ("Send to the pad", lambda: self._send(index)),
            ("Show augmentation", lambda: self._on_opened(index)),
        ):
            action = QAction(text, menu)
            action.triggered.connect(work)
            menu.addAction(action)

    # Building

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._build_head())
        self._stack = QStackedLayout()
        self._column.addLayout(self._stack, 1)
        self._empty = EmptyNote("", "Download")
        self._empty.offer(False)
        self._empty.pressed.connect(lambda: self._load(may_download=True))
        page = QWidget()
        self._sides = QHBoxLayout(page)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._classes = ClassBars()
        self._classes.chosen.connect(self._show_samples)
        self.grid = ImageGrid("Samples")
        self.grid.setToolTip("Double click or Enter shows how augmentation varies a sample")
        self.grid.current_changed.connect(self._on_current)
        self.grid.opened.connect(self._on_opened)
        self.grid.menu_wanted.connect(self._fill_menu)
        self.preview = SamplePreview()
        self.preview.picture_wanted.connect(self.picture_wanted)
        self.preview.failed.connect(self.failed)
        self._sides.addWidget(self._classes)
        self._sides.addWidget(self.grid, 1)
        self._sides.addWidget(self.preview)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        explain_all("data", {"classes": self._classes, "count": self._count, "sample": self.grid})

    def _build_head(self) -> FlowRow:
        self._box = CalmComboBox()
        self._box.setAccessibleName("Data set")
        self._box.setToolTip("The data set to look into")
        self._box.addItems([entry.title for entry in DATASETS])
        self._box.setCurrentIndex(self._names.index(self._name))
        self._box.activated.connect(lambda index: self.show_dataset(self._names[index]))
        segments = QFrame()
        segments.setProperty("segments", True)
        row = QHBoxLayout(segments)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for part, text, tip in (
            ("train", "Training", "The images to learn from"),
            ("test", "Test", "The images that a network is judged by"),
        ):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.setAccessibleName(f"{text} images")
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, part=part: self.show_part(part))
            row.addWidget(button)
            self._group.addButton(button)
            self._buttons[part] = button
        self._buttons[self._part_name].setChecked(True)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search a class")
        self._search.setAccessibleName("Search a class")
        self._search.setToolTip("Shows only the classes whose name contains this")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._on_search)
        self._count = QLabel()
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setProperty("role", "secondary")
        self._swap = QPushButton("Augmentation")
        self._swap.setProperty("quiet", True)
        self._swap.setCheckable(True)
        self._swap.setAccessibleName("Show the chosen sample and its augmentation")
        self._swap.setToolTip("The chosen sample and how augmentation varies it, in place of the samples")
        self._swap.clicked.connect(self._on_swap)
        folder = QPushButton("Folder…")
        folder.setProperty("quiet", True)
        folder.setAccessibleName("Look into a folder of images")
        folder.setToolTip("A folder of images of your own, a sub-folder a class")
        folder.clicked.connect(self._choose_folder)
        self._head = FlowRow()
        for widget in (self._box, segments, self._search, folder, self._count, self._swap):
            self._head.add(widget)
        return self._head

    def _on_search(self) -> None:
        self._list_classes()
        self._show_samples()

    def _on_swap(self, is_checked: bool) -> None:
        self._shows_sample = is_checked
        self._arrange()

    def _choose_folder(self) -> None:
        name = file_dialogs.open_folder(self, "data", "Look into a folder of images")
        if name:
            self.show_dataset(name, Path(name).name)

    def _show_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._count.setVisible(number == 1)

    def _arrange(self) -> None:
        """Samples and the chosen one beside each other, or one in place of the other."""
        is_wide = self.width() >= theme().px(_WIDE)
        self._swap.setVisible(not is_wide)
        self._swap.setChecked(self._shows_sample)
        shown: list[tuple[QWidget, bool]] = [
            (self.grid, is_wide or not self._shows_sample),
            (self.preview, is_wide or self._shows_sample),
        ]
        # What goes, goes first: both at once would ask for more room than there is.
        for widget, is_shown in sorted(shown, key=lambda pair: pair[1]):
            widget.setVisible(is_shown)
        if is_wide:
            self.preview.setFixedWidth(theme().px(344))
        else:
            self.preview.setMinimumWidth(0)
            self.preview.setMaximumWidth(16_777_215)  # Qt's own largest

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(12), px(4), 0, 0)
        self._column.setSpacing(px(6))
        self._sides.setSpacing(px(8))
        self._classes.setFixedWidth(px(136))
        self._count.setContentsMargins(0, px(7), 0, px(7))
        self._arrange()
