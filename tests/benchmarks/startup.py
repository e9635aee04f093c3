"""How soon the window is up, and LeNet-5's graph on it, beside the time that bare imports take."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

IMPORTS = "import torch, torchvision, PySide6.QtWidgets, pyqtgraph"


def measure(rounds: int) -> None:
    """Starts the program and bare imports in turn, `rounds` times after one for the disk's cache."""
    imports, windows, graphs = [], [], []
    for number in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", IMPORTS], check=True, capture_output=True)
        bare = time.perf_counter() - began
        answer = contender.run("tests.benchmarks.start_window", time.time())
        if number:
            imports.append(bare)
            windows.append(answer["window"])
            graphs.append(answer["graph"])
    table = Table(title=f"Start, seconds from the command, median of {rounds} interleaved runs")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("of bare imports", justify="right")
    bare = statistics.median(imports)
    for name, times in (("window visible", windows), ("LeNet-5's graph on it", graphs), (IMPORTS, imports)):
        median = statistics.median(times)
        table.add_row(name, f"{median:.2f}", f"{median / bare:.2f}")
    Console(width=120).print(table)
