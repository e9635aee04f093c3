"""Training the arms of an experiment: one run at a time here, and others beside it where there are cores to spare."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from explorer.claims import companions
from explorer.claims.claim import Experiment, Planned, Size
from explorer.claims.companions import Companions
from explorer.claims.earlier_runs import EarlierRuns
from explorer.claims.events import ExperimentEvent, Progress, Remarked, RunBegun, RunDone, RunTold
from explorer.claims.results import KeptRun
from explorer.claims.run_share import share_of
from explorer.runs.notes import add_tag, read_notes, write_notes
from explorer.runs.run_folder import Run
from explorer.system.download import Cancelled
from explorer.system.files import StorageError
from explorer.system.settings import Settings
from explorer.training.events import Command, Order, Outcome, Paused, RunEnded, RunStarted, Warned
from explorer.training.fit import fit

_DONE = frozenset({"finished", "diverged"})
# A share of a run after which its pace is known.
_KNOWN = 0.05
# How often a look is taken at what is trained beside, when nothing is trained here.
_LOOK_S = 0.2


@dataclasses.dataclass(frozen=True)
class _Waiting:
    """Run `number`, from 1, of those planned. `only_here`: it could not be trained beside."""

    number: int
    run: Planned
    only_here: bool = False


class ArmTraining:
    """Trains the runs that an experiment needs; `kept` has those that are done, in the order in which they are planned.

    `beside` is the processor time of other processes; `is_stopped` tells that an order ended it early.
    """

    def __init__(
        self,
        experiment: Experiment,
        size: Size,
        runs: Sequence[Planned],
        settings: Settings,
        tell: Callable[[str, float | None], None],
        cancelled: Callable[[], bool],
        remark: Callable[[str], Remarked],
    ) -> None:
        self._experiment = experiment
        self._form = experiment.form(size)
        self._is_short = size == "short"
        self._runs = runs
        self._settings = settings
        self._tell = tell
        self._cancelled = cancelled
        self._remark = remark
        # The short forms' networks are too small to gain from a second thread, and lose much where cores are shared.
        self._threads = settings.threads or (1 if self._is_short else 0)
        self._waiting: deque[_Waiting] = deque()
        self._earlier: EarlierRuns | None = None
        self._companions = Companions(0, settings)
        self._done: dict[int, KeptRun] = {}
        self._taken: set[Path] = set()
        self._shares: dict[int, float] = {}  # of the runs under way
        self._under_way: int | None = None  # the run that is trained here
        self._trained = 0  # runs that were trained to their end in this sitting
        self._begun = time.perf_counter()
        self.beside = 0.0
        self.is_stopped = False

    @property
    def kept(self) -> tuple[KeptRun, ...]:
        return tuple(self._done[number] for number in sorted(self._done))

    def train(self, *, reuse: bool) -> Generator[ExperimentEvent, Order | None, None]:
        """Takes over what is done already, and trains the rest.

        Raises:
            Cancelled, ValueError, DataError, TrainingError: as `fit`.
        """
        if reuse and self._runs:
            self._earlier = EarlierRuns(self._experiment.name, self._settings.runs())
        for number, run in enumerate(self._runs, start=1):
            earlier = self._earlier_of(run)
            if earlier is not None and earlier.status in _DONE:
                self._taken.add(earlier.folder)
                kept = KeptRun(run.arm.name, run.seed, earlier.folder, earlier.status, reused=True)
                yield self._finished(number, kept)
            else:
                self._waiting.append(_Waiting(number, run))
        self._companions = Companions(self._worthwhile(), self._settings)
        with contextlib.closing(self._companions):
            while not self.is_stopped and (self._waiting or self._companions.busy):
                if self._cancelled():
                    raise Cancelled
                if self._waiting:
                    yield from self._train_here()
                else:
                    yield from self._wait()

    def _worthwhile(self) -> int:
        if self._threads != 1 or not self._waiting:
            return 0
        seconds = self._form.seconds * len(self._waiting) / len(self._runs)
        return companions.worthwhile(len(self._waiting), seconds, self._settings)

    def _earlier_of(self, run: Planned) -> Run | None:
        return None if self._earlier is None else self._earlier.best(run.config, self._taken)

    def _train_here(self) -> Generator[ExperimentEvent, Order | None, None]:
        """Trains the run that waits longest."""
        next_one = self._waiting.popleft()
        number, run = next_one.number, next_one.run
        self._under_way = number
        self._give_away()
        yield RunBegun(run.arm.name, run.seed, number, len(self._runs))
        earlier = self._earlier_of(run)
        config = None if earlier else dataclasses.replace(run.config, threads=self._threads)
        resume = None if earlier is None else earlier.folder
        events = fit(config, resume, settings=self._settings, progress=self._tell, cancelled=self._cancelled)
        ended: RunEnded | None = None
        with contextlib.closing(events):
            orders: deque[Order] = deque()
            while True:
                try:
                    event = events.send(orders.popleft() if orders else None)
                except StopIteration:
                    break
                if isinstance(event, RunStarted):
                    # Measured once: another number of threads gives other last digits.
                    self._threads = self._threads or event.threads
                    yield from self._tagged(event.folder, run)
                elif isinstance(event, Warned):
                    yield self._remark(event.message)
                elif isinstance(event, RunEnded):
                    ended = event
                told: list[ExperimentEvent] = [RunTold(run.arm.name, run.seed, event)]
                if not isinstance(event, Paused):
                    self._give_away()
                told += self._heard()
                share = share_of(event, run.config)
                if share is not None:
                    self._shares[number] = share
                    told.append(self._progress())
                for each in told:
                    order = yield each
                    if order is not None:
                        orders.append(order)
                if self._cancelled():
                    raise Cancelled
        self._under_way = None
        if ended is None or ended.outcome is Outcome.STOPPED:
            self.is_stopped = True
            return
        self._trained += 1
        yield self._finished(number, KeptRun(run.arm.name, run.seed, ended.folder, ended.outcome.value))

    def _wait(self) -> Generator[ExperimentEvent, Order | None, None]:
        """Listens to what is trained beside, when there is nothing left to train here."""
        for event in [*self._heard(_LOOK_S), self._progress()]:
            order = yield event
            if order in (Command.STOP, Command.STOP_AFTER_EPOCH):
                self.is_stopped = True
                return

    def _heard(self, wait: float = 0.0) -> list[ExperimentEvent]:
        """What comes of the runs that are trained beside; waits so many seconds for news."""
        told: list[ExperimentEvent] = []
        for news in self._companions.news(wait):
            number = news.number
            run = self._runs[number - 1]
            if isinstance(news, companions.Began):
                told += self._tagged(news.event.folder, run)
                told.append(RunTold(run.arm.name, run.seed, news.event))
            elif isinstance(news, companions.Went):
                self._shares[number] = news.share
            elif isinstance(news, companions.Told):
                told.append(self._remark(news.message))
            elif isinstance(news, companions.Ended):
                self.beside += news.processor_seconds
                self._trained += 1
                told.append(self._finished(number, KeptRun(run.arm.name, run.seed, news.folder, news.outcome)))
            else:
                # Here it goes well, or says what is wrong.
                self._shares.pop(number, None)
                self._waiting.appendleft(_Waiting(number, run, only_here=True))
        return told

    def _give_away(self) -> None:
        """Gives those beside what they can take."""
        while self._companions.is_free:
            found = next((each for each in self._waiting if not each.only_here), None)
            if found is None:
                return
            earlier = self._earlier_of(found.run)
            config = dataclasses.replace(found.run.config, threads=self._threads)
            if not self._companions.give(found.number, config, None if earlier is None else earlier.folder):
                return
            self._waiting.remove(found)

    def _finished(self, number: int, kept: KeptRun) -> RunDone:
        self._shares.pop(number, None)
        self._done[number] = kept
        return RunDone(kept, len(self._done), len(self._runs))

    def _tagged(self, folder: Path, run: Planned) -> list[ExperimentEvent]:
        """Says in the run's notes what it is for; what went wrong with that."""
        try:
            add_tag(folder, self._experiment.name)
            notes = read_notes(folder)
            if not notes.title:
                title = f"{self._experiment.title}: {run.arm.name}, seed {run.seed}"
                write_notes(folder, dataclasses.replace(notes, title=title))
        except (StorageError, ValueError) as error:
            return [self._remark(f"{folder.name} is not marked as a run of {self._experiment.name}: {error}")]
        return []

    def _progress(self) -> Progress:
        under_way = [*([self._under_way] if self._under_way else []), *self._shares]
        runs = [self._runs[number - 1] for number in dict.fromkeys(under_way)]
        words = f"{runs[0].arm.name}, seed {runs[0].seed}" if runs else "training"
        if len(runs) > 1:
            words += f", and {len(runs) - 1} more beside it"
        here = sum(self._shares.values())
        done = (len(self._done) + here) / len(self._runs)
        trained = self._trained + here
        seconds = time.perf_counter() - self._begun
        left = seconds / trained * (len(self._runs) - len(self._done) - here) if trained > _KNOWN else None
        return Progress(words, done, left)
