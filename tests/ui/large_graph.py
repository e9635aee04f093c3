"""A graph of as many nodes as wanted: stages of residual blocks, none equal to the one before it."""

from __future__ import annotations

from explorer.structure.graph import Block, Edge, Graph, Kind, Node, Totals

_PARTS = (
    ("conv1", Kind.CONVOLUTION, "Conv2d"),
    ("bn1", Kind.NORMALISATION, "BatchNorm2d"),
    ("conv2", Kind.CONVOLUTION, "Conv2d"),
    ("bn2", Kind.NORMALISATION, "BatchNorm2d"),
    ("add", Kind.JOIN, "add"),
)
_BLOCKS_PER_STAGE = 10


def large_graph(nodes: int) -> Graph:
    """About that many nodes."""
    made: list[Node] = [Node("input", Kind.INPUT, "Input", output_shape=(3, 224, 224))]
    edges: list[Edge] = []
    blocks: list[Block] = []
    before, number = "input", 0
    while len(made) < nodes:
        stage, inside = f"stage{number // _BLOCKS_PER_STAGE}", number % _BLOCKS_PER_STAGE
        block = f"{stage}.{inside}"
        shape = (8 + number, 14, 14)
        entry = before
        for name, kind, type_name in _PARTS:
            path = f"{block}.{name}"
            parameters = 100 * (number + 1) if kind is Kind.CONVOLUTION else 0
            sources = (before, entry) if kind is Kind.JOIN else (before,)
            made.append(
                Node(
                    path, kind, type_name, "", (), (shape,) * len(sources), shape,
                    parameters, parameters, parameters * 196, 4 * 196 * shape[0], block=block,
                )
            )  # fmt: skip
            edges += [Edge(source, path, shape) for source in sources]
            before = path
        blocks.append(Block(block, "BasicBlock", stage, tuple(f"{block}.{name}" for name, _, _ in _PARTS)))
        number += 1
    stages = -(-number // _BLOCKS_PER_STAGE)
    for stage in (f"stage{index}" for index in range(stages)):
        members = tuple(block.path for block in blocks if block.parent == stage)
        blocks.append(Block(stage, "Sequential", "", members))
    total = sum(node.parameters for node in made)
    return Graph(
        "Large", (3, 224, 224), tuple(made), tuple(edges), tuple(blocks),
        Totals(total, total, sum(node.macs for node in made), sum(node.activation_bytes for node in made)),
    )  # fmt: skip
