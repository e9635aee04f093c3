"""What the catalogue lists: architectures in groups by family, those of the zoos, and the user's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.networks.architecture import Architecture
from explorer.networks.options import as_text, option_fields
from explorer.ui import numbers
from explorer.ui.plain_text import tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, eq=False)
class Entry:
    """One row that can be shown: an architecture, or a file of the user's (`spec`) that is read when it is chosen."""

    name: str
    title: str
    year: str
    parameters: int | None
    searched: str
    words: str
    tip: str
    architecture: Architecture | None = None
    spec: str = ""


@dataclass(frozen=True, eq=False)
class Group:
    """A row that folds: `key` is what is remembered of it."""

    key: str
    title: str
    year: str
    entries: tuple[Entry, ...]


Row = Entry | Group


def architecture_entry(architecture: Architecture, zoo: str = "") -> Entry:
    """The row of an architecture; in the group of its `zoo` the title need not name that again."""
    paper = architecture.paper
    words = ", ".join(
        part
        for part in (
            architecture.title,
            str(architecture.year) if architecture.year else "",
            "" if architecture.parameters is None else numbers.plural(architecture.parameters, "parameter"),
        )
        if part
    )
    return Entry(
        name=architecture.name,
        title=architecture.title.removesuffix(f" ({zoo})"),
        year=str(architecture.year) if architecture.year else "",
        parameters=architecture.parameters,
        searched=searched_text(architecture),
        words=words,
        tip=tooltip(f"{words}\n{paper.title if paper else architecture.name}"),
        architecture=architecture,
    )


def file_entry(spec: str, title: str) -> Entry:
    """A network of the user's own, by the text that names it."""
    return Entry(
        name=spec,
        title=title,
        year="",
        parameters=None,
        searched=folded(f"{title} {spec} your own"),
        words=f"{title}, your own, from {spec}",
        tip=tooltip(f"{title}\n{spec}"),
        spec=spec,
    )


def families(architectures: Iterable[Architecture]) -> tuple[Row, ...]:
    """Rows by family, in the order in which families first come; a family of one needs no group."""
    members: dict[str, list[Architecture]] = {}
    for architecture in architectures:
        members.setdefault(architecture.family, []).append(architecture)
    rows: list[Row] = []
    for family, found in members.items():
        entries = tuple(architecture_entry(architecture) for architecture in found)
        rows.append(entries[0] if len(entries) == 1 else Group(family, family, str(found[0].year), entries))
    return tuple(rows)


def searched_text(architecture: Architecture) -> str:
    """What the search looks through: names, title, family, year, authors and options."""
    parts = [architecture.name, architecture.title, architecture.family, str(architecture.year)]
    if architecture.paper is not None:
        parts += [architecture.paper.title, architecture.paper.authors]
    parts.append(architecture.task.value)
    for field in option_fields(architecture.options_type):
        parts += [field.name, field.label, *(as_text(choice) for choice in field.choices or ())]
    return folded(" ".join(parts))


def folded(text: str) -> str:
    """Text as the search compares it: without accents, in one case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


class CatalogueModel(QAbstractItemModel):
    """The rows that a search leaves: groups, entries inside them, and entries that stand alone."""

    def __init__(self, architectures: Sequence[Architecture], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sections: dict[str, tuple[Row, ...]] = {"catalogue": families(architectures)}
        self._words: tuple[str, ...] = ()
        self._trained: Mapping[str, str] = {}
        self._rows: tuple[Row, ...] = ()
        self._place: dict[int, tuple[int, int]] = {}  # by the row's identity: outermost row, row inside or -1
        self._rebuild()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The outermost rows."""
        return self._rows

    @property
    def is_searched(self) -> bool:
        return bool(self._words)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry that the search leaves, from the top, folded or not."""
        return tuple(entry for row in self._rows for entry in (row.entries if isinstance(row, Group) else (row,)))

    def set_section(self, key: str, rows: tuple[Row, ...]) -> None:
        """Replaces a part of the catalogue ("catalogue", "torchvision", "timm", "own"); parts stay in that order."""
        self.beginResetModel()
        self._sections[key] = rows
        self._rebuild()
        self.endResetModel()

    def set_trained(self, names: Mapping[str, str]) -> None:
        """Marks networks that have trained weights: by name, how many, in words."""
        if dict(names) != self._trained:
            self._trained = dict(names)
            if self._rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    def trained(self, entry: Entry) -> str:
        """In words which trained weights there are of it; "" for none."""
        return self._trained.get(entry.name, "")

    def search(self, text: str) -> None:
        """Keeps the entries in which every word of `text` occurs."""
        words = tuple(folded(text).split())
        if words != self._words:
            self.beginResetModel()
            self._words = words
            self._rebuild()
            self.endResetModel()

    def index_of(self, name: str) -> QModelIndex:
        """Where an entry is; an index that is not valid where the search has left it out."""
        for entry in self.entries:
            if entry.name == name:
                return self.index_at(entry)
        return QModelIndex()

    def index_at(self, row: Row) -> QModelIndex:
        top, inner = self._place[id(row)]
        return self.createIndex(top if inner < 0 else inner, 0, id(row))

    def row_at(self, index: Index) -> Row | None:
        if not index.isValid():
            return None
        parent = self._parent_group(index.internalId())
        rows: tuple[Row, ...] = self._rows if parent is None else parent.entries
        return rows[index.row()] if index.row() < len(rows) else None

    # Qt asks

    def index(self, row: int, column: int, parent: Index = _NO_INDEX) -> QModelIndex:
        rows = self._children(parent)
        if column != 0 or not 0 <= row < len(rows):
            return QModelIndex()
        return self.createIndex(row, column, id(rows[row]))

    def parent(self, index: Index = _NO_INDEX) -> Any:
        if not index.isValid():
            return QModelIndex()
        group = self._parent_group(index.internalId())
        return QModelIndex() if group is None else self.index_at(group)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return len(self._children(parent))

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        del parent
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._in_words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            if isinstance(row, Group):
                return tooltip(self._in_words(row))
            trained = self.trained(row)
            return row.tip + (f"<br>{tooltip(trained)}" if trained else "")
        return None

    # Inside

    def _in_words(self, row: Row) -> str:
        if isinstance(row, Group):
            since = f", {row.year}" if row.year else ""
            return f"{row.title}{since}, {numbers.plural(len(row.entries), 'network')}"
        trained = self.trained(row)
        return f"{row.words}, {trained}" if trained else row.words

    def _children(self, parent: Index) -> tuple[Row, ...]:
        if not parent.isValid():
            return self._rows
        row = self.row_at(parent)
        return row.entries if isinstance(row, Group) else ()

    def _parent_group(self, identity: int) -> Group | None:
        top, inner = self._place.get(identity, (0, -1))
        group = self._rows[top] if inner >= 0 else None
        return group if isinstance(group, Group) else None

    def _rebuild(self) -> None:
        kept: list[Row] = []
        for key in ("catalogue", "torchvision", "timm", "own"):
            for row in self._sections.get(key, ()):
                found = self._matching(row)
                if found is not None:
                    kept.append(found)
        self._rows = tuple(kept)
        self._place = {}
        for top, row in enumerate(self._rows):
            self._place[id(row)] = (top, -1)
            if isinstance(row, Group):
                for inner, entry in enumerate(row.entries):
                    self._place[id(entry)] = (top, inner)

    def _matching(self, row: Row) -> Row | None:
        if not self._words:
            return row
        if isinstance(row, Entry):
            return row if all(word in row.searched for word in self._words) else None
        entries = tuple(entry for entry in row.entries if all(word in entry.searched for word in self._words))
        return Group(row.key, row.title, row.year, entries) if entries else None
