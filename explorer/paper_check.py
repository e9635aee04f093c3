"""Published figures of a network beside the ones computed from its graph, and why they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from explorer.networks.architecture import Architecture, Published
from explorer.networks.options import OptionValue, as_text
from explorer.structure.graph import Graph, Totals

_BYTES_EACH = 4  # activations are float32


@dataclass(frozen=True)
class Check:
    """A published figure and the computed one; `computed` is None for what is not computed, such as an accuracy.

    `form` names the form that the figure is about, "" for the default one.
    """

    published: Published
    computed: int | None
    form: str = ""

    @property
    def difference(self) -> float | None:
        """How much more was computed than published, as a share of the published figure; None where not compared."""
        if self.computed is None or not self.published.value:
            return None
        return self.computed / self.published.value - 1


def published_form(architecture: Architecture, published: Published) -> Any:
    """The options that a published figure speaks of.

    Raises:
        ValueError: the entry names options that the network has not.
    """
    try:
        return architecture.options_type(**published.options)
    except TypeError as error:
        raise ValueError(f"{architecture.name} has a published figure for a form that it has not: {error}") from error


def form_in_words(options: dict[str, OptionValue]) -> str:
    """What differs from the default form: "stride = 1x1", "" for nothing."""
    return ", ".join(f"{name.replace('_', ' ')} = {as_text(value)}" for name, value in options.items())


def computed(graph: Graph, published: Published) -> int | None:
    """The figure of `graph` that a published one compares with; None where there is none.

    "activations" counts elements that layers write, four bytes each.
    """
    totals = _totals(graph, published.part)
    if totals is None:
        return None
    return {
        "parameters": totals.parameters,
        "macs": totals.macs,
        "flops": totals.flops,
        "activations": totals.activation_bytes // _BYTES_EACH,
    }.get(published.quantity.lower())


def paper_checks(
    architecture: Architecture, graph_of: Callable[[Any], Graph], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Check]:
    """All published figures of an architecture, in the entry's order, checked one after another.

    `graph_of` gives the graph of a form (options) at the network's own input size; it is asked once for each form.

    Raises:
        ValueError: a graph cannot be read, or the entry names a form that there is not.
    """
    graphs: dict[str, Graph] = {}
    for published in architecture.published:
        if cancelled():
            return
        form = form_in_words(dict(published.options))
        if not is_computed(published):
            yield Check(published, None, form)
            continue
        if form not in graphs:
            graphs[form] = graph_of(published_form(architecture, published))
        yield Check(published, computed(graphs[form], published), form)


def is_computed(published: Published) -> bool:
    """Whether a figure of this quantity can be computed from a graph."""
    return published.quantity.lower() in {"parameters", "macs", "flops", "activations"}


def _totals(graph: Graph, part: str) -> Totals | None:
    if not part:
        return graph.totals
    node = graph.by_path.get(part)
    if node is not None:
        return Totals(node.parameters, node.trainable_parameters, node.macs, node.activation_bytes)
    return graph.totals_of(part) if part in graph.block_by_path else None
