"""Boxes coloured by a quantity: how much of it each holds, on a scale from the least to the most on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import ceil, floor, log, log10, prod

from PySide6.QtGui import QColor

from explorer.structure.fold import Box, FoldedGraph
from explorer.training.events import LayerFigures
from explorer.ui import numbers
from explorer.ui.graph_look import Look
from explorer.ui.layer_amounts import box_amounts

# How far a card's ground goes towards the accent; text keeps a contrast of 4.5 : 1 on it.
_MOST_LIGHT, _MOST_DARK = 0.55, 0.42
_LEAST = 0.05
_IMAGE = 3


class Quantity(str, Enum):
    """What boxes are coloured by; the values are the words of the menu and of the stored state."""

    NONE = "kind"
    RESOLUTION = "resolution"
    PARAMETERS = "parameters"
    MACS = "MACs"
    MEMORY = "activation bytes"
    GRADIENT = "gradient norm"
    UPDATE = "update ratio"
    SPREAD = "activation spread"
    DEAD = "dead units"


# What training measures, by its field of `LayerFigures`; all else is counted from the graph.
MEASURED = {
    Quantity.GRADIENT: "gradient_norm",
    Quantity.UPDATE: "update_ratio",
    Quantity.SPREAD: "activation_spread",
    Quantity.DEAD: "dead_share",
}
_MEASURED_WORDS = {
    Quantity.GRADIENT: "gradient",
    Quantity.UPDATE: "update",
    Quantity.SPREAD: "spread",
}


@dataclass(frozen=True)
class Heat:
    """A scale for one folding of a graph: `least` and `most` are the smallest and largest amounts above zero.

    `measured` has the amounts of what training measures, by the boxes' paths. Its scale goes from power of ten to power
    of ten, so that it seldom changes; that of dead units from none to all, and is not logarithmic.
    """

    quantity: Quantity
    least: float
    most: float
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been measured of what is to be shown."""
        return self.quantity in MEASURED and not self.measured

    def amount(self, box: Box) -> float | None:
        """How much a box holds; None for nothing, or nothing measured."""
        if self.quantity in MEASURED:
            return self.measured.get(box.path)
        return amount_of(box, self.quantity) or None

    def share(self, box: Box) -> float | None:
        """Where a box stands between the least and the most, 0 to 1 on a logarithmic scale; None for nothing."""
        amount = self.amount(box)
        if amount is None:
            return None
        if self.quantity is Quantity.DEAD:
            return min(1.0, max(0.0, amount))
        if amount <= 0:
            return 0.0
        if self.most <= self.least:
            return 1.0
        return min(1.0, max(0.0, log(amount / self.least) / log(self.most / self.least)))

    def ground(self, box: Box, look: Look) -> QColor:
        """The colour of a card's ground."""
        share = self.share(box)
        return look.colour("panel") if share is None else ground_at(share, look)

    def words(self, amount: float) -> str:
        """An amount as the legend writes it, with its unit."""
        if self.quantity is Quantity.DEAD:
            return f"{100 * amount:.0f} % dead"
        if self.quantity in MEASURED:
            return f"{_MEASURED_WORDS[self.quantity]} {_brief(amount)}"
        if self.quantity is Quantity.MEMORY:
            return numbers.size(round(amount))
        if self.quantity is Quantity.RESOLUTION:
            return f"{numbers.short_count(amount)} pixel" + ("" if amount == 1 else "s")
        unit = "MACs" if self.quantity is Quantity.MACS else "params"
        return f"{numbers.short_count(amount)} {unit}"


def heat_of(folded: FoldedGraph, quantity: Quantity, layers: Mapping[str, LayerFigures] | None = None) -> Heat | None:
    """The scale for the boxes of a folding; None where boxes are coloured by kind, or all hold nothing.

    `layers` is what training measured, by the layers' paths.
    """
    if quantity is Quantity.NONE:
        return None
    if quantity in MEASURED:
        return _measured_heat(quantity, box_amounts(folded, MEASURED[quantity], layers or {}))
    amounts = [amount for box in folded.boxes if (amount := amount_of(box, quantity)) > 0]
    return Heat(quantity, min(amounts), max(amounts)) if amounts else None


def amount_of(box: Box, quantity: Quantity) -> int:
    """How much a box holds, with what its badges hold; a resolution is height times width of its output."""
    if quantity is Quantity.RESOLUTION:
        return prod(box.output_shape[1:]) if len(box.output_shape) >= _IMAGE else 0
    of: dict[Quantity, Callable[[], int]] = {
        Quantity.PARAMETERS: lambda: box.totals.parameters + sum(node.parameters for node in box.badges),
        Quantity.MACS: lambda: box.totals.macs + sum(node.macs for node in box.badges),
        Quantity.MEMORY: lambda: box.totals.activation_bytes + sum(node.activation_bytes for node in box.badges),
    }
    return of[quantity]() if quantity in of else 0


def _measured_heat(quantity: Quantity, measured: Mapping[str, float]) -> Heat:
    if quantity is Quantity.DEAD:
        return Heat(quantity, 0.0, 1.0, measured)
    positive = [amount for amount in measured.values() if amount > 0]
    if not positive:
        return Heat(quantity, 0.0, 0.0, measured)
    return Heat(quantity, 10.0 ** floor(log10(min(positive))), 10.0 ** ceil(log10(max(positive))), measured)


def _brief(amount: float) -> str:
    """A number in few signs, for there is little room on a card: "0.24", "9.6e-4"."""
    if amount == 0 or 0.01 <= amount < 1000:
        return f"{amount:.2g}" if amount < 100 else f"{amount:.0f}"
    mantissa, _, exponent = f"{amount:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def ground_at(share: float, look: Look) -> QColor:
    """The scale's colour at a share of 0 to 1."""
    most = _MOST_DARK if look.dark else _MOST_LIGHT
    return mixed(look.colour("panel"), look.colour("accent"), _LEAST + (most - _LEAST) * share)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """A colour on the way from the first to the second."""
    return QColor(
        round(first.red() + (second.red() - first.red()) * share),
        round(first.green() + (second.green() - first.green()) * share),
        round(first.blue() + (second.blue() - first.blue()) * share),
    )
