"""Boxes coloured by a quantity: how much of it each holds, on a scale from the least to the most on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import log, prod

from PySide6.QtGui import QColor

from explorer.structure.fold import Box, FoldedGraph
from explorer.ui import numbers
from explorer.ui.graph_look import Look

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


@dataclass(frozen=True)
class Heat:
    """A scale for one folding of a graph: `least` and `most` are the smallest and largest amounts above zero."""

    quantity: Quantity
    least: float
    most: float

    def share(self, box: Box) -> float | None:
        """Where a box stands between the least and the most, 0 to 1 on a logarithmic scale; None for nothing."""
        amount = amount_of(box, self.quantity)
        if amount <= 0:
            return None
        if self.most <= self.least:
            return 1.0
        return min(1.0, max(0.0, log(amount / self.least) / log(self.most / self.least)))

    def ground(self, box: Box, look: Look) -> QColor:
        """The colour of a card's ground."""
        share = self.share(box)
        return look.colour("panel") if share is None else ground_at(share, look)

    def words(self, amount: float) -> str:
        """An amount as the legend writes it, with its unit."""
        if self.quantity is Quantity.MEMORY:
            return numbers.size(round(amount))
        if self.quantity is Quantity.RESOLUTION:
            return f"{numbers.short_count(amount)} pixel" + ("" if amount == 1 else "s")
        unit = "MACs" if self.quantity is Quantity.MACS else "params"
        return f"{numbers.short_count(amount)} {unit}"


def heat_of(folded: FoldedGraph, quantity: Quantity) -> Heat | None:
    """The scale for the boxes of a folding; None where boxes are coloured by kind, or all hold nothing."""
    if quantity is Quantity.NONE:
        return None
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
