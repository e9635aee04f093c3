"""What of a graph is visible when some of its blocks are folded: boxes, frames and the links between boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from explorer.structure.dag import detours
from explorer.structure.graph import Block, Graph, Kind, Node, Shape, Totals
from explorer.structure.meetings import knots, meetings
from explorer.structure.nesting import Nesting, nesting_of, sum_up
from explorer.structure.shortcuts import is_addition, is_multiplication, shortcut_around
from explorer.structure.stacks import as_block, repeats, stack_paths

__all__ = [
    "Box",
    "Face",
    "FoldedGraph",
    "Frame",
    "Link",
    "Style",
    "all_blocks",
    "first_folding",
    "fold",
    "folded_to_depth",
    "stack_paths",
]


class Face(Enum):
    """How a box is drawn."""

    BOX = "box"
    JOIN = "join"  # a circle: an addition or multiplication of branches
    BAR = "bar"  # a concatenation: a bar across the branches that meet in it, as long as they are apart
    KNOT = "knot"  # a concatenation in a row of them, each adding a layer's channels to all before
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
    """The paths of all blocks and of all stacks (see `stack_paths`)."""
    return frozenset((*graph.block_by_path, *stack_paths(graph)))


def folded_to_depth(graph: Graph, depth: int) -> frozenset[str]:
    """The blocks to fold so that only those in fewer than `depth` others are open; 0 folds all.

    Equal blocks that stay closed in a row become stacks.
    """
    depths = nesting_of(graph).depths
    folded = {path for path, level in depths.items() if level >= depth}
    return frozenset(folded.union(path for path, members in stack_paths(graph).items() if members[0] in folded))


def first_folding(graph: Graph, most: int = 24) -> frozenset[str]:
    """As few folded blocks, by depth, as leave at most `most` boxes: how a network is shown first.

    Blocks that hold nothing but blocks of one class in a row stay closed: "×12" of them says as much.
    """
    rows = frozenset(repeats(graph))
    deepest = max(nesting_of(graph).depths.values(), default=-1) + 1
    for depth in range(deepest, 0, -1):
        folded = folded_to_depth(graph, depth)
        for more in (frozenset[str](), rows - folded):
            if _count(graph, folded | more) <= most:
                return folded | more
    return folded_to_depth(graph, 0)


def fold(graph: Graph, folded: frozenset[str]) -> FoldedGraph:
    """The graph with the blocks and stacks in `folded` closed; paths that are neither are ignored.

    Edges inside a folded block vanish, several between the same two boxes become one. Activations and dropouts become
    badges of the box before them where nothing else reads that box and both are in the same block. Boxes stand in the
    order in which their first nodes are executed, and every link leads forward: a folded block that is left and entered
    again is one box for each time, "block", "block:2" and so on. A stack is closed where its path and those of all its
    members are in `folded`.
    """
    nesting = nesting_of(graph)
    hidden_by = _hidden_by(graph, nesting, folded)
    shown, visits = _shown(graph, nesting, hidden_by)
    order = {path: index for index, path in enumerate(dict.fromkeys(shown))}
    within: list[list[Node]] = [[] for _ in order]
    for node, path in zip(graph.nodes, shown, strict=True):
        within[order[path]].append(node)
    links, boxes = _links_and_boxes(graph, shown, order, within, visits)
    shown_by = {node.path: path for node, path in zip(graph.nodes, shown, strict=True)}
    shown_by.update((visit, visit) for visit in visits)
    shown_by.update((path, hidden) for path, hidden in hidden_by.items() if hidden)
    frames = _frames(graph, nesting, boxes)
    open_frames = {frame.path for frame in frames}
    for path, members in stack_paths(graph).items():
        first = members[0]
        shown_by[path] = shown_by.get(first, first if first in open_frames else "")
    return FoldedGraph(boxes, frames, links, shown_by)


def _hidden_by(graph: Graph, nesting: Nesting, folded: frozenset[str]) -> dict[str, str]:
    """For each block, the outermost folded block or stack around it or itself; "" where it is open."""
    stacked: dict[str, str] = {}
    for path, members in stack_paths(graph).items():
        if path in folded and folded.issuperset(members):
            stacked.update((member, path) for member in members)
    hidden: dict[str, str] = {"": ""}
    for path in nesting.from_outside:
        outer = hidden[nesting.blocks[path].parent]
        hidden[path] = outer or stacked.get(path, "") or (path if path in folded else "")
    return hidden


def _shown(graph: Graph, nesting: Nesting, hidden_by: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The path of the box that shows each node, and the folded block behind each path that is none of the graph's.

    A block has more than one box where a node in it reads what another box gives that begins later than the block's:
    its link would lead back.
    """
    hosts = nesting.hosts
    shown = [hidden_by[node.block] or hosts.get(node.path, node.path) for node in graph.nodes]
    visits: dict[str, str] = {}
    if not any(hidden in nesting.scattered for hidden in hidden_by.values()):
        return shown, visits
    latest: dict[str, str] = {}
    begins: dict[str, int] = {}
    for index, path in enumerate(shown):
        box = latest.setdefault(path, path)
        begin = begins.setdefault(box, index)
        if any(begins[shown[source]] > begin for source in nesting.sources[index] if source < index):
            number = 2
            while (box := f"{path}:{number}") in begins or box in graph.by_path or box in graph.block_by_path:
                number += 1
            latest[path], begins[box], visits[box] = box, index, path
        shown[index] = box
    return shown, visits


def _count(graph: Graph, folded: frozenset[str]) -> int:
    """The number of boxes that a folding leaves."""
    nesting = nesting_of(graph)
    return len(set(_shown(graph, nesting, _hidden_by(graph, nesting, folded))[0]))


def _links_and_boxes(
    graph: Graph, shown: list[str], order: Mapping[str, int], within: list[list[Node]], visits: Mapping[str, str]
) -> tuple[tuple[Link, ...], tuple[Box, ...]]:
    place = [order[path] for path in shown]
    blocks = {*graph.block_by_path, *stack_paths(graph), *visits}
    shapes: dict[tuple[int, int], Shape] = {}
    entering: list[dict[Shape, None]] = [{} for _ in order]
    leaving: dict[int, Shape] = {}
    for edge, (source_node, target_node) in zip(graph.edges, nesting_of(graph).edges, strict=True):
        source, target = place[source_node], place[target_node]
        if source != target:
            shapes.setdefault((source, target), edge.shape)
            entering[target][edge.shape] = None
            leaving.setdefault(source, edge.shape)
    successors: list[list[int]] = [[] for _ in order]
    for source, target in shapes:
        successors[source].append(target)
    skips = detours(successors)
    own = [None if path in blocks else nodes[0] for path, nodes in zip(order, within, strict=True)]
    pills, bars = meetings(own, within, successors, skips)
    knotted = knots(own, successors, skips)
    paths = list(order)
    links = tuple(
        Link(
            paths[source],
            paths[target],
            shape,
            (source, target) in skips,
            Style.PROJECTION
            if source in pills or target in pills
            else Style.SKIP
            if (source, target) in skips or target in knotted
            else Style.TRUNK,
        )
        for (source, target), shape in shapes.items()
    )
    visited = {*visits, *visits.values()}
    boxes = []
    for path, index in order.items():
        box = _box(graph, visits.get(path, path), within[index], tuple(entering[index]), leaving.get(index))
        if path in visited:
            box = replace(box, path=path, repeats=1, repeated="", arc=None)
        face = Face.PILL if index in pills else Face.BAR if index in bars else Face.BOX
        if index in knotted:
            face = Face.KNOT
        node = box.node
        if node and (is_addition(node) or is_multiplication(node)) and len(node.input_shapes) > 1:
            face = Face.JOIN
        boxes.append(replace(box, face=face) if face is not Face.BOX else box)
    return links, tuple(boxes)


def _box(graph: Graph, path: str, nodes: list[Node], entering: tuple[Shape, ...], leaving: Shape | None) -> Box:
    first, last = nodes[0], nodes[-1]
    training_only = all(node.training_only for node in nodes)
    stack = stack_paths(graph).get(path, ())
    block = as_block(graph, path) if stack else graph.block_by_path.get(path)
    if block is None:
        return Box(
            path=path,
            frame=first.block,
            input_shapes=first.input_shapes,
            output_shape=last.output_shape,
            totals=sum_up([first]),
            node=first,
            badges=tuple(nodes[1:]),
            training_only=training_only,
        )
    count, repeated = (len(stack), block.type_name) if stack else repeats(graph).get(path, (1, ""))
    shortcut = shortcut_around(graph, stack[0] if stack else path)
    return Box(
        path=path,
        frame=block.parent,
        input_shapes=entering,
        output_shape=last.output_shape if leaving is None else leaving,
        totals=sum_up(nodes),
        block=block,
        training_only=training_only,
        repeats=count,
        repeated=repeated,
        stack=stack,
        arc=Style(shortcut) if shortcut else None,
    )


def _frames(graph: Graph, nesting: Nesting, boxes: tuple[Box, ...]) -> tuple[Frame, ...]:
    members: dict[str, dict[str, None]] = {}
    for box in boxes:
        inner, outer = box.path, box.frame
        while outer:
            members.setdefault(outer, {})[inner] = None
            inner, outer = outer, graph.block_by_path[outer].parent
    return tuple(
        Frame(path, graph.block_by_path[path].parent, graph.block_by_path[path], tuple(members[path]), totals)
        for path in nesting.from_outside
        if path in members
        for totals in (nesting.totals[path],)
    )
