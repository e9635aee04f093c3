"""The catalogue: every architecture in historical order, by family, searched and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStackedLayout, QTreeView, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.ui.catalogue_model import CatalogueModel, Entry, Group, Index, architecture_entry, file_entry
from explorer.ui.catalogue_rows import CatalogueRows
from explorer.ui.empty_note import EmptyNote
from explorer.ui.session import Session
from explorer.ui.theme import theme


class CataloguePanel(QWidget):
    """Search and list; the row that is selected is the network that is shown.

    Ctrl+F goes to the search, Down and Up move from there into the list and back, Enter shows the first match, Esc
    clears the search. Left and Right fold and unfold a family, as do Enter, Space and a click on it.
    """

    file_chosen = Signal(str)  # a network of the user's own, by the text that names it

    def __init__(
        self, session: Session, architectures: Sequence[Architecture] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self._awaited = ""  # a zoo that is being listed
        self._open: set[str] = set()  # groups that are unfolded, by key
        self.setAutoFillBackground(True)
        self.model = CatalogueModel(CATALOGUE if architectures is None else architectures, self)
        self.search = QLineEdit()
        self.search.setObjectName("catalogue_search")
        self.search.setPlaceholderText("Search networks")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search networks")
        self.search.setToolTip("Name, family, year, author or option (Ctrl+F)")
        self._glass = self.search.addAction(theme().icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QTreeView()
        self.list.setObjectName("catalogue")
        self.list.setAccessibleName("Catalogue of networks")
        self.list.setModel(self.model)
        self.list.setItemDelegate(CatalogueRows(self.model, self.list))
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(0)
        self.list.setExpandsOnDoubleClick(False)
        self.list.setUniformRowHeights(True)
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
        self.list.clicked.connect(self._on_clicked)
        self.list.expanded.connect(self._on_expanded)
        self.list.collapsed.connect(self._on_collapsed)
        self.none_found.pressed.connect(self._clear_search)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        session.architecture_changed.connect(self._follow)
        theme().changed.connect(self._restyle)
        if session.architecture is not None:
            self._follow()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_zoo(self, name: str, architectures: Sequence[Architecture]) -> None:
        """Lists a zoo ("torchvision" or "timm") as a group of its own; an empty one is left out."""
        entries = tuple(architecture_entry(architecture, name) for architecture in architectures)
        self._replace(name, (Group(name, name, "zoo", entries),) if entries else ())

    def await_zoo(self, name: str) -> None:
        """Says to whoever searches that this zoo's networks are still to come; "": none are."""
        self._awaited = name
        self._show_whether_found()

    def set_own(self, files: Sequence[tuple[str, str]]) -> None:
        """Lists networks of the user's own that were opened lately: the text that names each, and its title."""
        entries = tuple(file_entry(spec, title) for spec, title in files)
        self._replace("own", (Group("own", "Your own", "", entries),) if entries else ())

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {"open": sorted(self._open)}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        stored = state.get("open")
        if isinstance(stored, list):
            self._open = {key for key in stored if isinstance(key, str)}
            self._unfold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search:
                return self._key_in_search(event.key())
            if watched is self.list:
                return self._key_in_list(event.key())
        return super().eventFilter(watched, event)

    def _key_in_search(self, key: int) -> bool:
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self._current() is None and self.model.entries:
                self._go_to(self.model.index_at(self.model.entries[0]))
            self._activate(self.list.currentIndex())
            return True
        if key in {Qt.Key.Key_Down, Qt.Key.Key_Up} and self.model.rows:
            current = self.list.currentIndex()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            step = self.list.indexBelow if key == Qt.Key.Key_Down else self.list.indexAbove
            if not current.isValid():
                current = self.model.index(0 if key == Qt.Key.Key_Down else len(self.model.rows) - 1, 0)
            else:
                current = step(current) if step(current).isValid() else current
            self._go_to(current)
            return True
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        return False

    def _key_in_list(self, key: int) -> bool:
        current = self.list.currentIndex()
        if key == Qt.Key.Key_Up and not self.list.indexAbove(current).isValid():
            self.focus_search()
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if current.isValid():
                self._activate(current)
            elif self.model.rows:
                self._go_to(self.model.index(0, 0))
            return True
        return False

    def _current(self) -> Entry | Group | None:
        return self.model.row_at(self.list.currentIndex())

    def _go_to(self, index: Index) -> None:
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.list.scrollTo(index)

    def _replace(self, section: str, rows: tuple[Entry | Group, ...]) -> None:
        """Lists a part anew; what is current and where the list is scrolled to stay."""
        place = self.list.verticalScrollBar().value()
        self._following = True
        self.model.set_section(section, rows)
        self._following = False
        self._unfold()
        self._follow()
        self._show_whether_found()
        self.list.verticalScrollBar().setValue(place)

    def _search(self, text: str) -> None:
        self._following = True
        self.model.search(text)
        self._following = False
        self._unfold()
        self._follow()
        self._show_whether_found()

    def _show_whether_found(self) -> None:
        found = bool(self.model.rows)
        if not found:
            searched = self.search.text().strip()
            if self._awaited:
                self.none_found.say(
                    f"Nothing here matches '{searched}' yet: {self._awaited}'s networks are being listed."
                )
            else:
                self.none_found.say(f"No network matches '{searched}'.")
        self._stack.setCurrentWidget(self.list if found else self.none_found)

    def _clear_search(self) -> None:
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _unfold(self) -> None:
        """Unfolds the groups that are open; while a search is on, all of them."""
        before, self._following = self._following, True
        for number, row in enumerate(self.model.rows):
            if isinstance(row, Group):
                self.list.setExpanded(self.model.index(number, 0), self.model.is_searched or row.key in self._open)
        self._following = before

    def _on_expanded(self, index: Index) -> None:
        row = self.model.row_at(index)
        if isinstance(row, Group) and not self._following and not self.model.is_searched:
            self._open.add(row.key)

    def _on_collapsed(self, index: Index) -> None:
        row = self.model.row_at(index)
        if isinstance(row, Group) and not self._following and not self.model.is_searched:
            self._open.discard(row.key)

    def _on_clicked(self, index: Index) -> None:
        self._activate(index)

    def _activate(self, index: Index) -> None:
        row = self.model.row_at(index)
        if isinstance(row, Group):
            self.list.setExpanded(index, not self.list.isExpanded(index))
        elif row is not None and row.spec:
            self.file_chosen.emit(row.spec)

    def _show_current(self, current: Index) -> None:
        row = self.model.row_at(current)
        if self._following or not isinstance(row, Entry) or row.architecture is None:
            return
        # The row of what is shown is current already, so its options are thrown away only where the rows move past it.
        if self._session.architecture is None or row.name != self._session.architecture.name:
            self._session.show(row.architecture, row.architecture.options_type())

    def _follow(self) -> None:
        architecture = self._session.architecture
        index = QModelIndex() if architecture is None else self.model.index_of(architecture.name)
        before, self._following = self._following, True
        if not index.isValid():
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
        else:
            group = self.model.row_at(index.parent())
            if isinstance(group, Group) and not self.model.is_searched:
                self._open.add(group.key)
                self.list.expand(index.parent())
            if index != self.list.currentIndex():
                self._go_to(index)
        self._following = before

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
