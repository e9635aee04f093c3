"""Seconds of training until LeNet-5 answers 99 % of MNIST's test set."""

from __future__ import annotations

import statistics
import sys

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender
from tests.benchmarks.task import data_folder
from tests.benchmarks.train_until import TARGET


def measure(rounds: int) -> None:
    """Trains with as many seeds as `rounds`, one after the other, and prints each and the median.

    Raises:
        SystemExit: MNIST is not at hand.
    """
    data_folder()
    table = Table(title=f"LeNet-5 with batch norm and max pooling, seconds of training to {TARGET:.0%} on MNIST")
    for heading in ("seed", "seconds", "accuracy at the end", "epochs"):
        table.add_column(heading, justify="right")
    taken = []
    for seed in range(rounds):
        answer = contender.run("tests.benchmarks.train_until", seed)
        print(f"seed {seed}: {answer}", file=sys.stderr)
        reached = answer["seconds"]
        # A run that never gets there took longer than any that does.
        taken.append(float("inf") if reached is None else reached)
        table.add_row(
            str(seed),
            "not reached" if reached is None else f"{reached:.1f}",
            f"{answer['accuracy'] * 100:.2f} %",
            str(answer["epochs"]),
        )
    console = Console(width=120)
    console.print(table)
    median = statistics.median(taken)
    said = f"{median:.1f} s" if median < float("inf") else "not reached"
    console.print(f"median of {rounds} seeds: {said}", highlight=False)
