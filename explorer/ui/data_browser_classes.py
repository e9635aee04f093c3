"""The classes of a data set with a bar each: how many images they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.ui.theme import theme

_COUNT = Qt.ItemDataRole.UserRole
_SHARE = Qt.ItemDataRole.UserRole + 1
_NUMBER = Qt.ItemDataRole.UserRole + 2

_Index = QModelIndex | QPersistentModelIndex


class _Classes(QAbstractListModel):
    """Rows are the classes that are listed: number, name and count."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[tuple[int, str, int]] = []
        self._most = 1

    def show_rows(self, rows: list[tuple[int, str, int]]) -> None:
        self.beginResetModel()
        self.rows = rows
        self._most = max((count for _, _, count in rows), default=1) or 1
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        number, name, count = self.rows[index.row()]
        return {
            Qt.ItemDataRole.DisplayRole: name,
            Qt.ItemDataRole.AccessibleTextRole: f"{name}: {count:,} images",
            _COUNT: count,
            _SHARE: count / self._most,
            _NUMBER: number,
        }.get(role)


class _Bar(QStyledItemDelegate):
    """A class's name above its bar, and its count at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: ARG002 - all rows are alike
        return QSize(theme().px(80), theme().px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.colour("raised"))
        inner = rect.adjusted(look.px(8), look.px(3), -look.px(8), -look.px(7))
        painter.setFont(look.font(secondary=True))
        count = f"{index.data(_COUNT):,}"
        width = painter.fontMetrics().horizontalAdvance(count)
        painter.setPen(look.colour("secondary"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(look.colour("text"))
        room = inner.width() - width - look.px(6)
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        groove = QRect(inner.left(), rect.bottom() - look.px(5), inner.width(), look.px(3))
        painter.fillRect(groove, look.colour("grid"))
        groove.setWidth(round(groove.width() * index.data(_SHARE)))
        painter.fillRect(groove, look.colour("accent"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(look.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()


class ClassBars(QListView):
    """A list of classes to choose from; `chosen` carries the numbers of the selected ones, none for all."""

    chosen = Signal(object)  # frozenset of class numbers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("class_bars")
        self.setAccessibleName("Classes and how many images they have")
        self.setToolTip("Choose classes to see only their images; Esc shows all again")
        self._model = _Classes(self)
        self.setModel(self._model)
        self.setItemDelegate(_Bar(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.selectionModel().selectionChanged.connect(self._tell)
        theme().changed.connect(self.doItemsLayout)

    def show_classes(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Lists classes by number, name and count; what was selected stays where it is still listed."""
        kept, listed = self.selected(), list(rows)
        if listed == self._model.rows:
            return
        selection = self.selectionModel()
        selection.blockSignals(True)  # the selection is the same when this is done
        self._model.show_rows(listed)
        for row, (number, _, _) in enumerate(listed):
            if number in kept:
                selection.select(self._model.index(row, 0), selection.SelectionFlag.Select)
        selection.blockSignals(False)
        self.viewport().update()
        if self.selected() != kept:
            self._tell()

    def selected(self) -> frozenset[int]:
        """The numbers of the selected classes."""
        return frozenset(int(index.data(_NUMBER)) for index in self.selectionModel().selectedIndexes())

    def _tell(self) -> None:
        self.chosen.emit(self.selected())
