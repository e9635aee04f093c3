"""`fit` driven by the window, which paints its curves meanwhile; after that, how late the event loop is.

One after the other: the timer that notes lateness wakes the UI thread a hundred times a second, and at batches of 128
that alone takes 2 to 3 % of training's pace.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import Qt, QTimer

from explorer.training.events import RunEnded, StepsTrained
from explorer.ui.app import create_application, create_window
from tests.benchmarks import task
from tests.benchmarks.our_config import our_config

PERIOD_MS = 10
# How long lateness is noted: some 400 beats.
LATENESS_MS = 4000


class Heartbeat:
    """Notes by how much each beat of a 10 ms timer in the UI thread is late."""

    def __init__(self) -> None:
        self.lags: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start(PERIOD_MS)

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.lags.append(max(0.0, (now - self._last) * 1000 - PERIOD_MS))
        self._last = now


def main() -> None:
    application = create_application()
    window = create_window()
    window.first_minute.be_quiet()
    window.show()
    window.workspaces.enter("Train")
    beat = Heartbeat()
    name, batch_size = task.asked()
    clock = task.Clock(name)
    failures: list[str] = []
    is_counted: list[bool] = []

    def ended(_event: RunEnded) -> None:
        application.quit()

    def failed(sentence: str) -> None:
        failures.append(sentence)
        application.quit()

    def trained(steps: StepsTrained) -> None:
        # The window hears of steps up to a second after they were done: what counts is when they were.
        if not is_counted and clock.tick(len(steps.steps) * batch_size, steps.seconds, epoch=steps.epoch):
            is_counted.append(True)
            beat.start()
            QTimer.singleShot(LATENESS_MS, stop)

    def stop() -> None:
        beat.stop()
        window.trainer.stop()

    def begin(_graph: object) -> None:
        window.trainer.start(our_config(name, batch_size))

    window.session.graph_changed.connect(begin)
    window.trainer.steps.connect(trained)
    window.trainer.ended.connect(ended)
    window.trainer.failed.connect(failed)
    application.exec()
    window.close()
    if failures:
        sys.exit(failures[0])
    if not is_counted:
        sys.exit("the training was over before enough images were counted")
    lags = sorted(beat.lags)

    def percentile(share: float) -> float:
        return lags[min(len(lags) - 1, int(share * len(lags)))]

    print(
        json.dumps(
            {
                "images_per_second": clock.images_per_second,
                "lag_p50": percentile(0.5),
                "lag_p95": percentile(0.95),
                "lag_p99": percentile(0.99),
                "lag_max": lags[-1],
            }
        )
    )


if __name__ == "__main__":
    main()
