"""`cnn-explorer` without a command: the window, or one line that says why there is none."""

from __future__ import annotations

import os
import sys

WITHOUT_WINDOW = "what works without one: list, show, graph, train, predict, runs, screenshots (cnn-explorer --help)"


def open_window(file: str | None) -> int:
    """Opens the window, with `file` in it if one is given; returns the exit code.

    Raises:
        RuntimeError: there is no display, or Qt lacks a library of the system.
    """
    if not _has_display():
        raise RuntimeError(f"there is no display to open a window on; {WITHOUT_WINDOW}")
    try:
        from explorer.ui.app import main  # noqa: PLC0415 - the terminal commands need no Qt
    except ImportError as error:
        raise RuntimeError(
            f"Qt cannot start: {error}; on Debian and Ubuntu install the packages that the README names; "
            f"{WITHOUT_WINDOW}"
        ) from error
    return main(file)


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
