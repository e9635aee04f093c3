"""From pen move to painted bars, idle and while training, with and without thumbnails; a large network's answer."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

CASES = {
    "idle": ("idle",),
    "idle, with thumbnails": ("idle", "maps"),
    "while training": ("while",),
    "while training, with thumbnails": ("while", "maps"),
}


def measure(rounds: int, *digits: str) -> None:
    """Draws in the window `rounds` times in each case, and prints the percentiles; then asks ResNet-18."""
    table = Table(title=f"From pen move to painted bars, milliseconds, median of {rounds} runs")
    for column in ("", "p50", "p95", "p99", "moves", "answers", "thumbnails a second"):
        table.add_column(column, justify="left" if not column else "right")
    answers: dict[str, list[dict[str, float]]] = {name: [] for name in CASES}
    large: dict[str, list[float]] = {"forward": [], "answer": []}
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "resnet18.safetensors"
        contender.run("tests.benchmarks.answer_large", "save", weights)
        for _ in range(rounds):
            for name, runs in answers.items():
                runs.append(contender.run("tests.benchmarks.draw_in_window", *CASES[name], *digits))
            for what, times in large.items():
                times.append(contender.run("tests.benchmarks.answer_large", what, weights)["milliseconds"])
    for name, runs in answers.items():
        medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        times = (f"{medians[key]:.1f}" for key in ("p50", "p95", "p99"))
        frames = f"{medians['frames']:.0f}" if medians["frames"] else ""
        table.add_row(name, *times, *(f"{medians[key]:.0f}" for key in ("moves", "answers")), frames)
    bare = statistics.median(run["forward"] for run in answers["idle"])
    table.add_row("bare forward pass of one image", f"{bare:.2f}", "", "", "", "", "")
    console = Console(width=120)
    console.print(table)
    table = Table(title=f"ResNet-18 at 224 × 224, milliseconds, median of {rounds} runs")
    for column in ("bare forward pass", "answer", "more"):
        table.add_column(column, justify="right")
    forward, answer = (statistics.median(times) for times in large.values())
    table.add_row(f"{forward:.1f}", f"{answer:.1f}", f"{answer - forward:.1f}")
    console.print(table)
