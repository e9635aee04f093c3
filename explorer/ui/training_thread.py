"""The training that the window drives: one thread iterates `fit`, the UI thread hears of it five times a second."""

from __future__ import annotations

import gc
import logging
import threading
from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import Command, EpochFinished, Event, Paused, RunEnded, RunStarted, StepsTrained, Warned

_log = logging.getLogger(__name__)

EventSource = Callable[[], Generator[Event, Command | None, None]]

# The most that reaches the UI: 5 updates a second. At 20, painting the curves took a fifth of training's pace on two
# cores, because both of its threads wait for the one that shares its core with the window.
_PERIOD_MS = 200
# Events that may wait for the UI. `fit` yields some 20 a second, so this is seconds of a blocked window; a fuller
# buffer makes training wait, because a dropped event would be a hole in the curves.
_BUFFER = 256

# The interpreter's switch interval stays at its 5 ms. Torch lets go of the interpreter's lock inside its operations, so
# the window seldom waits for it; a shorter interval only lets training interrupt the painting of a frame more often.
# Measured over 8 s of LeNet-5 on MNIST with curves painting, two busy cores, runs interleaved: the event loop's lag
# at p99 was 9, 10 and 16 ms with 5 ms, and 11, 15, 17 and 23 ms with 1 ms.


class Trainer(QObject):
    """Runs one training at a time in a thread of its own and tells of it by signals, all in the UI thread.

    `state` is "idle", "starting" (until the run folder exists), "running", "paused" or "stopping". Call `shutdown`
    before the window goes. `updated` comes once after all other signals of one look into the thread: what paints
    should paint then.
    """

    started = Signal(object)  # RunStarted
    steps = Signal(object)  # StepsTrained: all since the last one, merged
    epoch_finished = Signal(object)  # EpochFinished
    warned = Signal(str)
    ended = Signal(object)  # RunEnded
    failed = Signal(str)  # one sentence
    state_changed = Signal(str)
    preparing = Signal(str, object)  # what is done before the first step, share done 0 to 1 or None
    updated = Signal()

    def __init__(self, parent: QObject | None = None, *, settings: Callable[[], Settings] | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._state = "idle"
        self._job: _Job | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD_MS)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._drain)

    @property
    def state(self) -> str:
        return self._state

    @property
    def is_idle(self) -> bool:
        return self._state == "idle"

    def start(self, config: TrainingConfig) -> None:
        """Trains by `config`; does nothing while a training runs."""
        settings = self._settings() if self._settings else None
        self._begin(lambda job: _fit(job, config, None, settings))

    def resume(self, folder: Path) -> None:
        """Goes on with the interrupted run in `folder`; does nothing while a training runs."""
        settings = self._settings() if self._settings else None
        self._begin(lambda job: _fit(job, None, folder, settings))

    def run(self, source: EventSource) -> None:
        """Iterates the generator that `source` gives, in the thread; does nothing while a training runs."""
        self._begin(lambda _job: source())

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

    def _begin(self, source: Callable[[_Job], Generator[Event, Command | None, None]]) -> None:
        if self._job is not None:
            return
        self._job = _Job(source)
        self._job.start()
        self._timer.start()
        self._enter("starting")

    def _send(self, command: Command) -> None:
        if self._job is not None:
            self._job.send(command)
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
        events, preparation, is_over, sentence = job.take()
        if preparation is not None:
            self.preparing.emit(*preparation)
        self._tell(events)
        if is_over:
            self._timer.stop()
            job.join()
            self._job = None
            self._enter("idle")
            if sentence:
                self.failed.emit(sentence)
        elif self._state == "paused":
            # Nothing comes until the next command, which starts the timer again.
            self._timer.stop()
        if events or is_over:
            self.updated.emit()

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
            self.started.emit(event)
        elif isinstance(event, Paused):
            if self._state == "running":
                self._enter("paused")
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
    job: _Job, config: TrainingConfig | None, resume: Path | None, settings: Settings | None
) -> Generator[Event, Command | None, None]:
    from explorer.training.fit import fit  # noqa: PLC0415 - torch is imported off the UI thread

    return fit(config, resume, settings=settings, progress=job.prepare, cancelled=job.is_told_to_stop)


class _Job:
    """One training: its thread, the events that wait for the UI, the commands that wait for `fit`."""

    def __init__(self, source: Callable[[_Job], Generator[Event, Command | None, None]]) -> None:
        self._source = source
        self._condition = threading.Condition()
        self._events: deque[Event] = deque()
        self._commands: deque[Command] = deque()
        self._preparation: tuple[str, float | None] | None = None
        self._is_stopping = False
        self._is_abandoned = False
        self._has_begun = False
        self._is_over = False
        self._sentence = ""
        self._thread = threading.Thread(target=self._run, name="training")

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def send(self, command: Command) -> None:
        with self._condition:
            if command is Command.STOP:
                self._commands.clear()
                self._is_stopping = True
            self._commands.append(command)
            self._condition.notify_all()

    def abandon(self) -> None:
        """Ends at the next event: `fit` is closed there, which leaves the run as interrupted and fit to be resumed."""
        with self._condition:
            self._is_abandoned = True
        self.send(Command.STOP)

    def take(self) -> tuple[list[Event], tuple[str, float | None] | None, bool, str]:
        """All that waits; what is being prepared; whether it is the end; the sentence of a failure or ""."""
        with self._condition:
            events, preparation = list(self._events), self._preparation
            self._events.clear()
            self._preparation = None
            self._condition.notify_all()
            return events, preparation, self._is_over, self._sentence

    def prepare(self, text: str, share: float | None) -> None:
        with self._condition:
            self._preparation = (text, share)

    def is_told_to_stop(self) -> bool:
        return self._is_stopping

    def _run(self) -> None:
        sentence = "training ended for an unknown reason; details are in the log"
        try:
            sentence = self._failure()
        finally:
            with self._condition:
                # Who stops while data are loaded hears no complaint that they were not.
                self._sentence = "" if self._is_stopping and not self._has_begun else sentence
                self._is_over = True

    def _failure(self) -> str:
        """Iterates to the end; "" or what went wrong. No exception outlives this call: its traceback holds tensors."""
        try:
            self._iterate()
        except (ValueError, OSError, RuntimeError) as error:
            _log.info("training failed", exc_info=True)
            return str(error) or type(error).__name__
        except Cancelled:
            return ""
        except ImportError as error:
            _log.exception("training could not be imported")
            return f"training cannot start: {error}; install cnn-explorer again"
        except MemoryError:
            _log.exception("training ran out of memory")
            return "there is not enough memory; choose a smaller batch size"
        except Exception as error:  # noqa: BLE001 - a thread has no caller that could hear of it
            _log.exception("unexpected failure in training")
            return f"unexpected {type(error).__name__}: {error}; details are in the log"
        return ""

    def _iterate(self) -> None:
        if self._is_stopping:
            return
        generator = self._source(self)
        was_frozen = gc.get_freeze_count() > 0
        try:
            event = next(generator, None)
            # Torch leaves some 400,000 objects behind. A full garbage collection that looks at all of them holds up
            # every thread for 250 ms and more; set aside, they are passed over.
            if not was_frozen:
                gc.freeze()
            while event is not None:
                self._keep(event)
                command = self._next_command(is_paused=isinstance(event, Paused))
                if self._is_abandoned:
                    return
                try:
                    event = generator.send(command)
                except StopIteration:
                    return
        finally:
            # Closed here, in the thread that iterates it: `fit` puts its files in order as it closes.
            generator.close()
            if not was_frozen:
                gc.unfreeze()

    def _keep(self, event: Event) -> None:
        with self._condition:
            if isinstance(event, Paused) and self._events and isinstance(self._events[-1], Paused):
                return
            while len(self._events) >= _BUFFER and not self._is_abandoned:
                self._condition.wait()
            self._events.append(event)
            self._has_begun = True

    def _next_command(self, *, is_paused: bool) -> Command | None:
        with self._condition:
            while is_paused and not self._commands:
                self._condition.wait()
            return self._commands.popleft() if self._commands else None
