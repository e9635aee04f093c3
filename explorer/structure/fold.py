"""What of a graph is visible when some of its blocks are folded: boxes, frames and the links between boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from explorer.structure.dag import detours
from explorer.structure.graph import Block, Graph, Kind, Node, Shape, Totals

_BADGES = frozenset({Kind.ACTIVATION, Kind.DROPOUT})
_HOSTS = frozenset({Kind.CONVOLUTION, Kind.LINEAR, Kind.NORMALISATION, Kind.POOLING, Kind.JOIN})


class Face(Enum):
    """How a box is drawn."""

    BOX = "box"
    JOIN = "join"  # a circle: an addition or multiplication of branches
    BAR = "bar"  # a concatenation: a bar across the branches that meet in it, as long as they are apart
    PILL = "pill"  # a small folded block or layer on a shortcut


class Style(Enum):
    """How a link is drawn."""

    TRUNK = "trunk"
    SKIP = "skip"  # an identity that runs beside the trunk
    PROJECTION = "projection"  # a shortcut on which something is computed or cropped, dashed


@dataclass(frozen=True)
class Box:
    """A visible node, or a folded block.

    `node` is None for a folded block, `block` is None for a node. `frame` is the unfolded block around it, "" at the
    top. `badges` are the activations and dropouts that are drawn on the box instead of beside it, in execution order;
    `totals` are the box's own, without its badges. A folded block that holds `repeats` blocks of the same class in a
    row is drawn as a stack, "×N" of `repeated` ("BasicBlock"). So are equal folded blocks in a row within an open one:
    their paths are in `stack`, and `path` is the stack's own, which folds and unfolds like a block's (see
    `stack_paths`). `arc` says that a shortcut leads around what a folded block computes: it stays visible as an arc.
    """

    path: str
    frame: str
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    totals: Totals
    node: Node | None = None
    block: Block | None = None
    badges: tuple[Node, ...] = ()
    training_only: bool = False
    repeats: int = 1
    repeated: str = ""
    stack: tuple[str, ...] = ()
    arc: Style | None = None
    face: Face = Face.BOX

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def kind(self) -> Kind | None:
        """The node's kind; None for a folded block."""
        return self.node.kind if self.node else None


@dataclass(frozen=True)
class Frame:
    """An unfolded block: `members` are the boxes and frames directly inside, in execution order."""

    path: str
    frame: str
    block: Block
    members: tuple[str, ...]
    totals: Totals

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Link:
    """One or more edges between two visible boxes; a `skip` runs past boxes that another path goes through."""

    source: str
    target: str
    shape: Shape
    skip: bool = False
    style: Style = Style.TRUNK


@dataclass(frozen=True)
class FoldedGraph:
    """The visible part of a graph: boxes in execution order, frames from the outside in, links between boxes."""

    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    links: tuple[Link, ...]
    shown_by: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def box_by_path(self) -> dict[str, Box]:
        return {box.path: box for box in self.boxes}

    @cached_property
    def frame_by_path(self) -> dict[str, Frame]:
        return {frame.path: frame for frame in self.frames}

    def where(self, path: str) -> str:
        """The box or frame that shows a node, badge or block; "" where the graph has no such path."""
        if path in self.frame_by_path:
            return path
        return self.shown_by.get(path, "")


def all_blocks(graph: Graph) -> frozenset[str]:
    """The paths of all blocks."""
    return frozenset(block.path for block in graph.blocks)


def folded_to_depth(graph: Graph, depth: int) -> frozenset[str]:
    """The blocks to fold so that only those in fewer than `depth` others are open; 0 folds all."""
    depths = _depths(graph)
    return frozenset(path for path, level in depths.items() if level >= depth)


def first_folding(graph: Graph, most: int = 24) -> frozenset[str]:
    """As few folded blocks, by depth, as leave at most `most` boxes: how a network is shown first."""
    deepest = max(_depths(graph).values(), default=-1) + 1
    for depth in range(deepest, 0, -1):
        folded = folded_to_depth(graph, depth)
        if len(fold(graph, folded).boxes) <= most:
            return folded
    return folded_to_depth(graph, 0)


def fold(graph: Graph, folded: frozenset[str]) -> FoldedGraph:
    """The graph with the blocks in `folded` closed; paths that are no blocks are ignored.

    Edges inside a folded block vanish, several between the same two boxes become one. Activations and dropouts become
    badges of the box before them where nothing else reads that box and both are in the same block. Boxes stand in the
    order in which their first nodes are executed.
    """
    hidden_by = _hidden_by(graph, folded)
    hosts = _hosts(graph)
    shown_by: dict[str, str] = {}
    for node in graph.nodes:
        shown_by[node.path] = hidden_by.get(node.block, "") or hosts.get(node.path, node.path)
    order = {path: index for index, path in enumerate(dict.fromkeys(shown_by.values()))}
    links = _links(graph, shown_by, order)
    boxes = _boxes(graph, shown_by, order)
    frames = _frames(graph, boxes)
    for block in graph.blocks:
        if hidden := hidden_by.get(block.path, ""):
            shown_by[block.path] = hidden
    return FoldedGraph(boxes, frames, links, shown_by)


def _depths(graph: Graph) -> dict[str, int]:
    depths: dict[str, int] = {"": -1}

    def depth(path: str) -> int:
        chain = []
        while path not in depths:
            chain.append(path)
            path = graph.block_by_path[path].parent
        level = depths[path]
        for entry in reversed(chain):
            level += 1
            depths[entry] = level
        return level

    return {block.path: depth(block.path) for block in graph.blocks}


def _hidden_by(graph: Graph, folded: frozenset[str]) -> dict[str, str]:
    """For each block, the outermost folded block around it or itself; "" where it is open."""
    depths = _depths(graph)
    hidden: dict[str, str] = {"": ""}
    for path in sorted(depths, key=depths.__getitem__):
        outer = hidden[graph.block_by_path[path].parent]
        hidden[path] = outer or (path if path in folded else "")
    return hidden


def _hosts(graph: Graph) -> dict[str, str]:
    """For each node that becomes a badge, the node that carries it."""
    readers: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        readers.setdefault(edge.source, []).append(edge.target)
        sources.setdefault(edge.target, []).append(edge.source)
    hosts: dict[str, str] = {}
    for node in graph.nodes:
        if node.kind not in _BADGES or len(sources.get(node.path, ())) != 1:
            continue
        source = graph.by_path[sources[node.path][0]]
        carries = source.kind in _HOSTS or source.path in hosts
        alike = source.block == node.block and source.training_only == node.training_only
        if carries and alike and readers[source.path] == [node.path]:
            hosts[node.path] = hosts.get(source.path, source.path)
    return hosts


def _boxes(graph: Graph, shown_by: Mapping[str, str], order: Mapping[str, int]) -> tuple[Box, ...]:
    within: dict[str, list[Node]] = {path: [] for path in order}
    for node in graph.nodes:
        within[shown_by[node.path]].append(node)
    entering: dict[str, list[Shape]] = {}
    leaving: dict[str, list[Shape]] = {}
    for edge in graph.edges:
        source, target = shown_by[edge.source], shown_by[edge.target]
        if source != target:
            entering.setdefault(target, []).append(edge.shape)
            leaving.setdefault(source, []).append(edge.shape)
    boxes = []
    for path, nodes in within.items():
        block = graph.block_by_path.get(path)
        first, last = nodes[0], nodes[-1]
        own = nodes if block else [first]
        boxes.append(
            Box(
                path=path,
                frame=block.parent if block else first.block,
                input_shapes=tuple(dict.fromkeys(entering.get(path, ()))) if block else first.input_shapes,
                output_shape=leaving.get(path, [last.output_shape])[0] if block else last.output_shape,
                totals=_totals(own),
                node=None if block else first,
                block=block,
                badges=() if block else tuple(nodes[1:]),
                training_only=all(node.training_only for node in nodes),
            )
        )
    return tuple(boxes)


def _totals(nodes: Iterable[Node]) -> Totals:
    nodes = list(nodes)
    return Totals(
        parameters=sum(node.parameters for node in nodes),
        trainable_parameters=sum(node.trainable_parameters for node in nodes),
        macs=sum(node.macs for node in nodes),
        activation_bytes=sum(node.activation_bytes for node in nodes),
    )


def _frames(graph: Graph, boxes: tuple[Box, ...]) -> tuple[Frame, ...]:
    members: dict[str, dict[str, None]] = {}
    for box in boxes:
        inner, outer = box.path, box.frame
        while outer:
            members.setdefault(outer, {})[inner] = None
            inner, outer = outer, graph.block_by_path[outer].parent
    depths = _depths(graph)
    return tuple(
        Frame(path, block.parent, block, tuple(members[path]), graph.totals_of(path))
        for path, block in sorted(graph.block_by_path.items(), key=lambda item: depths[item[0]])
        if path in members
    )


def _links(graph: Graph, shown_by: Mapping[str, str], order: Mapping[str, int]) -> tuple[Link, ...]:
    shapes: dict[tuple[str, str], Shape] = {}
    for edge in graph.edges:
        source, target = shown_by[edge.source], shown_by[edge.target]
        if source != target:
            shapes.setdefault((source, target), edge.shape)
    # Folding can turn a graph into one with cycles (a block that is left and entered again); those edges are no skips.
    successors: list[list[int]] = [[] for _ in order]
    for source, target in shapes:
        if order[source] < order[target]:
            successors[order[source]].append(order[target])
    skips = detours(successors)
    return tuple(
        Link(source, target, shape, (order[source], order[target]) in skips)
        for (source, target), shape in shapes.items()
    )
