"""The experiments in the window: the panel that is built when it is first in sight, and what others ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from explorer import experiments
from explorer.claims.claim import Experiment
from explorer.networks.architecture import Architecture
from explorer.ui.experiment_thread import Conductor
from explorer.ui.lazy_panel import LazyPanel

if TYPE_CHECKING:
    from explorer.ui.experiment_mark import State
    from explorer.ui.experiment_panel import ExperimentPanel
    from explorer.ui.window import Window
    from explorer.ui.window_parts import WindowParts


class ExperimentTools(QObject):
    """Opens experiments by number or name, goes from one to the next. Call `shutdown` before the window goes."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__(parts)
        self._parts = parts
        self._window: Window | None = None
        self._remembered: dict[str, Any] = {}
        # Made before the panels that train: whoever waits for the end of a training begins before the queue goes on.
        self.conductor = Conductor(parts.trainer, lambda: parts.settings, self)
        self.panel: LazyPanel[ExperimentPanel] = LazyPanel(self._make, parts)

    def join(self, window: Window) -> None:
        """Takes its place in a window whose parts are all there."""
        self._window = window
        window.links.opens_experiment = lambda number: self.open(str(number))
        window.session.architecture_changed.connect(self._on_architecture)
        self.conductor.changed.connect(self._on_standing)
        self.conductor.judged.connect(lambda _findings: window.runs.refresh())
        self.conductor.stopped.connect(lambda _wish: window.runs.refresh())

    def open(self, text: str) -> None:
        """Shows an experiment by its number, its name or a link ("9", "plain-depth", "experiment:9"); else says so."""
        try:
            found = experiments.get(text.strip().removeprefix("experiment:"))
        except ValueError as error:
            self._parts.session.message.emit(str(error))
            return
        window = self._window
        is_lecture = window is not None and window.lecture.is_on
        if window is not None and not is_lecture:
            # Where there is room for question, curves and verdict.
            window.workspaces.enter("Compare")
        self.show()
        panel = self.panel.build()
        panel.choose(found)
        if not is_lecture:
            # Whoever came by the keyboard goes on with it: Tab leads from the list to Run.
            panel.list.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def show(self) -> None:
        """Brings the panel to the front."""
        self._parts.docks["experiments"].show()
        self._parts.docks["experiments"].raise_()

    def show_list(self, *, shown: bool) -> None:
        """Shows the list beside question and curves, or leaves them its room; a panel never seen has it."""
        if self.panel.panel is not None:
            self.panel.panel.show_list(shown=shown)

    def next(self) -> None:
        """Shows the experiment after the one shown; after the last comes the first."""
        self._step(1)

    def previous(self) -> None:
        """Shows the experiment before the one shown; before the first comes the last."""
        self._step(-1)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return self._remembered if self.panel.panel is None else self.panel.panel.state()

    def restore(self, state: dict[str, Any]) -> None:
        self._remembered = state
        if self.panel.panel is not None:
            self.panel.panel.restore(state)

    def shutdown(self) -> None:
        """Ends an experiment under way, keeping what was trained, and the panel's threads."""
        self.conductor.shutdown()
        if self.panel.panel is not None:
            self.panel.panel.shutdown()

    def _make(self) -> ExperimentPanel:
        from explorer.ui.experiment_panel import ExperimentPanel  # noqa: PLC0415 - the window is up before it

        panel = ExperimentPanel(self.conductor)
        panel.restore(self._remembered)
        session = self._parts.session
        panel.told.connect(session.message)
        panel.network_chosen.connect(self._parts.reader.find)
        panel.runs_wanted.connect(self._open_runs)
        panel.states_changed.connect(self._on_states)
        self._show_network(panel, session.architecture)
        self._show_card(panel)
        session.devices_found.connect(lambda _devices: self._show_card(panel))
        return panel

    def _step(self, direction: int) -> None:
        all_of_them = experiments.EXPERIMENTS
        panel = self.panel.panel
        if panel is None:
            # The first step shows where one is.
            self.open(str(self._remembered.get("experiment") or all_of_them[0].name))
            return
        number = all_of_them.index(panel.experiment) + direction
        self._show(all_of_them[number % len(all_of_them)])

    def _show(self, experiment: Experiment) -> None:
        self.open(experiment.name)

    def _open_runs(self, folders: tuple[Path, ...]) -> None:
        self._parts.runs.choose(folders)
        self._parts.docks["runs"].show()
        self._parts.docks["runs"].raise_()

    def _on_architecture(self, architecture: Architecture, _options: object) -> None:
        if self.panel.panel is not None:
            self._show_network(self.panel.panel, architecture)

    def _on_states(self, states: dict[str, State]) -> None:
        self._parts.about.experiments.set_states(states)

    def _on_standing(self) -> None:
        """Says in the status bar what is under way."""
        standing = self.conductor.standing
        if standing is None:
            self._parts.status.show_progress("", None)
        elif not standing.is_waiting:
            words = f"Experiment {standing.wish.experiment.number}: {standing.words}"
            self._parts.status.show_progress(words, standing.share)

    def _show_network(self, panel: ExperimentPanel, architecture: Architecture | None) -> None:
        if architecture is not None:
            panel.show_network(architecture.name, architecture.title)

    def _show_card(self, panel: ExperimentPanel) -> None:
        devices = self._parts.session.devices
        panel.words.controls.set_card(has_card=not devices or bool(set(devices) - {"cpu", "auto"}))
