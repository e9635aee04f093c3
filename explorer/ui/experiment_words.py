"""An experiment in words: the question and its source, what can be asked of it, the verdict, and how it is set up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.claims.claim import Experiment
from explorer.networks import catalogue
from explorer.ui.experiment_controls import ExperimentControls
from explorer.ui.experiment_findings import Findings
from explorer.ui.experiment_setup import SetupView
from explorer.ui.experiment_thread import Standing
from explorer.ui.experiment_verdict import VerdictView
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.quiet_row import BesideQuiet
from explorer.ui.reading_area import ReadingArea
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_CHART_HEIGHT = 290
_ANY = 16777215  # Qt's own largest height


class ExperimentWords(QWidget):
    """A page to read and to press buttons on; `network_chosen` carries the name of a network to be shown."""

    network_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ValueLabel()
        self.title.setProperty("role", "title")
        self.question = ValueLabel()
        self.source = ValueLabel()
        self.source.setProperty("role", "secondary")
        explain_all("experiment", {"question": (self.question, self.source)})
        self.controls = ExperimentControls()
        self.failure = ValueLabel()
        self.failure.setProperty("role", "bad")
        self.failure.hide()
        self.verdict = VerdictView()
        self.setup = SetupView()
        self._networks = FlowRow()
        self._links: list[QPushButton] = []
        self._networks_heading = ValueLabel("Networks concerned")
        self._networks_heading.setProperty("role", "heading")
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._above = BesideQuiet(self.title, self.question, self.source)
        self._below = BesideQuiet(self.failure, self.verdict, self.setup, self._networks_heading)
        self._column.addLayout(self._above)
        self._column.addWidget(self.controls)
        self._column.addLayout(self._below)
        self._column.addWidget(self._networks)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._column.addWidget(QWidget(), 1)
        self._scroll = ReadingArea(page)
        self._scroll.setAccessibleName("About the experiment")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        theme().changed.connect(self._measure)
        self._measure()

    def show_experiment(self, experiment: Experiment) -> None:
        self.title.show_value(f"{experiment.number}  {experiment.title}")
        self.question.show_value(experiment.question)
        self.source.show_value(str(experiment.source))
        self.controls.show_experiment(experiment)
        self.setup.show_experiment(experiment)
        self._show_networks(experiment.networks)
        self.say("")
        self._scroll.verticalScrollBar().setValue(0)

    def show_state(self, findings: Findings | None, standing: Standing | None) -> None:
        """The findings of the experiment shown, or how it stands while it is under way."""
        self.controls.show_findings(findings)
        if standing is not None:
            self.verdict.show_tables(standing.tables)
        elif findings is not None:
            self.verdict.show_findings(findings)
        else:
            self.verdict.clear()

    def say(self, sentence: str) -> None:
        """What went wrong, or "" for nothing."""
        self.failure.show_value(sentence)
        self.failure.setVisible(bool(sentence))

    def take_in(self, chart: QWidget) -> None:
        """Gives a picture its place among the words, where there is none beside them."""
        chart.setFixedHeight(theme().px(_CHART_HEIGHT))
        self._below.insertWidget(self._below.indexOf(self.verdict), chart)

    def give_back(self, chart: QWidget) -> None:
        """Ends what `take_in` began."""
        self._below.removeWidget(chart)
        chart.setMinimumHeight(0)
        chart.setMaximumHeight(_ANY)

    def _show_networks(self, names: tuple[str, ...]) -> None:
        for link in self._links:
            self._networks.remove(link)
        self._links = [self._link(name) for name in names]

    def _link(self, name: str) -> QPushButton:
        title = next((one.title for one in catalogue.CATALOGUE if one.name == name), name)
        button = QPushButton(title)
        button.setProperty("quiet", True)
        button.setAccessibleName(f"Show {title}")
        button.setToolTip(f"Show {title} in the graph")
        button.clicked.connect(lambda _checked=False: self.network_chosen.emit(name))
        self._networks.add(button)
        button.show()
        return button

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, px(4), px(10), px(12))
        for column in (self._column, self._above, self._below):
            column.setSpacing(px(5))
        self.title.setFont(theme().font(title=True))
        self._networks_heading.setContentsMargins(0, px(10), 0, 0)
