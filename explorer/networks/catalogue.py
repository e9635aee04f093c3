"""Every architecture there is, in historical order."""

from __future__ import annotations

import difflib

from explorer.networks.architecture import Architecture
from explorer.networks.entries.lenet import LENET5

CATALOGUE: tuple[Architecture, ...] = (LENET5,)


def get(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        ValueError: there is none; the message says which are.
    """
    for architecture in CATALOGUE:
        if architecture.name == name:
            return architecture
    names = [architecture.name for architecture in CATALOGUE]
    close = difflib.get_close_matches(name.lower().replace("-", ""), names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise ValueError(f"there is no network {name!r}; the catalogue has {', '.join(names)}{hint}")
