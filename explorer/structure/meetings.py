"""Where branches of a folded graph meet: concatenations that are drawn as bars, and shortcuts with one box on them."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.structure.dag import reverse
from explorer.structure.graph import Node
from explorer.structure.shortcuts import is_addition, is_concatenation, is_crop, is_projection, layers_in

_LEAST_KNOTS = 3


def meetings(
    own: Sequence[Node | None],
    within: Sequence[list[Node]],
    successors: Sequence[Sequence[int]],
    skips: set[tuple[int, int]],
) -> tuple[set[int], set[int]]:
    """The boxes that are all there is on a shortcut, and the concatenations in which branches meet.

    `own` is the node that each box shows, None for folded blocks; `within` holds the nodes of each box; `skips` are
    the links that run past other boxes. A shortcut's box brings what it reads to the shape of what it is added to, or
    crops what is concatenated; the way around it computes more.
    """
    predecessors = reverse(successors)
    pills: set[int] = set()
    bars: set[int] = set()
    for join, sources in enumerate(predecessors):
        node = own[join]
        if node is None or len(sources) < 2:
            continue
        if is_addition(node) and len(sources) == 2:
            fits = is_projection
        elif is_concatenation(node):
            fits = is_crop
        else:
            continue
        found = {
            source
            for source in sources
            if len(successors[source]) == 1
            and len(predecessors[source]) == 1
            and fits(within[source])
            and _is_shorter(source, join, within, predecessors)
        }
        if len(found) == len(sources):
            found.clear()
        pills |= found
        branches = [source for source in sources if source not in found and (source, join) not in skips]
        if is_concatenation(node) and len(branches) > 1:
            bars.add(join)
    return pills, bars


def knots(
    own: Sequence[Node | None], successors: Sequence[Sequence[int]], skips: set[tuple[int, int]]
) -> frozenset[int]:
    """The concatenations of dense blocks: each of a row of them adds what one layer gives to all that was there."""
    predecessors = reverse(successors)
    previous: dict[int, int] = {}
    for join, node in enumerate(own):
        sources = predecessors[join]
        if node is None or not is_concatenation(node) or len(sources) != 2:
            continue
        around = [source for source in sources if (source, join) in skips and len(successors[source]) == 2]
        if len(around) == 1:
            previous[join] = around[0]
    length: dict[int, int] = {}
    for join, before in previous.items():
        length[join] = length.get(before, 0) + 1
    found: set[int] = set()
    for join, count in length.items():
        if count >= _LEAST_KNOTS:
            here = join
            while here in previous and here not in found:
                found.add(here)
                here = previous[here]
    return frozenset(found)


def _is_shorter(box: int, join: int, within: Sequence[list[Node]], predecessors: Sequence[Sequence[int]]) -> bool:
    """Whether another way from what a box reads to the join in which it ends has at least two layers on it."""
    fork = predecessors[box][0]
    layers = 0
    for other in predecessors[join]:
        if other == box:
            continue
        layers = 0
        while other > fork:
            layers += layers_in(within[other])
            other = max(predecessors[other], default=-1)  # noqa: PLW2901 - walks backwards
        if other == fork and layers >= 2:
            return True
    return False
