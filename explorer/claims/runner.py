"""Running an experiment: `conduct`, a generator of events that trains the arms, computes, and judges."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import math
import time
from collections.abc import Callable, Generator
from pathlib import Path

from explorer.claims import kept
from explorer.claims.claim import LESS, Experiment, Form, Live, Measure, Planned, Size, dataset_of, planned
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
    Stopped,
)
from explorer.claims.measures import figure_of
from explorer.claims.results import Computed, Context, KeptRun, Result
from explorer.claims.verdict import Figure, combined, difference, judge
from explorer.runs.notes import add_tag, read_notes, write_notes
from explorer.runs.run_folder import Run, list_runs, read_run
from explorer.system import settings as system_settings
from explorer.system.download import Cancelled
from explorer.system.files import StorageError
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import Event, Order, Outcome, RunEnded, RunStarted, StepsTrained, Warned
from explorer.training.fit import fit

# What says where a run was computed, and not what was trained.
_NOT_WHAT = ("device", "threads")


def conduct(
    experiment: Experiment,
    size: Size = "short",
    *,
    seeds: int | None = None,
    reuse: bool = True,
    settings: Settings | None = None,
    progress: Callable[[str, float | None], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Generator[ExperimentEvent, Order | None, None]:
    """Trains what an experiment compares, computes what it computes, and ends with `Judged`.

    Iterate it in one thread and close it there; each `send` may carry an order for the training under way. A training
    that is stopped ends the experiment with `Stopped`, and closing the generator leaves it interrupted; begun again
    with `reuse`, it takes over the runs that are finished, goes on with the one that is not, and trains the rest.
    `reuse` finds runs of the same configuration that bear the experiment's tag, whatever they were computed on.

    `progress` and `cancelled` are those of `fit`, and of what is computed without a run.

    Raises:
        ValueError: there are no seeds, or an arm does not fit this version.
        DataError, TrainingError: as `fit`.
        Cancelled: `cancelled()` was true.
    """
    if seeds is not None and seeds < 1:
        raise ValueError(f"an experiment has at least one seed, not {seeds}")
    sitting = _Conducting(
        experiment, size, seeds, settings or system_settings.load(), progress or _say_nothing, cancelled or _never
    )
    yield from sitting.run(reuse=reuse)


def kept_runs(
    experiment: Experiment, size: Size = "short", *, seeds: int | None = None, settings: Settings | None = None
) -> tuple[KeptRun, ...]:
    """The runs that are done and that `conduct` would take over, in its order."""
    chosen = settings or system_settings.load()
    form = experiment.form(size)
    dataset, _ = dataset_of(form, chosen)
    if not dataset:
        return ()
    found = _earlier(experiment.name, chosen.runs())
    taken: dict[Path, KeptRun] = {}
    for each in planned(form, dataset, seeds, device=chosen.device):
        run = _best(found.get(_key(each.config), []), set(taken))
        if run is not None and run.status in {"finished", "diverged"}:
            taken[run.folder] = KeptRun(each.arm.name, each.seed, run.folder, run.status, reused=True)
    return tuple(taken.values())


class _Conducting:
    """One experiment, from its first event to its last."""

    def __init__(
        self,
        experiment: Experiment,
        size: Size,
        seeds: int | None,
        settings: Settings,
        tell: Callable[[str, float | None], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._experiment = experiment
        self._size: Size = size
        self._form: Form = experiment.form(size)
        self._seeds = self._form.seeds if seeds is None else seeds
        self._settings = settings
        self._tell = tell
        self._cancelled = cancelled
        self._remarks: list[str] = []
        self._kept: list[KeptRun] = []
        # The short forms' networks are too small to gain from a second thread, and lose much where cores are shared.
        self._threads = settings.threads or (1 if size == "short" else 0)
        self._begun = time.perf_counter()
        self._processor = time.process_time()
        self._trained = 0.0  # runs trained in this sitting, in parts of one
        self._is_stopped = False

    def run(self, *, reuse: bool) -> Generator[ExperimentEvent, Order | None, None]:
        dataset, remark = dataset_of(self._form, self._settings)
        runs = planned(self._form, dataset, self._seeds, device=self._settings.device) if dataset else ()
        yield ExperimentStarted(self._experiment, self._size, self._seeds, len(runs), dataset)
        if remark:
            yield self._remark(remark)
        yield from self._train(runs, reuse=reuse)
        if self._is_stopped:
            yield Stopped(tuple(self._kept))
            return
        computed = []
        for live in self._experiment.live:
            found = self._compute(live)
            computed.append(found)
            if found.charts or found.tables:
                yield Looked(found.charts, found.tables)
        result = self._judged(dataset, computed)
        try:
            kept.keep(result)
        except StorageError as error:
            yield self._remark(f"the result is not kept: {error}")
        yield Judged(result)

    def _train(self, runs: tuple[Planned, ...], *, reuse: bool) -> Generator[ExperimentEvent, Order | None, None]:
        found = _earlier(self._experiment.name, self._settings.runs()) if reuse and runs else {}
        taken: set[Path] = set()
        for number, each in enumerate(runs, start=1):
            self._stop_if_cancelled()
            earlier = _best(found.get(_key(each.config), []), taken)
            if earlier is not None and earlier.status in {"finished", "diverged"}:
                taken.add(earlier.folder)
                run = KeptRun(each.arm.name, each.seed, earlier.folder, earlier.status, reused=True)
                self._kept.append(run)
                yield RunDone(run, number, len(runs))
                continue
            yield RunBegun(each.arm.name, each.seed, number, len(runs))
            trained = yield from self._train_one(each, earlier, number, len(runs))
            if trained is None:
                self._is_stopped = True
                return
            self._kept.append(trained)
            yield RunDone(trained, number, len(runs))

    def _train_one(
        self, run: Planned, earlier: Run | None, number: int, count: int
    ) -> Generator[ExperimentEvent, Order | None, KeptRun | None]:
        config = None if earlier else dataclasses.replace(run.config, threads=self._threads)
        resume = None if earlier is None else earlier.folder
        events = fit(config, resume, settings=self._settings, progress=self._tell, cancelled=self._cancelled)
        before = self._trained
        ended: RunEnded | None = None
        with contextlib.closing(events):
            order: Order | None = None
            while True:
                try:
                    event = events.send(order)
                except StopIteration:
                    break
                if isinstance(event, RunStarted):
                    # Measured once: another number of threads gives other last digits.
                    self._threads = self._threads or event.threads
                    yield from map(self._remark, self._tag(event.folder, run))
                elif isinstance(event, Warned):
                    yield self._remark(event.message)
                elif isinstance(event, RunEnded):
                    ended = event
                order = yield RunTold(run.arm.name, run.seed, event)
                share = _share_of(event, run.config)
                if share is not None:
                    self._trained = before + share
                    # The order is given with the next event of the training, not lost here.
                    told = yield self._progress(run, number, count, share)
                    order = told if order is None else order
                if self._cancelled():
                    raise Cancelled
        self._trained = before + 1
        if ended is None or ended.outcome is Outcome.STOPPED:
            return None
        return KeptRun(run.arm.name, run.seed, ended.folder, ended.outcome.value)

    def _tag(self, folder: Path, run: Planned) -> list[str]:
        """Says in the run's notes what it is for; what went wrong with that."""
        try:
            add_tag(folder, self._experiment.name)
            notes = read_notes(folder)
            if not notes.title:
                title = f"{self._experiment.title}: {run.arm.name}, seed {run.seed}"
                write_notes(folder, dataclasses.replace(notes, title=title))
        except (StorageError, ValueError) as error:
            return [f"{folder.name} is not marked as a run of {self._experiment.name}: {error}"]
        return []

    def _progress(self, run: Planned, number: int, count: int, share: float) -> Progress:
        done = (number - 1 + share) / count
        seconds = time.perf_counter() - self._begun
        left = seconds / self._trained * (count - number + 1 - share) if self._trained > _KNOWN else None
        return Progress(f"{run.arm.name}, seed {run.seed}", done, left)

    def _compute(self, live: Live) -> Computed:
        self._stop_if_cancelled()
        module, _, function = live.function.partition(":")
        context = Context(self._size, self._seeds, tuple(self._kept), self._settings, self._tell, self._cancelled)
        compute = getattr(importlib.import_module(f"explorer.claims.{module}"), function)
        found: Computed = compute(context, **live.parameters(self._size))
        return found

    def _judged(self, dataset: str, computed: list[Computed]) -> Result:
        figures: dict[tuple[str, str], Figure] = {}
        parts = []
        for part in self._experiment.parts_of(self._size):
            what = json.dumps([part.measure.name, dict(part.measure.parameters)], sort_keys=True)
            for name in filter(None, (part.first, part.second)):
                if (name, what) not in figures:
                    figures[name, what] = self._figure(part.measure, name)
            about = {name: figure for (name, key), figure in figures.items() if key == what}
            parts.append(judge(part, about))
        parts += [part for found in computed for part in found.parts]
        return Result(
            experiment=self._experiment,
            size=self._size,
            verdict=combined(parts),
            runs=tuple(self._kept),
            charts=tuple(chart for found in computed for chart in found.charts),
            tables=tuple(table for found in computed for table in found.tables),
            dataset=dataset,
            remarks=tuple(dict.fromkeys(self._remarks)),
            seeds=self._seeds,
            seconds=time.perf_counter() - self._begun,
            processor_seconds=time.process_time() - self._processor,
        )

    def _figure(self, measure: Measure, name: str) -> Figure:
        """The figure of an arm, of the best of the arms that are trials of `name`, or of a difference of two."""
        first, less, second = name.partition(LESS)
        if less:
            return difference(self._figure(measure, first), self._figure(measure, second), name)
        trials = [arm.name for arm in self._form.arms if arm.best_of == name]
        if not trials:
            return figure_of(measure, name, self._kept, self._settings)
        figures = [figure_of(measure, trial, self._kept, self._settings) for trial in trials]
        return min(figures, key=lambda figure: (bool(figure.diverged), math.isnan(figure.mean), figure.mean))

    def _remark(self, message: str) -> Remarked:
        self._remarks.append(message)
        return Remarked(message)

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise Cancelled


# A share of a run after which its pace is known.
_KNOWN = 0.05


def _share_of(event: Event, config: TrainingConfig) -> float | None:
    """How much of a run is done at an event; None where the event does not say."""
    if isinstance(event, StepsTrained) and event.seconds_left is not None:
        whole = event.seconds + event.seconds_left
        return min(event.seconds / whole, 1.0) if whole > 0 else None
    epoch = getattr(event, "epoch", None)
    if isinstance(event, StepsTrained) and epoch is not None:
        return float((epoch - 1) / config.epochs)
    return None


def _key(config: TrainingConfig) -> str:
    values = config.to_json()
    return json.dumps({name: value for name, value in values.items() if name not in _NOT_WHAT}, sort_keys=True)


def _earlier(tag: str, folder: Path) -> dict[str, list[Run]]:
    """The runs of an experiment, by what they were trained with, newest first; what cannot be read is passed over."""
    found: dict[str, list[Run]] = {}
    for run in list_runs(folder):
        if run.record is None or run.record.changes or tag not in read_notes(run.folder).tags:
            continue
        try:
            config = TrainingConfig.from_json(run.record.config)
        except ValueError:
            continue
        found.setdefault(_key(config), []).append(run)
    return found


def _best(runs: list[Run], taken: set[Path]) -> Run | None:
    """The run to take over: one that is done, else one to go on with."""
    free = [run for run in runs if run.folder not in taken]
    # Somebody else may be training in it by now.
    now = [read_run(run.folder) for run in free]
    for statuses in ({"finished", "diverged"}, {"interrupted", "stopped"}):
        for run in now:
            if run.status in statuses:
                return run
    return None


def _say_nothing(_words: str, _share: float | None) -> None:
    pass


def _never() -> bool:
    return False
