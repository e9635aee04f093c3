"""What the window has around answers: corrections and the user's hand, several networks at once, ImageNet weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction

from explorer.inference.kinds import Takes
from explorer.ui.answer_figures import AnswerFigures
from explorer.ui.answering import Choice, weights_file
from explorer.ui.correction_row import CorrectionRow
from explorer.ui.hand_learner import HandLearner
from explorer.ui.lazy_panel import LazyPanel
from explorer.ui.personal_panel import PersonalPanel
from explorer.ui.personal_store import PersonalStore
from explorer.ui.several_panel import SeveralPanel
from explorer.ui.several_service import SeveralService
from explorer.ui.weights_choice import WeightsChoice
from explorer.ui.zoo_dialog import ZooDialog
from explorer.ui.zoo_service import ZooService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.ui.weights_choice import Runs
    from explorer.ui.window import Window
    from explorer.ui.window_parts import WindowParts


class AnswerTools(QObject):
    """Makes the services and panels, and joins them with the window once it is whole."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        self._runs: Mapping[Takes, Runs] = {}
        self._remembered: dict[str, Any] = {}
        self.store = PersonalStore(self)
        self.learner = HandLearner(lambda: window.settings, self)
        self.several_service = SeveralService(parent=self)
        self.zoo = ZooService(lambda: window.settings, self)
        self.several = LazyPanel(self._make_several, window)
        self.personal = LazyPanel(self._make_personal, window)
        self.figures = AnswerFigures(window.input.bars, window.input)
        self.corrections = CorrectionRow(window.input.pad, window.input.bars, self.store, window.input)
        window.input.add_below_bars(self.figures)
        window.input.add_below_bars(self.corrections)

    def join(self, window: Window) -> None:
        """Connects what was made with the session, the pad and the runs."""
        service, store = window.service, self.store
        service.answered.connect(self.figures.show_answer)
        service.answered.connect(self.corrections.show_answer)
        window.input.source_changed.connect(self.several_service.set_input)
        store.failed.connect(window.input.say)
        store.told.connect(window.session.message)
        self.learner.learnt.connect(lambda _learnt: window.runs.refresh())
        self.learner.failed.connect(window.session.message)
        self.zoo.failed.connect(window.session.message)
        for choice in window.input.findChildren(WeightsChoice):
            choice.zoo_wanted.connect(self.show_zoo)
            choice.network_wanted.connect(self.show_network_of)

    def actions(self) -> list[QAction]:
        """The commands that bring these panels into sight."""
        window = self._window
        made = []
        for text, shortcut, tip, act in (
            ("&Several networks", "Ctrl+Shift+N", "Several networks answer side by side and vote", self.show_several),
            (
                "My &hand",
                "Ctrl+Shift+H",
                "Your corrected drawings, and a network that learns from them",
                self.show_hand,
            ),
            ("&ImageNet weights…", "Ctrl+Shift+I", "Published weights: download and use them", self.show_zoo),
        ):
            action = QAction(text, window)
            action.setShortcut(shortcut)
            action.setToolTip(tip)
            action.triggered.connect(lambda _checked=False, act=act: act())
            made.append(action)
        return made

    def show_several(self) -> None:
        self._show("several")

    def show_hand(self) -> None:
        self._show("personal")

    def show_zoo(self) -> None:
        """Opens the list of published weights, at the network on screen where it has some."""
        window = self._window
        architecture = window.session.architecture
        name = "" if architecture is None else architecture.name.rsplit("/", 1)[-1]
        dialog = ZooDialog(self.zoo, name, window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.used.connect(self._use)
        dialog.open()

    def show_network_of(self, choice: Choice) -> None:
        """Shows the network that the weights of a choice belong to, in its form."""
        self._window.reader.find_of_weights(lambda: weights_file(choice))

    def set_runs(self, runs: Mapping[Takes, Runs]) -> None:
        """The trained networks to choose from, by what they are for."""
        self._runs = runs
        if self.several.panel is not None:
            self.several.panel.set_runs(runs)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        several = self._remembered.get("several") if self.several.panel is None else self.several.panel.state()
        return {"figures": self.figures.state(), "several": several}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        self._remembered = state
        figures = state.get("figures")
        self.figures.restore(figures if isinstance(figures, dict) else {})

    def shutdown(self) -> None:
        """Ends the threads; a correction that was made is written first."""
        self.learner.shutdown()
        self.several_service.shutdown()
        self.zoo.shutdown()
        self.store.shutdown()

    def _show(self, name: str) -> None:
        dock = self._window.docks[name]
        dock.show()
        dock.raise_()

    def _use(self, path: Path) -> None:
        self._window.service.use_weights(path)

    def _make_several(self) -> SeveralPanel:
        panel = SeveralPanel(self.several_service)
        panel.set_runs(self._runs)
        several = self._remembered.get("several")
        panel.restore(several if isinstance(several, dict) else {})
        return panel

    def _make_personal(self) -> PersonalPanel:
        window = self._window
        panel = PersonalPanel(self.store, self.learner, window.service, window.input.pad)
        self.store.refresh()
        return panel
