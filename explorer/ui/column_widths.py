"""Widths of the layer table's columns: as wide as their contents, wider where there is room, unless set by hand."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontMetrics

from explorer.structure.table_columns import COLUMN_BY_KEY, COLUMNS, Column
from explorer.structure.table_rows import LayerTree, Row
from explorer.ui.layer_model import LayerModel
from explorer.ui.layer_rows import LayerView, name_offset, padding, short_total, shortened
from explorer.ui.theme import theme

_WIDEST = 420
_MEASURED_ROWS = 300  # measuring 20,000 texts would hold the window up
# Where room is short: shapes lose their spaces and large counts are said in three figures, then kinds lose their
# settings, then names their ends; so many pixels are left of those two at least.
_YIELDING = {"output": 0, "macs": 0, "flops": 0, "parameters": 0, "kind": 88, "layer": 82}


class ColumnWidths(QObject):
    """Fits the columns when the network, the columns or the room changes.

    Room that is left is shared out, up to half as much again; where room is short, shapes, large counts, kinds and
    names give way before the table scrolls. A column whose width was set by hand keeps it. Widths do not depend on what
    is folded.
    """

    def __init__(self, view: LayerView, model: LayerModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._by_hand: dict[str, int] = {}
        self._fitting = False
        self._dragging = False
        self._sampled_of: tuple[LayerTree, bool] | None = None
        self._sampled: list[Row] = []
        self._viewport = view.viewport()
        self._viewport.installEventFilter(self)
        view.horizontalHeader().viewport().installEventFilter(self)
        view.horizontalHeader().sectionResized.connect(self._note)

    def state(self) -> dict[str, int]:
        """Widths set by hand, in pixels at scale 1."""
        return {key: round(width / theme().scale) for key, width in self._by_hand.items()}

    def restore(self, state: Any) -> None:
        keys = {column.key for column in COLUMNS}
        given = state if isinstance(state, dict) else {}
        self._by_hand = {
            key: theme().px(width)
            for key, width in given.items()
            if key in keys and isinstance(width, int) and 8 <= width <= 4000
        }

    def forget(self) -> None:
        """Fits all columns again, those set by hand too."""
        self._by_hand.clear()
        self.fit()

    def fit(self) -> None:
        header = self._view.horizontalHeader()
        shown = [(s, c) for s, c in enumerate(COLUMNS) if not header.isSectionHidden(s)]
        rows = self._sample()
        widths = {s: self._by_hand.get(c.key) or self._natural(c, rows) for s, c in shown}
        room = self._view.viewport().width() - sum(widths.values())
        loose = [s for s, c in shown if c.key not in self._by_hand]
        if room > 0 and loose:
            extra = min(room, sum(widths[s] for s in loose) // 2)
            for place, section in enumerate(loose):
                widths[section] += extra // len(loose) + (1 if place < extra % len(loose) else 0)
        for key in _YIELDING:
            section = COLUMNS.index(COLUMN_BY_KEY[key])
            if room < 0 and section in loose and section in widths:
                given = min(-room, max(0, widths[section] - self._shortest(key, rows)))
                widths[section] -= given
                room += given
        compact = frozenset(c.key for s, c in shown if s in loose and widths[s] < self._natural(c, rows))
        self._model.shorten_titles(compact)
        if compact != self._view.compact:
            self._view.compact = compact
            self._viewport.update()
        self._fitting = True
        for section, width in widths.items():
            self._view.setColumnWidth(section, width)
        self._fitting = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._viewport:
            if kind == QEvent.Type.Resize:
                self.fit()
        elif kind in {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick}:
            self._dragging = True
        elif kind == QEvent.Type.MouseButtonRelease:
            self._dragging = False
        return super().eventFilter(watched, event)

    def _note(self, section: int, old: int, new: int) -> None:
        # Hiding a column and changing the scale resize too; only what the mouse drags in the header was meant.
        if self._dragging and not self._fitting and old and new:
            self._by_hand[COLUMNS[section].key] = new

    def _sample(self) -> list[Row]:
        """Rows that stand for all of them, found once for a network."""
        tree, flat = self._model.tree, self._model.is_flat
        if tree is None:
            return []
        if (tree, flat) != self._sampled_of:
            self._sampled_of = (tree, flat)
            self._sampled = _typical(tree, flat=flat)
        return self._sampled

    def _natural(self, column: Column, rows: list[Row]) -> int:
        look, terms = theme(), self._model.terms
        normal, bold = QFontMetrics(look.font()), QFontMetrics(look.font(title=True))
        if column.key == "layer":
            widest = max((self._name_width(row) for row in rows), default=0)
        else:
            section = COLUMNS.index(column)
            texts = {self._model.cell_text(row, section) for row in rows}
            widest = max(map(normal.horizontalAdvance, texts), default=0)
        # A total that has no room is said in three figures.
        total = bold.horizontalAdvance(short_total(column.total(terms.whole, terms)))
        # The sort arrow stands above the title, so a title needs no room beside it.
        title = normal.horizontalAdvance(column.heading(terms))
        return min(max(widest, total, title) + 2 * padding() + 1, look.px(_WIDEST))

    def _name_width(self, row: Row) -> int:
        flat = self._model.is_flat
        metrics = QFontMetrics(theme().font(title=row.is_block))
        return metrics.horizontalAdvance(self._model.cell_text(row, 0)) + name_offset(row, flat)

    def _shortest(self, key: str, rows: list[Row]) -> int:
        """The least width: of shapes without spaces, of counts in three figures, of the first letters of names."""
        if _YIELDING[key]:
            return theme().px(_YIELDING[key])
        metrics, column = QFontMetrics(theme().font()), COLUMN_BY_KEY[key]
        section, terms = COLUMNS.index(column), self._model.terms
        texts = {self._model.cell_text(row, section) for row in rows}
        said = texts if key == "parameters" else {shortened(key, text) for text in texts}
        total = QFontMetrics(theme().font(title=True)).horizontalAdvance(short_total(column.total(terms.whole, terms)))
        title = metrics.horizontalAdvance(column.short_title or column.heading(terms))
        widest = max(map(metrics.horizontalAdvance, said), default=0)
        return max(widest, total, title) + 2 * padding() + 1


def _typical(tree: LayerTree, *, flat: bool) -> list[Row]:
    """All rows of a small network; of a large one every so many, with the extremes."""
    graph = tree.graph
    if len(graph.nodes) + len(graph.blocks) <= _MEASURED_ROWS:
        return tree.layers() if flat else tree.rows(frozenset())
    nodes, blocks = graph.nodes, graph.blocks
    longest = max((node.path if flat else node.name for node in nodes), key=len)
    chosen = [
        next(node for node in nodes if longest in {node.path, node.name}),
        max(nodes, key=attrgetter("parameters")),
        max(nodes, key=attrgetter("macs")),
        *nodes[:: len(nodes) // _MEASURED_ROWS + 1],
    ]
    if flat:
        return [Row(node) for node in chosen]
    outer = blocks[:: len(blocks) // _MEASURED_ROWS + 1]
    rows = [Row(node, len(tree.blocks_around(node.path))) for node in chosen]
    return rows + [Row(tree.group(block.path), len(tree.blocks_around(block.path))) for block in outer]
