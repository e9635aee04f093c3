"""The rows of the layer table: a graph's blocks with what their layers add up to, and its layers, as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from explorer.structure.graph import Block, Field, Formulas, Graph, Node, Shape, Totals
from explorer.structure.nesting import nesting_of

BLOCK = "block"


@dataclass(frozen=True)
class Group:
    """A block as a row: sums over its layers, and the input, output and field of the block as a whole.

    `receptive_field` is that of the last layer in it.
    """

    path: str
    type_name: str
    layers: int
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    parameters: int
    trainable_parameters: int
    macs: int
    activation_bytes: int
    receptive_field: Field | None
    training_only: bool
    failed: bool
    detail: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    shares_with: str = ""
    formulas: Formulas = field(default_factory=Formulas)

    @property
    def flops(self) -> int:
        return 2 * self.macs

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]


class Row(NamedTuple):
    """One row: a layer or a block, how many blocks are around it in the table, and whether its rows follow."""

    item: Node | Group
    depth: int = 0
    is_open: bool = False

    @property
    def path(self) -> str:
        return self.item.path

    @property
    def is_block(self) -> bool:
        return isinstance(self.item, Group)


class LayerTree:
    """A graph's blocks and layers by what is in what; rows come in the order in which layers are executed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._groups: dict[str, Group] = {}

    def rows(self, folded: frozenset[str]) -> list[Row]:
        """What is visible while the blocks in `folded` are closed; paths that are no blocks are ignored."""
        nodes, blocks = self.graph.by_path, self.graph.block_by_path
        found: list[Row] = []
        waiting = [(path, 0) for path in reversed(self._top)]
        while waiting:
            path, depth = waiting.pop()
            block = blocks.get(path)
            if block is None:
                found.append(Row(nodes[path], depth))
                continue
            is_open = path not in folded
            found.append(Row(self.group(path), depth, is_open))
            if is_open:
                waiting.extend((member, depth + 1) for member in reversed(block.members))
        return found

    def layers(self) -> list[Row]:
        """The layers alone."""
        return [Row(node) for node in self.graph.nodes]

    def around(self, layers: Iterable[Node]) -> list[Row]:
        """Rows for the given layers and all blocks around them, those open."""
        kept = {node.path for node in layers}
        inner = dict.fromkeys(self.graph.by_path[path].block for path in kept)
        for block in inner:
            path = block
            while path and path not in kept:
                kept.add(path)
                path = self.graph.block_by_path[path].parent
        return [row for row in self.rows(frozenset(self.graph.block_by_path.keys() - kept)) if row.path in kept]

    def group(self, path: str) -> Group:
        """A block's row, made when it is first asked for."""
        found = self._groups.get(path)
        if found is None:
            found = self._groups[path] = self._group(self.graph.block_by_path[path])
        return found

    def blocks_around(self, path: str) -> list[str]:
        """The blocks around a node or block, from the inside out."""
        node, blocks = self.graph.by_path.get(path), self.graph.block_by_path
        block = node.block if node else blocks[path].parent if path in blocks else ""
        found = []
        while block:
            found.append(block)
            block = blocks[block].parent
        return found

    @cached_property
    def _top(self) -> tuple[str, ...]:
        """The nodes and blocks that no block holds, in the order in which they are first used."""
        outermost: dict[str, str] = {"": ""}
        top: dict[str, None] = {}
        for node in self.graph.nodes:
            if node.block not in outermost:
                outermost[node.block] = [node.block, *self.blocks_around(node.block)][-1]
            top[outermost[node.block] or node.path] = None
        return tuple(top)

    def _group(self, block: Block) -> Group:
        nesting = nesting_of(self.graph)
        nodes = [self.graph.nodes[index] for index in nesting.inside[block.path]]
        totals = nesting.totals[block.path]
        run = [node for node in nodes if not node.training_only] or nodes
        return Group(
            path=block.path,
            type_name=block.type_name,
            layers=len(nodes),
            input_shapes=run[0].input_shapes if run else (),
            output_shape=run[-1].output_shape if run else (),
            parameters=totals.parameters,
            trainable_parameters=totals.trainable_parameters,
            macs=totals.macs,
            activation_bytes=totals.activation_bytes,
            receptive_field=run[-1].receptive_field if run else None,
            training_only=bool(nodes) and all(node.training_only for node in nodes),
            failed=any(node.failed for node in nodes),
        )


def totals_of(nodes: Sequence[Node]) -> Totals:
    """What layers add up to."""
    return Totals(
        parameters=sum(node.parameters for node in nodes),
        trainable_parameters=sum(node.trainable_parameters for node in nodes),
        macs=sum(node.macs for node in nodes),
        activation_bytes=sum(node.activation_bytes for node in nodes),
    )


def shared_parameters(graph: Graph) -> tuple[int, int]:
    """How many parameters are used by more than one layer, and how many layers use them again."""
    again = [node for node in graph.nodes if node.shares_with]
    owners = {node.shares_with for node in again}
    return sum(graph.by_path[path].parameters for path in owners if path in graph.by_path), len(again)
