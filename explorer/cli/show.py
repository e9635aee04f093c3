"""`cnn-explorer show`: a network's layers and what they cost."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any

from explorer.cli.arguments import UsageError, add_json, add_options, architecture_and_options, options_help
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.networks.options import option_fields
from explorer.structure import amounts, table_text
from explorer.structure.fold import folded_to_depth
from explorer.structure.graph import Graph, Shape
from explorer.structure.memory_use import Optimiser, for_inference, for_training
from explorer.structure.table_columns import COLUMN_BY_KEY, Column, Terms, columns_named, milliseconds
from explorer.structure.table_rows import LayerTree, Row, shared_parameters

if TYPE_CHECKING:
    from explorer.timing import Timings

NAME = "show"
FORMATS = ("table", "csv", "markdown", "latex", "json")
_COLUMNS = ("layer", "kind", "output", "parameters", "macs", "flops", "memory", "field")
_SHAPE = re.compile(r"\d+(x\d+)*")
_LARGEST_BATCH = 1_000_000


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="a network's layers, shapes, parameters and multiply-adds",
        description=(
            "Shows the layers of a network in execution order. MACs are the multiply-adds of convolutions and matrix "
            "products for one image; FLOPs are twice that. Memory is what the layers write in float32, for one image "
            "or for --batch N of them. Where a layer does not accept its input, what worked is shown, then why it does "
            "not, with exit code 1."
        ),
        epilog=f"columns (--columns): {', '.join(COLUMN_BY_KEY)}\n\n{options_help()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="a network of the catalogue, e.g. lenet5, or a file of your own")
    add_options(parser)
    add_json(parser)
    parser.add_argument("--format", choices=FORMATS, help="table (for people, the default), csv, markdown, latex, json")
    parser.add_argument("--columns", metavar="A,B,C", help="which columns, in this order; see below")
    parser.add_argument(
        "--depth", metavar="N", type=int, help="one row for each block that is in N others; 0 folds all"
    )
    parser.add_argument("--batch", metavar="N", type=int, default=1, help="images at once, for memory and --measure")
    parser.add_argument("--input", metavar="CxHxW", help="one image's shape, e.g. 3x224x224")
    parser.add_argument("--measure", action="store_true", help="time each layer on this machine, with random weights")
    parser.add_argument("--device", metavar="NAME", default="cpu", help="for --measure: cpu, cuda, mps or auto")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    form = _format(arguments)
    columns = _columns(arguments, form)
    shape = _shape(arguments.input)
    if not 1 <= arguments.batch <= _LARGEST_BATCH:
        raise UsageError(f"--batch is 1 to {_LARGEST_BATCH:,}, not {arguments.batch}")
    if arguments.depth is not None and arguments.depth < 0:
        raise UsageError(f"--depth is 0 or more, not {arguments.depth}")
    architecture, options = architecture_and_options(arguments.name, arguments.options)
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed

    graph = read_graph(architecture, options, shape)
    timings = None
    if arguments.measure and graph.failure is None:
        from explorer.timing import measure  # noqa: PLC0415 - torch is imported only where it is needed

        needs = for_inference(graph, arguments.batch)
        timings = measure(
            architecture,
            options,
            shape,
            batch=arguments.batch,
            needed=needs.size if needs else 0,
            device=arguments.device,
        )
    rows = _rows(graph, arguments.depth)
    if form == "json":
        fields = [field for field in option_fields(architecture.options_type) if field.applies(options)]
        chosen = {field.name: getattr(options, field.name) for field in fields}
        measured = timings.as_record() if timings else None
        record = table_text.record(architecture.name, chosen, graph, rows, batch=arguments.batch, measured=measured)
        write_json(record)
    else:
        _write(graph, rows, columns, form, arguments.batch, timings)
    if graph.failure is not None:
        raise ValueError(_failure(graph))
    return 0


def _format(arguments: argparse.Namespace) -> str:
    if arguments.json and arguments.format not in {None, "json"}:
        raise UsageError(f"--json and --format {arguments.format} ask for two things; leave one out")
    return "json" if arguments.json else arguments.format or "table"


def _columns(arguments: argparse.Namespace, form: str) -> list[Column]:
    if arguments.columns is None:
        return columns_named([*_COLUMNS, "time"] if arguments.measure else [*_COLUMNS])
    if form == "json":
        raise UsageError("--columns is for table, csv, markdown and latex; JSON holds them all")
    try:
        return columns_named([key.strip().casefold() for key in arguments.columns.split(",")])
    except ValueError as error:
        raise UsageError(str(error)) from error


def _shape(text: str | None) -> Shape | None:
    if text is None:
        return None
    plain = text.replace("×", "x").replace(" ", "").casefold()
    sizes = tuple(int(size) for size in plain.split("x")) if _SHAPE.fullmatch(plain) else ()
    if len(sizes) < 2 or any(not 1 <= size <= 2**20 for size in sizes):
        raise UsageError(f"--input is CHANNELSxHEIGHTxWIDTH, such as 3x224x224, not {text!r}")
    return sizes


def _rows(graph: Graph, depth: int | None) -> list[Row]:
    """The layers, or with a depth the layers and the blocks that are folded there; open blocks have no row."""
    tree = LayerTree(graph)
    if depth is None:
        return tree.layers()
    return [row for row in tree.rows(folded_to_depth(graph, depth)) if not row.is_open]


def _write(
    graph: Graph, rows: list[Row], columns: list[Column], form: str, batch: int, timings: Timings | None
) -> None:
    terms = Terms(graph.totals, batch)
    if timings is not None:
        terms = Terms(graph.totals, batch, times=timings.layers, measured_on=timings.conditions)
    if form == "csv":
        sys.stdout.write(table_text.comma_separated(rows, columns, terms))
    elif form == "markdown":
        sys.stdout.write(table_text.markdown(rows, columns, terms, graph.totals))
    elif form == "latex":
        sys.stdout.write(table_text.latex(rows, columns, terms, graph.totals, graph.title))
    else:
        _print(graph, rows, columns, terms)
        for line in _remarks(graph, batch, timings):
            console().print(line, highlight=False, markup=False)


def _print(graph: Graph, rows: list[Row], columns: list[Column], terms: Terms) -> None:
    made = table([column.heading(terms) for column in columns], right=[c.heading(terms) for c in columns if c.numeric])
    for row in rows:
        made.add_row(*cells(*(column.text(row.item, terms) for column in columns)))
    made.add_section()
    made.add_row(*cells(*table_text.total_cells(columns, graph.totals, terms)), style="bold")
    console().print(f"{graph.title}, input {amounts.shape(graph.input_shape)}", highlight=False, markup=False)
    print_table(made)


def _remarks(graph: Graph, batch: int, timings: Timings | None) -> list[str]:
    totals = graph.totals
    lines = []
    if totals.trainable_parameters != totals.parameters:
        lines.append(f"{totals.trainable_parameters:,} of the parameters are trained")
    shared, again = shared_parameters(graph)
    if again:
        lines.append(f"{shared:,} parameters are used again by {again:,} {'layer' if again == 1 else 'layers'}")
    if graph.remark:
        lines.append(graph.remark)
    if graph.failure is None:
        lines.append(_memory_line(graph, batch))
    if timings is not None:
        lines.append(f"measured: {milliseconds(timings.whole)} ms for the whole pass; {timings.conditions}")
    return lines


def _memory_line(graph: Graph, batch: int) -> str:
    inference = for_inference(graph, batch)
    parts = [f"inference {amounts.size(inference.size)}"] if inference else []
    parts += [
        f"training with {optimiser.value} {amounts.size(for_training(graph, optimiser, batch).size)}"
        for optimiser in Optimiser
    ]
    return f"memory, batch {batch:,}: {', '.join(parts)}"


def _failure(graph: Graph) -> str:
    failure = graph.failure
    if failure is None:
        return ""
    smallest = failure.smallest_input
    fits = f"; the smallest square input that works is {'x'.join(map(str, smallest))} (--input)" if smallest else ""
    return f"{graph.title} fails at {failure.path}: {failure.reason.rstrip('.')}{fits}"
