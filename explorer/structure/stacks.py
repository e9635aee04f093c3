"""Equal blocks in a row: which ones of a graph are so alike that one box "×N" says it all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from itertools import pairwise

from explorer.structure.graph import Block, Graph, Kind, Node, Tracing
from explorer.structure.nesting import Nesting, nesting_of

_LEAST = 3
# Classes that say nothing about what is in them.
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_OUTSIDE = ""


def stack_paths(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """The stacks that a graph can be folded into, by paths of their own, with the blocks in each.

    A stack is a run of at least three blocks in one block, each feeding only the next, of one class and with the same
    layers, shapes and parameter counts. Its path names the first and the last: "layer3.1–5". Where a run is all that a
    block holds, the block itself is the stack (see `repeats`).
    """
    return _rows(graph).stacks


def repeats(graph: Graph) -> Mapping[str, tuple[int, str]]:
    """The blocks that hold nothing but blocks of one class in a row: how many and of which class."""
    return _rows(graph).repeats


def as_block(graph: Graph, stack: str) -> Block:
    """A stack as if it were a block around its members."""
    members = stack_paths(graph)[stack]
    first = graph.block_by_path[members[0]]
    return Block(stack, first.type_name, first.parent, members)


class _Rows:
    def __init__(self, graph: Graph, nesting: Nesting) -> None:
        self._nesting = nesting
        self._has_edges = graph.tracing is not Tracing.MODULES
        self._numbers: dict[Hashable, int] = {}
        self._first: dict[str, int] = {}
        self._after: defaultdict[str, set[str]] = defaultdict(set)
        self._before: defaultdict[str, set[str]] = defaultdict(set)
        self._entering: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._leaving: defaultdict[str, set[int]] = defaultdict(set)
        self._within: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._members = self._all_members(graph)
        self._follow_edges()
        self._signature = self._signatures()
        self.repeats = {path: found for path in nesting.blocks if (found := self._repeated(path))}
        self.stacks: dict[str, tuple[str, ...]] = {}
        taken = {node.path for node in graph.nodes} | set(nesting.blocks)
        for level, members in self._members.items():
            for run in self._runs(members):
                if not level or len(run) < len(members):
                    path = _name(run, taken)
                    taken.add(path)
                    self.stacks[path] = run

    def _all_members(self, graph: Graph) -> dict[str, tuple[str, ...]]:
        top: dict[str, None] = {}
        for node in graph.nodes:
            path = node.path
            for around in self._nesting.around(node.block):
                path = around
            top[path] = None
        return {"": tuple(top), **{path: block.members for path, block in self._nesting.blocks.items()}}

    def _follow_edges(self) -> None:
        """Notes each edge in the innermost level that it stays in and in the blocks that it leaves and enters."""
        nodes, depths = self._nesting.nodes, {**self._nesting.depths, "": -1}
        blocks = self._nesting.blocks
        for source, target in self._nesting.edges:
            left, entered = nodes[source].block, nodes[target].block
            behind, ahead = nodes[source].path, nodes[target].path
            outwards, inwards = [], []
            while left != entered:
                if depths[left] >= depths[entered]:
                    outwards.append(left)
                    behind, left = left, blocks[left].parent
                else:
                    inwards.append(entered)
                    ahead, entered = entered, blocks[entered].parent
            for path in outwards:
                self._leaving[path].add(source)
            for path in inwards:
                self._entering[path].append((source, target))
            for path in outwards[:-1]:
                self._after[path].add(_OUTSIDE)
            for path in inwards[:-1]:
                self._before[path].add(_OUTSIDE)
            self._after[behind].add(ahead)
            self._before[ahead].add(behind)
            self._within[left].append((source, target))

    def _signatures(self) -> dict[str, int]:
        """A number for each node and block, the same for those that are built alike."""
        found = {node.path: self._number(_said(node)) for node in self._nesting.nodes}
        inside = self._nesting.inside
        for path in reversed(self._nesting.from_outside):
            block, nodes = self._nesting.blocks[path], inside[path]
            if not nodes or path in self._nesting.scattered:
                # Left and entered again: no part of a plain row.
                found[path] = self._number(("scattered", path))
                continue
            first = nodes[0]
            feeding: dict[int, int] = {}
            found[path] = self._number(
                (
                    block.type_name,
                    tuple(found.get(member, -1) for member in block.members),
                    tuple(sorted((source - first, target - first) for source, target in self._within[path])),
                    tuple(
                        (feeding.setdefault(source, len(feeding)), target - first)
                        for source, target in sorted(self._entering[path])
                    ),
                    tuple(sorted(source - first for source in self._leaving[path])),
                )
            )
        return found

    def _number(self, said: Hashable) -> int:
        return self._numbers.setdefault(said, len(self._numbers))

    def _runs(self, members: tuple[str, ...]) -> list[tuple[str, ...]]:
        runs: list[list[str]] = []
        for path in members:
            if path not in self._nesting.blocks:
                continue
            if runs and self._signature[runs[-1][-1]] == self._signature[path] and self._feeds_only(runs[-1][-1], path):
                runs[-1].append(path)
            else:
                runs.append([path])
        return [tuple(run) for run in runs if len(run) >= _LEAST]

    def _feeds_only(self, first: str, second: str) -> bool:
        return not self._has_edges or (self._after[first] == {second} and self._before[second] == {first})

    def _repeated(self, path: str) -> tuple[int, str] | None:
        """Blocks of one class, each fed by the one before it; joins of what they give may stand among them."""
        members = self._nesting.blocks[path].members
        inner = [self._nesting.blocks[member] for member in members if member in self._nesting.blocks]
        names = {block.type_name for block in inner}
        if len(inner) < 2 or len(names) != 1 or names & _CONTAINERS:
            return None
        if len(inner) < len(members):
            loose = (node for node in self._loose(path) if node.kind is not Kind.JOIN or node.parameters)
            if next(loose, None) is not None:
                return None
        if self._has_edges and not all(
            second.path in self._after[first.path] or self._meet(first.path, second.path)
            for first, second in pairwise(inner)
        ):
            return None
        return len(inner), inner[0].type_name

    def _loose(self, path: str) -> list[Node]:
        return [
            self._nesting.nodes[index]
            for index in self._nesting.inside[path]
            if self._nesting.nodes[index].block == path
        ]

    def _meet(self, first: str, second: str) -> bool:
        """Whether a join stands between two blocks, as the concatenation between two layers of a dense block."""
        return not self._after[first].isdisjoint(self._before[second] - {_OUTSIDE})


def _said(node: Node) -> Hashable:
    return (
        node.kind, node.type_name, node.detail, node.settings, node.input_shapes, node.output_shape, node.parameters,
        node.macs, node.training_only, node.failed,
    )  # fmt: skip


def _name(run: tuple[str, ...], taken: set[str]) -> str:
    """The first path and what differs in the last: layer3.1–5 for layer3.1 … layer3.5, u2–4 for u2 … u4."""
    first, last = run[0], run[-1].rsplit(".", 1)[-1]
    words = re.fullmatch(r"(.*?)(\d+)", last)
    if words and re.fullmatch(re.escape(words[1]) + r"\d+", first.rsplit(".", 1)[-1]):
        last = words[2]
    name = f"{first}–{last}"
    while name in taken:
        name += "–"
    return name


def _rows(graph: Graph) -> _Rows:
    nesting = nesting_of(graph)
    found = nesting.known.get("rows")
    if not isinstance(found, _Rows):
        found = nesting.known["rows"] = _Rows(graph, nesting)
    return found
