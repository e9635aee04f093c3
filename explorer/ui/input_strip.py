"""A strip of pictures below the pad, each with its answer; the chosen one is put on the pad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.data.picture_files import MOST
from explorer.ui.input_strip_reader import StripAnswer, StripPicture, StripReader
from explorer.ui.pixels import image_from_pixels
from explorer.ui.plain_text import tooltip
from explorer.ui.prediction_bars import percent
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.inference.predictor import Predictor

_NUMBER = Qt.ItemDataRole.UserRole
_ANSWER = Qt.ItemDataRole.UserRole + 1
_SIDE = 44
_Index = QModelIndex | QPersistentModelIndex


class InputStrip(QWidget):
    """Thumbnails in a row that scrolls; hidden while there is none.

    `chosen` carries the `StripPicture` that was clicked, or gone to with the arrow keys. Call `shutdown` before the
    window goes.
    """

    chosen = Signal(object)
    told = Signal(str)

    def __init__(self, network: Callable[[], Callable[[object], Predictor]], parent: QWidget | None = None) -> None:
        """`network` is asked in the UI thread for what gives the network for an input, in a thread."""
        super().__init__(parent)
        self.setObjectName("input_strip")
        self._network = network
        self._pictures: dict[int, StripPicture] = {}
        self._items: dict[int, QListWidgetItem] = {}
        self._next = 0
        self._reader = StripReader(self)
        self._reader.answered.connect(self._on_answered)
        self._reader.finished.connect(self._say)
        self._count = QLabel(self)
        self._count.setObjectName("input_strip_count")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setProperty("role", "secondary")
        self._count.setWordWrap(True)  # else it would make the panel wider than its dock
        self._remove = _button("Remove", "input_strip_remove", "Take the chosen picture out of the strip (Delete)")
        self._remove.clicked.connect(self.remove_current)
        self._clear = _button("Clear", "input_strip_clear", "Take all pictures out of the strip")
        self._clear.setAccessibleName("Clear the strip")
        self._clear.clicked.connect(self.clear)
        self.list = _List(self)
        self.list.setObjectName("input_strip_list")
        self.list.setAccessibleName("Pictures")
        self.list.setToolTip("Click a picture, or go to it with the arrow keys: it is put on the pad")
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemClicked.connect(self._choose)
        self.list.removal_wanted.connect(self.remove_current)
        self._head = QHBoxLayout()
        self._head.addWidget(self._count, 1)
        self._head.addWidget(self._remove)
        self._head.addWidget(self._clear)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.list)
        theme().changed.connect(self._measure)
        self._measure()
        self.hide()

    def __len__(self) -> int:
        return len(self._pictures)

    @property
    def pictures(self) -> tuple[StripPicture, ...]:
        """From left to right."""
        return tuple(self._pictures.values())

    @property
    def is_busy(self) -> bool:
        """Whether some are not answered yet."""
        return any(item.data(_ANSWER) is None for item in self._items.values())

    def answer(self, place: int) -> StripAnswer | None:
        """What is known of the picture at a place, from 0."""
        found: StripAnswer | None = self.list.item(place).data(_ANSWER)
        return found

    def add_files(self, paths: Sequence[Path], *, choose: bool = True) -> None:
        """Adds pictures from files, and puts the first of them on the pad."""
        self._add([StripPicture(path.name, path) for path in paths], choose=choose)

    def add_pixels(self, name: str, pixels: NDArray) -> None:
        """Adds a picture that is in no file, and marks it as the one on the pad."""
        before = self._next
        self._add([StripPicture(name, None, pixels)], choose=False)
        if self._next > before:
            self._mark(before)

    def clear(self) -> None:
        self._reader.forget()
        self._pictures.clear()
        self._items.clear()
        self.list.clear()
        self._say()

    def remove_current(self) -> None:
        """Takes the current picture out; its neighbour becomes the current one."""
        item = self.list.currentItem()
        if item is None:
            return
        number = item.data(_NUMBER)
        self.list.takeItem(self.list.row(item))
        self._pictures.pop(number, None)
        self._items.pop(number, None)
        self._say()

    def answer_again(self) -> None:
        """Other weights answer now."""
        if not self._pictures:
            return
        self._reader.forget()
        for item in self._items.values():
            item.setData(_ANSWER, None)
        self._reader.answer(tuple(self._pictures.items()), self._network())
        self._say()

    def shutdown(self) -> None:
        self._reader.shutdown()

    def _add(self, pictures: Sequence[StripPicture], *, choose: bool) -> None:
        room = MOST - len(self._pictures)
        added: list[tuple[int, StripPicture]] = []
        for picture in pictures[: max(0, room)]:
            item = QListWidgetItem()
            item.setData(_NUMBER, self._next)
            item.setText(picture.name)
            item.setToolTip(tooltip(picture.name))
            self._pictures[self._next] = picture
            self._items[self._next] = item
            added.append((self._next, picture))
            self._next += 1
        self.list.blockSignals(True)  # the list would make its first item the current one by itself
        for number, _ in added:
            self.list.addItem(self._items[number])
        self.list.blockSignals(False)
        self._reader.answer(added, self._network())
        self._say()
        if choose and added:
            self._mark(added[0][0])
            self._choose(self._items[added[0][0]])
        # Last: what is put on the pad takes the place of what was said before.
        if len(pictures) > room:
            self.told.emit(
                f"the strip holds {MOST} pictures; the first {max(0, room):,} of {len(pictures):,} are taken"
            )

    def _mark(self, number: int) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentItem(self._items[number])
        self.list.blockSignals(False)
        self.list.scrollToItem(self._items[number])

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._choose(item)

    def _choose(self, item: QListWidgetItem) -> None:
        picture = self._pictures.get(item.data(_NUMBER))
        if picture is not None:
            self.chosen.emit(picture)

    def _on_answered(self, number: int, answer: StripAnswer) -> None:
        item = self._items.get(number)
        if item is None:
            return
        item.setData(_ANSWER, answer)
        if answer.thumbnail is not None:
            item.setData(Qt.ItemDataRole.DecorationRole, QPixmap.fromImage(image_from_pixels(answer.thumbnail)))
        name = self._pictures[number].name
        said = answer.sentence or f"{name}: {answer.label}, {percent(answer.share)}"
        item.setToolTip(tooltip(said))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        self._say()

    def _say(self) -> None:
        total = len(self._pictures)
        if total <= 1 and self.list.hasFocus():
            # Else the keyboard would be in a list that is hidden.
            self.focusNextChild()
        self.setVisible(total > 1)
        answered = sum(item.data(_ANSWER) is not None for item in self._items.values())
        failed = sum(bool(item.data(_ANSWER) and item.data(_ANSWER).sentence) for item in self._items.values())
        text = f"{total:,} pictures" if answered == total else f"{answered:,} of {total:,} pictures answered"
        self._count.setText(f"{text}, {failed:,} without an answer" if failed and answered == total else text)
        self._remove.setEnabled(self.list.currentItem() is not None)

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(2))
        self._head.setSpacing(px(4))
        line = self.list.fontMetrics().lineSpacing()
        self.list.setFixedHeight(px(_SIDE + 10) + line + px(14))
        self.list.scheduleDelayedItemsLayout()


class _List(QListWidget):
    """One row of items; Delete asks for the removal of the current one."""

    removal_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(theme().font(secondary=True))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removal_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Paste) or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """A thumbnail with its answer below; a dash where there is none yet, "?" where there is a sentence instead."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del index
        return QSize(theme().px(_SIDE + 14), theme().px(_SIDE + 10) + option.fontMetrics.lineSpacing())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        px = theme().px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = option.rect.adjusted(1, 1, -1, -1)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_current or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(theme().colour("accent" if is_current else "line"))
            painter.setBrush(theme().colour("selected" if is_current else "raised"))
            painter.drawRoundedRect(place, px(5), px(5))
        side = px(_SIDE)
        square = QRect(place.x() + (place.width() - side) // 2, place.y() + px(4), side, side)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap) and not picture.isNull():
            size = picture.size().scaled(square.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(square.topLeft(), size)
            target.moveCenter(square.center())
            painter.drawPixmap(target, picture)
        else:
            painter.fillRect(square, theme().colour("grid"))
        answer = index.data(_ANSWER)
        text = "…" if answer is None else "?" if answer.sentence else answer.label
        bad = answer is not None and bool(answer.sentence)
        painter.setPen(theme().colour("bad" if bad else "text"))
        painter.setFont(option.font)
        line = QRect(place.x() + px(2), square.bottom() + 1, place.width() - px(4), option.fontMetrics.lineSpacing())
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
        painter.restore()


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setProperty("quiet", True)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
