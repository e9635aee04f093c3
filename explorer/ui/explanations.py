"""What each quantity that the window shows is: a sentence, and the formula where there is one.

The one place for them: tooltips and "What is this?" (Shift+F1) in inspector, tables, forms, curves and status bar read
from here. Keys are "fact/NAME", "setting/NAME", "layer/COLUMN", "run/COLUMN", "comparison/COLUMN", "training/FIELD",
"curve/QUANTITY" and "status/PART".
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from explorer.ui.explained_facts import FACTS, SETTINGS
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
