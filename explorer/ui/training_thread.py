"""The training that the window drives: a thread iterates `fit`, the UI thread hears of it some times a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.system import devices
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import (
    Change,
    Changed,
    Command,
    EpochFinished,
    Event,
    LayersWatched,
    Order,
    Paused,
    RunEnded,
    RunStarted,
    StepsTrained,
    Warned,
)
from explorer.ui.training_job import EventSource, Job
from explorer.ui.update_budget import UpdateBudget

# What an update costs the UI thread is known once its paint events are over.
_PAINTED_AFTER_MS = 40
# The interpreter's switch interval stays at its 5 ms. Torch lets go of the interpreter's lock inside its operations, so
# the window seldom waits for it; a shorter interval only lets training interrupt the painting of a frame more often.
# Measured over 8 s of LeNet-5 on MNIST with curves painting, two busy cores, runs interleaved: the event loop's lag
# at p99 was 9, 10 and 16 ms with 5 ms, and 11, 15, 17 and 23 ms with 1 ms.


class Trainer(QObject):
    """Runs one training at a time in a thread of its own and tells of it by signals, all in the UI thread.

    `state` is "idle", "starting" (until the run folder exists), "running", "paused" or "stopping", or "lent" while
    something else trains in its place. Call `shutdown` before the window goes. `updated` comes once after all other
    signals of one look into the thread: what paints should paint then.
    """

    started = Signal(object)  # RunStarted
    steps = Signal(object)  # StepsTrained: all since the last one, merged
    epoch_finished = Signal(object)  # EpochFinished
    layers_watched = Signal(object)  # LayersWatched
    changed = Signal(object)  # Changed: what was asked by `change` is in force
    warned = Signal(str)
    ended = Signal(object)  # RunEnded
    failed = Signal(str)  # one sentence
    memory_short = Signal(object)  # right after `failed`: a smaller batch size to try, where memory was what failed
    state_changed = Signal(str)
    preparing = Signal(str, object)  # what is done before the first step, share done 0 to 1 or None
    updated = Signal()

    def __init__(self, parent: QObject | None = None, *, settings: Callable[[], Settings] | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._state = "idle"
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._budget = UpdateBudget()
        self._timer.setInterval(self._budget.period_ms)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._drain)
        self._updated_at: float | None = None  # of this thread's processor time
        self._painted = QTimer(self)
        self._painted.setSingleShot(True)
        self._painted.setInterval(_PAINTED_AFTER_MS)
        self._painted.timeout.connect(self._count_cost)

    @property
    def state(self) -> str:
        return self._state

    @property
    def is_idle(self) -> bool:
        return self._state == "idle"

    def start(self, config: TrainingConfig) -> None:
        """Trains by `config`; does nothing while a training runs."""
        settings = self._settings() if self._settings else None
        self._begin(lambda job: _fit(job, config, None, None, settings))

    def resume(self, folder: Path, change: Change | None = None) -> None:
        """Goes on with the run in `folder`, which `change` may give more epochs; does nothing while a training runs."""
        settings = self._settings() if self._settings else None
        self._begin(lambda job: _fit(job, None, folder, change, settings))

    def run(self, source: EventSource) -> None:
        """Iterates the generator that `source` gives, in the thread; does nothing while a training runs."""
        self._begin(lambda _job: source())

    def lend(self) -> bool:
        """Leaves training to somebody else until `give_back`; False while a training runs or it is lent already."""
        if not self.is_idle:
            return False
        self._enter("lent")
        return True

    def give_back(self) -> None:
        """Ends what `lend` began."""
        if self._state == "lent":
            self._enter("idle")

    def change(self, change: Change) -> None:
        """Asks for another learning rate, augmentation or number of epochs from the next step on.

        The answer is `changed`, or `warned` where it does not fit.
        """
        self._send(change)

    def pause(self) -> None:
        """Asks for a pause; `state` becomes "paused" when the step under way is done."""
        self._send(Command.PAUSE)

    def continue_(self) -> None:
        if self._state == "paused":
            self._send(Command.CONTINUE)
            self._enter("running")

    def stop(self) -> None:
        """Stops at once; the last complete epoch stays."""
        if self._job is not None:
            self._send(Command.STOP)
            self._enter("stopping")

    def stop_after_epoch(self) -> None:
        """Stops when the epoch under way is trained, evaluated and saved."""
        if self._state == "paused":
            self.continue_()
        self._send(Command.STOP_AFTER_EPOCH)

    def shutdown(self) -> None:
        """Stops a running training, keeping its last complete epoch, and waits for the thread: one step at most."""
        job = self._job
        if job is None:
            return
        self._enter("stopping")
        job.abandon()
        job.join()
        self._drain()
        self._painted.stop()

    def _begin(self, source: Callable[[Job], Generator[Event, Order | None, None]]) -> None:
        if self._job is not None or self._state == "lent":
            return
        self._job = Job(source)
        self._job.start()
        self._timer.start()
        self._enter("starting")

    def _send(self, order: Order) -> None:
        if self._job is not None:
            self._job.send(order)
            self._timer.start()

    def _enter(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _drain(self) -> None:
        job = self._job
        if job is None:
            self._timer.stop()
            return
        begun = time.thread_time()
        events, preparation, is_over, failure = job.take()
        if preparation is not None:
            self.preparing.emit(*preparation)
        self._tell(events)
        if is_over:
            self._timer.stop()
            job.join()
            self._job = None
            self._enter("idle")
            if failure is not None:
                self.failed.emit(failure.sentence)
                if failure.batch_size:
                    self.memory_short.emit(failure.batch_size)
        elif self._state == "paused":
            # Nothing comes until the next command, which starts the timer again.
            self._timer.stop()
        if events or is_over:
            self.updated.emit()
        if self._timer.isActive() and events:
            self._updated_at = begun
            self._painted.start()

    def _count_cost(self) -> None:
        if self._updated_at is not None and self._timer.isActive():
            self._budget.spent(time.thread_time() - self._updated_at)
            if self._timer.interval() != self._budget.period_ms:
                self._timer.setInterval(self._budget.period_ms)

    def _tell(self, events: list[Event]) -> None:
        steps: list[StepsTrained] = []
        epochs: list[EpochFinished] = []
        for event in events:
            if isinstance(event, StepsTrained):
                steps.append(event)
            elif isinstance(event, EpochFinished):
                epochs.append(event)
            else:
                self._tell_figures(steps, epochs)
                self._tell_other(event)
        self._tell_figures(steps, epochs)

    def _tell_figures(self, steps: list[StepsTrained], epochs: list[EpochFinished]) -> None:
        # Steps of several short epochs go as one update too: a tiny data set finishes dozens of epochs a second.
        if steps:
            self.steps.emit(merged(steps))
            steps.clear()
        for epoch in epochs:
            self.epoch_finished.emit(epoch)
        epochs.clear()

    def _tell_other(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            if self._state == "starting":
                self._enter("running")
            self._budget.is_crowded = event.device == "cpu" and event.threads >= devices.cores()
            self.started.emit(event)
        elif isinstance(event, Paused):
            if self._state == "running":
                self._enter("paused")
        elif isinstance(event, LayersWatched):
            self.layers_watched.emit(event)
        elif isinstance(event, Changed):
            self.changed.emit(event)
        elif isinstance(event, Warned):
            self.warned.emit(event.message)
        elif isinstance(event, RunEnded):
            self.ended.emit(event)


def merged(steps: list[StepsTrained]) -> StepsTrained:
    """One event with every step of `steps`, in order; speeds and times are the newest."""
    if len(steps) == 1:
        return steps[0]
    newest = steps[-1]
    return StepsTrained(
        epoch=newest.epoch,
        steps=tuple(step for event in steps for step in event.steps),
        losses=tuple(loss for event in steps for loss in event.losses),
        learning_rates=tuple(rate for event in steps for rate in event.learning_rates),
        images_per_second=newest.images_per_second,
        seconds=newest.seconds,
        seconds_left=newest.seconds_left,
    )


def _fit(
    job: Job, config: TrainingConfig | None, resume: Path | None, change: Change | None, settings: Settings | None
) -> Generator[Event, Order | None, None]:
    from explorer.training.fit import fit  # noqa: PLC0415 - torch is imported off the UI thread

    return fit(config, resume, change=change, settings=settings, progress=job.prepare, cancelled=job.is_told_to_stop)
