"""How the nodes of a graph lie in its blocks, by number: found once for each graph, however often it is folded."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from functools import cached_property

from explorer.structure.graph import Block, Graph, Kind, Node, Totals

_BADGES = frozenset({Kind.ACTIVATION, Kind.DROPOUT})
_HOSTS = frozenset({Kind.CONVOLUTION, Kind.LINEAR, Kind.NORMALISATION, Kind.POOLING, Kind.JOIN})


@dataclass
class Nesting:
    """A graph's nodes by their number in execution order; `sources` and `readers` are the ends of its edges."""

    nodes: tuple[Node, ...]
    blocks: dict[str, Block]
    edges: tuple[tuple[int, int], ...]
    known: dict[str, object] = field(default_factory=dict)

    @cached_property
    def sources(self) -> list[list[int]]:
        """For each node, what it reads; one that reads a tensor twice has it twice."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for source, target in self.edges:
            found[target].append(source)
        return found

    @cached_property
    def readers(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.nodes]
        for source, target in self.edges:
            found[source].append(target)
        return found

    @cached_property
    def depths(self) -> dict[str, int]:
        """How many blocks are around each block."""
        depths: dict[str, int] = {"": -1}
        for path in self.blocks:
            chain = []
            while path not in depths:
                chain.append(path)
                path = self.blocks[path].parent  # noqa: PLW2901 - walks upwards
            level = depths[path]
            for entry in reversed(chain):
                level += 1
                depths[entry] = level
        del depths[""]
        return depths

    @cached_property
    def from_outside(self) -> list[str]:
        """The blocks, those around others first."""
        return sorted(self.depths, key=self.depths.__getitem__)

    @cached_property
    def inside(self) -> dict[str, list[int]]:
        """The nodes below each block, at any depth, in execution order."""
        around: dict[str, list[list[int]]] = {"": []}
        found: dict[str, list[int]] = {}
        for path in self.from_outside:
            found[path] = []
            around[path] = [*around[self.blocks[path].parent], found[path]]
        for index, node in enumerate(self.nodes):
            for members in around[node.block]:
                members.append(index)
        return found

    @cached_property
    def scattered(self) -> frozenset[str]:
        """The blocks between whose nodes others are executed."""
        return frozenset(
            path for path, members in self.inside.items() if members and members[-1] - members[0] + 1 != len(members)
        )

    @cached_property
    def totals(self) -> dict[str, Totals]:
        """What the nodes below each block add up to."""
        return {path: sum_up([self.nodes[index] for index in members]) for path, members in self.inside.items()}

    @cached_property
    def hosts(self) -> dict[str, str]:
        """For each node that becomes a badge, the node that carries it."""
        hosts: dict[str, str] = {}
        for index, node in enumerate(self.nodes):
            if node.kind not in _BADGES or len(self.sources[index]) != 1 or node.failed:
                continue
            before = self.sources[index][0]
            source = self.nodes[before]
            carries = source.kind in _HOSTS or source.path in hosts
            alike = source.block == node.block and source.training_only == node.training_only
            if carries and alike and self.readers[before] == [index]:
                hosts[node.path] = hosts.get(source.path, source.path)
        return hosts

    def around(self, block: str) -> list[str]:
        """The block and those around it, from the inside out."""
        found = []
        while block:
            found.append(block)
            block = self.blocks[block].parent
        return found


def sum_up(nodes: list[Node]) -> Totals:
    """What nodes add up to."""
    return Totals(
        parameters=sum(node.parameters for node in nodes),
        trainable_parameters=sum(node.trainable_parameters for node in nodes),
        macs=sum(node.macs for node in nodes),
        activation_bytes=sum(node.activation_bytes for node in nodes),
    )


# Graphs are compared by value and are too large to be hashed, so they are known by identity as long as they live.
_found: dict[int, tuple[weakref.ref[Graph], Nesting]] = {}


def nesting_of(graph: Graph) -> Nesting:
    """The graph's nesting, found at the first call."""
    key = id(graph)
    entry = _found.get(key)
    if entry is not None and entry[0]() is graph:
        return entry[1]
    number = {node.path: index for index, node in enumerate(graph.nodes)}
    made = Nesting(
        graph.nodes,
        graph.block_by_path,
        tuple((number[edge.source], number[edge.target]) for edge in graph.edges),
    )
    _found[key] = (weakref.ref(graph, lambda _: _found.pop(key, None)), made)
    return made
