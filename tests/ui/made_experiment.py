"""A small experiment, conducts of it that need no torch, and runs and results that were never trained."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from explorer.claims.claim import Arm, Experiment, Form, Look, Measure, Part, Source
from explorer.claims.events import ExperimentEvent, ExperimentStarted, Judged, Progress, RunBegun, RunDone, RunTold
from explorer.claims.results import Chart, KeptRun, Line, Result, Table
from explorer.claims.verdict import Figure, combined, judge
from explorer.data import datasets, digits
from explorer.data.datasets import Dataset
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.training.events import Order, RunStarted

ARMS = (
    Arm("ReLU", "mlp", {"units": 8, "layers": 1}),
    Arm("sigmoid", "mlp", {"units": 8, "layers": 1, "activation": "sigmoid"}, differs=("options.activation",)),
)
ERROR = Measure("test_error", "the test error at the end")
PART = Part("ReLU errs less", "lower", ERROR, "ReLU", "sigmoid")
ERRORS = Look("Test error", "metrics", split="test", figure="error")


def made(**changes: Any) -> Experiment:
    """Two perceptrons on 100 digits, one epoch, two seeds."""
    form = Form(
        datasets=("digits:100:50",),
        arms=changes.pop("arms", ARMS),
        seeds=2,
        seconds=60,
        setting="two perceptrons on 100 digits",
        cannot="That it is so on photographs too.",
        config={"batch_size": 25, "epochs": 1, "learning_rate": 0.01},
    )
    experiment = Experiment(
        name="made",
        number=99,
        title="Made for tests",
        question="Does ReLU err less than sigmoid?",
        source=Source("Nobody", 2000, "table 1"),
        networks=("lenet5",),
        look=(ERRORS,),
        short=form,
        full=dataclasses.replace(form, seeds=3, seconds=7200, setting="the same for hours"),
        parts=(PART,),
    )
    return dataclasses.replace(experiment, **changes)


def write_run(folder: Path, rows: Iterable[tuple[int, int, str, float, float]]) -> Path:
    """A run's metrics: step, epoch, split, loss and accuracy of each row."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = MetricsWriter(folder / "metrics.csv")
    writer.add(
        MetricsRow(step, epoch, step / 10, split, loss, accuracy)  # type: ignore[arg-type]
        for step, epoch, split, loss, accuracy in rows
    )
    writer.flush()
    return folder


def made_runs(folder: Path, errors: dict[str, Sequence[float]]) -> tuple[KeptRun, ...]:
    """A run for each arm and seed with the given test error after its only epoch of ten steps."""
    runs = []
    for arm, values in errors.items():
        for seed, error in enumerate(values):
            rows = [(step, 1, "train", 2.0 / step, 0.5) for step in range(1, 11)]
            where = write_run(folder / f"{arm}-{seed}", [*rows, (10, 1, "test", 0.5, 1 - error)])
            runs.append(KeptRun(arm, seed, where, "finished"))
    return tuple(runs)


def result(
    experiment: Experiment, runs: Sequence[KeptRun], errors: dict[str, Sequence[float]], **changes: Any
) -> Result:
    """What the runs come to."""
    figures = {arm: Figure(arm, tuple(range(len(values))), tuple(values)) for arm, values in errors.items()}
    verdict = combined([judge(PART, figures)])
    found = Result(
        experiment=experiment, size="short", verdict=verdict, runs=tuple(runs),
        charts=(Chart("Error by shift", "pixels", "error", (Line("ReLU", (0.0, 1.0), (0.1, 0.2), (0.01, 0.02)),)),),
        tables=(Table("Sizes", ("Network", "Parameters"), (("mlp", "1,234"),)),),
        dataset="digits:100:50", remarks=("MNIST is not on this computer",), seeds=2, seconds=12.0,
        processor_seconds=20.0,
    )  # fmt: skip
    return dataclasses.replace(found, **changes)


def conducting(
    folder: Path, errors: dict[str, Sequence[float]], *, wait: Callable[[], bool] | None = None
) -> Callable[..., Generator[ExperimentEvent, Order | None, None]]:
    """In place of the runner: the runs appear at once, unless `wait` holds them up, and the verdict follows.

    `wait` is asked again and again until it says True; cancelled meanwhile, the experiment ends without a verdict.
    """

    def conduct(experiment: Experiment, size: str = "short", **given: Any) -> Generator[Any, Order | None, None]:
        seeds = given.get("seeds") or experiment.short.seeds
        kept = {arm: values[:seeds] for arm, values in errors.items()}
        runs = made_runs(folder, kept)
        yield ExperimentStarted(experiment, size, seeds, len(runs), "digits:100:50")  # type: ignore[arg-type]
        for number, run in enumerate(runs, start=1):
            yield RunBegun(run.arm, run.seed, number, len(runs))
            yield RunTold(run.arm, run.seed, RunStarted(run.folder, 1, 1, 10, 100, "cpu", 1))
            yield Progress(f"{run.arm}, seed {run.seed}", (number - 0.5) / len(runs), 30.0)
            while wait is not None and not wait():
                if given["cancelled"]():
                    return
                yield Progress(f"{run.arm}, seed {run.seed}", (number - 0.5) / len(runs), 30.0)
            yield RunDone(run, number, len(runs))
        yield Judged(result(experiment, runs, kept, size=size, seeds=seeds))

    return conduct


@functools.cache
def digits_made(name: str) -> Dataset:
    """In place of any data set: 100 images to train with and 50 to test."""
    train, test = digits.make_digits(100, 1), digits.make_digits(50, 2)
    return Dataset(
        name, "Made", datasets.get(name).classes, train, test, (0.125,), (0.25,), f"made {name}", "made for tests"
    )


def load_made(name: str, *_: object) -> Dataset:
    return digits_made(name)
