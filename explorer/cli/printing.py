"""Printing for people and for programs: tables that fit, colours only on a terminal, JSON that is plain."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def console() -> Console:
    """Standard output; where it is no terminal, lines are as wide as they need to be."""
    return Console() if sys.stdout.isatty() else Console(width=240, no_color=True, soft_wrap=True)


def table(columns: Sequence[str], *, right: Sequence[str] = ()) -> Table:
    """An empty table with a thin rule under its heading; the columns named in `right` are right-aligned figures."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_footer=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
    return made


def cells(*values: object) -> list[Text]:
    """Cells whose text is shown as it is, never as markup."""
    return [Text(str(value)) for value in values]


def write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_json_line(value: Any) -> None:
    """One object on one line, at once, so that a reader of the stream keeps up."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
