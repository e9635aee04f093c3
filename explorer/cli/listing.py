"""`cnn-explorer list`: the catalogue."""

from __future__ import annotations

import argparse
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
        description="Lists the networks of the catalogue with their options and published parameter counts.",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.json:
        write_json([as_record(architecture) for architecture in CATALOGUE])
        return 0
    listing = table(["Name", "Network", "Year", "Parameters", "Options"], right=["Year", "Parameters"])
    for architecture in CATALOGUE:
        options = "  ".join(
            f"{field.name}={'|'.join(as_text(choice) for choice in field.choices or (field.default,))}"
            for field in option_fields(architecture.options_type)
        )
        count = "" if architecture.parameters is None else f"{architecture.parameters:,}"
        listing.add_row(*cells(architecture.name, architecture.title, architecture.year, count, options))
    print_table(listing)
    return 0


def as_record(architecture: Architecture) -> dict[str, Any]:
    return {
        "name": architecture.name,
        "title": architecture.title,
        "year": architecture.year,
        "family": architecture.family,
        "options": {
            field.name: {"default": field.default, "choices": list(field.choices) if field.choices else None}
            for field in option_fields(architecture.options_type)
        },
        "parameters": architecture.parameters,
    }
