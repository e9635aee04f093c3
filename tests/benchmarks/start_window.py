"""Runs the program as its command does and says when the window and the graph were first painted."""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    began = float(sys.argv[1])  # time.time() when the command was given
    sys.argv = ["cnn-explorer"]
    # The same imports in the same order as the command's own.
    from explorer.cli import run

    times: dict[str, float] = {}
    _watch_first_paint(began, times)
    run([])
    print(json.dumps(times))


def _watch_first_paint(began: float, times: dict[str, float]) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer

    from explorer.ui import app

    create = app.create_window

    def create_and_watch():
        window = create()

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    times.setdefault("window", time.time() - began)
                    if window.session.graph is not None and "graph" not in times:
                        times["graph"] = time.time() - began
                        QTimer.singleShot(0, window, window.close)
                return False

        window.graph_view.viewport().installEventFilter(Watch(window))
        return window

    app.create_window = create_and_watch


if __name__ == "__main__":
    main()
