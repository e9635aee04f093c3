"""`cnn-explorer` without a command: the window, or one line that says why there is none."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from explorer.system import display, garbage

WITHOUT_WINDOW = (
    "what works without one: list, show, graph, compare, measure, train, predict, explain, experiment, runs, weights, "
    "screenshots (cnn-explorer --help)"
)
PACKAGES = "on Debian and Ubuntu, install the packages that the README names"


def open_window(files: Sequence[str] = ()) -> int:
    """Opens the window, with `files` in it; returns the exit code.

    Each is a path, or "path/to/net.py:Class"; of several all are pictures, which go into a strip.

    Raises:
        FileNotFoundError, ForeignError: `file` does not exist.
        RuntimeError: there is no display, or Qt lacks a library of the system.
    """
    for file in files:
        _check_file(file)
    missing = display.missing_display()
    if missing:
        raise RuntimeError(f"no window can be opened: {missing}; {WITHOUT_WINDOW}")
    missing = display.missing_library(_xcb_plugin())
    if missing:
        raise RuntimeError(f"Qt lacks a library of the system: {missing}; {PACKAGES}; {WITHOUT_WINDOW}")
    try:
        with garbage.left_alone(keep=True):
            from explorer.ui.app import main  # noqa: PLC0415 - the terminal commands need no Qt
    except ImportError as error:
        raise RuntimeError(f"Qt cannot start: {error}; {PACKAGES}; {WITHOUT_WINDOW}") from error
    return main(tuple(Path(file) for file in files))


def _check_file(file: str) -> None:
    if Path(file).exists():
        return
    from explorer.foreign.spec import is_own, parse  # noqa: PLC0415 - only networks of the user's own need it

    if not is_own(file):
        raise FileNotFoundError(f"{file!r} is neither a command nor a file; see cnn-explorer --help")
    parse(file)


def _xcb_plugin() -> Path:
    package = importlib.util.find_spec("PySide6")
    origin = Path(package.origin).parent if package and package.origin else Path()
    return origin / "Qt" / "plugins" / "platforms" / "libqxcb.so"
