"""What training measures in layers, summed up for the boxes of a folded graph."""

from __future__ import annotations

import math
from collections.abc import Mapping

from explorer.structure.fold import FoldedGraph
from explorer.training.events import LayerFigures

FIELDS = ("gradient_norm", "update_ratio", "activation_spread", "dead_share")


def box_amounts(folded: FoldedGraph, field: str, layers: Mapping[str, LayerFigures]) -> dict[str, float]:
    """The amount of one of `FIELDS` for each box that shows a layer where it was measured.

    Gradients of several layers in one box make one gradient, whose norm is the root of the sum of their squares. Of the
    other figures a box shows the mean of its layers'.
    """
    found: dict[str, list[float]] = {}
    for path, figures in layers.items():
        amount = getattr(figures, field)
        box = folded.where(path)
        if amount is not None and math.isfinite(amount) and box:
            found.setdefault(box, []).append(amount)
    if field == "gradient_norm":
        return {box: math.hypot(*amounts) for box, amounts in found.items()}
    return {box: sum(amounts) / len(amounts) for box, amounts in found.items()}


def in_words(field: str, value: float) -> str:
    """One of `FIELDS` with its name and unit; "" where it is not a finite number."""
    if not math.isfinite(value):
        return ""
    words = {
        "gradient_norm": f"gradient norm {value:.3g}",
        "update_ratio": f"update ratio {value:.2g}",
        "activation_spread": f"activation spread {value:.3g}",
        "dead_share": f"{100 * value:.1f} % of the units dead",
    }
    return words[field]
