"""What boxes say beyond their names and shapes: what a shortcut does, why a layer fails, what a concat joins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from explorer.structure.fold import Box, Face, FoldedGraph
from explorer.structure.graph import Failure, Graph, Kind, Node
from explorer.structure.node_labels import one_line, type_words

_SIGNS = {"mul": "×", "sub": "−", "div": "÷"}
_LONGEST_PILL = 28
_LONGEST_REASON = 240


@dataclass(frozen=True)
class Words:
    """By a box's path: `pills` what is computed on a shortcut, `reasons` the sentences on a failing layer."""

    pills: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def words_of(graph: Graph, folded: FoldedGraph) -> Words:
    """The words on the boxes of one folding."""
    pills = {box.path for box in folded.boxes if box.face is Face.PILL}
    inside: dict[str, list[Node]] = {path: [] for path in pills}
    if pills:
        for node in graph.nodes:
            shown = folded.shown_by.get(node.path, "")
            if shown in inside:
                inside[shown].append(node)
    reasons = {}
    if graph.failure is not None:
        where = folded.where(graph.failure.path)
        if where in folded.box_by_path:
            reasons[where] = failure_lines(graph.failure)
    return Words({path: pill_text(nodes) for path, nodes in inside.items()}, reasons)


def failure_lines(failure: Failure) -> tuple[str, ...]:
    """Why a layer does not run, and the smallest input that would."""
    lines = [" ".join(failure.reason[:_LONGEST_REASON].split())]
    if failure.smallest_input:
        lines.append("smallest input: " + " × ".join(f"{extent:,}" for extent in failure.smallest_input[-2:]))
    # A size is one word: no line ends within it.
    return tuple(line.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}") for line in lines)


def pill_text(nodes: Iterable[Node]) -> str:
    """What is computed on a shortcut, in the fewest characters: "1×1, /2 + BN"."""
    text = " + ".join(filter(None, (_short(node) for node in nodes)))
    return text if len(text) <= _LONGEST_PILL else f"{text[: _LONGEST_PILL - 1]}…"


def join_sign(box: Box) -> str:
    """The sign in a join's circle."""
    name = box.node.type_name.lower().strip("_") if box.node else ""
    return next((sign for start, sign in _SIGNS.items() if name.removeprefix("i").startswith(start)), "+")


def bar_caption(box: Box) -> str:
    """What stands under a concatenation: "concat 256"."""
    name = one_line(type_words(box.node.type_name)) if box.node else "concat"
    return f"{name} {box.output_shape[0]:,}" if box.output_shape else name


def _short(node: Node) -> str:
    if node.kind is Kind.NORMALISATION:
        return "BN" if node.type_name.startswith("BatchNorm") else one_line(type_words(node.type_name))
    if node.kind in {Kind.CONVOLUTION, Kind.POOLING} and node.detail:
        parts = [part for part in node.detail.split(", ") if not part.startswith(("pad", "no bias", "groups"))]
        words = ", ".join(parts[:2])
        return words if node.kind is Kind.CONVOLUTION else f"pool {words}"
    words = one_line(type_words(node.type_name))
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
