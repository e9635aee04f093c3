"""Widths of the layer table's columns: as wide as their contents, wider where there is room, unless set by hand."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontMetrics

from explorer.structure.graph import Node
from explorer.ui.layer_columns import COLUMNS, Column
from explorer.ui.layer_model import LayerModel
from explorer.ui.layer_rows import LayerView, chip_space, padding
from explorer.ui.theme import theme

_WIDEST = 420
_MEASURED_NODES = 600  # measuring 20,000 texts would hold the window up


class ColumnWidths(QObject):
    """Fits the columns when the network, the columns or the room changes.

    Room that is left is shared out, up to half as much again; where room is short, the beginnings of paths give way
    before the table scrolls. A column whose width was set by hand keeps it.
    """

    def __init__(self, view: LayerView, model: LayerModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._by_hand: dict[str, int] = {}
        self._fitting = False
        self._dragging = False
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
        nodes = self._sample()
        widths = {s: self._by_hand.get(c.key) or self._natural(c, nodes) for s, c in shown}
        room = self._view.viewport().width() - sum(widths.values())
        loose = [s for s, c in shown if c.key not in self._by_hand]
        if room > 0 and loose:
            extra = min(room, sum(widths[s] for s in loose) // 2)
            for place, section in enumerate(loose):
                widths[section] += extra // len(loose) + (1 if place < extra % len(loose) else 0)
        elif room < 0 and 0 in loose:
            widths[0] = max(widths[0] + room, self._shortest(nodes))
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

    def _sample(self) -> list[Node]:
        nodes = self._model.graph.nodes if self._model.graph else ()
        if len(nodes) <= _MEASURED_NODES:
            return list(nodes)
        longest = max(nodes, key=lambda node: len(node.path))
        return [longest, *nodes[:: len(nodes) // _MEASURED_NODES + 1]]

    def _natural(self, column: Column, nodes: list[Node]) -> int:
        look = theme()
        normal, bold = QFontMetrics(look.font()), QFontMetrics(look.font(title=True))
        widest = max((normal.horizontalAdvance(column.text(node, self._model.whole)) for node in nodes), default=0)
        total = bold.horizontalAdvance(column.total(self._model.whole, self._model.whole))
        widest = max(widest + (chip_space() if column.key == "layer" else 0), total)
        # The sort arrow stands above the title, so a title needs no room beside it.
        title = normal.horizontalAdvance(column.title)
        return min(max(widest, title) + 2 * padding() + 1, look.px(_WIDEST))

    def _shortest(self, nodes: list[Node]) -> int:
        """Room for the last part of every path."""
        metrics = QFontMetrics(theme().font())
        last = max((metrics.horizontalAdvance(f"…{node.name}") for node in nodes), default=0)
        return min(last + chip_space() + 2 * padding() + theme().px(4), theme().px(_WIDEST))
