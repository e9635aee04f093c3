"""Train, pause, stop; the form, the progress and the curves of one training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from explorer.data import datasets
from explorer.networks.architecture import Architecture
from explorer.runs.run_folder import Run, list_runs, read_run
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import EpochFinished, Outcome, RunEnded, RunStarted, StepsTrained
from explorer.ui import numbers
from explorer.ui.curve_data import RunCurves
from explorer.ui.curves import Curves
from explorer.ui.run_curves import read_curves
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.training_form import TrainingForm
from explorer.ui.training_note import TrainingNote
from explorer.ui.training_progress import TrainingProgress, ended_text
from explorer.ui.training_thread import Trainer
from explorer.ui.value_label import ValueLabel
from explorer.ui.worker import Worker

# From this width on, form and curves stand side by side.
_WIDE = 760
_FORM_WIDTH = 300


class TrainingPanel(QWidget):
    """Trains the network of `session` with `trainer`, by the settings of its form.

    Where there is room the form stands beside the curves; elsewhere "Settings" shows it in their place. Call
    `shutdown` before the window goes.
    """

    trainable_changed = Signal(bool)  # whether the network on screen can be trained
    progress_changed = Signal(str, object)  # what is under way ("" for nothing), share done 0 to 1 or None

    def __init__(
        self, session: Session, trainer: Trainer, settings: Callable[[], Settings], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session = session
        self._trainer = trainer
        self._settings = settings
        self._config: TrainingConfig | None = None
        self._offered: Path | None = None  # the run that the note offers to resume
        self._started: RunStarted | None = None
        self._accuracy: float | None = None
        self._is_pausing = False
        self._is_ending_after_epoch = False
        self._is_wide = False
        self._shows_form = {True: True, False: False}  # whether it is wanted where there is room, and where not
        self._looker = Worker("look for data sets", self)
        self._reader = Worker("read history", self)
        self.form = TrainingForm()
        self.curves = Curves()
        self._build()
        self._connect()
        if session.architecture is not None:
            self._on_architecture(session.architecture, session.options)
        self._on_state(trainer.state)
        theme().changed.connect(self._measure)
        self._measure()
        self.look_around()

    def look_around(self) -> None:
        """Looks, off the UI thread, for data sets and for a run that was interrupted; call it when settings change."""
        settings = self._settings()
        self._looker.submit(lambda: _found(settings), self._on_found, self._session.message.emit)

    def set_devices(self, names: dict[str, str]) -> None:
        """Tells the form what torch can compute on here: name and title."""
        self.form.set_devices(names)

    def train(self) -> None:
        """Trains by the form; where that is wrong, shows where."""
        if not self._trainer.is_idle:
            return
        try:
            config = self.form.config()
        except ValueError as error:
            self._note.say(str(error), is_bad=True)
            self._show_form(is_wanted=True)
            self.form.focus_error()
            return
        self._train(config)

    def resume(self, folder: Path) -> None:
        """Goes on with an interrupted or stopped run."""
        if self._trainer.is_idle:
            self._config = None
            self._note.clear()
            self._trainer.resume(folder)

    def stop_after_epoch(self) -> None:
        """Lets the epoch under way be completed, and says so."""
        if not self._trainer.is_idle:
            self._trainer.stop_after_epoch()
            self._note.say("Training stops when this epoch is complete.", is_bad=False)

    def forget_missing(self, kept: set[Path]) -> None:
        """Takes back the offer to resume a run that is gone, given the folders of all runs that are there."""
        if self._offered is not None and self._offered not in kept:
            self._offered = None
            self._note.clear()

    def state(self) -> dict[str, Any]:
        """What the user has set here, for JSON."""
        return {"form": self.form.state(), "curves": self.curves.state(), "shows_form": self._shows_form[True]}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        if isinstance(state.get("form"), dict):
            self.form.restore(state["form"])
        if isinstance(state.get("curves"), dict):
            self.curves.restore(state["curves"])
        if isinstance(state.get("shows_form"), bool):
            self._shows_form[True] = state["shows_form"]
            self._arrange()

    def shutdown(self) -> None:
        """Ends a training (its last complete epoch stays) and the panel's threads."""
        self._trainer.shutdown()
        self._looker.shutdown()
        self._reader.shutdown()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= theme().px(_WIDE)
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._arrange()

    # What the trainer tells

    def _on_started(self, event: RunStarted) -> None:
        self._started = event
        self._accuracy = None
        self._progress.begin(event)
        if not self._is_wide:
            self._show_form(is_wanted=False)
        if event.first_epoch > 1:
            folder = event.folder
            self._reader.submit(lambda: read_curves(read_run(folder)), self._on_history, self._session.message.emit)

    def _on_history(self, history: RunCurves) -> None:
        if self._started is not None and history.name == self._started.folder.name:
            first = (self._started.first_epoch - 1) * self._started.steps_per_epoch + 1
            self.curves.set_history(history.before(first))

    def _on_steps(self, event: StepsTrained) -> None:
        self._progress.take(event)

    def _on_epoch(self, event: EpochFinished) -> None:
        self._accuracy = event.test_accuracy

    def _on_updated(self) -> None:
        if self._trainer.state == "running":
            self._progress.refresh()
            self.progress_changed.emit(f"Training {self._title()}", self._progress.share)

    def _on_preparing(self, text: str, share: float | None) -> None:
        if self._trainer.state == "starting":
            self._progress.show_share(text, share)
            self.progress_changed.emit(text, share)

    def _on_warned(self, sentence: str) -> None:
        self._note.say(sentence, is_bad=True)

    def _on_failed(self, sentence: str) -> None:
        self._progress.say("")
        self._note.say(sentence, is_bad=True)
        self._session.message.emit(sentence)

    def _on_ended(self, event: RunEnded) -> None:
        done = ended_text(event, self._started.epochs if self._started else event.epochs)
        self._progress.say(done)
        self._session.message.emit(f"Training {self._title()}: {done}")
        if event.outcome is Outcome.DIVERGED:
            self._offer_lower_rate(event)
        elif event.outcome is Outcome.STOPPED:
            folder = self._offered = event.folder
            self._note.say(
                f"Stopped; {numbers.plural(event.epochs, 'epoch')} kept.",
                is_bad=False,
                offer="Resume",
                do=lambda: self.resume(folder),
            )

    def _offer_lower_rate(self, event: RunEnded) -> None:
        sentence = f"Training diverged: {event.advice}."
        config = self._config or _config_of(event.folder)
        if config is None:
            self._note.say(sentence, is_bad=True)
            return
        # A tenth, as the advice says.
        rate = float(f"{config.learning_rate / 10:.2g}")
        gentler = dataclasses.replace(config, learning_rate=rate)
        self._note.say(
            sentence,
            is_bad=True,
            offer=f"Try again with learning rate {rate:g}",
            do=lambda: self._train_gentler(gentler),
        )

    def _train_gentler(self, config: TrainingConfig) -> None:
        self.form.set_value("learning_rate", config.learning_rate)
        self._train(config)

    def _on_state(self, state: str) -> None:
        is_idle = state == "idle"
        self._show_whether_trainable()
        self._pause_button.setVisible(not is_idle)
        self._stop_button.setVisible(not is_idle)
        self._is_pausing = False
        self._pause_button.setEnabled(state in {"running", "paused"})
        self._stop_button.setEnabled(state in {"starting", "running", "paused"})
        self._pause_button.setText("Continue" if state == "paused" else "Pause")
        self._pause_button.setAccessibleName("Continue training" if state == "paused" else "Pause training")
        if state == "starting":
            self._is_ending_after_epoch = False
            self._progress.say("starting …")
            self.progress_changed.emit("Starting training", None)
        elif state == "paused":
            self._progress.say("paused", with_bars=True)
            self.progress_changed.emit(f"Paused: {self._title()}", self._progress.share)
        elif state == "stopping":
            self._progress.say("stopping …", with_bars=True)
        elif is_idle:
            if self._progress.text in {"starting …", "stopping …"}:
                self._progress.say(self.form.summary())
            self.progress_changed.emit("", None)
        self._settings_button.setVisible(is_idle or self._is_wide)

    # What the user does

    def _train(self, config: TrainingConfig) -> None:
        self._config = config
        self._note.clear()
        self._trainer.start(config)

    def pause_or_continue(self) -> None:
        if self._trainer.state == "paused":
            self._trainer.continue_()
        elif self._trainer.state == "running":
            # The answer comes when the step under way is done, or the evaluation.
            self._pause_button.setEnabled(False)
            self._trainer.pause()

    def _on_stop(self) -> None:
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.stop_after_epoch()
        else:
            self._trainer.stop()

    def _show_stop_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(self._stop_actions)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._stop_button.mapToGlobal(place))

    def _on_form_changed(self) -> None:
        if self._trainer.is_idle and (self._started is None or not self.curves.run_name):
            self._progress.say(self.form.summary())

    def _on_settings(self, is_checked: bool) -> None:
        self._show_form(is_wanted=is_checked)

    def _show_form(self, *, is_wanted: bool) -> None:
        self._shows_form[self._is_wide] = is_wanted
        self._arrange()

    def _arrange(self) -> None:
        """Form and curves beside each other, or one in place of the other."""
        shows_form = self._shows_form[self._is_wide]
        self._settings_button.setChecked(shows_form)
        self._settings_button.setVisible(self._trainer.is_idle or self._is_wide)
        shows_curves = self._is_wide or not shows_form
        # What goes, goes first: both at once would ask for more room than there is, and push the docks apart.
        for widget, is_shown in sorted(
            ((self._scroll, shows_form), (self.curves, shows_curves)), key=lambda pair: pair[1]
        ):
            widget.setVisible(is_shown)
        self._body.setAlignment(self._scroll, Qt.AlignmentFlag(0) if self._is_wide else Qt.AlignmentFlag.AlignLeft)
        self._scroll.setMaximumWidth(theme().px(_FORM_WIDTH))
        self._scroll.setMinimumWidth(theme().px(_FORM_WIDTH) if self._is_wide else 0)

    # What is there

    def _on_architecture(self, architecture: Architecture, options: Any) -> None:
        self.form.show_architecture(architecture, options)
        self._show_whether_trainable()

    def _show_whether_trainable(self) -> None:
        """Says why the network on screen cannot be trained in place of a button that would do nothing."""
        reason = self.form.why_not if self._trainer.is_idle else ""
        self._train_button.setVisible(self._trainer.is_idle and not reason)
        self._reason.show_value(reason)
        self._reason.setVisible(bool(reason))
        self._progress.setVisible(not reason)
        self.form.setEnabled(not reason)
        if self.form.why_not:
            self.curves.say_empty("Select runs to see their curves.", offers_training=False)
        else:
            self.curves.say_empty("Train this network, or select runs to see their curves.")
        self.trainable_changed.emit(not self.form.why_not)

    def _on_found(self, found: tuple[dict[str, bool], tuple[Run, ...]]) -> None:
        is_here, runs = found
        self.form.set_available(is_here)
        interrupted = next((run for run in runs[:1] if run.status == "interrupted"), None)
        if interrupted is not None and self._trainer.is_idle and not self._note.text and self._started is None:
            folder = self._offered = interrupted.folder
            done = interrupted.record.summary.epochs if interrupted.record else 0
            self._note.say(
                f"The run {interrupted.name} was interrupted after {numbers.plural(done, 'epoch')}.",
                is_bad=False,
                offer="Resume",
                do=lambda: self.resume(folder),
            )

    def _title(self) -> str:
        if self._started is not None:
            return self._started.folder.name
        return self._session.architecture.title if self._session.architecture else ""

    # Building

    def _build(self) -> None:
        self._train_button = self._button("Train", "train_button", "Train the network on screen", self.train)
        self._train_button.setProperty("primary", True)
        self._pause_button = self._button("Pause", "pause_button", "Pause training, or go on", self.pause_or_continue)
        self._pause_button.setProperty("primary", True)
        self._stop_button = self._button(
            "Stop",
            "stop_button",
            "Stop at once; the last complete epoch stays. With Shift: stop after this epoch",
            self._on_stop,
        )
        now = QAction("Stop now", self)
        now.triggered.connect(self._trainer.stop)
        later = QAction("Stop after this epoch", self)
        later.triggered.connect(self.stop_after_epoch)
        self._stop_actions = [now, later]
        self._stop_button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._stop_button.customContextMenuRequested.connect(self._show_stop_menu)
        self._settings_button = QPushButton("Settings")
        self._settings_button.setObjectName("training_settings")
        self._settings_button.setCheckable(True)
        self._settings_button.setAccessibleName("Training settings")
        self._settings_button.setToolTip("Show or hide the training's settings")
        self._settings_button.toggled.connect(self._on_settings)
        self._progress = TrainingProgress()
        self._reason = ValueLabel()
        self._reason.setObjectName("training_reason")
        self._reason.setAccessibleName("Why this network is not trained")
        self._reason.hide()
        self._note = TrainingNote()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Training settings")
        self.form.setProperty("role", "content")
        self._scroll.setWidget(self.form)
        self._header = QHBoxLayout()
        for button in (self._train_button, self._pause_button, self._stop_button):
            self._header.addWidget(button)
        self._header.addWidget(self._progress, 1)
        self._header.addWidget(self._reason, 1)
        self._header.addWidget(self._settings_button)
        self._body = QHBoxLayout()
        self._body.addWidget(self._scroll)
        self._body.addWidget(self.curves, 1)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._header)
        self._layout.addWidget(self._note)
        self._layout.addLayout(self._body, 1)

    def _button(self, text: str, name: str, tip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _connect(self) -> None:
        trainer = self._trainer
        self.curves.follow(trainer)
        trainer.started.connect(self._on_started)
        trainer.steps.connect(self._on_steps)
        trainer.epoch_finished.connect(self._on_epoch)
        trainer.updated.connect(self._on_updated)
        trainer.preparing.connect(self._on_preparing)
        trainer.warned.connect(self._on_warned)
        trainer.failed.connect(self._on_failed)
        trainer.ended.connect(self._on_ended)
        trainer.state_changed.connect(self._on_state)
        self.form.changed.connect(self._on_form_changed)
        self.curves.train_requested.connect(self.train)
        self._session.architecture_changed.connect(self._on_architecture)

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(0, 0, 0, px(4))
        self._layout.setSpacing(px(4))
        self._header.setContentsMargins(px(12), px(8), px(12), px(4))
        self._header.setSpacing(px(8))
        self._body.setContentsMargins(px(8), 0, px(4), 0)
        self._body.setSpacing(px(8))
        # Pause and Continue take the same room, and Train too: nothing moves when one takes the other's place.
        width = max(self._wide_enough(text) for text in ("Train", "Pause", "Continue"))
        self._train_button.setMinimumWidth(width)
        self._pause_button.setMinimumWidth(width)
        self._arrange()

    def _wide_enough(self, text: str) -> int:
        return self._train_button.fontMetrics().horizontalAdvance(text) + theme().px(28)


def _found(settings: Settings) -> tuple[dict[str, bool], tuple[Run, ...]]:
    is_here = {entry.name: datasets.is_available(entry.name, settings) for entry in datasets.DATASETS}
    runs = list_runs(settings.runs())
    return is_here, runs


def _config_of(folder: Path) -> TrainingConfig | None:
    record = read_run(folder).record
    if record is None:
        return None
    try:
        return TrainingConfig.from_json(record.config)
    except ValueError:
        return None
