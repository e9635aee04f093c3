"""`cnn-explorer install-desktop-entry`: the program in the menu of a Linux desktop, or out of it again."""

from __future__ import annotations

import argparse
from typing import Any

from explorer.system import desktop_entry

NAME = "install-desktop-entry"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="put the program into the menu of a Linux desktop",
        description="Writes a desktop entry and icons for you alone, below ~/.local/share (or XDG_DATA_HOME).",
    )
    parser.add_argument("--remove", action="store_true", help="take the entry and the icons away again")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    paths = desktop_entry.remove() if arguments.remove else desktop_entry.install()
    for path in paths:
        print(f"removed {path}" if arguments.remove else path)  # noqa: T201
    if arguments.remove and not paths:
        print("there was no entry")  # noqa: T201
    return 0
