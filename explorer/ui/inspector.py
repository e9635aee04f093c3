"""The numbers of what is selected, with the formulas that produced them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph
from explorer.structure.memory_use import Optimiser
from explorer.ui import explanations
from explorer.ui.anatomy_section import AnatomySection
from explorer.ui.empty_note import EmptyNote
from explorer.ui.facts import Facts, block_facts, network_facts, node_facts
from explorer.ui.reading_area import ReadingArea
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_MOST_ROWS = 100  # of the grid, above the line that unfolds the others: rows that hold nothing take no room


class Inspector(QWidget):
    """Shows the selected layer or block, and the whole network while nothing is selected.

    Of a layer's numbers those that most look for come first, and the others are folded under "More". Sections of other
    panels (feature maps, filters) stand below: `add_section`.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self.setAutoFillBackground(True)
        self._session = session
        # The graph shown stays until the next one is read, so that nothing flickers in between.
        self._graph = session.graph
        self._batch, self._optimiser = 1, Optimiser.ADAM
        self.facts: Facts | None = None
        self._rows: list[tuple[QLabel, ValueLabel]] = []
        self._rare: list[tuple[QLabel, ValueLabel]] = []
        self._shows_more = False
        self._folded: frozenset[str] = frozenset()  # of sections, by their keys
        self._make_head()
        self._make_more()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.more, _MOST_ROWS, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        self.hint = _label("secondary")
        self._below = QWidget()
        self.sections = QVBoxLayout(self._below)
        self.sections.setContentsMargins(0, 0, 0, 0)
        self._below.hide()
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.addLayout(self._head)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.hint)
        self._column.addWidget(self._below)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._column.addWidget(QWidget(), 1)
        self._scroll = ReadingArea(self._body)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName("Numbers of the selection")
        self.empty_note = EmptyNote("No network yet. Choose one in the catalogue.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.empty_note, 1)
        session.architecture_changed.connect(self._wait)
        session.graph_changed.connect(self._take_graph)
        session.graph_failed.connect(self.empty_note.say)
        session.selection_changed.connect(self._refresh)
        theme().changed.connect(self._restyle)
        self._restyle()
        if session.architecture is not None:
            self._wait(session.architecture)
        self._refresh()

    def add_section(self, widget: QWidget) -> None:
        """Puts a widget below the numbers, over the whole width, under the sections that are there already."""
        self.sections.addWidget(widget)
        if isinstance(widget, AnatomySection):
            widget.fold(widget.key in self._folded)
        self._below.show()

    def show_terms(self, batch: int, optimiser: Optimiser) -> None:
        """Tells the network's memory for another batch and optimiser."""
        self._batch, self._optimiser = batch, optimiser
        self._refresh()

    def show_more(self, *, shows: bool) -> None:
        """Unfolds the numbers that few look for, or folds them away."""
        self._shows_more = shows
        self._show_rows()

    def state(self) -> dict[str, Any]:
        """What is folded, fit for JSON."""
        sections = (self.sections.itemAt(place).widget() for place in range(self.sections.count()))
        folded = [each.key for each in sections if isinstance(each, AnatomySection) and each.is_folded]
        return {"more": self._shows_more, "folded": folded}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Takes back what `state` gave."""
        self._shows_more = state.get("more") is True
        folded = state.get("folded")
        self._folded = (
            frozenset(key for key in folded if isinstance(key, str)) if isinstance(folded, list) else self._folded
        )
        for place in range(self.sections.count()):
            widget = self.sections.itemAt(place).widget()
            if isinstance(widget, AnatomySection):
                widget.fold(widget.key in self._folded)
        self._show_rows()

    def copy(self) -> None:
        """Puts all that is shown on the clipboard, a line a fact."""
        if self.facts is not None:
            QGuiApplication.clipboard().setText(self.facts.as_text())
            self._session.message.emit(f"{self.facts.title}: numbers copied")

    def _make_head(self) -> None:
        self.title = ValueLabel()
        self.title.setProperty("role", "heading")
        self.copy_button = QToolButton()
        self.copy_button.setObjectName("inspector_copy")
        self.copy_button.setAccessibleName("Copy numbers")
        self.copy_button.setToolTip("Copy these numbers as text")
        self.copy_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.copy_button.clicked.connect(self.copy)
        self._head = QHBoxLayout()
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)

    def _make_more(self) -> None:
        self.more = QToolButton(self)
        self.more.setObjectName("inspector_more")
        self.more.setProperty("small", True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more.setToolTip("Settings, memory and other numbers of this layer")
        self.more.clicked.connect(lambda: self.show_more(shows=not self._shows_more))

    def _wait(self, architecture: Architecture) -> None:
        self.empty_note.say(f"Reading {architecture.title}…")

    def _take_graph(self, graph: Graph) -> None:
        self._graph = graph
        self._refresh()

    def _refresh(self) -> None:
        graph, path = self._graph, self._session.selection
        self._scroll.setVisible(graph is not None)
        self.empty_note.setVisible(graph is None)
        if graph is None:
            self.facts = None
            return
        if path in graph.by_path:
            facts = node_facts(graph.by_path[path], graph)
        elif path in graph.block_by_path:
            facts = block_facts(graph.block_by_path[path], graph)
        else:
            facts = network_facts(graph, self._batch, self._optimiser)
        if facts != self.facts:
            self._show(facts)

    def _show(self, facts: Facts) -> None:
        self.facts = facts
        self.title.show_value(facts.title)
        self.hint.setText(facts.hint)
        self.hint.setVisible(bool(facts.hint))
        self._show_rows()

    def _show_rows(self) -> None:
        facts = self.facts
        if facts is None:
            return
        first = len(facts.rows) if facts.first is None else facts.first
        self._fill(self._rows, facts.rows[:first], 0)
        rare = facts.rows[first:]
        self._fill(self._rare, rare if self._shows_more else (), _MOST_ROWS + 1)
        self.more.setVisible(bool(rare))
        self.more.setText("Less" if self._shows_more else "More")
        self.more.setAccessibleName("Fewer numbers" if self._shows_more else "More numbers")
        self.more.setIcon(theme().icon("chevron-down" if self._shows_more else "chevron-right"))

    def _fill(self, rows: list[tuple[QLabel, ValueLabel]], facts: tuple[tuple[str, str], ...], start: int) -> None:
        """Shows facts from a row of the grid on."""
        while len(rows) < len(facts):
            self._add_row(rows, start)
        for place, (label, value) in enumerate(rows):
            used = place < len(facts)
            label.setVisible(used)
            value.setVisible(used)
            name, text = facts[place] if used else ("", "")
            label.setText(name)
            value.show_value(text)
            value.setAccessibleName(f"{name}: {text}" if used else "")
            for widget in (label, value):
                explanations.explain(widget, explanations.of_fact(name), tip=True)

    def _add_row(self, rows: list[tuple[QLabel, ValueLabel]], start: int) -> None:
        row = start + len(rows)
        label, value = _label("secondary"), ValueLabel()
        label.setWordWrap(False)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
        rows.append((label, value))
        self._align(label)

    def _align(self, label: QLabel) -> None:
        # Small text beside normal text stands on the same line of writing.
        look = theme()
        label.setContentsMargins(0, max(0, round((look.font().pointSizeF() - _small()) * 1.2)), 0, 0)

    def _restyle(self) -> None:
        look = theme()
        self.copy_button.setIcon(look.icon("copy"))
        self.copy_button.setIconSize(QSize(look.px(16), look.px(16)))
        self._column.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(12))
        self._column.setSpacing(look.px(6))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(5))
        self._grid.setColumnMinimumWidth(0, look.px(84))
        self.sections.setSpacing(look.px(12))
        for label, _ in (*self._rows, *self._rare):
            self._align(label)
        self._show_rows()


def _small() -> float:
    return theme().font(secondary=True).pointSizeF()


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
