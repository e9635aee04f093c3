"""Running an experiment: `conduct`, a generator of events that trains the arms, computes, and judges."""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Callable, Generator
from pathlib import Path

from explorer.claims import kept
from explorer.claims.arm_training import ArmTraining
from explorer.claims.claim import LESS, Experiment, Form, Live, Measure, Size, dataset_of, planned
from explorer.claims.earlier_runs import EarlierRuns
from explorer.claims.events import ExperimentEvent, ExperimentStarted, Judged, Looked, Remarked, Stopped
from explorer.claims.measures import figure_of
from explorer.claims.results import Computed, Context, KeptRun, Result
from explorer.claims.verdict import Figure, combined, difference, judge
from explorer.system import settings as system_settings
from explorer.system.download import Cancelled
from explorer.system.files import StorageError
from explorer.system.settings import Settings
from explorer.training.events import Order


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
    that is stopped ends the experiment with `Stopped`; closing the generator leaves it interrupted, with those that
    are trained beside it in processes of their own. Begun again with `reuse`, it takes over the runs that are finished,
    goes on with those that are not, and trains the rest.
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
    earlier = EarlierRuns(experiment.name, chosen.runs())
    taken: dict[Path, KeptRun] = {}
    for each in planned(form, dataset, seeds, device=chosen.device):
        run = earlier.best(each.config, set(taken))
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
        self._kept: tuple[KeptRun, ...] = ()
        self._beside = 0.0  # processor seconds of other processes
        self._begun = time.perf_counter()
        self._processor = time.process_time()

    def run(self, *, reuse: bool) -> Generator[ExperimentEvent, Order | None, None]:
        dataset, remark = dataset_of(self._form, self._settings)
        runs = planned(self._form, dataset, self._seeds, device=self._settings.device) if dataset else ()
        yield ExperimentStarted(self._experiment, self._size, self._seeds, len(runs), dataset)
        if remark:
            yield self._remark(remark)
        training = ArmTraining(
            self._experiment, self._size, runs, self._settings, self._tell, self._cancelled, self._remark
        )
        yield from training.train(reuse=reuse)
        self._kept, self._beside = training.kept, training.beside
        if training.is_stopped:
            yield Stopped(self._kept)
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

    def _compute(self, live: Live) -> Computed:
        self._stop_if_cancelled()
        module, _, function = live.function.partition(":")
        context = Context(self._size, self._seeds, self._kept, self._settings, self._tell, self._cancelled)
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
            runs=self._kept,
            charts=tuple(chart for found in computed for chart in found.charts),
            tables=tuple(table for found in computed for table in found.tables),
            dataset=dataset,
            remarks=tuple(dict.fromkeys(self._remarks)),
            seeds=self._seeds,
            seconds=time.perf_counter() - self._begun,
            processor_seconds=time.process_time() - self._processor + self._beside,
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


def _say_nothing(_words: str, _share: float | None) -> None:
    pass


def _never() -> bool:
    return False
