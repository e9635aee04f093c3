"""`cnn-explorer compare`: what differs between networks, layer by layer."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from rich.text import Text

from explorer import foreign
from explorer.cli.arguments import UsageError, add_json, architecture_and_options
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.networks.network_text import parse_network
from explorer.structure import alignment_table, amounts
from explorer.structure.alignment import Alignment, align
from explorer.structure.alignment_stages import stages
from explorer.structure.alignment_words import findings, signed, signed_short, summary, titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.structure.graph import Graph

NAME = "compare"
FORMATS = ("table", "csv", "markdown", "json")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="networks side by side: which layers differ, and what that costs",
        description=(
            "Lays two networks along each other, layer by layer, and says what only one of them has, what changed, "
            "and what it costs. Of more than two, each is compared with the first. A network with options is one "
            'argument: cnn-explorer compare resnet18 "resnet18 shortcut=none"'
        ),
    )
    parser.add_argument("networks", metavar="NETWORK", nargs="+", help='such as vgg16 or "vgg16 batch_norm=true"')
    parser.add_argument("--all", action="store_true", help="list the layers too that are the same in both")
    parser.add_argument("--format", choices=FORMATS, help="table (for people, the default), csv, markdown, json")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if len(arguments.networks) < 2:
        raise UsageError("compare takes two networks or more, such as: cnn-explorer compare vgg16 resnet18")
    if arguments.json and arguments.format not in {None, "json"}:
        raise UsageError(f"--json and --format {arguments.format} ask for two things; leave one out")
    form = "json" if arguments.json else arguments.format or "table"
    chosen = [named(text) for text in arguments.networks]
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed

    graphs = [read_graph(architecture, options) for architecture, options in chosen]
    for graph in graphs:
        if graph.failure is not None:
            raise ValueError(f"{graph.title} does not run on its input: {graph.failure.reason}")
    alignments = [align(graphs[0], graph) for graph in graphs[1:]]
    if form == "json":
        records = [alignment_table.record(alignment) for alignment in alignments]
        write_json(records[0] if len(records) == 1 else records)
        return 0
    for number, alignment in enumerate(alignments):
        if number:
            sys.stdout.write("\n")
        pairs = alignment.pairs if arguments.all else alignment.differences
        if form == "csv":
            sys.stdout.write(alignment_table.comma_separated(pairs))
        elif form == "markdown":
            sys.stdout.write(alignment_table.markdown(alignment, pairs))
        else:
            _print(alignment, everything=arguments.all)
    if form == "table" and len(graphs) > 2:
        sys.stdout.write("\n")
        _print_totals(graphs)
    return 0


def named(text: str) -> tuple[Any, Any]:
    """The network that an argument names, with its options.

    Raises:
        UsageError: there is none such.
    """
    words = text.split()
    if foreign.is_own(text):
        return architecture_and_options(text, [])
    if words and foreign.is_own(words[0]):
        return architecture_and_options(words[0], words[1:])
    try:
        return parse_network(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _print(alignment: Alignment, *, everything: bool) -> None:
    left, right = titles((alignment.left, alignment.right))
    out = console()

    def say(text: str, style: str = "") -> None:
        out.print(Text(text, style=style), soft_wrap=True)

    say(f"{left} and {right}", "bold")
    say(f"{summary(alignment)}.")
    for finding in findings(alignment):
        costs = [f"{signed(finding.parameters)} parameters"] if finding.parameters else []
        costs += [f"{signed_short(finding.macs)} MACs"] if finding.macs else []
        say("  " + "; ".join([finding.sentence(left, right), *costs]))
    if not alignment.is_same or everything:
        out.print()
        _print_pairs(alignment, left, right, everything=everything)
    out.print()
    _print_stages([alignment.left, alignment.right])


def _print_pairs(alignment: Alignment, left: str, right: str, *, everything: bool) -> None:
    shown = [column for column in alignment_table.COLUMNS if column.key not in {"left_macs", "right_macs"}]
    headings = {
        "left_parameters": "Parameters", "right_parameters": "of the right", "parameters": "Difference",
        "macs": "MACs' difference", "match": "Match",
    }  # fmt: skip
    names = [headings.get(column.key) or column.title(left, right) for column in shown]
    made = table(names, right=[name for name, column in zip(names, shown, strict=True) if column.numeric])
    for pair in alignment.pairs if everything else alignment.differences:
        texts = [
            alignment_table.match_words(pair.match, "left", "right").replace("in ", "")
            if column.key == "match"
            else column.text(pair)
            for column in shown
        ]
        made.add_row(*cells(*texts))
    more = alignment.more
    made.add_section()
    total = {
        "left": "all layers", "left_parameters": f"{alignment.left.totals.parameters:,}",
        "right_parameters": f"{alignment.right.totals.parameters:,}", "parameters": signed(more.parameters),
        "macs": signed(more.macs),
    }  # fmt: skip
    made.add_row(*cells(*(total.get(column.key, "") for column in shown)), style="bold")
    print_table(made)


def _print_stages(graphs: Sequence[Graph]) -> None:
    names = titles(graphs)
    headings = ["Output size", *(f"MACs of {name}" for name in names), *(f"parameters of {name}" for name in names)]
    made = table(headings, right=headings[1:])
    for stage in stages(graphs):
        macs = (amounts.short_count(cost.macs) for cost in stage.costs)
        made.add_row(*cells(stage.title, *macs, *(f"{cost.parameters:,}" for cost in stage.costs)))
    print_table(made)


def _print_totals(graphs: Sequence[Graph]) -> None:
    made = table(["Network", "Parameters", "to the first", "MACs", "to the first"], right=["Parameters", "MACs"])
    first = graphs[0].totals
    for name, graph in zip(titles(graphs), graphs, strict=True):
        totals = graph.totals
        made.add_row(
            *cells(
                name,
                f"{totals.parameters:,}",
                _times(totals.parameters, first.parameters),
                f"{totals.macs:,}",
                _times(totals.macs, first.macs),
            )
        )
    print_table(made)


def _times(part: int, whole: int) -> str:
    return f"× {part / whole:,.2f}" if whole else ""
