"""The experiments that concern the network on screen, as links below what is said about it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer import experiments
from explorer.claims.claim import Experiment
from explorer.networks.architecture import Architecture
from explorer.ui.experiment_list import time_text
from explorer.ui.experiment_mark import Mark, State
from explorer.ui.plain_text import tooltip
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel


class _Link(QPushButton):
    """A quiet button that cuts its words rather than widen the page."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self.setProperty("quiet", True)
        self.setStyleSheet("text-align: left")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(60), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._words) + theme().px(24), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - theme().px(20)
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))


class ExperimentsOfNetwork(QWidget):
    """A heading and a row for each experiment; hidden where none concerns the network.

    `followed` carries the address of an experiment, as links of texts have it: "experiment:9".
    """

    followed = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Experiments with this network")
        self._heading = ValueLabel("Experiments with this network")
        self._heading.setProperty("role", "heading")
        self._rows: list[QWidget] = []
        self._marks: dict[str, Mark] = {}
        self._states: Mapping[str, State] = {}
        self.links: dict[str, QPushButton] = {}
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._heading)
        session.architecture_changed.connect(self._show)
        theme().changed.connect(self._measure)
        self._measure()
        self._show(session.architecture)

    def set_states(self, states: Mapping[str, State]) -> None:
        """How things are with the experiments, by their names."""
        self._states = dict(states)
        for name, mark in self._marks.items():
            mark.show_state(self._states.get(name, State.NOT_RUN))
            mark.setToolTip(mark.accessibleName())

    def _show(self, architecture: Architecture | None, _options: object = None) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows, self._marks, self.links = [], {}, {}
        for experiment in experiments.concerning(architecture.name) if architecture is not None else ():
            self._add(experiment)
        self.set_states(self._states)
        self.setVisible(bool(self._rows))

    def _add(self, experiment: Experiment) -> None:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme().px(6))
        mark = self._marks[experiment.name] = Mark()
        link = self.links[experiment.name] = _Link(f"{experiment.number}  {experiment.title}")
        link.setAccessibleName(f"Open experiment {experiment.number}: {experiment.title}")
        link.setToolTip(tooltip(f"{experiment.question}\n{time_text(experiment)}"))
        link.clicked.connect(lambda _checked=False: self.followed.emit(f"experiment:{experiment.number}"))
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addWidget(link, 1)
        self._rows.append(row)
        self._column.addWidget(row)

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(2))
        self._heading.setContentsMargins(0, px(10), 0, 0)
