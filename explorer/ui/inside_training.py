"""What looks inside a training and its data: the confusion matrix, the browser of data, the history of the layers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from explorer.runs.run_folder import Run
from explorer.ui.confusion_panel import ConfusionPanel
from explorer.ui.curve_data import RunCurves
from explorer.ui.data_browser import DataBrowser
from explorer.ui.data_shelf import DataShelf
from explorer.ui.layer_heat import LayerHeat
from explorer.ui.layer_history import LayerHistory
from explorer.ui.layer_history_section import LayerHistorySection
from explorer.ui.lazy_panel import LazyPanel
from explorer.ui.run_on_screen import NEWEST, RunOnScreen

if TYPE_CHECKING:
    from explorer.ui.window_parts import WindowParts

# A run that another process trains grows all the time; its answers and layers are read no more often than this.
_READ_EVERY_S = 3.0


class InsideTraining(QObject):
    """Makes the panels for `window` and keeps them about one run and epoch. Call `join` once the panels are there.

    `picture_wanted` carries a sample for the pad.
    """

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3]

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        self._state: dict[str, Any] = {}
        self._grew_at, self._epochs = 0.0, 0
        self.on_screen = RunOnScreen(self)
        self.shelf = DataShelf(lambda: window.settings)
        self.history = LayerHistory(self.on_screen, self)
        # Built when they are first in sight.
        self.confusion = LazyPanel(self._make_confusion, window)
        self.data = LazyPanel(self._make_data, window)
        self.section = LayerHistorySection(window.session, self.history)
        self.heat = LayerHeat(window.graph_view, self.history, window.session)

    def join(self) -> None:
        """Joins the panels with what trains and with what chooses runs."""
        window = self._window
        window.inspector.add_section(self.section)
        self.on_screen.follow(window.trainer)
        self.history.follow(window.trainer)
        window.runs.listed.connect(self._on_listed)
        window.runs.run_chosen.connect(self._on_run_chosen)
        window.runs.grew.connect(self._on_grew)
        window.runs.curves_loaded.connect(self._on_selected)
        window.training.curves.epoch_chosen.connect(self._on_epoch_chosen)

    def take_folder(self, path: Path) -> None:
        """Lists a folder of images in the browser, and turns to it."""
        self.data.build().show_dataset(str(path), path.name)

    def state(self) -> dict[str, Any]:
        """What is looked at, for the next start."""
        return self._state if self.data.panel is None else self.data.panel.state()

    def restore(self, state: dict[str, Any]) -> None:
        self._state = state

    def shutdown(self) -> None:
        """Ends the threads."""
        self.heat.shutdown()
        self.section.shutdown()
        self.history.shutdown()
        for panel in (self.confusion.panel, self.data.panel):
            if panel is not None:
                panel.shutdown()

    def _make_confusion(self) -> ConfusionPanel:
        panel = ConfusionPanel(self.on_screen, self.shelf)
        panel.picture_wanted.connect(self.picture_wanted)
        return panel

    def _make_data(self) -> DataBrowser:
        panel = DataBrowser(self.shelf)
        panel.restore(self._state)
        panel.picture_wanted.connect(self.picture_wanted)
        panel.failed.connect(self._window.session.message)
        return panel

    def _on_listed(self, runs: tuple[Run, ...]) -> None:
        folder = self.on_screen.folder
        is_here = any(run.folder == folder for run in runs)
        if not is_here and not self.on_screen.is_training:
            # The newest run, until another is chosen; and none in place of one that was deleted.
            self.on_screen.show(runs[0].folder if runs and folder is None else None)

    def _on_run_chosen(self, run: Run) -> None:
        self.on_screen.show(run.folder)

    def _on_selected(self, curves: Sequence[RunCurves]) -> None:
        folder = curves[0].folder if len(curves) == 1 else None
        if folder is not None and not self.on_screen.is_training:
            self.on_screen.show(folder)

    def _on_grew(self, _before: RunCurves, after: RunCurves) -> None:
        """Another process trains the run on screen; its files are read again now and then."""
        now = time.monotonic()
        is_due = now - self._grew_at >= _READ_EVERY_S or len(after["epoch"]) != self._epochs
        if after.folder == self.on_screen.folder and not self.on_screen.is_training and is_due:
            self._grew_at, self._epochs = now, len(after["epoch"])
            self.on_screen.grow()

    def _on_epoch_chosen(self, folder: Path, epoch: int | None) -> None:
        self.on_screen.show(folder, NEWEST if epoch is None else epoch)
