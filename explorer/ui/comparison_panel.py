"""The networks side by side: a table that sorts, a chart, and what textbooks print."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.comparison import ComparisonRow, catalogue_rows, zoo_row
from explorer.runs.run_folder import Run
from explorer.system.download import Cancelled
from explorer.ui.comparison_model import ALL, OURS, ROW_ROLE, ComparisonFilter, ComparisonModel, Index, keeps
from explorer.ui.comparison_own import OwnRuns
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.textbook_view import TextbookView
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from explorer.ui.comparison_chart import ComparisonChart

_COLOURED = 5  # families with a colour of their own
_WIDEST = {0: 172, 1: 96}  # pixels of the first columns at first: a few long names would push the figures out of sight
PUBLISHED = "ImageNet, published"


@dataclass(frozen=True)
class Page:
    """A page beside the figures; its widget is made when it is first chosen."""

    title: str
    tip: str
    make: Callable[[], QWidget]


class ComparisonPanel(QWidget):
    """Figures of every network; MACs of the catalogue's own are computed one by one once the panel is in sight.

    `chosen` carries the name of a network that was clicked in the chart or opened in the table, `run_chosen` the folder
    of a run. `pages` stand beside the figures. Call `shutdown` before the window goes.
    """

    chosen = Signal(str)
    run_chosen = Signal(object)  # Path
    page_changed = Signal(int)
    experiments_wanted = Signal()

    _computed = Signal(str, object)  # name, MACs: from the thread
    _listed = Signal(object)  # rows of the zoo: from the thread

    def __init__(
        self,
        architectures: Sequence[Architecture] | None = None,
        parent: QWidget | None = None,
        pages: Sequence[Page] = (),
    ) -> None:
        super().__init__(parent)
        self._extra = tuple(pages)
        self._runs = OwnRuns(self)
        self._runs.changed.connect(self._on_runs)
        self.setObjectName("comparison")
        self.setAccessibleName("Comparison of the networks")
        self.setAutoFillBackground(True)
        self._architectures = tuple(CATALOGUE if architectures is None else architectures)
        self._worker: Worker | None = None
        self._ended = threading.Event()
        self._stop = threading.Event()
        self.is_complete = False
        self.model = ComparisonModel(self)
        self._published = list(catalogue_rows(self._architectures))
        self.model.set_rows(self._published)
        self._build()
        self.chart: ComparisonChart | None = None
        self._computed.connect(self._on_computed, Qt.ConnectionType.QueuedConnection)
        self._listed.connect(self._on_listed, Qt.ConnectionType.QueuedConnection)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._offer_families()

    def shutdown(self) -> None:
        """Ends what is being computed."""
        self._ended.set()
        self.textbook.shutdown()
        self._runs.shutdown()
        if self._worker is not None:
            self._worker.shutdown()

    def compute(self) -> None:
        """Computes what is missing; the button says how far it is and ends it."""
        if self.is_complete or self._ended.is_set():
            return
        if self._worker is None:
            self._worker = Worker("compare networks", self)
        elif not self._cancel.isHidden():
            return
        stop = self._stop = threading.Event()
        missing = [a for a in self._architectures if self._row(a.name).macs is None]
        # The layers of ResNet-1202 take longer than all others together: they keep nobody waiting.
        missing.sort(key=lambda architecture: architecture.name == "resnet1202")
        self._say("Reading the networks", 0.0)
        self._worker.submit(lambda: self._work(missing, stop), self._on_done, self._on_failed)

    def set_runs(self, runs: Sequence[Run]) -> None:
        """The trained runs, whose accuracies can be shown in place of the published ones."""
        self._runs.set_runs(runs)
        kept = self.source.currentText()
        self.source.blockSignals(True)
        self.source.clear()
        self.source.addItems([PUBLISHED, *self._runs.titles])
        self.source.setCurrentText(kept if self.source.findText(kept) >= 0 else PUBLISHED)
        self.source.blockSignals(False)
        self._on_source(self.source.currentText())

    def show_page(self, number: int) -> None:
        """Turns to the figures (0), to what is printed (1), or to one of the further pages."""
        self._segments.button(number).setChecked(True)
        self._show_page(number)

    @property
    def page(self) -> int:
        return max(0, self._segments.checkedId())

    def cancel(self) -> None:
        """Computes no more for now; "Go on" takes it up again."""
        self._stop.set()
        self._say("", None)
        self._again.setVisible(not self.is_complete)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # While docks are put into tabs, each is shown for a moment.
        QTimer.singleShot(0, self, self._start)

    def _start(self) -> None:
        if self.chart is None and self.isVisible() and not self._ended.is_set():
            self._make_chart()
            self.compute()

    # In the thread

    def _work(self, missing: Sequence[Architecture], stop: threading.Event) -> bool:
        # torch is imported here, off the UI thread.
        from explorer.networks import zoo  # noqa: PLC0415
        from explorer.reading import read_graph  # noqa: PLC0415

        def is_ended() -> bool:
            return stop.is_set() or self._ended.is_set()

        rows = []
        for architecture in zoo.torchvision_architectures():
            figures = zoo.figures(architecture.name)
            if figures is not None:
                rows.append(zoo_row(architecture, figures))
        self._listed.emit(tuple(rows))
        for architecture in missing:
            if is_ended():
                return False
            try:
                graph = read_graph(architecture, cancelled=is_ended)
            except Cancelled:
                return False
            self._computed.emit(architecture.name, graph.totals.macs)
        return True

    # Back in the UI thread

    def _on_listed(self, rows: tuple[ComparisonRow, ...]) -> None:
        if self._ended.is_set():
            return
        self._published = [*(row for row in self._published if "/" not in row.name), *rows]
        if self._is_published:
            self.model.set_rows(self._published)
            self._offer_families()
            self._show_chart()

    def _on_computed(self, name: str, macs: int) -> None:
        if self._ended.is_set():
            return
        self._published = [row.with_macs(macs) if row.name == name else row for row in self._published]
        self.model.set_macs(name, macs)
        if self._is_published:
            self._show_chart()
        rows = [row for row in self._published if "/" not in row.name]
        done = sum(row.macs is not None for row in rows)
        if not self._stop.is_set():
            self._say(f"Computing MACs: {done:,} of {len(rows):,} networks", done / len(rows))

    def _on_done(self, is_complete: bool) -> None:
        self.is_complete = is_complete
        self._say("", None)
        self._again.setVisible(not is_complete)
        self._fit_columns()

    def _on_failed(self, sentence: str) -> None:
        self._say("", None)
        self._words.setText(sentence)
        self._words.show()

    def _row(self, name: str) -> ComparisonRow:
        return next(row for row in self._published if row.name == name)

    @property
    def _is_published(self) -> bool:
        return self.source.currentText() not in self._runs.titles

    def _on_source(self, text: str) -> None:
        if text not in self._runs.titles:
            self.model.set_rows(self._published)
        else:
            self._runs.show(text)
            self.model.set_rows(self._runs.rows)
        self._offer_families()
        self._show_chart()
        if self.chart is not None:
            self.chart.follow()

    def _on_runs(self) -> None:
        """MACs of the runs on show came."""
        if not self._is_published:
            self.model.set_rows(self._runs.rows)
            self._show_chart()

    def _choose(self, name: str) -> None:
        folder = self._runs.folder_of(name)
        if folder is None:
            self.chosen.emit(name)
        else:
            self.run_chosen.emit(folder)

    def _show_chart(self) -> None:
        if self.chart is not None:
            kept = self.filter.currentText()
            rows = [row for row in self.model.rows if keeps(row, kept)]
            self.chart.show_rows(rows, self._coloured())
            self.legend.show_entries(self.chart.legend())

    def _coloured(self) -> list[str]:
        """The families with the most networks in the chart, which get a colour of their own."""
        counts: dict[str, int] = {}
        for row in self.model.rows:
            if row.top1 is not None:
                counts[row.family] = counts.get(row.family, 0) + 1
        return sorted(counts, key=lambda family: (-counts[family], family))[:_COLOURED]

    def _offer_families(self) -> None:
        kept = self.filter.currentText()
        families = sorted({row.family for row in self.model.rows}, key=str.casefold)
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.addItems([ALL, OURS, *families])
        self.filter.setCurrentText(kept if kept in {ALL, OURS, *families} else ALL)
        self.filter.blockSignals(False)
        self._fit_columns()

    def _on_filter(self, text: str) -> None:
        self._sorted.keep(text)
        self._show_chart()

    def _open_row(self, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self._choose(row.name)

    def _point(self, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if self.chart is not None and row is not None:
            self.chart.point(row if row in self.chart.rows else None)

    def _show_page(self, number: int) -> None:
        place = number - 2
        if place >= 0 and number not in self._made:
            self._made[number] = self._pages.addWidget(self._extra[place].make())
        self._pages.setCurrentIndex(self._made.get(number, number))
        self.filter.setVisible(number == 0)
        self.source.setVisible(number == 0 and self.source.count() > 1)
        self._work_row.setVisible(number == 0)
        self.page_changed.emit(number)

    def _say(self, words: str, share: float | None) -> None:
        for widget in (self._words, self._bar, self._cancel):
            widget.setVisible(bool(words))
        self._again.hide()
        self._words.setText(words)
        self._bar.show_share(share)

    # Building

    def _build(self) -> None:
        self._tools = FlowRow()
        pages = QFrame()
        pages.setProperty("segments", "true")
        pages.setAccessibleName("What is compared")
        row = QHBoxLayout(pages)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        own = (
            ("Figures", "Table and chart of all networks"),
            ("As printed", "What textbooks print, and why it differs"),
        )
        for number, (title, tip) in enumerate((*own, *((page.title, page.tip) for page in self._extra))):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setProperty("segment", "true")
            button.setAccessibleName(title)
            button.setToolTip(tip)
            group.addButton(button, number)
            row.addWidget(button)
        group.idClicked.connect(self._show_page)
        self._segments = group
        self._build_choices()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "secondary")
        self._bar = ProgressBar("Progress of the comparison")
        explain_all("comparison", {"progress": (self._words, self._bar)})
        self._cancel = _quiet("Cancel", "Compute no more", self.cancel)
        self._again = _quiet("Go on computing", "Compute the MACs that are missing", self.compute)
        self._work_row = QWidget()
        work = QHBoxLayout(self._work_row)
        work.setContentsMargins(0, 0, 0, 0)
        for widget in (self._words, self._bar, self._cancel, self._again):
            work.addWidget(widget)
            widget.hide()
        claims = _quiet("Experiments", "Claims of the textbooks, answered by training", self.experiments_wanted.emit)
        for tool in (pages, self.source, self.filter, claims, self._work_row):
            self._tools.add(tool)
        self._build_table()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self.textbook = TextbookView()
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self._split)
        self._pages.addWidget(self.textbook)
        self._made: dict[int, int] = {}  # where further pages stand
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._tools)
        self._column.addWidget(body, 1)

    def _build_choices(self) -> None:
        self.filter = CalmComboBox()
        self.filter.setObjectName("comparison_filter")
        self.filter.setAccessibleName("Networks shown")
        self.filter.setToolTip("Show all networks, those of this catalogue, or one family")
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.filter.setMinimumContentsLength(16)
        self.filter.currentTextChanged.connect(self._on_filter)
        self.source = CalmComboBox()
        self.source.setObjectName("comparison_source")
        self.source.setAccessibleName("Accuracies shown")
        self.source.setToolTip("Published accuracies on ImageNet, or those of your own runs on one data set")
        self.source.addItem(PUBLISHED)
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.source.currentTextChanged.connect(self._on_source)
        self.source.hide()

    def _build_table(self) -> None:
        self._sorted = ComparisonFilter(self)
        self._sorted.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setObjectName("comparison_table")
        self.table.setAccessibleName("Comparison table")
        self.table.setToolTip("Enter or a double click shows the network")
        self.table.setModel(self._sorted)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumWidth(0)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.activated.connect(self._open_row)
        self.table.selectionModel().currentRowChanged.connect(lambda current, _previous: self._point(current))

    def _make_chart(self) -> None:
        # pyqtgraph is imported late.
        from explorer.ui.comparison_chart import ComparisonChart, FamilyLegend  # noqa: PLC0415

        self.chart = ComparisonChart()
        self.chart.chosen.connect(self._choose)
        self.legend = FamilyLegend()
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(theme().px(8), 0, 0, 0)
        column.addWidget(self.legend)
        column.addWidget(self.chart, 1)
        self._split.addWidget(beside)
        self._split.setSizes([500, 500])
        self._show_chart()

    def _fit_columns(self) -> None:
        header = self.table.horizontalHeader()
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        for column, most in _WIDEST.items():
            header.resizeSection(column, min(header.sectionSize(column), theme().px(most)))

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(8), look.px(4), look.px(8), look.px(8))
        self._column.setSpacing(look.px(8))
        self.table.verticalHeader().setDefaultSectionSize(look.px(28))
        self.table.verticalHeader().setMinimumSectionSize(look.px(28))
        self._bar.setFixedWidth(look.px(120))


def _quiet(text: str, tip: str, pressed: object) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.clicked.connect(pressed)
    return button
