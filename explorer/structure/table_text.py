"""The layer table as text that other programs take: CSV, Markdown, LaTeX, tab-separated, and JSON's plain values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.structure import memory_use
from explorer.structure.graph import Graph, Totals
from explorer.structure.memory_use import Optimiser
from explorer.structure.table_columns import Column, Item, Terms, kind_name
from explorer.structure.table_rows import Row, shared_parameters

# Signs that LaTeX takes for commands or that its usual fonts lack.
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "×": r"$\times$",
    "→": r"$\to$",
    "−": r"$-$",
    "·": r"$\cdot$",
    "–": "--",
    "…": r"\ldots{}",
}
_MARKUP = re.compile(r"[\\|*`<\[\]~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def tab_separated(rows: Sequence[Row], columns: Sequence[Column], terms: Terms) -> str:
    """Rows with a header line, for a spreadsheet: plain numbers, memory in bytes."""
    lines = [_raw_headings(columns, terms), *(_raw_cells(row, columns, terms) for row in rows)]
    return "".join("\t".join(cells) + "\n" for cells in lines)


def comma_separated(rows: Sequence[Row], columns: Sequence[Column], terms: Terms) -> str:
    """Rows with a header line as CSV (RFC 4180, lines ended by a newline alone): plain numbers, memory in bytes."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_raw_headings(columns, terms))
    writer.writerows(_raw_cells(row, columns, terms) for row in rows)
    return written.getvalue()


def markdown(rows: Sequence[Row], columns: Sequence[Column], terms: Terms, total: Totals | None = None) -> str:
    """Rows as a Markdown table, as people read them, with a total row where one is given."""
    lines = [
        _markdown_line([column.heading(terms) for column in columns]),
        "|" + "|".join("---:" if column.numeric else "---" for column in columns) + "|",
        *(_markdown_line([column.text(row.item, terms) for column in columns]) for row in rows),
    ]
    if total is not None:
        lines.append(_markdown_line(total_cells(columns, total, terms), bold=True))
    return "\n".join(lines) + "\n"


def latex(
    rows: Sequence[Row], columns: Sequence[Column], terms: Terms, total: Totals | None = None, title: str = ""
) -> str:
    """Rows as a LaTeX tabular with the rules of booktabs, as people read them; `title` stands in a comment above."""
    lines = [f"% {_plain(title)}"] if title.strip() else []
    lines += [
        "% needs \\usepackage{booktabs}",
        "\\begin{tabular}{" + "".join("r" if column.numeric else "l" for column in columns) + "}",
        "\\toprule",
        _latex_line([column.heading(terms) for column in columns]),
        "\\midrule",
        *(_latex_line([column.text(row.item, terms) for column in columns]) for row in rows),
    ]
    if total is not None:
        lines += ["\\midrule", _latex_line(total_cells(columns, total, terms))]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


def total_cells(columns: Sequence[Column], total: Totals, terms: Terms) -> list[str]:
    """What stands below each column; "total" below the first."""
    return ["total" if not place else column.total(total, terms) for place, column in enumerate(columns)]


def record(
    name: str,
    options: Mapping[str, Any],
    graph: Graph,
    rows: Sequence[Row] | None = None,
    *,
    batch: int = 1,
    measured: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What `cnn-explorer show --json` prints, as plain values.

    `rows` are the graph's layers unless blocks are folded; a folded block is a row of kind "block". All numbers of
    layers and totals are for one image; only those under "memory" are for the batch.
    """
    totals = graph.totals
    found: dict[str, Any] = {
        "name": name,
        "options": dict(options),
        "input_shape": list(graph.input_shape),
        "layers": [_layer(item) for item in ([row.item for row in rows] if rows is not None else graph.nodes)],
        "totals": {
            "parameters": totals.parameters,
            "trainable_parameters": totals.trainable_parameters,
            "macs": totals.macs,
            "flops": totals.flops,
            "activation_bytes": totals.activation_bytes,
        },
        "shared_parameters": shared_parameters(graph)[0],
        "tracing": graph.tracing.value,
    }
    if graph.failure is None:
        found["memory"] = _memory(graph, batch)
    if graph.remark:
        found["remark"] = graph.remark
    if graph.failure is not None:
        smallest = graph.failure.smallest_input
        found["failure"] = {
            "path": graph.failure.path,
            "reason": graph.failure.reason,
            "smallest_input": None if smallest is None else list(smallest),
        }
    if measured is not None:
        found["measured"] = dict(measured)
    return found


def _layer(item: Item) -> dict[str, Any]:
    shapes = [list(shape) for shape in item.input_shapes]
    return {
        "path": item.path,
        "kind": kind_name(item),
        "input_shape": shapes[0] if len(shapes) == 1 else shapes or None,
        "output_shape": list(item.output_shape),
        "parameters": item.parameters,
        "macs": item.macs,
        "flops": item.flops,
        "activation_bytes": item.activation_bytes,
        "receptive_field": _field(item),
        "training_only": item.training_only,
    }


def _field(item: Item) -> int | list[int] | None:
    """The size of the field: one number where it is square, [height, width] where it is not."""
    if item.receptive_field is None:
        return None
    height, width = item.receptive_field.size
    return height if height == width else [height, width]


def _memory(graph: Graph, batch: int) -> dict[str, Any]:
    inference = memory_use.for_inference(graph, batch)
    return {
        "batch": batch,
        "inference_bytes": None if inference is None else inference.size,
        "training_bytes": {
            optimiser.key: memory_use.for_training(graph, optimiser, batch).size for optimiser in Optimiser
        },
    }


def _raw_headings(columns: Sequence[Column], terms: Terms) -> list[str]:
    return [(column.raw_title or column.title) + column.unit(terms) for column in columns]


def _raw_cells(row: Row, columns: Sequence[Column], terms: Terms) -> list[str]:
    return [_plain(column.raw(row.item, terms)) for column in columns]


def _markdown_line(cells: Sequence[str], *, bold: bool = False) -> str:
    escaped = [_MARKUP.sub(r"\\\g<0>", _plain(cell)) for cell in cells]
    if bold:
        escaped = [f"**{cell}**" if cell else "" for cell in escaped]
    return "| " + " | ".join(escaped) + " |"


def _latex_line(cells: Sequence[str]) -> str:
    return " & ".join("".join(_LATEX.get(sign, sign) for sign in _plain(cell)) for cell in cells) + r" \\"


def _plain(text: str) -> str:
    """On one line, without signs that print nothing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
