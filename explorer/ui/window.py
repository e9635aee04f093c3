"""The main window: panels in docks, what connects them, and a clean end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

from explorer.data.datasets import DATASETS
from explorer.networks import catalogue
from explorer.networks.options import fitted_options
from explorer.runs.run_folder import Run
from explorer.system.settings import Settings
from explorer.training.events import EpochFinished, RunStarted
from explorer.ui import window_state
from explorer.ui.about_panel import AboutPanel
from explorer.ui.catalogue_panel import CataloguePanel
from explorer.ui.commands import Commands
from explorer.ui.dock_title import DockTitle
from explorer.ui.graph_view import GraphView
from explorer.ui.input_panel import InputPanel
from explorer.ui.inspector import Inspector
from explorer.ui.layer_table import LayerTable
from explorer.ui.options_form import OptionsForm
from explorer.ui.prediction_service import PredictionService
from explorer.ui.run_table import RunTable
from explorer.ui.session import Session
from explorer.ui.status_bar import StatusBar
from explorer.ui.theme import theme
from explorer.ui.top_bar import TopBar
from explorer.ui.training_panel import TrainingPanel
from explorer.ui.training_thread import Trainer
from explorer.ui.workspaces import Workspaces

_log = logging.getLogger(__name__)


class Window(QMainWindow):
    """Everything a person sees. Panels know the session, the trainer and the service; the window joins these three."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("CNN Explorer")
        self.setAcceptDrops(True)
        # Not animated: an arrangement that changes while docks still move leaves stray tab bars behind.
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        for corner, area in (
            (Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self.settings = settings
        self.session = Session(self)
        self.trainer = Trainer(self, settings=lambda: self.settings)
        self.service = PredictionService(parent=self)
        self._run_folder: Path | None = None
        self._closed = False
        self._build()
        self._connect()
        self._restore()

    def _build(self) -> None:
        self.graph_view = GraphView(self.session, self)
        self.setCentralWidget(self.graph_view)
        self.catalogue = CataloguePanel(self.session, parent=self)
        self.options = OptionsForm(self.session, self)
        self.layers = LayerTable(self.session, self)
        self.runs = RunTable(self._runs_folder, self.trainer, self)
        self.training = TrainingPanel(self.session, self.trainer, lambda: self.settings, self)
        self.input = InputPanel(self.session, self.service, self, titled=False)
        self.inspector = Inspector(self.session, self)
        self.about = AboutPanel(self.session, self)
        self.docks = {
            name: self._dock(name, title, widget)
            for name, title, widget in (
                ("catalogue", "Catalogue", self.catalogue),
                ("options", "Options", self.options),
                ("layers", "Layers", self.layers),
                ("runs", "Runs", self.runs),
                ("training", "Training", self.training),
                ("input", "Input", _scrolled(self.input)),
                ("inspector", "Inspector", self.inspector),
                ("about", "About", self.about),
            )
        }
        self.workspaces = Workspaces(self, self.docks)
        self.status = StatusBar(self.session, self)
        self.setStatusBar(self.status)
        self.commands = Commands(self)
        self.top_bar = TopBar(self)
        self.top_bar.add_buttons(self.graph_view.fit_action, self.graph_view.fold_all_action, self.commands.export)
        self.addToolBar(self.top_bar)

    def _connect(self) -> None:
        session, trainer, service = self.session, self.trainer, self.service
        session.architecture_changed.connect(self.top_bar.show_architecture)
        session.graph_changed.connect(self._on_first_graph)
        self.top_bar.workspace_chosen.connect(self.workspaces.enter)
        self.workspaces.changed.connect(self.top_bar.show_workspace)
        trainer.started.connect(self._on_run_started)
        trainer.state_changed.connect(self._on_training_state)
        service.failed.connect(session.message)
        trainer.epoch_finished.connect(self._on_epoch)
        trainer.warned.connect(session.message)
        service.weights_changed.connect(self.status.show_weights)
        session.devices_found.connect(self.training.set_devices)
        self.training.progress_changed.connect(self.status.show_progress)
        self.runs.run_chosen.connect(self._on_run_chosen)
        self.runs.curves_loaded.connect(self.training.curves.set_overlays)
        self.runs.resume_requested.connect(self.training.resume)
        self.runs.train_requested.connect(self.training.train)
        self.runs.failed.connect(session.message)
        self.runs.listed.connect(self._offer_runs)

    def _dock(self, name: str, title: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"{name}_dock")
        dock.setWidget(widget)
        dock.setTitleBarWidget(DockTitle(dock))
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        return dock

    def open_file(self, path: Path) -> None:
        """Opens what the user gave: a picture goes to the pad, weights or a run answer the pad."""
        if path.is_dir() or path.suffix == ".safetensors":
            self.service.use_weights(path)
        else:
            self.input.open_image(path)

    def use_settings(self, settings: Settings) -> None:
        """Makes changed settings hold at once."""
        before, self.settings = self.settings, settings
        if (before.theme, before.scale) != (settings.theme, settings.scale):
            size = self.size()
            theme().use(settings.theme, settings.scale)
            if before.scale != settings.scale:
                # Once the panels have measured themselves anew: the window keeps its size, they share it again.
                QTimer.singleShot(0, self, lambda: self._settle(size))
        if before.runs_folder != settings.runs_folder:
            self.runs.refresh()
        self.training.look_around()

    def _settle(self, size: QSize) -> None:
        if not (self.isMaximized() or self.isFullScreen()):
            self.resize(size)
        self.workspaces.share_out()

    def _runs_folder(self) -> Path:
        return self.settings.runs()

    # What happens

    def _on_first_graph(self) -> None:
        # The pad's weights are read after the first graph, so that it is on screen sooner.
        self.session.graph_changed.disconnect(self._on_first_graph)
        self.service.start()
        # pyqtgraph is imported now rather than when Train is pressed.
        QTimer.singleShot(0, self, self._prepare_curves)

    def _prepare_curves(self) -> None:
        if not self._closed:
            self.training.curves.prepare()

    def _on_run_started(self, started: RunStarted) -> None:
        self._run_folder = started.folder

    def _on_training_state(self, state: str) -> None:
        self.commands.follow_training(state)
        if state == "starting":
            # Started from the menu, it may be out of sight.
            self.docks["training"].show()

    def _on_epoch(self, epoch: EpochFinished) -> None:
        if self._run_folder is not None and epoch.saved:
            self.service.offer_newest(self._run_folder)

    def _offer_runs(self, runs: tuple[Run, ...]) -> None:
        """The pad can be answered by every kept run that was trained on digits."""
        digits = {entry.name for entry in DATASETS if entry.digits}
        self.training.forget_missing({run.folder for run in runs})
        self.input.set_runs(
            tuple((run.name, run.folder) for run in runs if run.record is not None and run.record.dataset in digits)
        )

    def _on_run_chosen(self, run: Run) -> None:
        self.service.use_weights(run.folder)

    # Beginning and end

    def _restore(self) -> None:
        state = window_state.load()
        wanted = QSize(theme().px(1440), theme().px(900))
        self.resize(wanted.boundedTo(self.screen().availableGeometry().size()))
        if isinstance(state.get("geometry"), str):
            self.restoreGeometry(QByteArray.fromBase64(state["geometry"].encode()))
        self.workspaces.restore(_mapping(state.get("workspaces")))
        self.layers.restore(_mapping(state.get("layers")))
        self.training.restore(_mapping(state.get("training")))
        self._state = state

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.session.architecture is None:
            QTimer.singleShot(0, self.workspaces, self.workspaces.share_out_anew)
            # After the first paint: the window is there before anything is read.
            QTimer.singleShot(0, self, self._show_last_network)

    def _show_last_network(self) -> None:
        last = _mapping(self._state.get("network"))
        try:
            architecture = catalogue.get(str(last.get("name", catalogue.CATALOGUE[0].name)))
            options = fitted_options(architecture.options_type, _mapping(last.get("options")))
        except (ValueError, TypeError) as error:
            _log.info("the last network is not in the catalogue: %s", error)
            architecture = catalogue.CATALOGUE[0]
            options = architecture.options_type()
        self.session.show(architecture, options)

    def _remember(self) -> None:
        session = self.session
        state: dict[str, Any] = {
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            "workspaces": self.workspaces.state(),
            "layers": self.layers.state(),
            "training": self.training.state(),
        }
        if session.architecture is not None:
            state["network"] = {"name": session.architecture.name, "options": vars(session.options)}
        window_state.save(state)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Saves what is to be remembered, ends training with its last complete epoch kept, waits for the threads."""
        if not self._closed:
            self._closed = True
            self._remember()
            self.workspaces.shutdown()
            self.hide()
            self.trainer.shutdown()
            self.service.shutdown()
            self.input.shutdown()
            self.runs.shutdown()
            self.training.shutdown()
            self.session.shutdown()
            self.status.shutdown()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls()[:1]:
            self.open_file(Path(url.toLocalFile()))


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that can be scrolled where the window is short or the text large."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(panel)
    return area


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
