"""`cnn-explorer list`: the catalogue, and the zoos behind it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from explorer.cli.arguments import add_json
from explorer.cli.printing import cells, print_table, table, write_json
from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.options import as_text, option_fields

NAME = "list"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="the networks there are, in historical order",
        description=(
            "Lists the networks of the catalogue in historical order with their options and published parameter "
            "counts, then those of torchvision, and of timm where it is installed. The zoos take a few seconds, "
            "because their libraries have to be loaded."
        ),
    )
    parser.add_argument("--catalogue", action="store_true", help="list the catalogue alone, at once, without the zoos")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.json:
        listed = CATALOGUE if arguments.catalogue else (*CATALOGUE, *_zoos())
        write_json([as_record(architecture) for architecture in listed])
        return 0
    _print(CATALOGUE)
    if not arguments.catalogue:
        # The catalogue stands there while the zoos' libraries load; who has seen enough may have closed the pipe.
        sys.stdout.flush()
        _print(_zoos())
    return 0


def _zoos() -> Sequence[Architecture]:
    from explorer.networks import zoo  # noqa: PLC0415 - it loads torchvision, and with it torch

    return (*zoo.torchvision_architectures(), *zoo.timm_architectures())


def _print(architectures: Sequence[Architecture]) -> None:
    listing = table(["Name", "Network", "Year", "Parameters", "Options"], right=["Year", "Parameters"])
    for architecture in architectures:
        options = "  ".join(
            f"{field.name}={'|'.join(as_text(choice) for choice in field.choices or (field.default,))}"
            for field in option_fields(architecture.options_type)
        )
        count = "" if architecture.parameters is None else f"{architecture.parameters:,}"
        listing.add_row(*cells(architecture.name, architecture.title, architecture.year or "", count, options))
    print_table(listing)


def as_record(architecture: Architecture) -> dict[str, Any]:
    return {
        "name": architecture.name,
        "title": architecture.title,
        "year": architecture.year or None,
        "family": architecture.family,
        "options": {
            field.name: {"default": field.default, "choices": list(field.choices) if field.choices else None}
            for field in option_fields(architecture.options_type)
        },
        "parameters": architecture.parameters,
    }
