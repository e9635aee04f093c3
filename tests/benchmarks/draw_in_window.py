"""Draws digits in the window with mouse events at 125 Hz and says how long bars and thumbnails take to follow.

Arguments: "idle" or "while" (it trains), "maps" for thumbnails of all layers, and the number of digits.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.data.digits import make_sketches
from explorer.inference.predictor import Predictor, weights_for
from explorer.system import settings
from explorer.ui.app import create_application, create_window
from explorer.ui.graph_view import GraphView
from tests.benchmarks.our_config import our_config

DIGITS = 30
MOVE_MS = 8  # 125 Hz, as a common mouse reports


def main() -> None:
    training = sys.argv[1] == "while"
    with_maps = "maps" in sys.argv
    digits = int(sys.argv[-1]) if sys.argv[-1].isdecimal() else DIGITS
    paints = _count_paints()
    application = create_application()
    window = create_window()
    window.first_minute.be_quiet()
    window.show()
    window.graph_view.show_maps(with_maps)
    delays: list[float] = []
    window.input.bars.painted.connect(delays.append)
    moves = _moves(window.input.pad, digits)
    sent = 0
    began = frames = moved = 0.0
    predict = window.service.predict
    # From the move itself, so that what the pad does before it asks counts too.
    window.service.predict = lambda source, _requested_at=None: predict(source, moved)
    rates: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def step() -> None:
        nonlocal sent, began, frames, moved
        if not began:
            began, frames = time.perf_counter(), window.live_maps.frames
            paints.clear()
        event = next(moves, None)
        if event is None:
            timer.stop()
            seconds = time.perf_counter() - began
            # Pictures that were made, and of these what came to the screen.
            rates.append(min(window.live_maps.frames - frames, len(paints)) / seconds)
            QTimer.singleShot(200, application.quit)
            return
        sent += event.type() == QEvent.Type.MouseMove
        moved = time.perf_counter()
        QApplication.sendEvent(window.input.pad, event)

    def begin(*_arguments: object) -> None:
        timer.timeout.connect(step)
        # The first answers wait for torch's own warm-up; they are drawn but not counted.
        QTimer.singleShot(1500, lambda: (delays.clear(), timer.start(MOVE_MS)))

    window.service.weights_changed.connect(
        _once(lambda: window.trainer.start(our_config("lenet5", 128, 200)) if training else begin())
    )
    window.trainer.started.connect(begin)
    application.exec()
    window.close()
    delays.sort()

    def percentile(share: float) -> float:
        return delays[min(len(delays) - 1, int(share * len(delays)))] * 1000

    print(
        json.dumps(
            {
                "p50": percentile(0.5),
                "p95": percentile(0.95),
                "p99": percentile(0.99),
                "moves": sent,
                "answers": len(delays),
                "frames": rates[0] if with_maps and rates else 0.0,
                "forward": _forward(),
            }
        )
    )


def _once(work):
    done = []

    def call(*_arguments: object) -> None:
        if not done:
            done.append(True)
            work()

    return call


def _count_paints() -> list[float]:
    """Notes each painting of a graph from now on."""
    paints: list[float] = []
    paint = GraphView.paintEvent

    def noted(view: GraphView, event: QPaintEvent) -> None:
        paint(view, event)
        paints.append(time.perf_counter())

    GraphView.paintEvent = noted
    return paints


def _moves(pad: QWidget, digits: int):
    """Mouse events that draw one digit after another, each on a fresh sheet."""
    for sketch, _label in make_sketches(digits, seed=11):
        pad.clear()
        for stroke in sketch.strokes:
            points = [QPointF(x / 280 * pad.width(), y / 280 * pad.height()) for x, y in stroke.points]
            for index, point in enumerate(points):
                kind = QEvent.Type.MouseButtonPress if index == 0 else QEvent.Type.MouseMove
                yield _event(pad, kind, point)
            yield _event(pad, QEvent.Type.MouseButtonRelease, points[-1])


def _event(pad: QWidget, kind: QEvent.Type, point: QPointF) -> QMouseEvent:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    where = QPointF(pad.mapToGlobal(point.toPoint()))
    return QMouseEvent(kind, point, where, button, held, Qt.KeyboardModifier.NoModifier)


def _forward() -> float:
    predictor = Predictor.from_file(weights_for("lenet5", settings.load()))
    digit = np.zeros((28, 28), np.uint8)
    times = []
    for _ in range(200):
        began = time.perf_counter()
        predictor.predict(digit)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
