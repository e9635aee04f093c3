"""`cnn-explorer screenshots`: the real window, driven through its demos and photographed."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

from explorer.cli.arguments import UsageError

NAME = "screenshots"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="photograph the window at work, in both themes, without a display",
        description=(
            "Drives the window offscreen through reading, comparing, training on the built-in digits and drawing, "
            "and saves a PNG of each step in both themes."
        ),
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the pictures go; made if missing")
    parser.add_argument("--size", default="1440x900", help="window size, e.g. 1280x800 (default 1440x900)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    size = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", arguments.size)
    if not size:
        raise UsageError(f"--size is WIDTHxHEIGHT, such as 1280x800, not {arguments.size!r}")
    width, height = int(size[1]), int(size[2])
    if not (640 <= width <= 7680 and 480 <= height <= 4320):
        raise UsageError(f"--size is 640x480 to 7680x4320, not {arguments.size}")
    if arguments.folder.exists() and not arguments.folder.is_dir():
        raise NotADirectoryError(f"{arguments.folder} is a file; name a folder for the pictures")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from explorer.ui.screenshots import take_screenshots  # noqa: PLC0415 - Qt is imported only where it is needed

    for path in take_screenshots(arguments.folder, (width, height)):
        print(path)  # noqa: T201
    return 0
