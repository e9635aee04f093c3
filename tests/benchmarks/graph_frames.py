"""Unfolding, zooming and panning large graphs at 1920 × 1080: time of a frame, and how long the window stands still."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

GRAPHS = ("densenet201", "5,000 nodes")
_SIZE = (1920, 1080)
_BEAT_MS = 5


def measure(rounds: int) -> None:
    """Prints frame times and the longest time without an event, in milliseconds; the median of `rounds` runs."""
    table = Table(title=f"The graph at {_SIZE[0]} × {_SIZE[1]}, milliseconds, median of {rounds} runs")
    for column in ("", "boxes", "unfolded in", "frame p50", "frame p95", "frame max", "longest block"):
        table.add_column(column, justify="left" if not column else "right")
    for graph in GRAPHS:
        answers = [contender.run("tests.benchmarks.graph_frames", graph) for _ in range(rounds)]
        for action in answers[0]["actions"]:
            found = [answer["actions"][action] for answer in answers]
            medians = {key: statistics.median(each[key] for each in found) for key in found[0]}
            table.add_row(
                f"{graph}, {action}",
                f"{answers[0]['boxes']:,}",
                f"{statistics.median(answer['unfolded'] for answer in answers):.0f}" if action == "unfolding" else "",
                *(f"{medians[key]:.1f}" for key in ("p50", "p95", "max", "block")),
            )
    Console(width=130).print(table)


def main() -> None:
    """One run, in a process of its own; prints JSON."""
    from explorer.ui.app import create_application
    from explorer.ui.graph_view import GraphView
    from explorer.ui.session import Session

    paints: list[float] = []

    class TimedView(GraphView):
        def paintEvent(self, event: Any) -> None:
            start = time.perf_counter()
            super().paintEvent(event)
            paints.append((time.perf_counter() - start) * 1000)

    graph = _graph(sys.argv[1])
    application = create_application()
    session = Session()
    view = TimedView(session)
    view.resize(*_SIZE)
    view.show()
    session.graph = graph
    session.graph_changed.emit(graph)
    watch = _Watch(application, view, paints)
    watch.until(lambda: view.picture is not None and watch.is_still())
    watch.frames(2)
    answer: dict[str, Any] = {"actions": {}}
    began = time.perf_counter()
    watch.begin()
    view.unfold_all()
    watch.until(lambda: not view.is_laying_out and not view.folded)
    answer["unfolded"] = (time.perf_counter() - began) * 1000
    watch.until(watch.is_still)
    answer["actions"]["unfolding"] = watch.end()
    answer["boxes"] = len(view.picture.layout.boxes)
    watch.begin()
    middle = view.viewport().rect().center()
    for step in (1.25,) * 16 + (0.8,) * 16:
        view._zoom_by(step, middle.toPointF())
        watch.frames(2)
    watch.until(watch.is_still)
    answer["actions"]["zooming"] = watch.end()
    for name, zoom in (("panning far", 0.1), ("panning at half size", 0.5), ("panning near", 1.0)):
        view._zoom_by(zoom / view.zoom, middle.toPointF())
        watch.begin()
        for index in range(60):
            view._pan(_away(index))
            watch.frames(1)
        watch.until(watch.is_still)
        answer["actions"][name] = watch.end()
    view.shutdown()
    view.close()
    print(json.dumps(answer))


class _Watch:
    """Drives the event loop and notes how long frames and single turns of the loop take."""

    def __init__(self, application: Any, view: Any, paints: list[float]) -> None:
        from PySide6.QtCore import QTimer

        self._application, self._view = application, view
        self._lags: list[float] = []
        self._paints = paints
        self._last = time.perf_counter()
        self._timer = QTimer(view)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def is_still(self) -> bool:
        view = self._view
        moving = view._animation.state() == view._animation.State.Running
        return not moving and not view.is_laying_out and view._tiles.is_complete

    def begin(self) -> None:
        self._lags.clear()
        self._paints.clear()
        self._last = time.perf_counter()

    def end(self) -> dict[str, float]:
        paints = sorted(self._paints) or [0.0]
        return {
            "p50": paints[len(paints) // 2],
            "p95": paints[int(len(paints) * 0.95)],
            "max": paints[-1],
            "block": max(self._lags, default=0.0),
        }

    def frames(self, count: int) -> None:
        """Lets the view paint so many times."""
        for _ in range(count):
            before = len(self._paints)
            self._view.viewport().update()
            self.until(lambda before=before: len(self._paints) > before)

    def until(self, reached: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + 60
        while not reached():
            if time.perf_counter() > deadline:
                raise TimeoutError("the graph did not come to rest in a minute")
            self._application.processEvents()

    def _beat(self) -> None:
        now = time.perf_counter()
        self._lags.append(max(0.0, (now - self._last) * 1000 - _BEAT_MS))
        self._last = now


def _away(index: int) -> Any:
    from PySide6.QtCore import QPointF

    return QPointF(60 if index < 40 else -80, 20 if index % 2 else -10)


def _graph(name: str) -> Any:
    if name == "5,000 nodes":
        sys.path.insert(0, str(contender.ROOT / "tests" / "ui"))
        from large_graph import large_graph

        return large_graph(5000)
    from explorer.networks import catalogue
    from explorer.reading import read_graph

    try:
        architecture = catalogue.get(f"torchvision/{name}")
    except ValueError:
        architecture = catalogue.get(name)
    return read_graph(architecture)


if __name__ == "__main__":
    main()
