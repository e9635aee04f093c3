"""Small questions about directed acyclic graphs whose nodes are 0 … n-1 and whose edges go from lower to higher."""

from __future__ import annotations

from collections.abc import Sequence

Neighbours = list[list[int]]


def reverse(successors: Sequence[Sequence[int]]) -> Neighbours:
    """The predecessors of each node, in ascending order."""
    predecessors: Neighbours = [[] for _ in successors]
    for node, targets in enumerate(successors):
        for target in targets:
            predecessors[target].append(node)
    return predecessors


def detours(successors: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """The edges beside which a longer path leads to the same node: the skips of a network.

    Without them the graph is its transitive reduction (Aho, Garey and Ullman 1972). Reachable sets are kept as the bits
    of integers, so that 500 nodes take milliseconds.
    """
    reach = [0] * len(successors)
    found: set[tuple[int, int]] = set()
    for node in range(len(successors) - 1, -1, -1):
        seen = 0
        # Nearer nodes come first: whatever they reach, the edge to a farther one is a detour.
        for target in sorted(set(successors[node])):
            if seen >> target & 1:
                found.add((node, target))
            seen |= reach[target] | 1 << target
        reach[node] = seen
    return found


def longest_from_start(predecessors: Sequence[Sequence[int]]) -> list[int]:
    """For each node, the number of edges on the longest path that ends there."""
    length = [0] * len(predecessors)
    for node, sources in enumerate(predecessors):
        length[node] = max((length[source] + 1 for source in sources), default=0)
    return length


def longest_to_end(successors: Sequence[Sequence[int]]) -> list[int]:
    """For each node, the number of edges on the longest path that begins there."""
    length = [0] * len(successors)
    for node in range(len(successors) - 1, -1, -1):
        length[node] = max((length[target] + 1 for target in successors[node]), default=0)
    return length


def dominators(predecessors: Sequence[Sequence[int]]) -> list[int]:
    """For each node, the last other node that every path from a start to it passes; -1 where there is none."""
    above: list[int] = []
    depth: list[int] = []
    for sources in predecessors:
        common = sources[0] if sources else -1
        for source in sources[1:]:
            common = _meet(common, source, above, depth)
        above.append(common)
        depth.append(depth[common] + 1 if common >= 0 else 0)
    return above


def post_dominators(successors: Sequence[Sequence[int]]) -> list[int]:
    """For each node, the next other node that every path from it to an end passes; -1 where there is none."""
    last = len(successors) - 1
    mirrored = [[last - target for target in targets] for targets in reversed(successors)]
    return [last - node if node >= 0 else -1 for node in reversed(dominators(mirrored))]


def _meet(first: int, second: int, above: list[int], depth: list[int]) -> int:
    while first != second:
        if first < 0 or second < 0:
            return -1
        if depth[first] >= depth[second]:
            first = above[first]
        else:
            second = above[second]
    return first
