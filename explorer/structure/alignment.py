"""Two networks laid side by side, layer by layer and block by block: what is the same, what changed, what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from explorer.structure.alignment_scores import best_pairs, operation
from explorer.structure.graph import Graph, Node, Shape, Totals
from explorer.structure.nesting import nesting_of


class Match(Enum):
    """How a layer of one network stands to the other network."""

    SAME = "same"
    CHANGED = "changed"
    LEFT = "only left"
    RIGHT = "only right"


@dataclass(frozen=True)
class Change:
    """One thing that differs within a pair: "kernel", "5 × 5", "3 × 3"."""

    what: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.what} {self.left} → {self.right}"


@dataclass(frozen=True)
class Pair:
    """A layer of each network that stand for each other, or a layer that only one has: the other is None then."""

    left: Node | None
    right: Node | None
    changes: tuple[Change, ...] = ()

    @property
    def match(self) -> Match:
        if self.right is None:
            return Match.LEFT
        if self.left is None:
            return Match.RIGHT
        return Match.CHANGED if self.changes else Match.SAME

    @property
    def node(self) -> Node:
        """The left layer, or the right one where only that network has it."""
        found = self.left or self.right
        assert found is not None  # noqa: S101 - a pair has at least one layer
        return found

    @property
    def words(self) -> str:
        """What differs: "kernel 5 × 5 → 3 × 3, bias yes → no"; "" where nothing does or only one has the layer."""
        return ", ".join(str(change) for change in self.changes)

    @property
    def parameters(self) -> int:
        """How many parameters the right layer has more than the left one."""
        return (self.right.parameters if self.right else 0) - (self.left.parameters if self.left else 0)

    @property
    def macs(self) -> int:
        """How many MACs the right layer has more than the left one."""
        return (self.right.macs if self.right else 0) - (self.left.macs if self.left else 0)


@dataclass(frozen=True, eq=False)
class Alignment:
    """The pairs in an order that both networks share: each network's layers are in their order of execution.

    `blocks` says which block of the left stands for which of the right; blocks that are in neither half of it have no
    counterpart.
    """

    left: Graph
    right: Graph
    pairs: tuple[Pair, ...]
    blocks: dict[str, str]

    def count(self, match: Match) -> int:
        """How many layers match in that way."""
        return self._counts[match]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self._counts[Match.SAME] == len(self.pairs)

    @property
    def more(self) -> Totals:
        """What the right network has more than the left one; negative where it has less."""
        one, other = self.left.totals, self.right.totals
        return Totals(
            other.parameters - one.parameters,
            other.trainable_parameters - one.trainable_parameters,
            other.macs - one.macs,
            other.activation_bytes - one.activation_bytes,
        )

    @property
    def differences(self) -> tuple[Pair, ...]:
        """The pairs in which something differs."""
        return tuple(pair for pair in self.pairs if pair.match is not Match.SAME)

    def partner(self, path: str, *, of_left: bool) -> str:
        """The layer or block of the other network that stands for one of this; "" where there is none."""
        return (self._to_right if of_left else self._to_left).get(path, "")

    def match_of(self, path: str, *, of_left: bool) -> Match | None:
        """How a layer, or all that is in a block, matches; None for a path that the network does not have.

        A block is only in one network where all its layers are; it has changed where anything in it differs.
        """
        return (self._left_matches if of_left else self._right_matches).get(path)

    @cached_property
    def _counts(self) -> Counter[Match]:
        return Counter(pair.match for pair in self.pairs)

    @cached_property
    def _to_right(self) -> dict[str, str]:
        return {**self.blocks, **{pair.left.path: pair.right.path for pair in self.pairs if pair.left and pair.right}}

    @cached_property
    def _to_left(self) -> dict[str, str]:
        return {right: left for left, right in self._to_right.items()}

    @cached_property
    def _left_matches(self) -> dict[str, Match]:
        found = {pair.left.path: pair.match for pair in self.pairs if pair.left}
        return {**_of_blocks(self.left, found, self._missing(of_left=True)), **found}

    @cached_property
    def _right_matches(self) -> dict[str, Match]:
        found = {pair.right.path: pair.match for pair in self.pairs if pair.right}
        return {**_of_blocks(self.right, found, self._missing(of_left=False)), **found}

    def _missing(self, *, of_left: bool) -> set[str]:
        """The blocks whose counterpart holds layers that this network lacks."""
        graph, partners = (self.right, self._to_left) if of_left else (self.left, self._to_right)
        lacking = Match.RIGHT if of_left else Match.LEFT
        found: set[str] = set()
        nesting = nesting_of(graph)
        for pair in self.pairs:
            if pair.match is lacking:
                found.update(partners[block] for block in nesting.around(pair.node.block) if block in partners)
        return found


def align(left: Graph, right: Graph) -> Alignment:
    """Lays the layers of two networks along each other so that as much as possible, and the likest, are pairs.

    Raises:
        ValueError: the networks are too large to be compared.
    """
    numbers = best_pairs(left.nodes, right.nodes)
    partner = {left.nodes[one].path: right.nodes[other].path for one, other in numbers}
    sources = (_sources(left), _sources(right))
    pairs: list[Pair] = []
    i = j = 0
    for one, other in [*numbers, (len(left.nodes), len(right.nodes))]:
        pairs.extend(Pair(node, None) for node in left.nodes[i:one])
        pairs.extend(Pair(None, node) for node in right.nodes[j:other])
        if one < len(left.nodes):
            first, second = left.nodes[one], right.nodes[other]
            changes = (*changes_between(first, second), *_rewired(first, second, sources, partner))
            pairs.append(Pair(first, second, changes))
        i, j = one + 1, other + 1
    return Alignment(left, right, tuple(pairs), _paired_blocks(left, right, partner))


def changes_between(left: Node, right: Node) -> tuple[Change, ...]:
    """What differs between two layers of one kind, the cause before its effect.

    Sizes and counts are named only where no setting says it already.
    """
    found: list[Change] = []
    if operation(left) != operation(right):
        found.append(Change("type", left.type_name, right.type_name))
    one, other = dict(left.settings), dict(right.settings)
    # A function says less of itself than a module of the same operation: what is not said does not differ.
    for name in [*one, *(name for name in other if name not in one)] if one and other else []:
        first, second = one.get(name), other.get(name)
        if first != second:
            found.append(Change(name, _said(first, second), _said(second, first)))
    if left.output_shape != right.output_shape:
        found.append(Change("output", _shape(left.output_shape), _shape(right.output_shape)))
    elif not found and left.input_shapes != right.input_shapes:
        found.append(Change("input", _shapes(left.input_shapes), _shapes(right.input_shapes)))
    if not found and left.parameters != right.parameters:
        found.append(Change("parameters", f"{left.parameters:,}", f"{right.parameters:,}"))
    if not found and left.macs != right.macs:
        found.append(Change("MACs", f"{left.macs:,}", f"{right.macs:,}"))
    return tuple(found)


def _said(value: str | None, other: str | None) -> str:
    """A setting's value; one that a layer does not have is off, where the other says yes or no."""
    if value is not None:
        return value
    return "no" if other in {"yes", "no"} else "not set"


def _shape(shape: Shape) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "none"


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(_shape(shape) for shape in shapes) or "none"


_Sources = dict[str, list[str]]


def _sources(graph: Graph) -> _Sources:
    nesting = nesting_of(graph)
    return {node.path: [graph.nodes[number].path for number in nesting.sources[index]]
            for index, node in enumerate(graph.nodes)}  # fmt: skip


def _rewired(left: Node, right: Node, sources: tuple[_Sources, _Sources], partner: dict[str, str]) -> Iterable[Change]:
    """Whether a pair reads other layers: asked only where all that either reads is in both networks."""
    one, other = sources[0][left.path], sources[1][right.path]
    known = set(partner.values())
    if not all(path in partner for path in one) or not all(path in known for path in other):
        return
    if Counter(partner[path] for path in one) != Counter(other):
        yield Change("reads", " and ".join(one) or "nothing", " and ".join(other) or "nothing")


def _paired_blocks(left: Graph, right: Graph, partner: dict[str, str]) -> dict[str, str]:
    """Blocks that stand for each other: each has most of its paired layers in the other."""
    one, other = nesting_of(left), nesting_of(right)
    shared: Counter[tuple[str, str]] = Counter()
    of_left: Counter[str] = Counter()
    of_right: Counter[str] = Counter()
    for path, twin in partner.items():
        around, beside = one.around(left.by_path[path].block), other.around(right.by_path[twin].block)
        of_left.update(around)
        of_right.update(beside)
        shared.update((first, second) for first in around for second in beside)
    found: dict[str, str] = {}
    taken: set[str] = set()

    def order(entry: tuple[tuple[str, str], int]) -> tuple[float, float, int]:
        (first, second), count = entry
        # The share that they have in common; among nested blocks with the same layers, those of equal depth.
        share = 2 * count / (of_left[first] + of_right[second])
        same_depth = abs(first.count(".") - second.count("."))
        return -share, same_depth, -count

    for (first, second), count in sorted(shared.items(), key=order):
        if first in found or second in taken or 2 * count < max(of_left[first], of_right[second]):
            continue
        found[first] = second
        taken.add(second)
    return found


def _of_blocks(graph: Graph, nodes: dict[str, Match], missing: set[str]) -> dict[str, Match]:
    found: dict[str, Match] = {}
    for path, inside in nesting_of(graph).inside.items():
        matches = {nodes[graph.nodes[number].path] for number in inside}
        if len(matches) == 1 and Match.CHANGED not in matches and not (path in missing and Match.SAME in matches):
            found[path] = matches.pop()
        else:
            found[path] = Match.CHANGED
    return found
