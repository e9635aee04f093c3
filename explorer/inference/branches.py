"""Residual branches of a graph: F(x) in x + F(x), told by what is computed on either way to an addition."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.structure.graph import Graph, Kind
from explorer.structure.shortcuts import is_addition

_WORKING = frozenset({Kind.CONVOLUTION, Kind.LINEAR})


@dataclass(frozen=True)
class Branch:
    """`join` is the path of an addition, `place` which of its two inputs F(x) is, `members` what computes F(x)."""

    join: str
    place: int
    members: frozenset[str]


def branches(graph: Graph) -> tuple[Branch, ...]:
    """All residual branches, in execution order.

    Of an addition's two inputs, F(x) is the one with more convolutions and dense layers that the other does not share.
    A sum of two ways that work alike is no residual block.
    """
    number = {node.path: index for index, node in enumerate(graph.nodes)}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    # The nodes that each node depends on, itself included, as the bits of a number.
    before: dict[str, int] = {}
    for node in graph.nodes:
        bits = 1 << number[node.path]
        for source in sources.get(node.path, ()):
            bits |= before.get(source, 0)
        before[node.path] = bits
    working = sum(1 << number[node.path] for node in graph.nodes if node.kind in _WORKING)
    found = []
    for node in graph.nodes:
        ways = sources.get(node.path, [])
        if not is_addition(node) or len(ways) != 2:
            continue
        own = [before[ways[0]] & ~before[ways[1]], before[ways[1]] & ~before[ways[0]]]
        layers = [(bits & working).bit_count() for bits in own]
        if layers[0] == layers[1]:
            continue
        place = 0 if layers[0] > layers[1] else 1
        members = frozenset(other.path for other in graph.nodes if own[place] >> number[other.path] & 1)
        found.append(Branch(node.path, place, members))
    return tuple(found)


def branch_at(graph: Graph, path: str) -> Branch | None:
    """The branch that a path means: that of an addition, of the block around one, or the one that a layer is in."""
    known = branches(graph)
    for branch in known:
        if branch.join == path:
            return branch
    if path in graph.block_by_path:
        inside = {node.path for node in graph.inside(path)}
        own = [branch for branch in known if branch.join in inside]
        if own:
            # Of a whole stage, no single branch is meant.
            return own[0] if len(own) == 1 else None
    else:
        inside = {path}
    around = [branch for branch in known if inside and inside <= branch.members]
    return min(around, key=lambda branch: len(branch.members), default=None)
