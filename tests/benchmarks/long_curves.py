"""Panning and zooming the curves of a run with a million steps: processor time of a frame."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

STEPS = 1_000_000
_STEPS_PER_EPOCH = 400
_SIZE = (1280, 720)


def measure(rounds: int) -> None:
    """Prints the processor time of a frame in milliseconds; the median of `rounds` runs. 60 frames/s leave 16.7."""
    table = Table(title=f"Curves of {STEPS:,} steps at {_SIZE[0]} × {_SIZE[1]}, milliseconds, median of {rounds} runs")
    for column in ("", "frame p50", "frame p95", "frame max"):
        table.add_column(column, justify="left" if not column else "right")
    answers = [contender.run("tests.benchmarks.long_curves") for _ in range(rounds)]
    for action in answers[0]:
        medians = {key: statistics.median(answer[action][key] for answer in answers) for key in ("p50", "p95", "max")}
        table.add_row(action, *(f"{medians[key]:.1f}" for key in medians))
    Console(width=120).print(table)


def main() -> None:
    """One run, in a process of its own; prints JSON."""
    from explorer.ui.app import create_application
    from explorer.ui.curves import Curves

    application = create_application()
    curves = Curves()
    curves.resize(*_SIZE)
    curves.show()
    plot = curves.prepare()
    start = time.thread_time()
    curves.show_run(long_run(STEPS, _STEPS_PER_EPOCH))
    curves.grab()
    answer: dict[str, Any] = {"first picture": _percentiles([(time.thread_time() - start) * 1000])}
    box = plot.getViewBox()

    def frame(move: Any) -> float:
        begin = time.thread_time()
        move()
        box.sigRangeChangedManually.emit([True, True])
        application.processEvents()
        return (time.thread_time() - begin) * 1000

    for name, quantity in (("loss", "loss"), ("accuracy", "accuracy"), ("learning rate", "rate")):
        curves.show_quantity(quantity)
        frame(lambda: None)
        zooms = [frame(lambda: box.scaleBy((0.87, 1))) for _ in range(40)]
        zooms += [frame(lambda: box.scaleBy((1 / 0.87, 1))) for _ in range(40)]
        answer[f"{name}, zooming"] = _percentiles(zooms)
        pans: list[float] = []
        for width in (0.9, 0.3, 0.03):
            box.setXRange(0, width * STEPS / _STEPS_PER_EPOCH, padding=0)
            step = width * STEPS / _STEPS_PER_EPOCH / 60
            pans += [frame(lambda step=step: box.translateBy((step, 0))) for _ in range(40)]
        answer[f"{name}, panning"] = _percentiles(pans)
    curves.close()
    print(json.dumps(answer))


def long_run(steps: int, per_epoch: int) -> Any:
    """A run of so many noisy steps."""
    import numpy as np

    from explorer.ui.curve_data import RunCurves

    run = RunCurves("long", per_epoch, steps // per_epoch)
    numbers = np.arange(1, steps + 1, dtype=float)
    noise = np.random.default_rng(1).random(steps)
    run.add_steps(
        numbers, 2.3 / numbers**0.3 + 0.1 * noise, steps / 50, rates=0.1 * (1 - numbers / steps), speed=14_000
    )
    for epoch in range(1, steps // per_epoch + 1):
        accuracy = 1 - 0.5 / epoch - 0.01 * float(noise[epoch])
        run.add_epoch(
            epoch,
            epoch * per_epoch,
            epoch * per_epoch / 50,
            train_loss=0.3,
            train_accuracy=accuracy,
            test_loss=1 / epoch + 0.05,
            test_accuracy=accuracy - 0.01,
        )
    return run


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)], "max": ordered[-1]}


if __name__ == "__main__":
    main()
