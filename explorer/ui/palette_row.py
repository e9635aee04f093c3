"""How a line of the command palette is painted: the title with the letters meant, where it is from, its keys."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.ui.theme import theme

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
PLACES_ROLE = ENTRY_ROLE + 1
ROW_HEIGHT = 30


class RowPainter(QStyledItemDelegate):
    """Paints rows of `palette.Found`."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        del option, index
        return QSize(theme().px(100), theme().px(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry, places = index.data(ENTRY_ROLE), index.data(PLACES_ROLE)
        look, rect = theme(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("selected" if chosen else "raised"))
            painter.drawRoundedRect(rect, look.px(4), look.px(4))
        inner = rect.adjusted(look.px(10), 0, -look.px(10), 0)
        small = look.font(secondary=True)
        metrics = QFontMetrics(small)
        painter.setFont(small)
        painter.setPen(look.colour("secondary"))
        right = inner.right()
        for text, width in ((entry.shortcut, look.px(100)), (entry.kind, look.px(130))):
            wide = max(width, metrics.horizontalAdvance(text) + look.px(12)) if text == entry.shortcut else width
            place = QRect(right - wide, inner.top(), wide, inner.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            right -= wide
        room = QRect(inner.left(), inner.top(), right - inner.left(), inner.height())
        self._paint_title(painter, room, entry.title, places, enabled=entry.is_enabled)
        painter.restore()

    def _paint_title(
        self, painter: QPainter, room: QRect, title: str, places: frozenset[int], *, enabled: bool
    ) -> None:
        look = theme()
        plain, bold = look.font(), look.font()
        bold.setWeight(QFont.Weight.Bold)
        text = QFontMetrics(plain).elidedText(title, Qt.TextElideMode.ElideRight, room.width() - look.px(8))
        at = room.left()
        for letters, is_meant in _runs(text, places if text == title else frozenset()):
            font = bold if is_meant else plain
            painter.setFont(font)
            painter.setPen(look.colour("accent" if is_meant and enabled else "text" if enabled else "secondary"))
            width = QFontMetrics(font).horizontalAdvance(letters)
            place = QRect(at, room.top(), width + look.px(2), room.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, letters)
            at += width


def _runs(text: str, places: frozenset[int]) -> list[tuple[str, bool]]:
    """The text in pieces of letters that were meant, and that were not."""
    pieces: list[tuple[str, bool]] = []
    for number, letter in enumerate(text):
        is_meant = number in places
        if pieces and pieces[-1][1] == is_meant:
            pieces[-1] = (pieces[-1][0] + letter, is_meant)
        else:
            pieces.append((letter, is_meant))
    return pieces
