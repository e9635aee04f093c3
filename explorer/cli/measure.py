"""`cnn-explorer measure`: throughput and memory of networks on this machine, beside theory."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from explorer.cli.arguments import UsageError, add_json
from explorer.cli.compare import named
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.structure import measured_table
from explorer.structure.measured_table import MeasuredRow
from explorer.structure.memory_use import for_inference

NAME = "measure"
_LARGEST_BATCH = 65_536


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="images a second and memory of networks on this machine, beside their MACs",
        description=(
            "Runs networks with random weights on random images and prints images a second (the median of repeated "
            "passes) and the memory that a pass holds, beside MACs and the memory that theory says. Networks are run "
            "one after the other, so that they do not slow each other; other programs that compute at the same time do."
        ),
    )
    parser.add_argument("networks", metavar="NETWORK", nargs="+", help='such as alexnet or "vgg16 batch_norm=true"')
    parser.add_argument("--batch-size", metavar="N", type=int, default=8, help="images in one pass; 8 unless given")
    parser.add_argument("--device", metavar="NAME", default="cpu", help="cpu, cuda, mps or auto; cpu unless given")
    parser.add_argument("--threads", metavar="N", type=int, help="threads on the processor; all cores unless given")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.batch_size <= _LARGEST_BATCH:
        raise UsageError(f"--batch-size is 1 to {_LARGEST_BATCH:,}, not {arguments.batch_size}")
    if arguments.threads is not None and arguments.threads < 1:
        raise UsageError(f"--threads is 1 or more, not {arguments.threads}")
    chosen = [named(text) for text in arguments.networks]
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed
    from explorer.throughput import measure_throughput  # noqa: PLC0415

    rows, records = [], []
    for architecture, options in chosen:
        graph = read_graph(architecture, options)
        needs = for_inference(graph, arguments.batch_size)
        theory = needs.size if needs else None
        found = measure_throughput(
            architecture,
            options,
            batch=arguments.batch_size,
            needed=theory or 0,
            device=arguments.device,
            threads=arguments.threads,
        )
        row = MeasuredRow(
            graph.title,
            found.images_per_second,
            found.spread,
            graph.totals.macs,
            graph.totals.parameters,
            found.memory_bytes,
            theory,
            found.conditions,
            found.runs,
        )
        rows.append(row)
        records.append(
            {
                "network": graph.title,
                "name": architecture.name,
                "parameters": graph.totals.parameters,
                "macs": graph.totals.macs,
                "theory_bytes": theory,
                **found.as_record(),
            }
        )
    if arguments.json:
        write_json(records)
        return 0
    headings = [f"{heading} " if number == 5 else heading for number, heading in enumerate(measured_table.COLUMNS)]
    made = table(headings, right=headings[1:])
    for row in rows:
        made.add_row(*cells(*row.cells(rows[0])))
    print_table(made)
    out = console()
    out.print(f"measured on {measured_table.conditions(rows)}", highlight=False, markup=False)
    if words := measured_table.in_words(rows):
        out.print(words, highlight=False, markup=False)
    sys.stdout.flush()
    return 0
