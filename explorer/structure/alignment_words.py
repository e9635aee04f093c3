"""What differs between two networks, said briefly: one sentence, and a line for each kind of difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.structure.alignment import Alignment, Match, Pair
from explorer.structure.amounts import short_count
from explorer.structure.graph import Graph
from explorer.structure.nesting import nesting_of

MINUS = "\N{MINUS SIGN}"
# Classes that say nothing of what a block is for: its own name does.
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


@dataclass(frozen=True)
class Finding:
    """One kind of difference: how often it occurs, and on which pairs.

    `what` names the layer or block ("BatchNorm2d", "SqueezeExcitation"), `words` say what changed in it; a block that
    one network lacks as a whole is one difference, of all its layers.
    """

    match: Match
    what: str
    words: str
    count: int
    pairs: tuple[Pair, ...]

    @property
    def parameters(self) -> int:
        return sum(pair.parameters for pair in self.pairs)

    @property
    def macs(self) -> int:
        return sum(pair.macs for pair in self.pairs)

    def sentence(self, left: str, right: str) -> str:
        """The finding in words: "57 × BatchNorm2d only in GoogLeNet (torchvision)"."""
        name = f"{self.count:,} × {self.what}"
        if self.match is Match.CHANGED:
            return f"{name}: {self.words}"
        return f"{name} only in {left if self.match is Match.LEFT else right}"


def findings(alignment: Alignment) -> tuple[Finding, ...]:
    """Every kind of difference: what only one network has first, then what changed, the most frequent first."""
    found: dict[tuple[Match, str, str], tuple[set[str], list[Pair]]] = {}
    for pair in alignment.differences:
        what, unit = _what(alignment, pair)
        units, pairs = found.setdefault((pair.match, what, pair.words), (set(), []))
        units.add(unit)
        pairs.append(pair)
    order = {Match.LEFT: 0, Match.RIGHT: 1, Match.CHANGED: 2}
    made = [
        Finding(match, what, words, len(units), tuple(pairs)) for (match, what, words), (units, pairs) in found.items()
    ]
    return tuple(sorted(made, key=lambda finding: (order[finding.match], -finding.count)))


def summary(alignment: Alignment) -> str:
    """One line: "128 layers only in SE-ResNet-50, +2,530,992 parameters, +2.5 M MACs (+0.1 %)"."""
    left, right = titles((alignment.left, alignment.right))
    parts = []
    for match, where in ((Match.LEFT, left), (Match.RIGHT, right)):
        if number := alignment.count(match):
            parts.append(f"{_layers(number)} only in {where}")
    if number := alignment.count(Match.CHANGED):
        parts.append(f"{_layers(number)} changed")
    if not parts:
        return f"{left} and {right} are the same, layer by layer"
    more = alignment.more
    parts.append(f"{signed(more.parameters)} parameters" if more.parameters else "as many parameters")
    if more.macs:
        share = f" ({signed_percent(more.macs / alignment.left.totals.macs)})" if alignment.left.totals.macs else ""
        parts.append(f"{signed_short(more.macs)} MACs{share}")
    else:
        parts.append("as many MACs")
    return ", ".join(parts)


def titles(graphs: Sequence[Graph]) -> tuple[str, ...]:
    """The networks' titles; those of the same title are told apart by a number."""
    found: list[str] = []
    for graph in graphs:
        title, number = graph.title, 2
        while title in found:
            title, number = f"{graph.title}, {number}", number + 1
        found.append(title)
    return tuple(found)


def signed(number: int) -> str:
    """A difference with its sign and separators: "+8,448", "−173,824", "0"."""
    return f"{'+' if number > 0 else MINUS if number < 0 else ''}{abs(number):,}"


def signed_short(number: int) -> str:
    """A difference in at most three figures: "+2.5 M", "−84.3 M", "0"."""
    return f"{'+' if number > 0 else MINUS if number < 0 else ''}{short_count(abs(number))}"


def signed_percent(share: float) -> str:
    """A relative difference: "+0.1 %", "−5.3 %", "+ < 0.1 %"."""
    sign = "+" if share > 0 else MINUS if share < 0 else ""
    tenths = f"{abs(share) * 100:,.1f}"
    return f"{sign}{tenths} %" if tenths != "0.0" or not share else f"{sign}< 0.1 %"


def _what(alignment: Alignment, pair: Pair) -> tuple[str, str]:
    """What a difference is about: the outermost block that only one network has, or the layer; and which one it is."""
    node = pair.node
    if pair.match is Match.CHANGED:
        assert pair.right is not None  # noqa: S101 - both are there where something changed
        same = node.type_name == pair.right.type_name
        return node.type_name if same else node.kind.value, node.path
    graph = alignment.left if pair.match is Match.LEFT else alignment.right
    for path in reversed(nesting_of(graph).around(node.block)):
        if alignment.match_of(path, of_left=pair.match is Match.LEFT) is pair.match:
            block = graph.block_by_path[path]
            return block.name if block.type_name in _CONTAINERS else block.type_name, path
    return node.type_name, node.path


def _layers(number: int) -> str:
    return f"{number:,} layer" + ("" if number == 1 else "s")
