"""Parameters and MACs of networks side by side, counted from their graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.claims.results import Computed, Context, Table
from explorer.claims.verdict import exactly
from explorer.networks import catalogue
from explorer.reading import read_graph
from explorer.structure.graph import Totals

Named = tuple[str, str, Mapping[str, Any]]


def compare(
    context: Context,
    *,
    networks: Sequence[Named],
    quantity: str = "parameters",
    says: str = "",
    at_most: float = 0.0,
    at_least: float = 0.0,
    main: bool = False,
) -> Computed:
    """Counts each of `networks` (a name for it, its architecture, its options).

    The claim `says` something of the last one's `quantity` ("parameters" or "MACs") over the first one's: at most or
    at least so much (0: nothing is claimed of that side).
    """
    rows, counts = [], []
    for name, architecture, options in networks:
        context.step(f"counting {name}")
        totals = counted(architecture, options)
        counts.append(totals.parameters if quantity == "parameters" else totals.macs)
        rows.append((name, f"{totals.parameters:,}", f"{totals.macs:,}"))
    table = Table("Counted from the graphs", ("Network", "Parameters", "MACs"), tuple(rows))
    if not says:
        return Computed(tables=(table,))
    ratio = counts[-1] / counts[0]
    holds = (not at_most or ratio <= at_most) and (not at_least or ratio >= at_least)
    first, last = networks[0][0], networks[-1][0]
    end = "as claimed" if holds else "not as claimed"
    sentence = f"{says}: {last} has {counts[-1]:,} {quantity}, {first} {counts[0]:,}, {_times(ratio)}: {end}"
    return Computed((exactly(says, sentence, holds=holds, main=main),), tables=(table,))


def counted(architecture: str, options: Mapping[str, Any]) -> Totals:
    """The totals of a network in its own input size."""
    entry = catalogue.get(architecture)
    return read_graph(entry, entry.options_type(**options)).totals


def _times(ratio: float) -> str:
    if 0.5 < ratio < 2:
        return f"{100 * (ratio - 1):+.2f} %"
    return f"{ratio:.3g} times" if ratio >= 1 else f"{1 / ratio:.3g} times fewer"
