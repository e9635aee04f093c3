"""Begins runs one after another, says how each goes and ends, and what can be done then."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from explorer.runs.run_folder import read_run
from explorer.system.settings import Settings
from explorer.training.changing import changed, values_of
from explorer.training.config import TrainingConfig
from explorer.training.events import Change, Changed, Outcome, RunEnded, RunStarted, StepsTrained
from explorer.ui import numbers
from explorer.ui.curve_data import RunCurves
from explorer.ui.run_curves import read_curves
from explorer.ui.session import Session
from explorer.ui.training_cost_question import CostQuestion
from explorer.ui.training_found import config_of
from explorer.ui.training_job import Failure
from explorer.ui.training_note import offer_smaller_batch
from explorer.ui.training_parts import TrainingParts
from explorer.ui.training_progress import ended_text
from explorer.ui.training_queue import QueuedRun, TrainingQueue
from explorer.ui.training_tagging import RunTagger
from explorer.ui.training_thread import Trainer
from explorer.ui.worker import Worker


class TrainingRuns(TrainingParts):
    """The panel as far as it follows `trainer`: the run under way, those that wait, and what is offered at an end."""

    trainable_changed = Signal(bool)  # whether the network on screen can be trained
    progress_changed = Signal(str, object)  # what is under way ("" for nothing), share done 0 to 1 or None
    live_wanted = Signal()  # the run under way is to be shown everywhere again
    queue_changed = Signal()  # what waits is to be remembered

    def __init__(
        self, session: Session, trainer: Trainer, settings: Callable[[], Settings], parent: QWidget | None = None
    ) -> None:
        self.queue = TrainingQueue()
        super().__init__(self.queue, settings, parent)
        self.queue.setParent(self)
        self._session = session
        self._trainer = trainer
        self._settings = settings
        self._config: TrainingConfig | None = None
        self._group = ""  # of the run under way
        self._queued: QueuedRun | None = None  # the run under way, where it is one of the queue's
        self._offered: Path | None = None  # the run that the note offers to resume
        self._started: RunStarted | None = None
        self._is_still = False  # begins no run by itself: the panel is being restored, or it closes
        self._is_going_on = False  # stopped for the sake of the next run
        self._reader = Worker("read history", self)
        self._tagger = RunTagger(self)
        self._cost = CostQuestion(session, settings, self.form, self._note, self)
        self._connect_runs()

    def resume(self, folder: Path) -> None:
        """Goes on with an interrupted or stopped run."""
        if self._trainer.is_idle:
            self._note.clear()
            self._go_on_with(folder)

    def train_on(self, folder: Path, epochs: int) -> None:
        """Goes on with a finished run, which shall have so many epochs in all."""
        if self._trainer.is_idle:
            self._note.clear()
            self._go_on_with(folder, Change(epochs=epochs))
        else:
            self._note.say(f"{folder.name} is not trained on: another training is under way.", is_bad=True)

    def stop(self) -> None:
        """Stops the run under way at once; what waits goes on waiting until it is told to go on."""
        if self.queue.runs:
            self.queue.hold(is_held=True)
        self._trainer.stop()

    def stop_after_epoch(self) -> None:
        """Lets the epoch under way be completed, and says so."""
        if not self._trainer.is_idle:
            if self.queue.runs:
                self.queue.hold(is_held=True)
            self._trainer.stop_after_epoch()
            self._note.say("Training stops when this epoch is complete.", is_bad=False)

    def pause_or_continue(self) -> None:
        if self._trainer.state == "paused":
            self._trainer.continue_()
        elif self._trainer.state == "running":
            # The answer comes when the step under way is done, or the evaluation.
            self._header.pause.setEnabled(False)
            self._trainer.pause()

    def _begin(self, configs: tuple[TrainingConfig, ...]) -> None:
        self._note.clear()
        if len(configs) == 1:
            self._train(configs[0])
            return
        self.queue.add(configs, at_front=True)
        self.queue.hold(is_held=False)
        self._begin_next()

    def _begin_next(self) -> None:
        """Begins the next run of the queue, if nothing is under way."""
        if self._is_still or not self._trainer.is_idle or self._cost.is_under_way or self.range_view.is_under_way:
            return
        run = self.queue.take()
        if run is None:
            return
        if run.folder is not None:
            self._go_on_with(run.folder)
        elif run.config is not None:
            self._train(run.config, run.group)
        self._queued = run

    def _train(self, config: TrainingConfig, group: str = "") -> None:
        self._config, self._group, self._queued = config, group, None
        self._end_trials()
        self._trainer.start(config)

    def _go_on_with(self, folder: Path, change: Change | None = None) -> None:
        config = config_of(folder)
        if config is not None and change is not None:
            config = changed(config, values_of(change))
        self._config, self._group, self._queued = config, "", None
        self._end_trials()
        self._trainer.resume(folder, change)

    def _end_trials(self) -> None:
        self._cost.cancel()
        self.close_range_test()

    def _on_started(self, event: RunStarted) -> None:
        self._started = event
        self._progress.begin(event)
        self.changes.begin(self._config)
        if self._group:
            self._tagger.tag(event.folder, self._group)
        if not self._is_wide:
            self._show_form(is_wanted=False)
        if event.first_epoch > 1:
            folder = event.folder
            self._reader.submit(lambda: read_curves(read_run(folder)), self._on_history, self._session.message.emit)
        if self.queue.runs:
            self.queue_changed.emit()

    def _on_history(self, history: RunCurves) -> None:
        if self._started is not None and history.name == self._started.folder.name:
            first = (self._started.first_epoch - 1) * self._started.steps_per_epoch + 1
            self.curves.set_history(history.before(first))

    def _on_steps(self, event: StepsTrained) -> None:
        self._progress.take(event)
        self.changes.show_rate(event)

    def _on_changed(self, event: Changed) -> None:
        self.changes.take(event)
        if self._started is not None and self.changes.epochs:
            self._started = dataclasses.replace(self._started, epochs=self.changes.epochs)
            self._progress.plan(self._started)
            self.curves.plan(self.changes.epochs)

    def _on_updated(self) -> None:
        if self._trainer.state == "running":
            self._progress.refresh()
            self.progress_changed.emit(f"Training {self._title()}", self._progress.share)

    def _on_preparing(self, text: str, share: float | None) -> None:
        if self._trainer.state == "starting":
            self._progress.show_share(text, share)
            self.progress_changed.emit(text, share)

    def _on_warned(self, sentence: str) -> None:
        self.changes.refuse()
        self._note.say(sentence, is_bad=True)

    def _on_failed(self, sentence: str) -> None:
        self._progress.say("")
        self._note.say(sentence, is_bad=True)
        self._session.message.emit(sentence)
        self._keep_failure(sentence)

    def _keep_failure(self, why: str) -> None:
        """Lists a run of the queue among those that failed: the next one's message takes the place of this one's."""
        if self._queued is not None:
            self.queue.fail(self._queued, why)
            self._queued = None

    def _on_memory_short(self, batch_size: int) -> None:
        config = self._config
        if config is not None:
            smaller = dataclasses.replace(config, batch_size=batch_size)
            offer_smaller_batch(
                self._note,
                Failure(self._note.text, batch_size),
                lambda: self._try_again(smaller, "batch_size"),
            )

    def _on_ended(self, event: RunEnded) -> None:
        done = ended_text(event, self._started.epochs if self._started else event.epochs)
        self._progress.say(done)
        self._session.message.emit(f"Training {self._title()}: {done}")
        if event.outcome is Outcome.DIVERGED:
            self._offer_lower_rate(event)
            self._keep_failure(f"diverged: {event.advice}")
        elif event.outcome is Outcome.STOPPED and not self._is_going_on:
            if event.epochs and not event.saved:
                # What the last warning says of it stays.
                return
            folder = self._offered = event.folder
            self._note.say(
                f"Stopped; {numbers.plural(event.epochs, 'epoch')} kept.",
                is_bad=False,
                offer="Resume",
                do=lambda: self.resume(folder),
            )

    def _offer_lower_rate(self, event: RunEnded) -> None:
        sentence = f"Training diverged: {event.advice}."
        config = self._config or config_of(event.folder)
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
            do=lambda: self._try_again(gentler, "learning_rate"),
        )

    def _try_again(self, config: TrainingConfig, changed: str) -> None:
        self.form.set_value(changed, getattr(config, changed))
        if self._trainer.is_idle:
            self._note.clear()
            self._train(config)
        else:
            self.queue.add((config,), at_front=True)

    def _on_state(self, state: str) -> None:
        is_idle = state == "idle"
        self._header.show_state(state)
        self._show_whether_trainable()
        self.form.allow_measuring(is_allowed=is_idle)
        if state == "starting":
            self._is_going_on = False
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
            # Once all has been said about the run that is over.
            QTimer.singleShot(0, self, self._begin_next)

    def _stop_for_next(self) -> None:
        self._is_going_on = True
        self._trainer.stop()

    def _on_queue(self) -> None:
        self._header.show_next(bool(self.queue.runs))
        if not self._is_still:
            self.queue_changed.emit()
            QTimer.singleShot(0, self, self._begin_next)

    def _on_form_changed(self) -> None:
        if self._trainer.is_idle and (self._started is None or not self.curves.run_name):
            self._progress.say(self.form.summary())

    def _show_whether_trainable(self) -> None:
        reason = self.form.why_not
        self._header.show_reason(reason)
        self.form.setEnabled(not reason)
        if reason:
            self.curves.say_empty("Select runs to see their curves.", offers_training=False)
        else:
            self.curves.say_empty("Train this network, or select runs to see their curves.")
        self.trainable_changed.emit(not reason)

    def _title(self) -> str:
        if self._started is not None:
            return self._started.folder.name
        return self._session.architecture.title if self._session.architecture else ""

    def _connect_runs(self) -> None:
        trainer, header = self._trainer, self._header
        self.curves.follow(trainer)
        trainer.started.connect(self._on_started)
        trainer.steps.connect(self._on_steps)
        trainer.changed.connect(self._on_changed)
        trainer.updated.connect(self._on_updated)
        trainer.preparing.connect(self._on_preparing)
        trainer.warned.connect(self._on_warned)
        trainer.failed.connect(self._on_failed)
        trainer.memory_short.connect(self._on_memory_short)
        trainer.ended.connect(self._on_ended)
        trainer.state_changed.connect(self._on_state)
        header.pause_pressed.connect(self.pause_or_continue)
        header.stop_pressed.connect(self.stop)
        header.stop_after_epoch_pressed.connect(self.stop_after_epoch)
        header.next_pressed.connect(self._stop_for_next)
        self.changes.asked.connect(trainer.change)
        self.form.changed.connect(self._on_form_changed)
        self._cost.agreed.connect(self._begin)
        self.queue.changed.connect(self._on_queue)
