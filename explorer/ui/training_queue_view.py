"""The runs that wait, to reorder, remove and bring back, and those that failed with the reasons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from explorer.networks import catalogue
from explorer.ui import numbers
from explorer.ui.flow_row import FlowRow
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme
from explorer.ui.training_form import summary_of
from explorer.ui.training_queue import QueuedRun, TrainingQueue

_NUMBER = int(Qt.ItemDataRole.UserRole)


class TrainingQueueView(QWidget):
    """Shows `queue`; hidden while nothing waits, nothing can be brought back and nothing has failed.

    `dataset_title` gives the title of a data set by its name.
    """

    def __init__(
        self, queue: TrainingQueue, dataset_title: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Queue of runs")
        self._queue = queue
        self._rows = 3
        self._dataset_title = dataset_title
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("role", "heading")
        self._list = _List(queue)
        self._list.setObjectName("training_queue")
        self._list.setAccessibleName("Runs that wait")
        self._list.currentRowChanged.connect(self._enable)
        self._hold = self._button("Hold", "Start no further run until told to", self._on_hold)
        self._hold.setObjectName("queue_hold")
        self._up = self._button("Up", "Train this run earlier (Alt+Up)", lambda: self._move(-1))
        self._down = self._button("Down", "Train this run later (Alt+Down)", lambda: self._move(1))
        self._remove = self._button("Remove", "Take this run out of the queue (Delete)", self._list.remove)
        self._undo = self._button("Undo", "Bring back the run that was removed last", queue.undo)
        self._undo.setObjectName("queue_undo")
        row = FlowRow()
        for widget in (self._title, self._hold, self._up, self._down, self._remove, self._undo):
            row.add(widget)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(row)
        self._layout.addWidget(self._list)
        self._layout.addWidget(self._build_failed())
        queue.changed.connect(self.refresh)
        theme().changed.connect(self._measure)
        self._measure()
        self.refresh()

    def refresh(self) -> None:
        runs = self._queue.runs
        chosen = self._list.number
        row = self._list.currentRow()
        self._list.clear()
        for place, run in enumerate(runs):
            text = f"{place + 1}  {self._text(run)}"
            item = QListWidgetItem(text)
            item.setToolTip(tooltip(text))
            item.setData(_NUMBER, run.number)
            self._list.addItem(item)
            if run.number == chosen:
                row = place
        self._list.setCurrentRow(min(max(row, 0), len(runs) - 1))
        held = ", held" if self._queue.is_held else ""
        self._title.setText(f"{numbers.plural(len(runs), 'run')} waiting{held}" if runs else "No run waits")
        self._hold.setText("Go on" if self._queue.is_held else "Hold")
        self._hold.setAccessibleName("Go on with the queue" if self._queue.is_held else "Hold the queue")
        self._hold.setVisible(bool(runs))
        self._list.setVisible(bool(runs) and self._rows > 0)
        self._undo.setVisible(self._queue.can_undo)
        self._list.setFixedHeight(theme().px(28) * min(max(len(runs), 1), max(self._rows, 1)) + theme().px(2))
        self._enable()
        self._show_failed()
        self.setVisible(bool(runs) or self._queue.can_undo or bool(self._queue.failed))

    def _build_failed(self) -> QWidget:
        self._failed_title = QLabel()
        self._failed_title.setTextFormat(Qt.TextFormat.PlainText)
        self._failed_title.setProperty("role", "bad")
        self._failed_list = QListWidget()
        self._failed_list.setObjectName("training_queue_failed")
        self._failed_list.setAccessibleName("Runs of the queue that failed")
        self._failed_list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._failed_list.currentRowChanged.connect(self._enable)
        self._again = self._button("Try again", "Let this run wait once more", self._on_again)
        self._again.setObjectName("queue_again")
        self._forget = self._button("Forget", "Take all that failed off the list", self._queue.forget_failed)
        self._forget.setObjectName("queue_forget")
        row = FlowRow()
        for widget in (self._failed_title, self._again, self._forget):
            row.add(widget)
        self._failed = QWidget()
        column = QVBoxLayout(self._failed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addWidget(self._failed_list)
        return self._failed

    def _show_failed(self) -> None:
        failed = self._queue.failed
        row = max(self._failed_list.currentRow(), 0)
        self._failed_list.clear()
        for each in failed:
            text = f"{self._text(each.run)}: {each.why}"
            item = QListWidgetItem(text)
            item.setToolTip(tooltip(text))
            item.setData(_NUMBER, each.run.number)
            self._failed_list.addItem(item)
        self._failed_list.setCurrentRow(min(row, len(failed) - 1))
        self._failed_title.setText(f"{numbers.plural(len(failed), 'run')} failed")
        self._failed_list.setVisible(self._rows > 0)
        self._failed_list.setFixedHeight(theme().px(28) * min(max(len(failed), 1), max(self._rows, 1)) + theme().px(2))
        self._failed.setVisible(bool(failed))

    def _on_again(self) -> None:
        item = self._failed_list.currentItem()
        if item is not None:
            self._queue.try_again(int(item.data(_NUMBER)))

    def show_rows(self, rows: int) -> None:
        """Shows at most that many runs at once, the others are scrolled to; 0: only says how many wait."""
        if rows != self._rows:
            self._rows = rows
            self.refresh()

    def _text(self, run: QueuedRun) -> str:
        if run.config is None:
            return f"go on with {run.folder.name if run.folder else ''}"
        config = run.config
        title = catalogue.get(config.architecture).title_with(config.options)
        seed = f" · seed {config.seed}" if run.group or config.seed else ""
        return f"{title} · {summary_of(config, self._dataset_title(config.dataset))}{seed}"

    def _on_hold(self) -> None:
        self._queue.hold(is_held=not self._queue.is_held)

    def _move(self, by: int) -> None:
        if self._list.number is not None:
            self._queue.move(self._list.number, by)

    def _enable(self) -> None:
        row, count = self._list.currentRow(), self._list.count()
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
        self._remove.setEnabled(row >= 0)
        self._again.setEnabled(self._failed_list.currentRow() >= 0)
        for button in (self._up, self._down):
            button.setVisible(count > 1 and self._rows > 0)
        self._remove.setVisible(count > 0 and self._rows > 0)

    def _button(self, text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("quiet", True)
        button.setAccessibleName(f"{text}: {tip}")
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _measure(self) -> None:
        px = theme().px
        self._title.setContentsMargins(0, px(6), 0, 0)
        self._layout.setContentsMargins(px(12), 0, px(8), px(4))
        self._layout.setSpacing(px(2))


class _List(QListWidget):
    """Runs, moved by Alt and an arrow or by dragging, removed by Delete."""

    def __init__(self, queue: TrainingQueue) -> None:
        super().__init__()
        self._queue = queue
        self.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.model().rowsMoved.connect(self._on_moved)

    @property
    def number(self) -> int | None:
        """Which run is chosen."""
        item = self.currentItem()
        return None if item is None else int(item.data(_NUMBER))

    def remove(self) -> None:
        if self.number is not None:
            self._queue.remove(self.number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.remove()
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in keys and self.number is not None:
            self._queue.move(self.number, keys[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _on_moved(self, _parent: object, start: int, _end: int, _target: object, row: int) -> None:
        moved = self.item(row if row < start else row - 1)
        if moved is not None:
            # Once the list is done with the move: the queue's answer fills it anew.
            number, by = int(moved.data(_NUMBER)), (row if row < start else row - 1) - start
            self._later(number, by)

    def _later(self, number: int, by: int) -> None:
        QTimer.singleShot(0, self, lambda: self._queue.move(number, by))
