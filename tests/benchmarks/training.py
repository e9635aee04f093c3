"""Images a second in training: ours with and without the window, and what a user would pick instead."""

from __future__ import annotations

import importlib.util
import statistics
import sys

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender
from tests.benchmarks.task import TASKS, data_folder

CONTENDERS = {
    "fit, window open": "train_ours_window",
    "fit": "train_ours",
    "fit, float32": "train_ours_float32",
    "DataLoader script": "train_plain",
    "Lightning": "train_lightning",
    "Keras on torch": "train_keras",
}
NEEDS = {"train_lightning": "lightning", "train_keras": "keras"}
# Keras has no ResNet-20 of its own, and one written for it here would be another network.
LEFT_OUT = {("resnet20", "train_keras")}

Column = tuple[str, int]


def measure(rounds: int) -> None:
    """Runs all contenders in turn, `rounds` times, and prints the medians.

    Raises:
        SystemExit: MNIST and CIFAR-10 are not at hand.
    """
    data_folder()
    chosen = {}
    for name, module in CONTENDERS.items():
        if module in NEEDS and importlib.util.find_spec(NEEDS[module]) is None:
            print(f"{name} is left out: pip install '.[benchmark]'", file=sys.stderr)
        else:
            chosen[name] = module
    columns = [(task, batch_size) for task, entry in TASKS.items() for batch_size in entry.batch_sizes]
    paces: dict[tuple[str, Column], list[float]] = {}
    lags: dict[Column, list[dict[str, float]]] = {}
    precisions: dict[Column, str] = {}
    for number in range(rounds):
        for task, batch_size in columns:
            for name, module in chosen.items():
                if (task, module) in LEFT_OUT:
                    continue
                answer = contender.run(f"tests.benchmarks.{module}", task, batch_size)
                paces.setdefault((name, (task, batch_size)), []).append(answer["images_per_second"])
                if name == "fit":
                    precisions[task, batch_size] = answer["precision"]
                if "lag_p99" in answer:
                    lags.setdefault((task, batch_size), []).append(answer)
                print(f"round {number + 1}: {name}, {task}, batch {batch_size}: {answer}", file=sys.stderr)
    mixed = {column for column, precision in precisions.items() if precision == "bfloat16"}
    _print(paces, lags, columns, tuple(chosen), rounds, mixed)


def _print(
    paces: dict[tuple[str, Column], list[float]],
    lags: dict[Column, list[dict[str, float]]],
    columns: list[Column],
    names: tuple[str, ...],
    rounds: int,
    mixed: set[Column],
) -> None:
    title = f"Training, images a second, median of {rounds} interleaved runs; times script, times fit"
    table = Table(title=title, caption="* fit chose bfloat16 here; its rivals compute in float32")
    table.add_column("")
    for task, batch_size in columns:
        mark = " *" if (task, batch_size) in mixed else ""
        table.add_column(f"{TASKS[task].title}, batch {batch_size}{mark}", justify="right")
        table.add_column("script", justify="right")
        table.add_column("fit", justify="right")
    for name in names:
        cells = [name]
        for column in columns:
            if (name, column) not in paces:
                cells += ["–", "–", "–"]
                continue
            pace = statistics.median(paces[name, column])
            plain = statistics.median(paces["DataLoader script", column])
            ours = statistics.median(paces["fit", column])
            cells += [f"{pace:,.0f}", f"{pace / plain:.2f}", f"{pace / ours:.2f}"]
        table.add_row(*cells)
    console = Console(width=140)
    console.print(table)
    for (task, batch_size), answers in lags.items():
        p50, p95, p99, worst = (
            statistics.median(answer[key] for answer in answers) for key in ("lag_p50", "lag_p95", "lag_p99", "lag_max")
        )
        console.print(
            f"event loop late while {TASKS[task].title} trains at batch {batch_size}: p50 {p50:.1f} ms, "
            f"p95 {p95:.1f} ms, p99 {p99:.1f} ms, worst {worst:.1f} ms (median of {rounds} runs; worst of all "
            f"{max(answer['lag_max'] for answer in answers):.1f} ms)"
        )
