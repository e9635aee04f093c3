"""The figures of two networks side by side: the joined table, what differs in words, and the cost of each stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from explorer.structure.alignment import Alignment
from explorer.structure.alignment_stages import stages
from explorer.structure.alignment_words import findings, titles
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.side_by_side_bars import QUANTITIES, StageBars
from explorer.ui.side_by_side_table import FILTERS, JoinedModel, JoinedTable
from explorer.ui.splitter_sizes import kept_sizes, take_sizes
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox


class JoinedFigures(QSplitter):
    """`chosen` carries the two paths of the row that the user walked to, "" for a layer that is not there."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._alignment: Alignment | None = None
        self.setChildrenCollapsible(False)
        self.model = JoinedModel(self)
        self.table = JoinedTable(self.model)
        self.table.chosen.connect(self.chosen)
        self.filter = _choice("side_by_side_filter", "Rows shown", "Which layers the table lists", FILTERS)
        self.filter.currentTextChanged.connect(self._on_filter)
        self._rows = StillLabel("How many rows are shown")
        self.bars = StageBars()
        self.quantity = _choice("side_by_side_quantity", "Quantity of the bars", "What the bars show", QUANTITIES)
        self.quantity.currentTextChanged.connect(self.bars.show_quantity)
        self.details = QLabel()
        self.details.setObjectName("side_by_side_findings")
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setWordWrap(True)
        self.details.setMinimumWidth(1)
        self.addWidget(self._build_left())
        self.addWidget(self._build_right())
        self.setStretchFactor(0, 5)
        self.setStretchFactor(1, 2)
        explain_all("side by side", {"rows": self._rows, "stages": self.bars, "findings": self.details})
        theme().changed.connect(self._restyle)
        self._restyle()
        self.setSizes([theme().px(820), theme().px(330)])

    def show_alignment(self, alignment: Alignment | None) -> None:
        """Shows a comparison; None takes it away."""
        self._alignment = alignment
        self.model.show_alignment(alignment)
        if alignment is None:
            self.details.setText("")
            self.bars.show_stages((), ())
        else:
            graphs = (alignment.left, alignment.right)
            names = titles(graphs)
            lines = [found.sentence(*names) for found in findings(alignment)]
            self.details.setText("\n".join(lines) or "Nothing.")
            self.bars.show_stages(stages(graphs), names)
        self._count_rows()

    def show_pair(self, left: str, right: str) -> None:
        """Makes the row of a pair the current one."""
        self.table.show_pair(left, right)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {
            "filter": self.filter.currentText(),
            "quantity": self.quantity.currentText(),
            "table_width": kept_sizes(self),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        for box, name in ((self.filter, "filter"), (self.quantity, "quantity")):
            if isinstance(state.get(name), str) and box.findText(state[name]) >= 0:
                box.setCurrentText(state[name])
        take_sizes(self, state.get("table_width"))

    def _on_filter(self, name: str) -> None:
        self.model.keep(name)
        self._count_rows()

    def _count_rows(self) -> None:
        known = self._alignment
        whole = numbers.plural(len(known.pairs), "row") if known else ""
        self._rows.show_text(f"{len(self.model.pairs):,} of {whole}" if known else "")

    def _build_left(self) -> QWidget:
        above = QHBoxLayout()
        above.addWidget(self.filter)
        above.addWidget(self._rows, 1)
        left = QWidget()
        self._left_column = QVBoxLayout(left)
        self._left_column.addLayout(above)
        self._left_column.addWidget(self.table, 1)
        return left

    def _build_right(self) -> QWidget:
        inner = QWidget()
        inner.setProperty("role", "content")
        self._right_column = QVBoxLayout(inner)
        self._right_column.addWidget(_title("What differs"))
        self._right_column.addWidget(self.details)
        head = QHBoxLayout()
        head.addWidget(_title("By size of the maps"), 1)
        head.addWidget(self.quantity)
        self._right_column.addLayout(head)
        self._right_column.addWidget(self.bars)
        self._right_column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        return area

    def _restyle(self) -> None:
        px = theme().px
        self._left_column.setContentsMargins(0, px(6), px(6), 0)
        self._left_column.setSpacing(px(4))
        self._right_column.setContentsMargins(px(12), px(6), px(4), px(4))
        self._right_column.setSpacing(px(6))


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def _choice(name: str, accessible: str, tip: str, items: Iterable[str]) -> CalmComboBox:
    box = CalmComboBox()
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    box.setToolTip(tip)
    box.addItems(list(items))
    return box
