"""`cnn-explorer show`: a network's layers and what they cost."""

from __future__ import annotations

import argparse
from typing import Any

from explorer.cli.arguments import add_json, add_options, architecture_and_options, options_help
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.networks.options import option_fields
from explorer.structure.graph import Graph, Node

NAME = "show"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="a network's layers, shapes, parameters and multiply-adds",
        description=(
            "Shows the layers of a network in execution order. MACs are the multiply-adds of convolutions and matrix "
            "products for one image; FLOPs are twice that. Memory is what the layers write for one image in float32."
        ),
        epilog=options_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="a network of the catalogue, e.g. lenet5")
    add_options(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    architecture, options = architecture_and_options(arguments.name, arguments.options)
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed

    graph = read_graph(architecture, options)
    if arguments.json:
        fields = [field for field in option_fields(architecture.options_type) if field.applies(options)]
        write_json(as_record(architecture.name, {f.name: getattr(options, f.name) for f in fields}, graph))
    else:
        _print(graph)
    return 0


def as_record(name: str, options: dict[str, Any], graph: Graph) -> dict[str, Any]:
    totals = graph.totals
    return {
        "name": name,
        "options": options,
        "input_shape": list(graph.input_shape),
        "layers": [_layer(node) for node in graph.nodes],
        "totals": {
            "parameters": totals.parameters,
            "trainable_parameters": totals.trainable_parameters,
            "macs": totals.macs,
            "flops": totals.flops,
            "activation_bytes": totals.activation_bytes,
        },
    }


def _layer(node: Node) -> dict[str, Any]:
    shapes = [list(shape) for shape in node.input_shapes]
    return {
        "path": node.path,
        "kind": node.kind.value,
        "input_shape": shapes[0] if len(shapes) == 1 else shapes or None,
        "output_shape": list(node.output_shape),
        "parameters": node.parameters,
        "macs": node.macs,
        "flops": node.flops,
        "activation_bytes": node.activation_bytes,
        "receptive_field": _field(node),
        "training_only": node.training_only,
    }


def _field(node: Node) -> int | list[int] | None:
    """The size of the field: one number where it is square, [height, width] where it is not."""
    if node.receptive_field is None:
        return None
    height, width = node.receptive_field.size
    return height if height == width else [height, width]


def _print(graph: Graph) -> None:
    right = ["Parameters", "MACs", "FLOPs", "Memory", "Field"]
    rows = table(["Layer", "Kind", "Output", *right], right=right)
    for node in graph.nodes:
        field = _field(node)
        rows.add_row(
            *cells(
                node.path,
                f"{node.type_name} {node.detail}".strip() + (" (training only)" if node.training_only else ""),
                " × ".join(map(str, node.output_shape)),
                f"{node.parameters:,}",
                f"{node.macs:,}",
                f"{node.flops:,}",
                f"{node.activation_bytes:,} B",
                "" if field is None else "×".join(map(str, field)) if isinstance(field, list) else field,
            )
        )
    totals = graph.totals
    rows.add_section()
    rows.add_row(
        *cells(
            "total", "", "", f"{totals.parameters:,}", f"{totals.macs:,}", f"{totals.flops:,}",
            f"{totals.activation_bytes:,} B", "",
        ),
        style="bold",
    )  # fmt: skip
    output = console()
    output.print(f"{graph.title}, input {' × '.join(map(str, graph.input_shape))}", highlight=False, markup=False)
    print_table(rows)
    if totals.trainable_parameters != totals.parameters:
        output.print(f"{totals.trainable_parameters:,} of the parameters are trained", highlight=False)
