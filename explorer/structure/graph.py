"""The traced structure of a network: nodes, edges and blocks, all frozen and free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

Shape = tuple[int, ...]
Step = int | Fraction


class Kind(str, Enum):
    """What a node does, as a reader of a textbook sorts it."""

    INPUT = "input"
    OUTPUT = "output"
    CONVOLUTION = "convolution"
    POOLING = "pooling"
    ACTIVATION = "activation"
    NORMALISATION = "normalisation"
    LINEAR = "linear"
    JOIN = "join"  # add, concat
    RESHAPE = "reshape"  # flatten, view, pad
    DROPOUT = "dropout"
    OTHER = "other"


@dataclass(frozen=True)
class Field:
    """The part of the input that one unit sees, per axis (height, width), in input pixels.

    `size` is clipped to the input, and the largest where units differ; `step` is how far the field moves from one unit
    to the next, a fraction behind layers that make a map finer than the image; `offset` is where the field of the first
    unit begins (negative: in the padding).
    """

    size: tuple[int, int]
    step: tuple[Step, Step]
    offset: tuple[int, int]


@dataclass(frozen=True)
class Formulas:
    """How each number of a node came about, with typographic signs, for example "(5 × 5 × 6 + 1) × 16 = 2,416"."""

    parameters: str = ""
    macs: str = ""
    activation_bytes: str = ""
    receptive_field: str = ""


class Tracing(str, Enum):
    """How a network's structure was found, the surest way first."""

    FX = "fx"  # torch.fx followed the forward function
    CALLS = "calls"  # the forward function ran once on the meta device, and its calls were written down
    MODULES = "modules"  # structure only: the tree of modules, without edges or shapes


@dataclass(frozen=True)
class Failure:
    """Why a network does not run on an input: `path` is the failing node's, `reason` one sentence in words.

    `smallest_input` is the smallest square input of the same channels that would work, where there is one.
    """

    path: str
    reason: str
    smallest_input: Shape | None = None


@dataclass(frozen=True)
class Node:
    """A leaf of the graph, which is also a row of the layer table.

    Shapes are those of one image, without the batch. `settings` holds what the layer was made with, in words
    ("kernel": "5 × 5"); `detail` says the same in the fewest characters ("5×5, pad 2"). `parameters` counts a shared
    module on its first node only; later ones name it in `shares_with`. `macs` counts multiply-adds of convolutions and
    matrix products, for one image. `activation_bytes` is what the node writes, float32; views and in-place layers
    write nothing. `receptive_field` is None where a field has no meaning (the input itself, or unknown operations).
    `failed` marks the layer that did not accept its input: it has inputs and no output.
    """

    path: str
    kind: Kind
    type_name: str
    detail: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    input_shapes: tuple[Shape, ...] = ()
    output_shape: Shape = ()
    parameters: int = 0
    trainable_parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    receptive_field: Field | None = None
    training_only: bool = False
    failed: bool = False
    shares_with: str = ""
    block: str = ""
    formulas: Formulas = field(default_factory=Formulas)

    @property
    def flops(self) -> int:
        return 2 * self.macs

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Edge:
    """A tensor that flows from one node to another; `shape` is one image's."""

    source: str
    target: str
    shape: Shape


@dataclass(frozen=True)
class Block:
    """A foldable group: a module that holds others.

    `members` are paths of nodes and blocks directly inside, in execution order. `parent` is "" at the top.
    """

    path: str
    type_name: str
    parent: str
    members: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Totals:
    parameters: int
    trainable_parameters: int
    macs: int
    activation_bytes: int

    @property
    def flops(self) -> int:
        return 2 * self.macs


@dataclass(frozen=True)
class Graph:
    """A network's structure: nodes in execution order (input first), edges, blocks, totals.

    Node and block paths are unique among each other. `input_shape` is one image's. With a `failure` the graph holds
    what worked, then the failing node, then rows without shapes for the parameters that were not reached. `remark` says
    in a sentence why `tracing` is not the surest one.
    """

    title: str
    input_shape: Shape
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    blocks: tuple[Block, ...]
    totals: Totals
    tracing: Tracing = Tracing.FX
    remark: str = ""
    failure: Failure | None = None

    @cached_property
    def by_path(self) -> dict[str, Node]:
        return {node.path: node for node in self.nodes}

    @cached_property
    def block_by_path(self) -> dict[str, Block]:
        return {block.path: block for block in self.blocks}

    def inside(self, block: str) -> Iterator[Node]:
        """All nodes below a block, at any depth, in execution order."""
        prefix = f"{block}."
        ancestors = {b.path for b in self.blocks if b.path == block or b.path.startswith(prefix)}
        return (node for node in self.nodes if node.block in ancestors)

    def totals_of(self, block: str) -> Totals:
        """What the nodes below a block add up to."""
        nodes = list(self.inside(block))
        return Totals(
            parameters=sum(node.parameters for node in nodes),
            trainable_parameters=sum(node.trainable_parameters for node in nodes),
            macs=sum(node.macs for node in nodes),
            activation_bytes=sum(node.activation_bytes for node in nodes),
        )
