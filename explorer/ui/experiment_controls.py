"""What can be asked of an experiment: to run, in full once the cost is known, with more seeds, to stop; its page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from explorer.claims.claim import Experiment, Size
from explorer.ui import numbers
from explorer.ui.experiment_findings import Findings
from explorer.ui.experiment_setup import cost_text, seconds_of, time_text
from explorer.ui.experiment_thread import Standing
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.quiet_row import BesideQuiet
from explorer.ui.spin_box import indent
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_MOST_SEEDS = 50
MORE_SEEDS = 3


class ExperimentControls(QWidget):
    """Buttons for the experiment shown, and how the one under way stands."""

    run_asked = Signal(str, int)  # "short" or "full", number of seeds
    cancel_asked = Signal()
    page_asked = Signal()
    runs_asked = Signal()  # those of the findings shown, in the run table
    other_asked = Signal()  # the experiment that is under way, where that is another

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self._findings: Findings | None = None
        self._standing: Standing | None = None
        self._has_card = True  # a graphics card
        self._resumable = 0  # runs that are there already
        self.run = _button("Run", self._ask_short)
        self.run.setProperty("primary", True)
        self.run.setObjectName("experiment_run")
        self.full = _button("Run in full…", self._ask_full)
        self.full.setObjectName("experiment_full")
        self.full.setToolTip("Run the setting of the paper; says first what that costs")
        self.seeds = QSpinBox()
        self.seeds.setRange(1, _MOST_SEEDS)
        self.seeds.setAccessibleName("Number of seeds")
        self.seeds.setToolTip("How often each training is repeated; one seed has no spread, and shows nothing")
        self.seeds.setPrefix("seeds: ")
        explain_all("experiment", {"seeds": self.seeds, "form": (self.run, self.full)})
        indent(self.seeds)
        self.seeds.valueChanged.connect(self._show)
        self.more = _button("Run again with more seeds", self._ask_more, is_quiet=True)
        self.more.setObjectName("experiment_more")
        self.runs = _button("Open these runs", self.runs_asked.emit, is_quiet=True)
        self.runs.setToolTip("Select these runs in the run table, which lays their curves over each other")
        self.page = _button("Save page…", self.page_asked.emit, is_quiet=True)
        self.page.setToolTip("Question, curves, verdict and configuration on one page: PDF, SVG or PNG")
        self._row, self._after = FlowRow(), FlowRow()
        for control in (self.run, self.full, self.seeds):
            self._row.add(control)
        for button in (self.more, self.runs, self.page):
            self._after.add(button)
        self._build_progress()
        self._build_question()
        self._column = QVBoxLayout(self)
        self._column.addLayout(BesideQuiet(self._row))
        self._column.addWidget(self._after)
        self._column.addLayout(BesideQuiet(self._under_way, self._question))
        theme().changed.connect(self._measure)
        self._measure()
        self._show()

    def show_experiment(self, experiment: Experiment) -> None:
        if experiment is not self._experiment:
            self._experiment = experiment
            self._question.hide()
            self._resumable = 0
            self.seeds.setValue(experiment.short.seeds)
        self._show()

    def show_findings(self, findings: Findings | None) -> None:
        self._findings = findings
        self._show()

    def show_standing(self, standing: Standing | None) -> None:
        """How the experiment under way stands, this one or another."""
        self._standing = standing
        self._show()

    def show_resumable(self, runs: int) -> None:
        """So many finished runs of the short form are there already and are taken over."""
        self._resumable = runs
        self._show()

    def set_card(self, *, has_card: bool) -> None:
        """Whether torch has a graphics card here."""
        self._has_card = has_card

    def full_cost(self) -> str:
        """What the full form costs, before it is begun."""
        experiment = self._experiment
        if experiment is None:
            return ""
        seeds = self._full_seeds()
        cost = cost_text(experiment.full, "full", seeds)
        if not experiment.full.arms:
            return cost
        here = "" if self._has_card else " This computer has none: here it takes many times as long."
        kept = "Every run is kept, and can be gone on with at any time."
        return f"In full: {cost.rstrip('.')}.{here} {kept}"

    # What is asked

    def _ask_short(self) -> None:
        self._question.hide()
        self.run_asked.emit("short", self.seeds.value())

    def _ask_full(self) -> None:
        self._question_text.show_value(self.full_cost())
        self._question.show()
        self._agree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_agreed(self) -> None:
        self._question.hide()
        self.run_asked.emit("full", self._full_seeds())

    def _ask_more(self) -> None:
        if self._findings is not None:
            size: Size = self._findings.size
            seeds = min(self._findings.seeds + MORE_SEEDS, _MOST_SEEDS)
            if size == "short":
                self.seeds.setValue(seeds)
            self.run_asked.emit(size, seeds)

    def _full_seeds(self) -> int:
        """Those that were asked for, or the full form's own where nobody asked."""
        experiment = self._experiment
        if experiment is None:
            return 1
        asked = self.seeds.value()
        return experiment.full.seeds if asked == experiment.short.seeds else asked

    # What is shown

    def _show(self) -> None:
        experiment, standing, findings = self._experiment, self._standing, self._findings
        is_ours = standing is not None and standing.wish.experiment == experiment
        is_free = standing is None and experiment is not None
        self._under_way.setVisible(standing is not None)
        self._row.setVisible(not is_ours)
        self._after.setVisible(not is_ours and findings is not None)
        for control in (self.run, self.full, self.seeds, self.more):
            control.setEnabled(is_free)
        if experiment is not None:
            self._show_buttons(experiment, findings)
        if standing is not None:
            self._show_progress(standing, is_ours=is_ours)

    def _show_buttons(self, experiment: Experiment, findings: Findings | None) -> None:
        trains = bool(experiment.short.arms)
        seeds = self.seeds.value()
        word = "Run"
        if trains and 0 < self._resumable < len(experiment.short.arms) * seeds and findings is None:
            word = "Resume"
        elif findings is not None and findings.size == "short":
            word = "Run again"
        if trains:
            seconds = time_text(seconds_of(experiment.short, seeds))
            self.run.setText(f"{word} ({'short, ' if word == 'Run' else ''}about {seconds})")
            already = f"; {numbers.plural(self._resumable, 'run')} there already" if self._resumable else ""
            self.run.setToolTip(
                f"{cost_text(experiment.short, 'short', seeds)[:-1]}{already}. Finished runs are reused"
            )
        else:
            self.run.setText("Compute again" if findings is not None else "Compute")
            self.run.setToolTip("Nothing is trained; this takes some seconds")
        self.run.setAccessibleName(self.run.text())
        self.seeds.setVisible(trains)
        self.full.setVisible(has_full(experiment))
        self.more.setVisible(trains and findings is not None)
        if findings is not None:
            self.more.setToolTip(f"{MORE_SEEDS} seeds more; the runs that are there are reused")
        self.runs.setVisible(findings is not None and bool(findings.runs))
        self.page.setVisible(findings is not None)

    def _show_progress(self, standing: Standing, *, is_ours: bool) -> None:
        title = standing.wish.experiment.title
        words = standing.words if is_ours else f"“{title}” is under way: {standing.words}"
        if standing.runs and standing.number:
            words += f" · run {standing.number} of {standing.runs}"
        if standing.seconds_left is not None and not standing.is_stopping:
            words += f" · {numbers.duration(standing.seconds_left)} left"
        self._words.show_text(words)
        self._bar.setVisible(not standing.is_waiting)
        self._bar.show_share(standing.share)
        self._cancel.setEnabled(not standing.is_stopping)
        self._cancel.setVisible(is_ours)
        self._other.setVisible(not is_ours)

    def _build_progress(self) -> None:
        self._under_way = QWidget()
        self._bar = ProgressBar("Progress of the experiment")
        self._words = StillLabel("What the experiment is doing")
        explain_all("experiment", {"progress": (self._words, self._bar)})
        self._cancel = _button("Cancel", self.cancel_asked.emit)
        self._cancel.setObjectName("experiment_cancel")
        self._cancel.setToolTip("Stop; what was trained is kept, and the experiment can be resumed")
        self._other = _button("Show it", self.other_asked.emit, is_quiet=True)
        self._other.setToolTip("Show the experiment that is under way")
        below = QHBoxLayout()
        below.addWidget(self._words, 1)
        below.addWidget(self._other)
        below.addWidget(self._cancel)
        self._progress_layout = QVBoxLayout(self._under_way)
        self._progress_layout.addWidget(self._bar)
        self._progress_layout.addLayout(below)

    def _build_question(self) -> None:
        self._question = QFrame()
        self._question_text = ValueLabel()
        self._agree = _button("Run in full", self._on_agreed)
        self._agree.setObjectName("experiment_agree")
        self._agree.setToolTip("Begin the full form now")
        self._not_now = _button("Not now", self._question.hide, is_quiet=True)
        row = FlowRow()
        row.add(self._agree)
        row.add(self._not_now)
        self._question_layout = QVBoxLayout(self._question)
        self._question_layout.addWidget(self._question_text)
        self._question_layout.addWidget(row)
        self._question.hide()

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, px(4), 0, 0)
        self._column.setSpacing(px(6))
        self._progress_layout.setContentsMargins(0, px(2), 0, 0)
        self._progress_layout.setSpacing(px(4))
        self._question_layout.setContentsMargins(0, px(2), 0, px(4))
        self._question_layout.setSpacing(px(6))
        metrics = QLabel().fontMetrics()
        self.seeds.setMinimumWidth(metrics.horizontalAdvance("seeds: 50") + px(30))


def has_full(experiment: Experiment) -> bool:
    """Whether the full form is another than the short one."""
    return experiment.full != experiment.short or any(live.full is not None for live in experiment.live)


def _button(text: str, pressed: object, *, is_quiet: bool = False) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(text)
    if is_quiet:
        button.setProperty("quiet", True)
    button.clicked.connect(lambda _checked=False: pressed())  # type: ignore[operator] # a bound method or a signal
    return button
