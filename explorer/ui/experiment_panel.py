"""The experiments: a list of claims, the one that is chosen in words, and its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from explorer import experiments
from explorer.claims.claim import Experiment, Size
from explorer.claims.results import Chart, KeptRun
from explorer.system.settings import Settings
from explorer.ui.experiment_chart import ExperimentChart
from explorer.ui.experiment_findings import Findings, all_kept
from explorer.ui.experiment_list import ExperimentList
from explorer.ui.experiment_mark import State
from explorer.ui.experiment_pictures import pictures, titles
from explorer.ui.experiment_series import Series, SeriesReader, Source
from explorer.ui.experiment_sheet import save_page
from explorer.ui.experiment_thread import Conductor, Standing, Wish
from explorer.ui.experiment_words import ExperimentWords
from explorer.ui.theme import theme
from explorer.ui.worker import Worker

_LIST_WIDTH = 316
_LIST_LEAST = 236
_WORDS_WIDTH = 436
_CHART_LEAST = 340
# Narrower than this, the pictures stand on the page among the words; narrower still, the list stands above that.
_WIDE = 900
_MIDDLE = 560
_LEAST = (300, 180)
_NOTHING_YET = "Not run yet. Run it to see its curves."


class ExperimentPanel(QWidget):
    """Shows the experiments and conducts them with `conductor`. Call `shutdown` before the window goes.

    Curves are read from the runs' folders in a thread, while an experiment is under way some times a second.
    """

    network_chosen = Signal(str)
    runs_wanted = Signal(object)  # tuple[Path, ...]: to be selected in the run table
    told = Signal(str)  # a sentence for the status bar
    states_changed = Signal(object)  # dict[str, State] by the experiments' names

    def __init__(self, conductor: Conductor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiments")
        self.setAccessibleName("Experiments")
        self.setAutoFillBackground(True)
        self._conductor = conductor
        self._experiment = experiments.EXPERIMENTS[0]
        self._findings: dict[tuple[str, Size], Findings] = {}
        self._newest: dict[str, Size] = {}  # which form of an experiment is shown
        self._reader = Worker("read experiment", self)
        self._keeper = Worker("read verdicts", self)
        self._saver = Worker("save page", self)
        self._series_of: tuple[Source, ...] | None = None  # the runs whose curves were read
        self._series: tuple[Series, ...] = ()
        self._live: SeriesReader | None = None
        self._lacks_layers = False  # the norms of layers are still to be read
        self._has_looked = False
        self._shared = 0  # the width that was last shared out
        self._is_wide = True
        self.list = ExperimentList()
        self.words = ExperimentWords()
        self.chart = ExperimentChart()
        self.chart.say(_NOTHING_YET)
        self._beside = QSplitter(Qt.Orientation.Horizontal)
        self._beside.addWidget(self.words)
        self._beside.addWidget(self.chart)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self.list)
        self._split.addWidget(self._beside)
        for split in (self._beside, self._split):
            split.setChildrenCollapsible(False)
        self._split.setStretchFactor(1, 1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._split)
        self._connect()
        theme().changed.connect(self._measure)
        self._measure()
        self.list.choose(self._experiment)

    # What is asked of it

    @property
    def experiment(self) -> Experiment:
        """The experiment that is shown."""
        return self._experiment

    @property
    def findings(self) -> Findings | None:
        """What the experiment that is shown came to, in the form that was done last."""
        name = self._experiment.name
        size = self._newest.get(name, "short")
        return self._findings.get((name, size)) or self._findings.get((name, "full"))

    def choose(self, experiment: Experiment) -> None:
        """Shows an experiment."""
        self.list.choose(experiment)
        self._show(experiment)

    def run(self, size: Size = "short", seeds: int | None = None) -> None:
        """Conducts the experiment that is shown; one that is under way already goes on."""
        self.words.say("")
        self._conductor.start(Wish(self._experiment, size, seeds))

    def save_page(self, path: Path) -> None:
        """Writes the findings shown as one page, off the UI thread; the suffix names the format."""
        findings = self.findings
        if findings is not None:
            self._saver.submit(
                lambda: save_page(findings, path),
                lambda _none: self.told.emit(f"page saved as {path}"),
                self.told.emit,
            )

    def show_network(self, name: str | None, title: str = "") -> None:
        """Says which network is on screen, which the filter goes by."""
        self.list.show_network(name, title)

    def show_list(self, *, shown: bool) -> None:
        """Shows the list of experiments, or leaves its room to words and curves."""
        self.list.setVisible(shown)
        self._shared = 0
        self._arrange()

    def refresh(self) -> None:
        """Reads the kept verdicts again, off the UI thread."""
        self._keeper.submit(all_kept, self._on_kept, self.told.emit)

    def state(self) -> dict[str, Any]:
        """What the user has chosen, for JSON."""
        return {"experiment": self._experiment.name, "only_network": self.list.only_network.isChecked()}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        self.list.only_network.setChecked(state.get("only_network") is True)
        known = {one.name: one for one in experiments.EXPERIMENTS}
        if state.get("experiment") in known:
            self.choose(known[state["experiment"]])

    def shutdown(self) -> None:
        for worker in (self._reader, self._keeper, self._saver):
            worker.shutdown()

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._has_looked:
            self._has_looked = True
            self.refresh()
        QTimer.singleShot(0, self, self._read)

    def minimumSizeHint(self) -> QSize:
        # What does not fit scrolls; the docks around it must not be pushed apart.
        return QSize(theme().px(_LEAST[0]), theme().px(_LEAST[1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        controls = self.words.controls
        self.list.chosen.connect(self._show)
        self.words.network_chosen.connect(self.network_chosen)
        controls.run_asked.connect(self.run)
        controls.cancel_asked.connect(self._conductor.cancel)
        controls.other_asked.connect(self._show_under_way)
        controls.page_asked.connect(self._choose_file)
        controls.runs_asked.connect(self._open_runs)
        self._conductor.changed.connect(self._on_standing)
        self._conductor.judged.connect(self._on_judged)
        self._conductor.stopped.connect(self._on_stopped)
        self._conductor.failed.connect(self._on_failed)

    def _show(self, experiment: Experiment) -> None:
        if experiment is self._experiment and self.words.title.value:
            return
        self._experiment = experiment
        self._series, self._series_of, self._live = (), None, None
        self._lacks_layers = False
        self.words.show_experiment(experiment)
        self._show_state()
        self._show_pictures()
        self._read()

    def _show_state(self) -> None:
        self.words.show_state(self.findings, self._standing)
        self.words.controls.show_standing(self._conductor.standing)

    @property
    def _standing(self) -> Standing | None:
        """How the experiment that is shown stands; None while it is not under way."""
        standing = self._conductor.standing
        return standing if standing is not None and standing.wish.experiment == self._experiment else None

    def _on_standing(self) -> None:
        if self.isVisible():
            self._show_state()
            self._read()
        self._tell_states()

    def _on_judged(self, findings: Findings) -> None:
        name = findings.experiment.name
        self._findings[name, findings.size] = findings
        self._newest[name] = findings.size
        self.told.emit(f"{findings.experiment.title}: {findings.outcome.value}")
        self._settle()

    def _on_stopped(self, wish: Wish) -> None:
        self.told.emit(f"{wish.experiment.title}: stopped; what was trained is kept, and the experiment can be resumed")
        self._settle()

    def _on_failed(self, wish: Wish, sentence: str) -> None:
        self.told.emit(sentence)
        self._settle()
        if wish.experiment == self._experiment:
            self.words.say(sentence[:1].upper() + sentence[1:])

    def _settle(self) -> None:
        self._series_of = None
        self._show_state()
        self._read()
        self._tell_states()

    def _on_kept(self, found: dict[tuple[str, Size], Findings]) -> None:
        # What came to its end meanwhile is newer than what was read.
        self._findings = {**found, **self._findings}
        self._show_state()
        self._read()
        self._tell_states()

    def _tell_states(self) -> None:
        states: dict[str, State] = {}
        for (name, size), findings in self._findings.items():
            if name not in states or size == self._newest.get(name, "full"):
                states[name] = State(findings.outcome.value)
        standing = self._conductor.standing
        if standing is not None:
            states[standing.wish.experiment.name] = State.WAITING if standing.is_waiting else State.RUNNING
        if states != self.list.model.states:
            self.list.model.set_states(states)
            self.states_changed.emit(states)

    # Pictures

    def _sources(self) -> tuple[Source, ...] | None:
        """The runs whose curves are to be seen; None where they are still to be looked for."""
        standing, findings = self._standing, self.findings
        if standing is not None:
            return standing.sources
        if findings is not None:
            return _sources_of(findings.runs)
        return self._series_of

    def _charts(self) -> tuple[Chart, ...]:
        standing, findings = self._standing, self.findings
        if standing is not None:
            return standing.charts
        return () if findings is None else findings.charts

    def _size(self) -> Size:
        standing, findings = self._standing, self.findings
        if standing is not None:
            return standing.wish.size
        return "short" if findings is None else findings.size

    def _read(self) -> None:
        """Reads the curves of the runs, off the UI thread: again and again while one of them grows."""
        sources = self._sources()
        is_growing = any(not source.is_done for source in sources or ())
        is_read = sources is not None and sources == self._series_of and not self._lacks_layers
        if not self.isVisible() or (is_read and not is_growing):
            self._show_pictures()
            return
        if self._reader.is_busy:
            return  # the answer looks whether there is more to read
        experiment, size = self._experiment, self._size()
        reader = self._live = self._live or SeriesReader(experiment, size)
        is_first = reader.is_partial
        settings = self._conductor.settings()
        self._reader.submit(
            lambda: _look(reader, experiment, size, sources, settings),
            lambda found: self._on_series(reader, *found, is_first=is_first),
            self.told.emit,
        )

    def _on_series(
        self, reader: SeriesReader, sources: tuple[Source, ...], series: tuple[Series, ...], *, is_first: bool
    ) -> None:
        if reader is not self._live:
            self._read()
            return
        self._series, self._series_of = series, sources
        self._lacks_layers = is_first and bool(sources)
        if self._standing is None and self.findings is None:
            self.words.controls.show_resumable(len(sources))
        self._show_pictures()
        if self._sources() != sources or self._lacks_layers:
            self._read()

    def _show_pictures(self) -> None:
        charts = self._charts()
        self.chart.offer(titles(self._experiment, charts))
        self.chart.say(self._why_empty())
        self.chart.show_plots(pictures(self._experiment, self._size(), self._series, charts))

    def _why_empty(self) -> str:
        if self._standing is not None:
            return "The first figures are on their way."
        if self.findings is None:
            return _NOTHING_YET if self._experiment.short.arms else "Not computed yet. It takes seconds."
        if not self._experiment.look and not self.findings.charts:
            return "This experiment has figures, and no curves."
        if self._series_of is None:
            return "Reading the curves…"
        return "The runs behind this verdict are gone; run it again to see their curves."

    # Buttons

    def _show_under_way(self) -> None:
        standing = self._conductor.standing
        if standing is not None:
            self.choose(standing.wish.experiment)

    def _open_runs(self) -> None:
        if self.findings is not None:
            self.runs_wanted.emit(self.findings.folders)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save the result as a page", f"{self._experiment.name}.pdf", "Pages (*.pdf *.svg *.png)"
        )
        if name:
            self.save_page(Path(name) if Path(name).suffix else Path(f"{name}.pdf"))

    def _arrange(self) -> None:
        width, px = self._split.width(), theme().px
        # The room of a list that is hidden is the picture's.
        is_wide = width >= px(_WIDE if not self.list.isHidden() else _WIDE - _LIST_LEAST)
        direction = Qt.Orientation.Horizontal if width >= px(_MIDDLE) else Qt.Orientation.Vertical
        if self._split.orientation() != direction:
            self._split.setOrientation(direction)
            self._shared = 0
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            if is_wide:
                self.words.give_back(self.chart)
                self._beside.addWidget(self.chart)
            else:
                self.words.take_in(self.chart)
            self.chart.show()
            self._shared = 0
        if width != self._shared:
            self._share_out(width)

    def _share_out(self, width: int) -> None:
        """Gives the words what their buttons need, and the list what is left of what the picture needs."""
        px = theme().px
        self._shared = width
        if self._split.orientation() == Qt.Orientation.Vertical:
            self._split.setSizes([self.height() // 3, self.height() - self.height() // 3])
            return
        spare = width - px(_WORDS_WIDTH) - px(_CHART_LEAST if self._is_wide else 0)
        of_list = 0 if self.list.isHidden() else min(px(_LIST_WIDTH), max(px(_LIST_LEAST), spare))
        self._split.setSizes([of_list, width - of_list])
        if self._is_wide:
            self._beside.setSizes([px(_WORDS_WIDTH), max(width - of_list - px(_WORDS_WIDTH), px(_CHART_LEAST))])

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(8), px(6), px(8), px(8))
        self._shared = 0
        self.list.setMinimumWidth(px(200))
        self.words.setMinimumWidth(px(240))


def _sources_of(runs: tuple[KeptRun, ...]) -> tuple[Source, ...]:
    return tuple(Source(run.arm, run.seed, run.folder, diverged=run.diverged) for run in runs)


def _look(
    reader: SeriesReader, experiment: Experiment, size: Size, sources: tuple[Source, ...] | None, settings: Settings
) -> tuple[tuple[Source, ...], tuple[Series, ...]]:
    """The runs and their curves; where the runs are not known, those that are there already."""
    if sources is None:
        from explorer.claims.runner import kept_runs  # noqa: PLC0415 - torch is imported off the UI thread

        sources = _sources_of(kept_runs(experiment, size, settings=settings))
    return sources, reader.read(sources)
