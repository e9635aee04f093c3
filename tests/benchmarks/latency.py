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
    answers = {"idle": [], "while training": []}
    for _ in range(rounds):
        for name in answers:
            answers[name].append(contender.run("tests.benchmarks.draw_in_window", name.split()[0]))
    for name, runs in answers.items():
        table.add_row(name, *(f"{statistics.median(run[key] for run in runs):.1f}" for key in ("p50", "p95", "p99")),
                      *(f"{statistics.median(run[key] for run in runs):.0f}" for key in ("moves", "answers")))  # fmt: skip
    bare = statistics.median(run["forward"] for run in answers["idle"])
    table.add_row("bare forward pass of one image", f"{bare:.2f}", "", "", "", "")
    Console(width=120).print(table)
