"""The thread that conducts an experiment, and what it tells the window: a few frozen values some times a second."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.claims.claim import Experiment, Size
from explorer.claims.events import (
    ExperimentEvent,
    ExperimentStarted,
    Judged,
    Looked,
    Progress,
    Remarked,
    RunBegun,
    RunDone,
    RunTold,
)
from explorer.claims.results import Chart, Table
from explorer.system.settings import Settings
from explorer.training.events import Command, Order, RunStarted
from explorer.ui.experiment_findings import Findings, of_result
from explorer.ui.experiment_series import Source
from explorer.ui.training_job import Job
from explorer.ui.training_thread import Trainer

Conduct = Callable[..., Generator[ExperimentEvent, Order | None, None]]

_PERIOD_MS = 250


@dataclass(frozen=True)
class Wish:
    """What is to be conducted: `seeds` None means as many as the form has; `reuse` False trains everything anew."""

    experiment: Experiment
    size: Size = "short"
    seeds: int | None = None
    reuse: bool = True


@dataclass(frozen=True)
class Standing:
    """How an experiment under way stands. `share` is None, and `seconds_left`, until they can be told."""

    wish: Wish
    words: str = ""
    share: float | None = None
    seconds_left: float | None = None
    number: int = 0  # of the run under way, from 1
    runs: int = 0
    is_training: bool = False
    is_waiting: bool = False
    is_stopping: bool = False
    sources: tuple[Source, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()


class Conductor(QObject):
    """Conducts one experiment at a time; waits while `trainer` trains, and keeps it from training meanwhile.

    All signals come in the UI thread. Call `shutdown` before the window goes: what was trained is kept.
    """

    changed = Signal()  # `standing` is another
    judged = Signal(object)  # Findings
    stopped = Signal(object)  # Wish: it was cancelled; what was trained is kept
    failed = Signal(object, str)  # Wish, one sentence

    def __init__(
        self,
        trainer: Trainer,
        settings: Callable[[], Settings],
        parent: QObject | None = None,
        *,
        conduct: Conduct | None = None,
    ) -> None:
        super().__init__(parent)
        self._trainer = trainer
        self.settings = settings
        self._conduct = conduct
        self._standing: Standing | None = None
        self._job: Job | None = None
        self._findings: Findings | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD_MS)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._drain)
        trainer.state_changed.connect(self._on_trainer)

    @property
    def standing(self) -> Standing | None:
        """How the experiment under way stands; None while there is none."""
        return self._standing

    def start(self, wish: Wish) -> bool:
        """Conducts an experiment, once the training under way is over; False while another is under way."""
        if self._standing is not None:
            return False
        self._standing = Standing(wish, "Preparing")
        self._begin_or_wait()
        return True

    def cancel(self) -> None:
        """Stops at once; runs that are finished stay, and the one under way can be gone on with."""
        standing = self._standing
        if standing is None:
            return
        if self._job is None:
            self._standing = None
            self.changed.emit()
            self.stopped.emit(standing.wish)
            return
        self._standing = replace(standing, is_stopping=True, words="Stopping")
        self._job.send(Command.STOP)
        self.changed.emit()

    def shutdown(self) -> None:
        """Ends the experiment, keeping what was trained, and waits for the thread: one step at most."""
        self._timer.stop()
        self._standing = None
        if self._job is not None:
            self._job.abandon()
            self._job.join()
            self._job = None
            self._trainer.give_back()

    def _begin_or_wait(self) -> None:
        standing = self._standing
        if standing is None or self._job is not None:
            return
        if not self._trainer.lend():
            words = "A training is under way; the experiment begins when it ends"
            self._standing = replace(standing, words=words, is_waiting=True)
            self.changed.emit()
            return
        wish, settings, conduct = standing.wish, self.settings(), self._conduct
        self._standing = replace(standing, words="Preparing", is_waiting=False)
        self._findings = None
        # The job passes on what it is given; that its events are another's is none of its business.
        self._job = Job(lambda job: cast("Any", _conducted(job, wish, settings, conduct)))
        self._job.start()
        self._timer.start()
        self.changed.emit()

    def _on_trainer(self, state: str) -> None:
        if state == "idle" and self._standing is not None and self._standing.is_waiting:
            # Not at once: others hear of this state after it, and must not hear of the next one first.
            QTimer.singleShot(0, self, self._begin_or_wait)

    def _drain(self) -> None:
        job, standing = self._job, self._standing
        if job is None or standing is None:
            self._timer.stop()
            return
        events, preparation, is_over, failure = job.take()
        if preparation is not None and not standing.is_stopping:
            words, share = preparation
            if not standing.is_training:
                standing = replace(standing, words=words, share=standing.share if standing.runs else share)
        for event in cast("list[Any]", events):
            standing = self._after(standing, event)
        self._standing = standing
        if not is_over:
            if events or preparation is not None:
                self.changed.emit()
            return
        self._timer.stop()
        job.join()
        self._job, self._standing = None, None
        self._trainer.give_back()
        self.changed.emit()
        if self._findings is not None:
            self.judged.emit(self._findings)
        elif failure is not None:
            self.failed.emit(standing.wish, failure.sentence)
        else:
            self.stopped.emit(standing.wish)

    def _after(self, standing: Standing, event: ExperimentEvent) -> Standing:
        """How it stands after an event."""
        if isinstance(event, ExperimentStarted):
            return replace(standing, runs=event.runs)
        if isinstance(event, RunBegun):
            words = f"{event.arm}, seed {event.seed}"
            return replace(standing, words=words, number=event.number, runs=event.runs)
        if isinstance(event, RunTold):
            if isinstance(event.event, RunStarted):
                source = Source(event.arm, event.seed, event.event.folder, is_done=False)
                return replace(standing, sources=(*standing.sources, source), is_training=True)
            return standing
        if isinstance(event, RunDone):
            run = event.run
            done = Source(run.arm, run.seed, run.folder, is_done=True, diverged=run.diverged)
            kept = tuple(source for source in standing.sources if source.folder != run.folder)
            return replace(
                standing,
                sources=(*kept, done),
                share=event.number / event.runs,
                is_training=event.number < event.runs,
            )
        if isinstance(event, Progress) and not standing.is_stopping:
            return replace(standing, words=event.words, share=event.share, seconds_left=event.seconds_left)
        if isinstance(event, Looked):
            return replace(standing, charts=(*standing.charts, *event.charts), tables=(*standing.tables, *event.tables))
        if isinstance(event, Remarked):
            return replace(standing, remarks=(*standing.remarks, event.message))
        if isinstance(event, Judged):
            self._findings = of_result(event.result)
        return standing


def _conducted(
    job: Job, wish: Wish, settings: Settings, conduct: Conduct | None
) -> Generator[ExperimentEvent, Order | None, None]:
    if conduct is None:
        from explorer.claims import runner  # noqa: PLC0415 - torch is imported off the UI thread

        conduct = runner.conduct
    return conduct(
        wish.experiment,
        wish.size,
        seeds=wish.seeds,
        reuse=wish.reuse,
        settings=settings,
        progress=job.prepare,
        cancelled=job.is_told_to_stop,
    )
