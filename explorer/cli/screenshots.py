"""`cnn-explorer screenshots`: the real window, driven through its demos and photographed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

NAME = "screenshots"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="photograph the window at work, in both themes, without a display",
        description=(
            "Drives the window offscreen through reading, training on the built-in digits and drawing, "
            "and saves a PNG of each step in both themes."
        ),
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the pictures go; made if missing")
    parser.add_argument("--size", default="1440x900", help="window size, e.g. 1280x800 (default 1440x900)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from explorer.ui.screenshots import take_screenshots  # noqa: PLC0415 - Qt is imported only where it is needed

    width, _, height = arguments.size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise ValueError(f"--size is WIDTHxHEIGHT, such as 1280x800, not {arguments.size!r}")
    for path in take_screenshots(arguments.folder, (int(width), int(height))):
        print(path)  # noqa: T201
    return 0
