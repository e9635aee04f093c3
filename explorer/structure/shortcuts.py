"""Shortcuts around what a network computes: those inside folded blocks, and boxes that are all there is on one."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.structure.graph import Graph, Kind, Node
from explorer.structure.nesting import Nesting, nesting_of

ADDITIONS = frozenset({"add", "iadd", "add_"})
MULTIPLICATIONS = frozenset({"mul", "imul", "mul_", "multiply"})
CONCATENATIONS = frozenset({"cat", "concat", "concatenate"})

# What may follow the addition or concatenation in which a block's shortcut ends.
_LIGHT = frozenset({Kind.ACTIVATION, Kind.DROPOUT, Kind.NORMALISATION, Kind.RESHAPE})
_WORKING = frozenset({Kind.CONVOLUTION, Kind.LINEAR})
# What a tensor has been through since it entered a block, on the easiest way.
_IDENTITY, _CUT, _ADAPTED, _PROJECTED, _COMPUTED = range(5)


def is_addition(node: Node) -> bool:
    return node.kind is Kind.JOIN and node.type_name in ADDITIONS


def is_multiplication(node: Node) -> bool:
    return node.kind is Kind.JOIN and node.type_name in MULTIPLICATIONS


def is_concatenation(node: Node) -> bool:
    return node.kind is Kind.JOIN and node.type_name in CONCATENATIONS


def layers_in(nodes: Iterable[Node]) -> int:
    """The number of convolutions and dense layers."""
    return sum(node.kind in _WORKING for node in nodes)


def is_crop(nodes: list[Node]) -> bool:
    """Whether nodes only cut, pad or view, as on the skips of a U-Net."""
    return all(node.kind is Kind.RESHAPE and not node.parameters for node in nodes)


def is_projection(nodes: list[Node]) -> bool:
    """Whether nodes only bring a tensor into another shape: at most one convolution and what goes with it.

    So are the shortcuts of residual networks where widths change (He et al. 2015, options A to C).
    """
    adapting = {Kind.CONVOLUTION, Kind.LINEAR, Kind.NORMALISATION, Kind.POOLING, Kind.RESHAPE}
    return all(node.kind in adapting for node in nodes) and layers_in(nodes) <= 1


def shortcut_around(graph: Graph, block: str) -> str:
    """What leads around what a block computes: "skip", "projection", or "" where nothing does.

    It leads from what enters the block to an addition or concatenation after which nothing is computed. A block that
    holds nothing but such blocks in a row has a shortcut too: an identity if one of them has.
    """
    nesting = nesting_of(graph)
    found = nesting.known.setdefault("shortcuts", {})
    assert isinstance(found, dict)  # noqa: S101 - narrows the type of what was set here
    waiting = [block]
    while waiting:
        path = waiting[-1]
        inner = [member for member in nesting.blocks[path].members if member in nesting.blocks and member not in found]
        if inner:
            waiting.extend(inner)
            continue
        found[path] = _around_row(nesting, path, found) or _around_one(nesting, path)
        waiting.pop()
    shortcut: str = found[block]
    return shortcut


def _around_row(nesting: Nesting, path: str, found: dict[str, str]) -> str:
    inner = [member for member in nesting.blocks[path].members if member in nesting.blocks]
    styles = {found[member] for member in inner}
    if not inner or "" in styles:
        return ""
    loose = (nesting.nodes[index] for index in nesting.inside[path] if nesting.nodes[index].block == path)
    if any(node.kind not in _LIGHT for node in loose):
        return ""
    return "skip" if "skip" in styles else "projection"


def _around_one(nesting: Nesting, path: str) -> str:
    inside = nesting.inside[path]
    join = -1
    for index in reversed(inside):
        node = nesting.nodes[index]
        if is_addition(node) or is_concatenation(node):
            join = index
            break
        if node.kind not in _LIGHT:
            return ""
    if join < 0 or len(set(nesting.sources[join])) < 2:
        return ""
    members = set(inside)
    entering = {source for index in inside for source in nesting.sources[index] if source not in members}
    if len(entering) != 1:
        return ""
    ways = dict.fromkeys(entering, (_IDENTITY, 0, 0))
    for index in inside:
        if index == join:
            break
        ways[index] = _way(nesting.nodes[index], [ways[source] for source in nesting.sources[index]])
    return _shortcut_into(nesting.nodes[join], [ways[source] for source in nesting.sources[join] if source in ways])


def _way(node: Node, before: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    """What a node's output has been through at the easiest; how many nodes and layers at the hardest."""
    ease = min((ease for ease, _, _ in before), default=_COMPUTED)
    steps = max((steps for _, steps, _ in before), default=0)
    layers = max((layers for _, _, layers in before), default=0)
    if node.kind is Kind.DROPOUT or node.type_name == "Identity":
        return ease, steps, layers
    if is_addition(node) or is_concatenation(node):
        # Blocks with several additions in a row keep one identity that runs through all of them.
        return ease, steps, layers
    if node.kind in _WORKING:
        return (_PROJECTED if ease < _PROJECTED else _COMPUTED), steps + 1, layers + 1
    if node.kind is Kind.RESHAPE:
        return max(ease, _CUT), steps + 1, layers
    if node.kind in _LIGHT or node.kind is Kind.POOLING:
        return max(ease, _ADAPTED), steps + 1, layers
    return _COMPUTED, steps + 1, layers


def _shortcut_into(join: Node, ways: list[tuple[int, int, int]]) -> str:
    best = min(range(len(ways)), key=lambda place: ways[place][:2])
    ease = ways[best][0]
    others = [way for place, way in enumerate(ways) if place != best]
    if ease == _IDENTITY:
        return "skip" if any(steps for _, steps, _ in others) else ""
    adapted = {_CUT} if is_concatenation(join) else {_CUT, _PROJECTED}
    if ease in adapted and any(layers >= 2 for _, _, layers in others):
        return "projection"
    return ""
