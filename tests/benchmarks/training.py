"""Images a second of LeNet-5 on MNIST: ours with and without the window, and what a user would pick instead."""

from __future__ import annotations

import importlib.util
import statistics
import sys

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

BATCH_SIZES = (128, 512)
CONTENDERS = {
    "fit, window open": "train_ours_window",
    "fit": "train_ours",
    "DataLoader script": "train_plain",
    "Lightning": "train_lightning",
    "Keras on torch": "train_keras",
}
NEEDS = {"train_lightning": "lightning", "train_keras": "keras"}


def measure(rounds: int) -> None:
    """Runs all contenders in turn, `rounds` times, and prints the medians."""
    chosen = {}
    for name, module in CONTENDERS.items():
        if module in NEEDS and importlib.util.find_spec(NEEDS[module]) is None:
            print(f"{name} is left out: pip install '.[benchmark]'", file=sys.stderr)
        else:
            chosen[name] = module
    paces: dict[tuple[str, int], list[float]] = {}
    lags: dict[int, list[dict[str, float]]] = {}
    for number in range(rounds):
        for batch_size in BATCH_SIZES:
            for name, module in chosen.items():
                answer = contender.run(f"tests.benchmarks.{module}", batch_size)
                paces.setdefault((name, batch_size), []).append(answer["images_per_second"])
                if "lag_p99" in answer:
                    lags.setdefault(batch_size, []).append(answer)
                print(f"round {number + 1}: {name}, batch {batch_size}: {answer}", file=sys.stderr)
    _print(paces, lags, chosen, rounds)


def _print(
    paces: dict[tuple[str, int], list[float]],
    lags: dict[int, list[dict[str, float]]],
    chosen: dict[str, str],
    rounds: int,
) -> None:
    table = Table(title=f"LeNet-5 on MNIST, images a second, median of {rounds} interleaved runs")
    table.add_column("")
    for batch_size in BATCH_SIZES:
        table.add_column(f"batch {batch_size}", justify="right")
        table.add_column("of the plain script", justify="right")
        table.add_column("of fit", justify="right")
    for name in chosen:
        cells = [name]
        for batch_size in BATCH_SIZES:
            pace = statistics.median(paces[name, batch_size])
            plain = statistics.median(paces["DataLoader script", batch_size])
            ours = statistics.median(paces["fit", batch_size])
            cells += [f"{pace:,.0f}", f"{pace / plain:.2f}", f"{pace / ours:.2f}"]
        table.add_row(*cells)
    console = Console(width=120)
    console.print(table)
    for batch_size, answers in lags.items():
        p50, p95, p99, worst = (
            statistics.median(answer[key] for answer in answers) for key in ("lag_p50", "lag_p95", "lag_p99", "lag_max")
        )
        console.print(
            f"event loop late while training at batch {batch_size}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
            f"p99 {p99:.1f} ms, worst {worst:.1f} ms (median of {rounds} runs; worst of all "
            f"{max(answer['lag_max'] for answer in answers):.1f} ms)"
        )
