"""The folded sections below the answer: preprocessing, tolerance, several views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.data.sketch import Sketch
from explorer.data.steps import ALL_ON, Adjusted
from explorer.ui.input_asking import AnsweringWeights, is_blank
from explorer.ui.input_section import InputSection
from explorer.ui.input_views import SeveralViews
from explorer.ui.seen_section import SeenSteps
from explorer.ui.theme import theme
from explorer.ui.tolerance_section import ToleranceSliders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from explorer.inference.kinds import Takes
    from explorer.inference.predictor import Predictor
    from explorer.ui.input_asking import LoadPredictor
    from explorer.ui.prediction_service import PredictionService
    from explorer.ui.weights_choice import Runs


class InputSections(QWidget):
    """Computes nothing for a section that is folded. `off_changed` tells that other steps are left out than before.

    Call `shutdown` before the window goes.
    """

    off_changed = Signal()

    def __init__(
        self, service: PredictionService, parent: QWidget | None = None, load: LoadPredictor | None = None
    ) -> None:
        super().__init__(parent)
        self.weights = AnsweringWeights(service, load)
        self.off = ALL_ON
        self._source: Any = Sketch()
        self._runs: tuple[tuple[str, Any], ...] = ()
        self.seen: InputSection[SeenSteps] = InputSection(
            "seen_section",
            "Preprocessing",
            "Each step from the input to what the network sees; steps can be left out to watch the answer change",
            self._make_seen,
            self,
        )
        self.tolerance: InputSection[ToleranceSliders] = InputSection(
            "tolerance_section",
            "Tolerance",
            "Shift, turn, resize or blemish the input, and see how far the answer holds",
            self._make_tolerance,
            self,
        )
        self.views: InputSection[SeveralViews] = InputSection(
            "views_section",
            "Several views",
            "The mean answer to ten pieces of a photograph, as in AlexNet's paper, or to nine places of a digit",
            self._make_views,
            self,
        )
        self._note = QLabel(self)
        self._note.setObjectName("seen_note")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setProperty("role", "bad")
        self._note.setWordWrap(True)
        self._reset = QPushButton("All on", self)
        self._reset.setObjectName("seen_reset")
        self._reset.setProperty("quiet", True)
        self._reset.setAccessibleName("Take all steps of preprocessing again")
        self._reset.setToolTip("Takes all steps again, as the network was trained with")
        self._reset.clicked.connect(lambda: self.leave_out(ALL_ON))
        self._warning = QWidget(self)
        row = QHBoxLayout(self._warning)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._note, 1)
        row.addWidget(self._reset)
        self._warning.hide()
        self._column = QVBoxLayout(self)
        for widget in (self._warning, self.seen, self.tolerance, self.views):
            self._column.addWidget(widget)
        for section in self.all:
            section.folded.connect(self._on_folded)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def all(self) -> tuple[InputSection[Any], ...]:
        """From top to bottom."""
        return (self.seen, self.tolerance, self.views)

    def adjusted(self, source: Any) -> Any:
        """An input as the network is to see it: `Adjusted` where steps are left out."""
        return source if self.off == ALL_ON or is_blank(source) else Adjusted(source, self.off)

    def of_any(self) -> Callable[[object], Predictor]:
        """What gives the network for any input, in a thread, without the steps left out; asked for in the UI thread."""
        network, off = self.weights.of_any(), self.off
        return lambda source: network(source).leaving_out(off)

    def leave_out(self, off: frozenset[str]) -> None:
        """Leaves out these steps, by their keys, and no others."""
        if off == self.off:
            return
        self.off = off
        count = len(off)
        self._note.setText(f"{count} {'step' if count == 1 else 'steps'} left out: not what the network learnt from")
        self._warning.setVisible(bool(off))
        if self.seen.body is not None:
            self.seen.body.set_off(off)
        self.off_changed.emit()
        self.refresh()

    def show_source(self, source: Any) -> None:
        """Another input is on the pad."""
        self._source = source
        self.refresh()

    def refresh(self) -> None:
        """Asks anew for what is in sight: the input or the weights are others."""
        for section in self.all:
            if section.is_open and section.body is not None:
                section.body.show_source(self.adjusted(self._source))

    def set_runs(self, runs: Mapping[Takes, Runs]) -> None:
        """The trained networks whose tolerance can be drawn beside."""
        self._runs = tuple(run for kind in runs.values() for run in kind)
        if self.tolerance.body is not None:
            self.tolerance.body.set_runs(self._runs)

    def shutdown(self) -> None:
        """Waits for what is being computed."""
        for section in self.all:
            if section.body is not None:
                section.body.shutdown()

    def _make_seen(self) -> SeenSteps:
        body = SeenSteps(self.weights, self.off, self)
        body.off_changed.connect(self.leave_out)
        return body

    def _make_tolerance(self) -> ToleranceSliders:
        body = ToleranceSliders(self.weights, self)
        body.set_runs(self._runs)
        body.told.connect(self.tolerance.say)
        return body

    def _make_views(self) -> SeveralViews:
        body = SeveralViews(self.weights, self)
        body.told.connect(self.views.say)
        return body

    def _on_folded(self, is_folded: bool) -> None:
        if is_folded:
            for section in (self.tolerance, self.views):
                if not section.is_open:
                    section.say("")
        else:
            self.refresh()

    def _measure(self) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().px(2))
