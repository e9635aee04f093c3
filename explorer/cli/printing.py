"""Printing for people and for programs: tables that fit, colours only on a terminal, JSON that is plain."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text


class _Output(Console):
    """Standard output that leaves a reader who has gone to the caller; rich would end the program itself."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError


def prepare_output() -> None:
    """Makes standard output safe to write to: open at all, and with a "?" for what its encoding lacks."""
    if sys.stdout is None:
        # Python's way of saying that the descriptor was closed (`>&-`).
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the program
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def console() -> Console:
    """Standard output in colour on a terminal; else without, whatever FORCE_COLOR says, and for any width of line."""
    if sys.stdout.isatty():
        return _Output()
    return _Output(width=240, no_color=True, soft_wrap=True, force_terminal=False)


def print_table(rows: RenderableType) -> None:
    """A table on standard output; where that is no terminal, without blanks at the ends of lines."""
    output = console()
    if output.is_terminal:
        output.print(rows)
        return
    with output.capture() as captured:
        output.print(rows)
    for line in captured.get().splitlines():
        sys.stdout.write(line.rstrip() + "\n")


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
