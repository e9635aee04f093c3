"""The command palette (Ctrl+K): type a few letters of what is wanted, Enter does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture
from explorer.ui.palette_entries import Entry, entries
from explorer.ui.palette_row import ENTRY_ROLE, PLACES_ROLE, ROW_HEIGHT, RowPainter
from explorer.ui.palette_search import match
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.window import Window

_WIDTH, _HEIGHT = 620, 420
_MOST_SHOWN = 80
_MOST_RECENT = 12
_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_OTHER_FOCUS = frozenset({Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason})


class Found(QAbstractListModel):
    """What a query finds, the best first: (entry, letters of its title that were meant)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[Entry, frozenset[int]], ...] = ()

    def show(self, rows: Sequence[tuple[Entry, frozenset[int]]]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        entry, places = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == ENTRY_ROLE:
            return entry
        if role == PLACES_ROLE:
            return places
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.tip if entry.tip.startswith("<qt>") else tooltip(entry.tip)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            shortcut = f", {entry.shortcut}" if entry.shortcut else ""
            return f"{entry.title}, {entry.kind}{shortcut}{'' if entry.is_enabled else ', not available now'}"
        return None


class Palette(QFrame):
    """Lies over the window while it is open; what was run lately comes first.

    `state` and `restore` keep what was run.
    """

    opened = Signal()
    ran = Signal(str)  # the key of the entry

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self.setAutoFillBackground(True)
        self._window = window
        self._zoo: dict[str, tuple[Architecture, ...]] = {}
        self._entries: list[Entry] = []
        self._recent: list[str] = []
        self._focus_before: QWidget | None = None
        self.line = QLineEdit()
        self.line.setObjectName("palette_line")
        self.line.setAccessibleName("What to do")
        self.line.setPlaceholderText("A command, a network, a panel, a data set or an experiment")
        self.line.setToolTip("A few letters in their order are enough. Enter runs, Esc closes")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._search)
        self.model = Found(self)
        self.list = QListView()
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName("What was found")
        self.list.setModel(self.model)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(RowPainter(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._run(index.row()))
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("role", "secondary")
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.line)
        self._column.addWidget(self.list, 1)
        self._column.addWidget(self.note)
        window.reader.zoo_listed.connect(self._on_zoo)
        window.installEventFilter(self)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def open(self) -> None:
        """Comes up with everything there is now; asked for again, it goes."""
        if self.isVisible():
            self.close_again()
            return
        self.opened.emit()
        self._focus_before = self._window.focusWidget()
        self._collect()
        self.line.clear()
        self._search("")
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_again(self) -> None:
        """Goes, and gives the keyboard back to what had it."""
        before, self._focus_before = self._focus_before, None
        self.hide()
        if before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def state(self) -> list[str]:
        """What was run lately, fit for JSON."""
        return self._recent

    def restore(self, state: object) -> None:
        """Takes back what `state` gave; what does not fit is left out."""
        kept = state if isinstance(state, list) else []
        self._recent = [key for key in kept if isinstance(key, str)][:_MOST_RECENT]

    # Finding and running

    def _search(self, query: str) -> None:
        places = {key: len(self._recent) - place for place, key in enumerate(self._recent)}
        found = []
        for place, entry in enumerate(self._entries):
            fits = match(query, entry.title, entry.also)
            if fits is not None:
                # With a query, what was run lately counts a little; without one it comes first.
                lately = places.get(entry.key, 0)
                score = fits.score + 0.2 * lately if query.strip() else float(lately)
                found.append((entry.is_enabled, score, -place, entry, fits.places))
        found.sort(key=lambda row: row[:3], reverse=True)
        self.model.show([(entry, letters) for *_, entry, letters in found[:_MOST_SHOWN]])
        if self.model.rows:
            self.list.setCurrentIndex(self.model.index(0))
            self.list.scrollToTop()
        many = len(found)
        said = f"{many:,} of {len(self._entries):,}   ↑↓ choose   ↵ run   Esc close"
        self.note.setText(said if many else "Nothing fits.")
        self.setAccessibleDescription(self.note.text())
        self._place()

    def _run(self, row: int) -> None:
        if not 0 <= row < len(self.model.rows):
            return
        entry = self.model.rows[row][0]
        if not entry.is_enabled:
            self.note.setText(f"{entry.title}: not available now")
            return
        self._recent = [entry.key, *(key for key in self._recent if key != entry.key)][:_MOST_RECENT]
        self.close_again()
        # After the palette is gone: what runs may ask something or take a picture of the window.
        QTimer.singleShot(0, self, lambda: self._do(entry))

    def _do(self, entry: Entry) -> None:
        entry.run()
        self.ran.emit(entry.key)

    def _step(self, by: int) -> None:
        count = len(self.model.rows)
        if count:
            row = self.list.currentIndex().row() + by
            # One step past an end begins at the other; a page stops there.
            row = row % count if abs(by) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self.model.index(row))
            self.line.setAccessibleDescription(str(self.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(Qt.Key(event.key()))
        is_asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if watched is self.line and is_asked and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            # Esc is for the palette, whatever else it closes.
            event.accept()
            return True
        if watched is self.line and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._on_focus_lost(event.reason())
        return super().eventFilter(watched, event)

    def _on_focus_lost(self, reason: Qt.FocusReason) -> None:
        if reason not in _OTHER_FOCUS and self.isVisible():
            self._focus_before = None
            self.hide()

    def _on_key(self, key: Qt.Key) -> bool:
        keys = Qt.Key
        page = max(1, self.list.viewport().height() // max(1, self.list.sizeHintForRow(0)))
        steps = {keys.Key_Up: -1, keys.Key_Down: 1, keys.Key_PageUp: -page, keys.Key_PageDown: page}
        if key in steps:
            self._step(steps[key])
        elif key in {keys.Key_Return, keys.Key_Enter}:
            self._run(self.list.currentIndex().row())
        elif key == keys.Key_Escape:
            self.close_again()
        elif key not in {keys.Key_Tab, keys.Key_Backtab}:
            return False
        return True

    def _on_zoo(self, name: str, found: tuple[Architecture, ...]) -> None:
        self._zoo[name] = found
        if self.isVisible():
            self._collect()
            self._search(self.line.text())

    def _collect(self) -> None:
        zoo = [architecture for found in self._zoo.values() for architecture in found]
        self._entries = entries(self._window, zoo)

    # The look

    def _place(self) -> None:
        look, window = theme(), self._window
        width = min(look.px(_WIDTH), window.width() - look.px(32))
        rows = max(1, len(self.model.rows)) * look.px(ROW_HEIGHT)
        around = self.line.sizeHint().height() + self.note.sizeHint().height() + look.px(36)
        height = min(look.px(_HEIGHT), window.height() - look.px(96), rows + around)
        self.setGeometry((window.width() - width) // 2, look.px(56), width, height)

    def _restyle(self) -> None:
        look, colours = theme(), theme().colours
        self.setStyleSheet(
            f"#palette {{ background: {colours.panel}; border: 1px solid {colours.edge};"
            f" border-radius: {look.px(8)}px; }}"
        )
        self._column.setContentsMargins(look.px(8), look.px(8), look.px(8), look.px(6))
        self._column.setSpacing(look.px(6))
        if self.isVisible():
            self._place()
