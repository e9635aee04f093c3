"""What each quantity that the window shows is: a sentence, and the formula where there is one.

The one place for them: tooltips and "What is this?" (Shift+F1) in every panel read from here. Keys are "PLACE/NAME",
with the places of `_PLACES`: "fact/parameters", "run/Best", "why/Grad-CAM".
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from explorer.ui.explained_answers import ANSWER, SURGERY, TOLERANCE, WHY
from explorer.ui.explained_comparison import CONFUSION, DATA, EXPERIMENTS, MEASURED, SIDE_BY_SIDE
from explorer.ui.explained_facts import FACTS, SETTINGS
from explorer.ui.explained_inside import FIELD, INSIDE
from explorer.ui.explained_tables import COMPARISON, LAYERS, RUNS
from explorer.ui.explained_training import CURVES, STATUS, TRAINING


@dataclass(frozen=True)
class Explanation:
    """`formula` is "" where nothing is computed."""

    title: str
    sentence: str
    formula: str = ""

    def as_text(self) -> str:
        return "\n".join(part for part in (self.sentence, self.formula) if part)

    def as_markup(self) -> str:
        """For "What is this?": the title, the sentence, and the formula in a line of its own."""
        formula = f"<p><code>{html.escape(self.formula)}</code></p>" if self.formula else ""
        return f"<qt><p><b>{html.escape(self.title)}</b></p><p>{html.escape(self.sentence)}</p>{formula}</qt>"


_PLACES = {
    "fact": FACTS,
    "setting": SETTINGS,
    "layer": LAYERS,
    "run": RUNS,
    "comparison": COMPARISON,
    "training": TRAINING,
    "curve": CURVES,
    "status": STATUS,
    "answer": ANSWER,
    "tolerance": TOLERANCE,
    "why": WHY,
    "surgery": SURGERY,
    "inside": INSIDE,
    "field": FIELD,
    "confusion": CONFUSION,
    "data": DATA,
    "side by side": SIDE_BY_SIDE,
    "measured": MEASURED,
    "experiment": EXPERIMENTS,
}
EXPLANATIONS: dict[str, Explanation] = {
    f"{place}/{name}": Explanation(name[:1].upper() + name[1:].replace("_", " "), *parts)
    for place, found in _PLACES.items()
    for name, parts in found.items()
}


def find(key: str) -> Explanation | None:
    return EXPLANATIONS.get(key)


def of_fact(label: str) -> Explanation | None:
    """The explanation of a line of the inspector: a fact, else a setting of the layer."""
    return find(f"fact/{label}") or find(f"setting/{label}")


def whats_this(key: str) -> str:
    """The markup for "What is this?"; "" where there is no explanation."""
    found = find(key)
    return found.as_markup() if found is not None else ""


def explain(widget: QWidget, explanation: Explanation | None, *, tip: bool = False) -> None:
    """Gives a widget its "What is this?"; with `tip` its tooltip too. None takes them away."""
    widget.setWhatsThis(explanation.as_markup() if explanation is not None else "")
    if tip:
        text = html.escape(explanation.as_text()).replace("\n", "<br>") if explanation is not None else ""
        widget.setToolTip(f"<qt>{text}</qt>" if text else "")


def explain_all(place: str, parts: Mapping[str, QWidget | Iterable[QWidget]]) -> None:
    """Gives widgets the explanation "PLACE/NAME" by its NAME; where a widget has no tooltip, that too.

    Raises:
        KeyError: there is no such explanation.
    """
    for name, found in parts.items():
        for widget in (found,) if isinstance(found, QWidget) else found:
            explain(widget, EXPLANATIONS[f"{place}/{name}"], tip=not widget.toolTip())
