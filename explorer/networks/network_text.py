"""A network and its options as one line of text: "resnet18 shortcut=none"."""

from __future__ import annotations

from typing import Any

from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.options import as_text, changed_options, parse_options


def parse_network(text: str) -> tuple[Architecture, Any]:
    """The network that a line names: its name, then the options that differ from their defaults.

    Raises:
        ValueError: no such network, no such option, or a value that does not fit; the message lists what would.
    """
    name, *given = text.replace(",", " ").split() or [""]
    if not name:
        raise ValueError("no network is named; for example: resnet18 shortcut=none")
    architecture = catalogue.get(name)
    pairs: dict[str, str] = {}
    for word in given:
        key, sign, value = word.partition("=")
        if not sign:
            raise ValueError(f"options stand behind the name as key=value, such as shortcut=none; {word!r} is none")
        pairs[key] = value
    try:
        return architecture, parse_options(architecture.options_type, pairs)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def network_text(architecture: Architecture, options: Any) -> str:
    """The line that `parse_network` reads as this network."""
    changed = (f"{name}={as_text(value)}" for name, value in changed_options(options).items())
    return " ".join([architecture.name, *changed])
