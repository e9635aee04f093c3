"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

import argparse
from typing import Any

from explorer import foreign
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.options import as_text, option_fields, parse_options


class UsageError(ValueError):
    """An argument that cannot be right; the program exits with 2."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        dest="options",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set an option of the network, e.g. -o form=original; `cnn-explorer list --json` names them all",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead of text for people")


def architecture_and_options(name: str, given: list[str], *, to_train: bool = False) -> tuple[Architecture, Any]:
    """The architecture of that name and its options.

    `name` is one of the catalogue, or a file of the user's: "file.py:ClassName", an exported program, weights. With
    `to_train` such a file is not even opened.

    Raises:
        UsageError: no such network, no such option, or a value that does not fit; the message lists what would.
        ForeignError: a file of the user's cannot be read.
        ValueError: a file of the user's was to be trained.
    """
    pairs = _pairs(given)
    if foreign.is_own(name):
        if to_train:
            raise ValueError(
                f"{name} is a network of your own: it can be read (show, graph), not trained; "
                "`cnn-explorer list` names what can"
            )
        return foreign.open_own(name, pairs)
    try:
        architecture = catalogue.get(name)
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        return architecture, parse_options(architecture.options_type, pairs)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error


def _pairs(given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign:
            raise UsageError(f"-o takes KEY=VALUE, such as -o form=original; got {text!r}")
        pairs[key] = value
    return pairs


def options_help() -> str:
    """A paragraph that names every network's options, for `--help`."""
    lines = ["options of the networks (-o KEY=VALUE):"]
    for architecture in catalogue.CATALOGUE:
        lines.append(f"  {architecture.name}")
        for field in option_fields(architecture.options_type):
            choices = "|".join(as_text(c) for c in field.choices) if field.choices else as_text(field.default)
            lines.append(f"    {field.name}={choices}  {field.help}")
    return "\n".join(lines)
