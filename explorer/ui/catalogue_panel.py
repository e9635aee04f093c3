"""The catalogue: every architecture in historical order, searched and chosen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.options import as_text, option_fields
from explorer.ui import numbers
from explorer.ui.empty_note import EmptyNote
from explorer.ui.plain_text import tooltip
from explorer.ui.session import Session
from explorer.ui.theme import theme

_Index = QModelIndex | QPersistentModelIndex
ARCHITECTURE_ROLE = Qt.ItemDataRole.UserRole


class CatalogueModel(QAbstractListModel):
    """The architectures that a search leaves, in the catalogue's order."""

    def __init__(self, architectures: Sequence[Architecture], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = tuple(architectures)
        self._searched = {architecture.name: searched_text(architecture) for architecture in self._all}
        self._rows = self._all

    @property
    def rows(self) -> tuple[Architecture, ...]:
        return self._rows

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """All of them, whatever the search."""
        return self._all

    def search(self, text: str) -> None:
        """Keeps the architectures in which every word of `text` occurs."""
        words = _folded(text).split()
        rows = tuple(a for a in self._all if all(word in self._searched[a.name] for word in words))
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row_of(self, architecture: Architecture | None) -> int | None:
        for row, candidate in enumerate(self._rows):
            if architecture is not None and candidate.name == architecture.name:
                return row
        return None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        architecture = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return architecture.title
        if role == ARCHITECTURE_ROLE:
            return architecture
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _in_words(architecture)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{_in_words(architecture)}\n{architecture.paper.title}")
        return None


class _Rows(QStyledItemDelegate):
    """Paints a row: year, title, parameter count."""

    def __init__(self, model: CatalogueModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option, index
        return QSize(theme().px(120), _row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme()
        architecture: Architecture = index.data(ARCHITECTURE_ROLE)
        row = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, row)
        row.adjust(look.px(8), 0, -look.px(8), 0)
        small, normal = look.font(secondary=True), look.font()
        years = QFontMetrics(small).horizontalAdvance("0000")
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(small)
        painter.setPen(look.colour("secondary"))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, str(architecture.year))
        parameters = _short_parameters(architecture)
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, parameters)
        left = years + look.px(10)
        right = QFontMetrics(small).horizontalAdvance(parameters) + look.px(10)
        row.adjust(left, 0, -right, 0)
        painter.setFont(normal)
        painter.setPen(look.colour("text"))
        title = QFontMetrics(normal).elidedText(architecture.title, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, title)
        painter.restore()

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, row: QRect) -> None:
        look = theme()
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if not selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(look.colour("accent"), 1) if focused else QColor(Qt.GlobalColor.transparent))
        painter.setBrush(look.colour("selected" if selected else "raised"))
        painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), look.px(6), look.px(6))


class CataloguePanel(QWidget):
    """Search and list; the row that is selected is the network that is shown.

    Ctrl+F goes to the search, Down and Up move from there into the list and back, Enter shows the first match, Esc
    clears the search.
    """

    def __init__(
        self, session: Session, architectures: Sequence[Architecture] = CATALOGUE, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self.setAutoFillBackground(True)
        self.model = CatalogueModel(architectures, self)
        self.search = QLineEdit()
        self.search.setObjectName("catalogue_search")
        self.search.setPlaceholderText("Search networks")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search networks")
        self.search.setToolTip("Name, family, year, author or option (Ctrl+F)")
        self._glass = self.search.addAction(theme().icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QListView()
        self.list.setObjectName("catalogue")
        self.list.setAccessibleName("Catalogue of networks")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Rows(self.model, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.none_found = EmptyNote(button="Clear search")
        self._lay_out()
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self.focus_search)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.list.installEventFilter(self)
        self.none_found.pressed.connect(self._clear_search)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        session.architecture_changed.connect(self._follow)
        theme().changed.connect(self._restyle)
        if session.architecture is not None:
            self._follow()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search:
                return self._key_in_search(event.key())
            if watched is self.list:
                return self._key_in_list(event.key())
        return super().eventFilter(watched, event)

    def _key_in_search(self, key: int) -> bool:
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go_to(self._current_row() or 0)
            return True
        if key in {Qt.Key.Key_Down, Qt.Key.Key_Up} and self.model.rows:
            row = self._current_row()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            if row is None:
                self._go_to(0 if key == Qt.Key.Key_Down else len(self.model.rows) - 1)
            elif key == Qt.Key.Key_Down:
                self._go_to(min(row + 1, len(self.model.rows) - 1))
            else:
                self._go_to(max(row - 1, 0))
            return True
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        return False

    def _key_in_list(self, key: int) -> bool:
        if key == Qt.Key.Key_Up and (self._current_row() or 0) == 0:
            self.focus_search()
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go_to(self._current_row() or 0)
            return True
        return False

    def _current_row(self) -> int | None:
        index = self.list.currentIndex()
        return index.row() if index.isValid() else None

    def _go_to(self, row: int) -> None:
        if row < len(self.model.rows):
            self.list.setCurrentIndex(self.model.index(row))

    def _search(self, text: str) -> None:
        self._following = True
        self.model.search(text)
        self._following = False
        self._follow()
        found = bool(self.model.rows)
        if not found:
            self.none_found.say(f"No network matches '{text.strip()}'.")
        self._stack.setCurrentWidget(self.list if found else self.none_found)

    def _clear_search(self) -> None:
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_current(self, current: _Index) -> None:
        if self._following or not current.isValid():
            return
        # The row of what is shown is current already, so its options are never thrown away here.
        architecture = self.model.rows[current.row()]
        self._session.show(architecture, architecture.options_type())

    def _follow(self) -> None:
        row = self.model.row_of(self._session.architecture)
        self._following = True
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
        else:
            self._go_to(row)
        self._following = False

    def _lay_out(self) -> None:
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.none_found)
        self._column = layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addLayout(self._stack, 1)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        side = look.px(12)
        self._column.setContentsMargins(side, look.px(4), side, look.px(8))
        self._column.setSpacing(look.px(8))
        self._glass.setIcon(look.icon("search"))
        self.list.doItemsLayout()
        self.list.viewport().update()


def searched_text(architecture: Architecture) -> str:
    """What the search looks through: names, title, family, year, authors and options."""
    paper = architecture.paper
    parts = [architecture.name, architecture.title, architecture.family, str(architecture.year), paper.title]
    parts += [paper.authors, architecture.task.value]
    for field in option_fields(architecture.options_type):
        parts += [field.name, field.label, *(as_text(choice) for choice in field.choices or ())]
    return _folded(" ".join(parts))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def _short_parameters(architecture: Architecture) -> str:
    return "" if architecture.parameters is None else numbers.short_count(architecture.parameters)


def _in_words(architecture: Architecture) -> str:
    words = f"{architecture.title}, {architecture.year}"
    if architecture.parameters is not None:
        words += f", {numbers.plural(architecture.parameters, 'parameter')}"
    return words


def _row_height() -> int:
    # 28 pixels, and more where the system's font is larger than the row.
    return max(theme().px(28), QFontMetrics(theme().font()).height() + theme().px(8))
