"""Two networks side by side: graphs that move together, what differs marked, one table, and the cost of each stage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.structure import alignment_table
from explorer.structure.alignment import Alignment, align
from explorer.structure.alignment_words import summary
from explorer.system.files import write_atomically
from explorer.ui import file_dialogs, numbers
from explorer.ui.explanations import explain_all
from explorer.ui.session import Session
from explorer.ui.side_by_side_choice import NetworkChoice
from explorer.ui.side_by_side_figures import JoinedFigures
from explorer.ui.side_by_side_marks import MatchLegend
from explorer.ui.side_by_side_pane import PaneView
from explorer.ui.side_by_side_sync import PanesTogether
from explorer.ui.splitter_sizes import kept_sizes, take_sizes
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.worker import Worker

FIRST = ("resnet18", "resnet18 shortcut=none")
_FIGURES = "SVG, scalable (*.svg);;PDF, for print (*.pdf);;PNG, pixels (*.png)"
_MOST_OTHERS = 8


class SideBySide(QWidget):
    """The network on the left against one of several on the right. Call `shutdown` before the window goes.

    Each side has a session of its own, so that the window's network stays what it is. Networks are read when the page
    is first in sight.
    """

    message = Signal(str)
    compared = Signal(object)  # Alignment, or None while there is none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side_by_side")
        self.setAccessibleName("Two networks side by side")
        self.left, self.right = Session(self), Session(self)
        self.alignment: Alignment | None = None
        self._worker = Worker("align networks", self)
        self._exporter = Worker("export comparison", self)
        self._wanted: tuple[str, tuple[str, ...]] = (FIRST[0], FIRST[1:])
        self._has_started = False
        self._is_switching = False
        self._build()
        for session in (self.left, self.right):
            session.graph_changed.connect(self._look)
            session.architecture_changed.connect(self._on_architecture)
            session.graph_failed.connect(self._on_failed)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or aligned."""
        return self.left.is_reading or self.right.is_reading or self._worker.is_busy

    def compare_with(self, architecture: Architecture, options: Any) -> None:
        """Puts a network on the left, to be compared with what is on the right."""
        self._start(left=False)
        self.left.show(architecture, options)
        self.choices[1].line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.choices[1].line.selectAll()

    def put_right(self, architecture: Architecture, options: Any) -> None:
        """Puts a network on the right."""
        self._start(right=False)
        self.right.show(architecture, options)

    def offer(self, names: Iterable[str]) -> None:
        """More names for the search: a zoo's."""
        known = tuple(names)
        for choice in self.choices:
            choice.offer(known)

    def swap(self) -> None:
        """Puts the left network on the right, and the right one on the left."""
        one, other = self.left, self.right
        if one.architecture is None or other.architecture is None:
            return
        first = (one.architecture, one.options, one.input_shape)
        one.show(other.architecture, other.options, other.input_shape)
        other.show(*first)

    def add_other(self) -> None:
        """Another network to compare the left one with; the ones before stay in the tabs."""
        if self.right.architecture is None or self._others.count() >= _MOST_OTHERS:
            return
        self._is_switching = True
        self._others.setCurrentIndex(self._others.addTab(self.choices[1].text))
        self._is_switching = False
        self._show_others()
        self.choices[1].line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.choices[1].line.selectAll()

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        left, others = self._wanted if not self._has_started else (self.choices[0].text, self._other_texts())
        return {
            "left": left,
            "others": list(others),
            "other": self._others.currentIndex(),
            "graph_height": kept_sizes(self._split),
            **self.figures.state(),
            "graphs": self.panes[0].state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what does not fit stays as it is."""
        left, others = state.get("left"), state.get("others")
        kept = [text for text in others if isinstance(text, str) and text] if isinstance(others, list) else []
        if isinstance(left, str) and left and kept:
            self._wanted = (left, tuple(kept[:_MOST_OTHERS]))
        self.figures.restore(state)
        take_sizes(self._split, state.get("graph_height"))
        graphs = state.get("graphs")
        for pane in self.panes:
            pane.restore(graphs if isinstance(graphs, dict) else {})

    def shutdown(self) -> None:
        """Ends the threads."""
        for choice in self.choices:
            choice.shutdown()
        for pane in self.panes:
            pane.shutdown()
        for session in (self.left, self.right):
            session.shutdown()
        self._worker.shutdown()
        self._exporter.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._start()

    # Reading and aligning

    def _start(self, *, left: bool = True, right: bool = True) -> None:
        """Shows what was remembered, but on a side that is about to get another network."""
        if self._has_started:
            return
        self._has_started = True
        first, others = self._wanted
        self._is_switching = True
        for text in others:
            self._others.addTab(text)
        self._is_switching = False
        self._show_others()
        if left:
            self.choices[0].choose(first)
        if right:
            self.choices[1].choose(others[0])

    def _on_architecture(self) -> None:
        place = self._others.currentIndex()
        if place >= 0 and self.right.architecture is not None:
            self._others.setTabText(place, self.choices[1].text)
        self._forget("Reading the networks…")

    def _forget(self, words: str) -> None:
        """Shows no comparison: one of the networks is no longer what it was."""
        self.alignment = None
        self.together.set_alignment(None)
        self.figures.show_alignment(None)
        self._summary.setText(words)
        self._export.setEnabled(False)

    def _look(self) -> None:
        one, other = self.left.graph, self.right.graph
        for session, label in zip((self.left, self.right), self._totals, strict=True):
            label.show_text(_totals(session))
        if one is None or other is None:
            return
        if one.failure or other.failure:
            failed = one if one.failure else other
            self._forget(f"{failed.title} does not run on its input, so there is nothing to compare.")
            return
        self._worker.submit(lambda: align(one, other), self._take, self._forget)

    def _take(self, alignment: Alignment) -> None:
        if alignment.left is not self.left.graph or alignment.right is not self.right.graph:
            return
        self.alignment = alignment
        sentence = summary(alignment)
        self._summary.setText(sentence[:1].upper() + sentence[1:] + ".")
        self.figures.show_alignment(alignment)
        self._export.setEnabled(True)
        self._align_panes()
        self.compared.emit(alignment)

    def _align_panes(self) -> None:
        """Joins the panes once both have laid out what was aligned."""
        known = self.alignment
        if known is None:
            return
        pictures = [pane.picture for pane in self.panes]
        graphs = (known.left, known.right)
        if all(picture is not None and picture.graph is graph for picture, graph in zip(pictures, graphs, strict=True)):
            self.together.set_alignment(known)

    def _on_altered(self) -> None:
        known, shown = self.alignment, self.together.alignment
        if known is not None and shown is not known:
            self._align_panes()

    def _on_failed(self, sentence: str) -> None:
        self._forget(sentence)

    def _say(self, sentence: str) -> None:
        self._fault.setText(sentence)
        self._fault.setVisible(bool(sentence))

    # Several on the right

    def _other_texts(self) -> tuple[str, ...]:
        texts = [self._others.tabText(number) for number in range(self._others.count())]
        return tuple(texts) or (self.choices[1].text,)

    def _show_others(self) -> None:
        self._others.setVisible(self._others.count() > 1)
        self._add.setEnabled(self._others.count() < _MOST_OTHERS)

    def _on_other(self, place: int) -> None:
        if place >= 0 and not self._is_switching:
            self.choices[1].choose(self._others.tabText(place))

    def _remove_other(self, place: int) -> None:
        if self._others.count() > 1:
            self._others.removeTab(place)
            self._show_others()

    # Taking it elsewhere

    def table_text(self, suffix: str) -> str:
        """The rows that are shown, as CSV or Markdown (".csv", ".md")."""
        known = self.alignment
        if known is None:
            return ""
        pairs = self.figures.model.pairs
        return alignment_table.comma_separated(pairs) if suffix == ".csv" else alignment_table.markdown(known, pairs)

    def save(self, path: Path) -> None:
        """Writes the table (csv, md) or the figure (svg, pdf, png); the suffix decides."""
        known = self.alignment
        if known is None:
            self.message.emit("there is nothing to save yet")
            return
        if path.suffix.lower() in {".csv", ".md"}:
            text = self.table_text(path.suffix.lower())
            self._exporter.submit(lambda: _written(path, text.encode()), self.message.emit, self.message.emit)
            return
        from explorer.ui.side_by_side_figure import PairFigure, pair_bytes  # noqa: PLC0415 - SVG and PDF come late

        figure = PairFigure((self.panes[0].folded, self.panes[1].folded), False, self.panes[0].direction)
        self._exporter.submit(
            lambda: _written(path, pair_bytes(known, path.suffix, figure)), self.message.emit, self.message.emit
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table_text(".md"))
        self.message.emit("copied the table as Markdown")

    def _ask(self, suffix: str, filters: str) -> None:
        name = "-".join(text.split()[0].replace("/", "-") for text in (choice.text for choice in self.choices) if text)
        chosen, _ = file_dialogs.save_file(
            self.window(), "comparison", "Save the comparison", f"{name}{suffix}", filters
        )
        if chosen:
            self.save(Path(chosen) if Path(chosen).suffix else Path(chosen + suffix))

    # Building

    def _build(self) -> None:
        self.panes = (PaneView(self.left, of_left=True), PaneView(self.right, of_left=False))
        self.choices = (NetworkChoice(self.left, "left"), NetworkChoice(self.right, "right"))
        self.together = PanesTogether(*self.panes, self)
        self.figures = JoinedFigures()
        self.figures.chosen.connect(self.together.select)
        self.together.selected.connect(self.figures.show_pair)
        self._totals = (StillLabel("Totals of the network on the left"), StillLabel("Totals of the one on the right"))
        for session in (self.left, self.right):
            session.message.connect(self.message)
        for choice in self.choices:
            choice.failed.connect(self._say)
        for pane in self.panes:
            pane.altered.connect(self._on_altered)
        self._swap = _button("⇄ Swap", "Left and right change places", self.swap)
        self._swap.setObjectName("side_by_side_swap")
        self._add = _button("Add", "Another network to compare the left one with; these stay in tabs", self.add_other)
        self._others = QTabBar()
        self._others.setObjectName("side_by_side_others")
        self._others.setAccessibleName("Networks to compare the left one with")
        self._others.setTabsClosable(True)
        self._others.setExpanding(False)
        self._others.setDrawBase(False)
        self._others.currentChanged.connect(self._on_other)
        self._others.tabCloseRequested.connect(self._remove_other)
        self._fault = QLabel()
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.setWordWrap(True)
        self._fault.setProperty("role", "bad")
        self._fault.hide()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._build_graphs())
        self._split.addWidget(self.figures)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._fault)
        self._column.addLayout(self._build_summary())
        self._column.addWidget(self._split, 1)
        explain_all("side by side", {"totals": self._totals, "findings": self._summary})

    def _build_graphs(self) -> QWidget:
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        right = self._right = QHBoxLayout()
        right.addWidget(self._swap)
        right.addWidget(self.choices[1], 1)
        right.addWidget(self._add)
        self._grid.addWidget(self.choices[0], 0, 0)
        self._grid.addLayout(right, 0, 1)
        self._grid.addWidget(self._totals[0], 1, 0)
        self._grid.addWidget(self._totals[1], 1, 1)
        self._grid.addWidget(self._others, 2, 1)
        self._grid.addWidget(self.panes[0], 3, 0)
        self._grid.addWidget(self.panes[1], 3, 1)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self._grid.setRowStretch(3, 1)
        for pane in self.panes:
            pane.setMinimumSize(0, 0)
        return holder

    def _build_summary(self) -> QHBoxLayout:
        self._summary = QLabel("")
        self._summary.setObjectName("side_by_side_summary")
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._summary.setWordWrap(True)
        self._summary.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._export = QPushButton("Export")
        self._export.setObjectName("side_by_side_export")
        self._export.setAccessibleName("Export the comparison")
        self._export.setToolTip("The table as CSV or Markdown, both graphs as one figure")
        self._export.setEnabled(False)
        menu = QMenu(self._export)
        menu.addAction("Copy table as Markdown", self._copy)
        menu.addAction("Save table as CSV…", lambda: self._ask(".csv", "CSV (*.csv)"))
        menu.addAction("Save table as Markdown…", lambda: self._ask(".md", "Markdown (*.md)"))
        menu.addSeparator()
        menu.addAction("Save figure…", lambda: self._ask(".svg", _FIGURES))
        self._export.setMenu(menu)
        row = QHBoxLayout()
        row.addWidget(self._summary, 1)
        row.addWidget(MatchLegend(), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._export)
        return row

    def _restyle(self) -> None:
        px = theme().px
        self._column.setSpacing(px(6))
        self._right.setSpacing(px(6))
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(4))


def _totals(session: Session) -> str:
    graph = session.graph
    if graph is None:
        return ""
    totals = graph.totals
    return " · ".join(
        (
            graph.title,
            f"{numbers.count(totals.parameters)} parameters",
            f"{numbers.short_count(totals.macs)} MACs",
            f"{numbers.size(totals.activation_bytes)} activations",
        )
    )


def _written(path: Path, content: bytes) -> str:
    write_atomically(path, content)
    return f"wrote {path}"


def _button(text: str, tip: str, pressed: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.strip("⇄ "))
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: pressed())
    return button
