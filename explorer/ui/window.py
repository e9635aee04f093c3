"""The main window: what connects its panels, what the user asks of it, and a clean end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent

from explorer.data.picture_files import pictures_in
from explorer.inference.kinds import Takes, takes, takes_of_file
from explorer.networks.catalogue import CATALOGUE
from explorer.runs.run_folder import RECORD_NAME, Run
from explorer.system.settings import Settings
from explorer.training.events import EpochFinished, RunStarted
from explorer.ui import file_dialogs, window_state
from explorer.ui.catalogue_reader import ZOO_PREFIXES, trained_names
from explorer.ui.commands import Commands
from explorer.ui.drop_highlight import DropHighlight
from explorer.ui.first_minute import FirstMinute
from explorer.ui.lecture_mode import LectureMode
from explorer.ui.links import Links
from explorer.ui.own_networks import Opened, is_own_file
from explorer.ui.recent_files import RecentFiles
from explorer.ui.theme import theme
from explorer.ui.top_bar import TopBar
from explorer.ui.training_datasets import is_image_folder
from explorer.ui.window_parts import WindowParts
from explorer.ui.zoo_listing import ZooListing

_log = logging.getLogger(__name__)


class Window(WindowParts):
    """Everything a person sees. Panels know the session, the trainer and the service; the window joins these three."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._run_folder: Path | None = None
        self._shipped: tuple[str, ...] = ()  # networks whose weights came with the program
        self._closed = False
        self.links = Links(self)
        self.recent = RecentFiles(self)
        self.first_minute = FirstMinute(self)
        self.lecture = LectureMode(self)
        self.commands = Commands(self)
        self.zoos = ZooListing(self)
        self.top_bar = TopBar(self)
        self.top_bar.add_buttons(self.graph_view.fit_action, self.graph_view.fold_all_action, self.commands.export)
        self.addToolBar(self.top_bar)
        self.drops = DropHighlight(self, {self: "Drop to open", self.input: "Drop to see it on the pad"})
        self.about.link_followed.connect(self.links.follow)
        self._connect()
        self._restore()

    def _connect(self) -> None:
        session, trainer, service = self.session, self.trainer, self.service
        session.architecture_changed.connect(self.top_bar.show_architecture)
        session.graph_changed.connect(self._on_first_graph)
        session.graph_failed.connect(self._on_first_graph)
        self.reading_note.follow(session.reading_changed, session.cancel_reading)
        self.reading_note.follow(self.own.reading_changed, self.own.cancel)
        self.own.opened.connect(self._on_own_opened)
        self.own.asked.connect(self._on_own_asked)
        self.own.failed.connect(self._on_own_failed)
        self.own.recent_changed.connect(self._list_own)
        self.layers.folding_changed.connect(self.graph_view.fold)
        self.graph_view.folding_changed.connect(self.layers.show_folding)
        self.catalogue.file_chosen.connect(self.own.open)
        self.options.question_answered.connect(self.own.open)
        self.reader.zoo_listed.connect(self.catalogue.set_zoo)
        self.reader.found.connect(session.show)
        self.reader.missing.connect(self._on_missing)
        self.reader.shipped_listed.connect(self._on_shipped)
        self.training.trainable_changed.connect(self._on_trainable)
        self.top_bar.workspace_chosen.connect(self.workspaces.enter)
        self.workspaces.changed.connect(self.top_bar.show_workspace)
        self.inside.join()
        self.answer_tools.join(self)
        self.why_tools.join(self)
        self.experiments.join(self)
        self.comparison_tools.join(self)
        self.inside.picture_wanted.connect(self._on_sample)
        trainer.started.connect(self._on_run_started)
        trainer.state_changed.connect(self._on_training_state)
        service.failed.connect(session.message)
        self.input.opened.connect(self._on_picture)
        self.input.source_changed.connect(self.look_inside.set_input)
        trainer.epoch_finished.connect(self._on_epoch)
        trainer.warned.connect(session.message)
        service.weights_changed.connect(self.status.show_weights)
        self.training.curves.epoch_chosen.connect(session.choose_weights)
        self.inside.on_screen.away_changed.connect(self.training.show_away)
        self.training.live_wanted.connect(self._on_live)
        self.runs.grew.connect(self.training.curves.grow)
        session.devices_found.connect(self.training.set_devices)
        self.training.progress_changed.connect(self.status.show_progress)
        self.training.queue_changed.connect(self._remember)
        self.runs.run_chosen.connect(self._on_run_chosen)
        self.runs.curves_loaded.connect(self.training.curves.set_overlays)
        self.runs.resume_requested.connect(self.training.resume)
        self.runs.train_on_requested.connect(self.training.train_on)
        self.runs.train_requested.connect(self.training.train)
        self.runs.failed.connect(session.message)
        self.runs.told.connect(session.message)
        self.runs.listed.connect(self._offer_runs)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Opens one file as `open_file` does; several are pictures, and go into the strip.

        Of files that hold networks one can be on screen: the first, and what is left aside is told.
        """
        if len(paths) == 1:
            self.open_file(paths[0])
            return
        networks = [path for path in paths if is_own_file(path)]
        pictures = [path for path in paths if path not in networks]
        if pictures:
            self.show_panel("input")
            self.input.open_images(pictures)
        if networks:
            self.open_file(networks[0])
        if networks[1:]:
            left = ", ".join(path.name for path in networks[1:4]) + (", …" if networks[4:] else "")
            self.session.message.emit(f"{networks[0].name} is opened; one network can be on screen, not also {left}")

    def open_file(self, path: Path) -> None:
        """Opens what the user gave: a network is shown, a picture goes to the pad, a run answers it, images train."""
        if is_image_folder(path):
            self.show_panel("training")
            self.training.use_folder(path)
            self.inside.take_folder(path)
        elif path.is_dir() and not (path / RECORD_NAME).is_file() and pictures_in(path):
            self.show_panel("input")
            self.input.open_folder(path)
        elif path.is_dir() and not (path / RECORD_NAME).is_file():
            self.session.message.emit(f"{path.name} is no run, and has no sub-folders of images, one for each class")
        elif path.is_dir():
            self.recent.add("run", path)
            self.service.use_weights(path)
        elif is_own_file(path):
            self.own.open(str(path))
        else:
            self.input.open_image(path)

    def show_network(self, name: str) -> None:
        """Shows a network by its name in the catalogue or in a zoo."""
        self.reader.find(name)

    def open_experiment(self, text: str) -> None:
        """Shows an experiment by its number, its name or a link: "9", "plain-depth", "experiment:9"."""
        self.experiments.open(text)

    def show_panel(self, name: str) -> None:
        """Brings a dock into sight, in front of the others where it is among tabs."""
        self.docks[name].show()
        self.docks[name].raise_()

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

    def _on_own_opened(self, opened: Opened) -> None:
        self.session.show(opened.architecture, opened.options)
        if not opened.is_weights:
            return
        path = Path(opened.spec)
        shape = opened.architecture.interface(opened.options).input_shape
        if path.suffix == ".safetensors" and (shape[0] == 1 or takes_of_file(path) is not None):
            self.service.use_weights(path)
        else:
            title = opened.architecture.title_with(opened.options)
            self.session.message.emit(f"{path.name} holds weights of {title}; the pad is answered by those of before")

    def _on_own_asked(self, question: object) -> None:
        self.show_panel("options")
        self.options.ask(question)

    def _on_own_failed(self, _spec: str, sentence: str) -> None:
        self.session.message.emit(sentence)
        self.reading_note.say(sentence)
        if self.session.architecture is None:
            self._show_last_network()

    def _on_shipped(self, names: tuple[str, ...]) -> None:
        self._shipped = names
        self._mark_trained()

    def _mark_trained(self) -> None:
        self.catalogue.model.set_trained(trained_names(self.runs.runs, self._shipped))

    def _list_own(self) -> None:
        self.catalogue.set_own(self.own.recent)

    def _on_trainable(self, is_trainable: bool) -> None:
        self.commands.set_trainable(is_trainable)

    def _on_first_graph(self) -> None:
        # The pad's weights are read after the first graph, so that it is on screen sooner.
        self.session.graph_changed.disconnect(self._on_first_graph)
        self.session.graph_failed.disconnect(self._on_first_graph)
        self.service.start()
        self.reader.list_shipped()
        self.zoos.start()
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
            self.look_inside.refresh()

    def _offer_runs(self, runs: tuple[Run, ...]) -> None:
        """The pad can be answered by every kept run: digits, photographs and masks each by those that know them."""
        self.training.forget_missing({run.folder for run in runs})
        self._mark_trained()
        known: dict[Takes, list[tuple[str, Path]]] = {}
        for run in runs:
            if run.record is not None and run.record.summary.epochs:
                kind = takes(run.record.architecture, run.record.dataset, run.record.labels)
                known.setdefault(kind, []).append((run.name, run.folder))
        offered = {kind: tuple(found) for kind, found in known.items()}
        self.input.set_runs(offered)
        self.answer_tools.set_runs(offered)

    def _on_sample(self, picture: object) -> None:
        self.show_panel("input")
        self.input.show_sample(picture)

    def _on_picture(self, path: Path) -> None:
        self.recent.add("picture", path)

    def _on_live(self) -> None:
        self.training.curves.show_newest()
        self.inside.on_screen.go_live()
        self.service.follow_newest()

    def _on_run_chosen(self, run: Run) -> None:
        self.recent.add("run", run.folder, run.name)
        self.service.use_weights(run.folder)

    # Beginning and end

    def _restore(self) -> None:
        state = self.remembered = window_state.load()
        wanted = QSize(theme().px(1440), theme().px(900))
        self.resize(wanted.boundedTo(self.screen().availableGeometry().size()))
        if isinstance(state.get("geometry"), str):
            self.restoreGeometry(QByteArray.fromBase64(state["geometry"].encode()))
        self.workspaces.restore(_mapping(state.get("workspaces")))
        self.graph_view.restore(_mapping(state.get("graph")))
        self.layers.restore(_mapping(state.get("layers")))
        self.inspector.restore(_mapping(state.get("inspector")))
        self.runs.restore(_mapping(state.get("runs")))
        self.training.restore(_mapping(state.get("training")))
        self.catalogue.restore(_mapping(state.get("catalogue")))
        self.own.restore(state.get("own"))
        self.inside.restore(_mapping(state.get("data")))
        self.experiments.restore(_mapping(state.get("experiments")))
        self.why_tools.restore(_mapping(state.get("why")))
        self.answer_tools.restore(_mapping(state.get("answers")))
        self.comparison_tools.restore(_mapping(state.get("comparison")))
        file_dialogs.restore(state.get("folders"))
        self.recent.restore(state.get("recent"))
        self.commands.help.palette.restore(state.get("commands"))
        self.first_minute.restore(_mapping(state.get("first_minute")), is_first=not state)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.session.architecture is None:
            QTimer.singleShot(0, self.workspaces, self.workspaces.share_out_anew)
            # After the first paint: the window is there before anything is read.
            QTimer.singleShot(0, self, self._show_last_network)

    def _show_last_network(self) -> None:
        if self.session.architecture is not None or self.own.is_reading:
            return
        last = _mapping(self.remembered.get("network"))
        name, values = str(last.get("name", "")), _mapping(last.get("options"))
        shape = last.get("input_shape")
        shape = tuple(shape) if isinstance(shape, list) and all(isinstance(side, int) for side in shape) else None
        if name in dict(self.own.recent):
            self.own.open(name)
        elif name in {architecture.name for architecture in CATALOGUE} or name.startswith(ZOO_PREFIXES):
            self.reader.find(name, values, shape)
        else:
            self.session.show(CATALOGUE[0])

    def _on_missing(self, sentence: str) -> None:
        _log.info("%s", sentence)
        self.session.message.emit(sentence)
        if self.session.architecture is None:
            self.session.show(CATALOGUE[0])

    def _remember(self) -> None:
        session = self.session
        state: dict[str, Any] = {
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            "workspaces": self.workspaces.state(),
            "graph": self.graph_view.state(),
            "layers": self.layers.state(),
            "inspector": self.inspector.state(),
            "runs": self.runs.state(),
            "training": self.training.state(),
            "catalogue": self.catalogue.state(),
            "own": self.own.state(),
            "data": self.inside.state(),
            "why": self.why_tools.state(),
            "experiments": self.experiments.state(),
            "answers": self.answer_tools.state(),
            "comparison": self.comparison_tools.state(),
            "first_minute": self.first_minute.state(),
            "folders": file_dialogs.state(),
            "recent": self.recent.state(),
            "commands": self.commands.help.palette.state(),
            "field": self.remembered.get("field") if self.field.panel is None else self.field.panel.state(),
        }
        if session.architecture is not None:
            state["network"] = {
                "name": session.architecture.name,
                "options": vars(session.options),
                "input_shape": session.input_shape,
            }
        window_state.save(state)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Saves what is to be remembered, ends training with its last complete epoch kept, waits for the threads."""
        if not self._closed:
            self._closed = True
            self.zoos.shutdown()
            self.lecture.leave()
            self._remember()
            self.first_minute.shutdown()
            self.workspaces.shutdown()
            self.hide()
            self.experiments.shutdown()
            self.trainer.shutdown()
            self.service.shutdown()
            self.live_maps.shutdown()
            self.anatomy.shutdown()
            self.features.shutdown()
            self.look_inside.shutdown()
            self.answer_tools.shutdown()
            self.input.shutdown()
            self.runs.shutdown()
            self.training.shutdown()
            self.inside.shutdown()
            self.about.shutdown()
            self.layers.shutdown()
            self.graph_view.shutdown()
            self.comparison_tools.shutdown()
            self.own.shutdown()
            self.reader.shutdown()
            self.session.shutdown()
            self.reading_note.shutdown()
            self.status.shutdown()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.open_files([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
