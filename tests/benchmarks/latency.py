"""From pen move to painted bars, idle and while training, beside a bare forward pass."""

from __future__ import annotations

import statistics

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender


def measure(rounds: int) -> None:
    """Draws in the window `rounds` times idle and while it trains, and prints the percentiles."""
    table = Table(title=f"From pen move to painted bars, milliseconds, median of {rounds} runs")
    for column in ("", "p50", "p95", "p99", "moves", "answers"):
        table.add_column(column, justify="left" if not column else "right")
    answers: dict[str, list[dict[str, float]]] = {"idle": [], "while training": []}
    for _ in range(rounds):
        for name, runs in answers.items():
            runs.append(contender.run("tests.benchmarks.draw_in_window", name.split()[0]))
    for name, runs in answers.items():
        medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        times = (f"{medians[key]:.1f}" for key in ("p50", "p95", "p99"))
        table.add_row(name, *times, *(f"{medians[key]:.0f}" for key in ("moves", "answers")))
    bare = statistics.median(run["forward"] for run in answers["idle"])
    table.add_row("bare forward pass of one image", f"{bare:.2f}", "", "", "", "")
    Console(width=120).print(table)
