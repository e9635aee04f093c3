"""Graphs made by hand and by seed, for the tests of folding, layout and drawing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from explorer.structure.graph import Block, Edge, Failure, Graph, Kind, Node, Shape, Totals, Tracing


def make_graph(
    nodes: Iterable[tuple[str, Kind, str]],
    edges: Iterable[tuple[str, str]],
    blocks: Sequence[tuple[str, str]] = (),
    title: str = "A network",
    shapes: dict[str, Shape] | None = None,
    parameters: dict[str, int] | None = None,
    joins: str = "join",
) -> Graph:
    """A graph from (path, kind, block) in execution order, (source, target) and (path, parent).

    `joins` is what all its joins do: "add", "cat".
    """
    shapes, parameters = shapes or {}, parameters or {}
    nodes, edges = list(nodes), list(edges)
    sources: dict[str, list[str]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    made = tuple(
        Node(
            path=path,
            kind=kind,
            type_name=joins if kind is Kind.JOIN else kind.value,
            output_shape=shapes.get(path, (8, 14, 14)),
            input_shapes=tuple(shapes.get(source, (8, 14, 14)) for source in sources.get(path, ())),
            parameters=parameters.get(path, 0),
            block=block,
        )
        for path, kind, block in nodes
    )
    total = sum(parameters.values())
    return Graph(
        title=title,
        input_shape=shapes.get("input", (1, 28, 28)),
        nodes=made,
        edges=tuple(Edge(source, target, shapes.get(source, (8, 14, 14))) for source, target in edges),
        blocks=tuple(
            Block(
                path,
                "Sequential",
                parent,
                tuple(
                    [node.path for node in made if node.block == path] + [child for child, up in blocks if up == path]
                ),
            )
            for path, parent in blocks
        ),
        totals=Totals(total, total, 0, 0),
    )


def chain(paths: Sequence[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(paths))


def lenet() -> Graph:
    """LeNet-5 as it is traced: features and classifier, each layer with its activation beside it."""
    layers: list[tuple[str, Kind, str, str, Shape, int]] = [
        ("input", Kind.INPUT, "Input", "", (1, 28, 28), 0),
        ("features.c1", Kind.CONVOLUTION, "Conv2d", "5×5, pad 2", (6, 28, 28), 156),
        ("features.c1_activation", Kind.ACTIVATION, "Tanh", "", (6, 28, 28), 0),
        ("features.s2", Kind.POOLING, "AvgPool2d", "2×2", (6, 14, 14), 0),
        ("features.c3", Kind.CONVOLUTION, "Conv2d", "5×5", (16, 10, 10), 2416),
        ("features.c3_activation", Kind.ACTIVATION, "Tanh", "", (16, 10, 10), 0),
        ("features.s4", Kind.POOLING, "AvgPool2d", "2×2", (16, 5, 5), 0),
        ("classifier.flatten", Kind.RESHAPE, "Flatten", "", (400,), 0),
        ("classifier.c5", Kind.LINEAR, "Linear", "400→120", (120,), 48_120),
        ("classifier.c5_activation", Kind.ACTIVATION, "Tanh", "", (120,), 0),
        ("classifier.f6", Kind.LINEAR, "Linear", "120→84", (84,), 10_164),
        ("classifier.f6_activation", Kind.ACTIVATION, "Tanh", "", (84,), 0),
        ("classifier.output", Kind.LINEAR, "Linear", "84→10", (10,), 850),
    ]
    nodes = tuple(
        Node(
            path=path,
            kind=kind,
            type_name=type_name,
            detail=detail,
            input_shapes=(layers[index - 1][4],) if index else (),
            output_shape=shape,
            parameters=parameters,
            trainable_parameters=parameters,
            block=path.rpartition(".")[0],
        )
        for index, (path, kind, type_name, detail, shape, parameters) in enumerate(layers)
    )
    paths = [node.path for node in nodes]
    return Graph(
        title="LeNet-5",
        input_shape=(1, 28, 28),
        nodes=nodes,
        edges=tuple(
            Edge(source, target, nodes[index].output_shape) for index, (source, target) in enumerate(chain(paths))
        ),
        blocks=(
            Block("features", "Sequential", "", tuple(paths[1:7])),
            Block("classifier", "Sequential", "", tuple(paths[7:])),
        ),
        totals=Totals(61_706, 61_706, 416_520, 0),
    )


def residual() -> Graph:
    """Two residual blocks in one stage; the second has a projection on its shortcut."""
    conv, norm, act, join = Kind.CONVOLUTION, Kind.NORMALISATION, Kind.ACTIVATION, Kind.JOIN
    nodes: list[tuple[str, Kind, str]] = [("input", Kind.INPUT, ""), ("stem", conv, "")]
    edges = [("input", "stem")]
    before = "stem"
    for name in ("stage.0", "stage.1"):
        trunk = [f"{name}.{part}" for part in ("conv1", "bn1", "relu1", "conv2", "bn2")]
        nodes += zip(trunk, (conv, norm, act, conv, norm), [name] * 5, strict=True)
        edges += chain([before, *trunk, f"{name}.add"])
        if name == "stage.1":
            inner = f"{name}.downsample"
            nodes += [(f"{inner}.conv", conv, inner), (f"{inner}.bn", norm, inner)]
            edges += chain([before, f"{inner}.conv", f"{inner}.bn", f"{name}.add"])
        else:
            edges.append((before, f"{name}.add"))
        nodes += [(f"{name}.add", join, name), (f"{name}.relu2", act, name)]
        edges.append((f"{name}.add", f"{name}.relu2"))
        before = f"{name}.relu2"
    nodes.append(("fc", Kind.LINEAR, ""))
    edges.append((before, "fc"))
    blocks = [("stage", ""), ("stage.0", "stage"), ("stage.1", "stage"), ("stage.1.downsample", "stage.1")]
    return make_graph(nodes, edges, blocks, "Residual", joins="add")


def inception() -> Graph:
    """An Inception module: four branches between a stem and a concat."""
    conv, pool = Kind.CONVOLUTION, Kind.POOLING
    branches = [["b1"], ["b2a", "b2b"], ["b3a", "b3b"], ["b4a", "b4b"]]
    nodes: list[tuple[str, Kind, str]] = [("input", Kind.INPUT, ""), ("stem", conv, "")]
    edges = [("input", "stem")]
    for branch in branches:
        paths = [f"module.{name}" for name in branch]
        nodes += [(path, pool if path.endswith("b4a") else conv, "module") for path in paths]
        edges += chain(["stem", *paths, "module.concat"])
    nodes += [("module.concat", Kind.JOIN, "module"), ("fc", Kind.LINEAR, "")]
    edges.append(("module.concat", "fc"))
    return make_graph(nodes, edges, [("module", "")], "Inception", joins="cat")


def dense(layers: int = 6) -> Graph:
    """A dense block: each layer reads all before it."""
    nodes: list[tuple[str, Kind, str]] = [("input", Kind.INPUT, "")]
    edges = []
    outputs = ["input"]
    for number in range(layers):
        nodes += [(f"block.cat{number}", Kind.JOIN, "block"), (f"block.conv{number}", Kind.CONVOLUTION, "block")]
        edges += [(source, f"block.cat{number}") for source in outputs]
        edges.append((f"block.cat{number}", f"block.conv{number}"))
        outputs.append(f"block.conv{number}")
    return make_graph(nodes, edges, [("block", "")], "Dense", joins="cat")


def random_graph(seed: int, most: int = 26) -> Graph:
    """A directed acyclic graph with nested blocks that follow execution order, or (one in four) cut across it."""
    rng = random.Random(seed)  # noqa: S311 - graphs, not secrets
    count = rng.randint(2, most)
    names = [f"n{index}" for index in range(count)]
    edges: dict[tuple[str, str], None] = {}
    for index in range(1, count):
        if rng.random() < 0.9:
            edges[names[index - 1] if rng.random() < 0.7 else rng.choice(names[:index]), names[index]] = None
        while rng.random() < 0.35:
            edges[rng.choice(names[:index]), names[index]] = None
    blocks: list[tuple[str, str]] = []
    of_node = [""] * count
    scattered = rng.random() < 0.25
    for number in range(rng.randint(0, 5)):
        path = f"b{number}"
        first = rng.randrange(count)
        last = min(count, first + rng.randint(1, 9))
        parent = of_node[first]
        inside = [index for index in range(count) if of_node[index] == parent]
        chosen = [index for index in inside if (rng.random() < 0.4 if scattered else first <= index < last)]
        if chosen:
            blocks.append((path, parent))
            for index in chosen:
                of_node[index] = path
    kinds = list(Kind)
    nodes = [(name, rng.choice(kinds), block) for name, block in zip(names, of_node, strict=True)]
    return make_graph(nodes, edges, blocks, f"Seed {seed}", joins=rng.choice(["add", "cat"]))


def resnet(counts: Sequence[int] = (3, 4, 6, 3)) -> Graph:
    """A residual network of two-layer blocks (ResNet-34 by default), with a projection where a stage changes width."""
    conv, norm, act, join = Kind.CONVOLUTION, Kind.NORMALISATION, Kind.ACTIVATION, Kind.JOIN
    found = _Build("ResNet", (3, 224, 224))
    found.layer("conv1", conv, "Conv2d", (64, 112, 112), 9408)
    found.layer("bn1", norm, "BatchNorm2d", (64, 112, 112), 128)
    found.layer("relu", act, "ReLU", (64, 112, 112))
    found.layer("maxpool", Kind.POOLING, "MaxPool2d", (64, 56, 56))
    width = 64
    for stage, count in enumerate(counts, start=1):
        found.block(f"layer{stage}", "Sequential")
        for number in range(count):
            channels, size = 64 * 2 ** (stage - 1), 56 // 2 ** (stage - 1)
            path, shape = f"layer{stage}.{number}", (channels, size, size)
            found.block(path, "BasicBlock")
            before = found.last
            found.layer(f"{path}.conv1", conv, "Conv2d", shape, 9 * width * channels)
            found.layer(f"{path}.bn1", norm, "BatchNorm2d", shape, 2 * channels)
            found.layer(f"{path}.relu", act, "ReLU", shape)
            found.layer(f"{path}.conv2", conv, "Conv2d", shape, 9 * channels * channels)
            trunk = found.layer(f"{path}.bn2", norm, "BatchNorm2d", shape, 2 * channels)
            if width != channels:
                found.block(f"{path}.downsample", "Sequential")
                found.layer(f"{path}.downsample.0", conv, "Conv2d", shape, width * channels, [before])
                before = found.layer(f"{path}.downsample.1", norm, "BatchNorm2d", shape, 2 * channels)
            found.layer(f"{path}.add", join, "iadd", shape, 0, [trunk, before])
            found.layer(f"{path}.relu:2", act, "ReLU", shape)
            width = channels
    found.layer("avgpool", Kind.POOLING, "AdaptiveAvgPool2d", (width, 1, 1))
    found.layer("flatten", Kind.RESHAPE, "flatten", (width,))
    found.layer("fc", Kind.LINEAR, "Linear", (1000,), width * 1000 + 1000)
    return found.graph()


def dense_network(counts: Sequence[int] = (6, 12), *, listed: bool = True) -> Graph:
    """Dense blocks with transitions between them.

    `listed`: each layer concatenates all that was given before it, as in torchvision; else what a layer gives is
    concatenated to all there was, layer by layer.
    """
    conv, norm, act, join = Kind.CONVOLUTION, Kind.NORMALISATION, Kind.ACTIVATION, Kind.JOIN
    found = _Build("DenseNet", (3, 224, 224))
    found.layer("conv0", conv, "Conv2d", (64, 56, 56), 9408)
    width, size = 64, 56
    for number, count in enumerate(counts, start=1):
        block = f"block{number}"
        found.block(block, "DenseBlock")
        given, start = [found.last], width
        for layer in range(1, count + 1):
            path = f"{block}.layer{layer}"
            found.block(path, "DenseLayer")
            if listed:
                found.layer(f"{path}.cat", join, "cat", (width, size, size), 0, list(given))
            found.layer(f"{path}.norm", norm, "BatchNorm2d", (width, size, size), 2 * width)
            found.layer(f"{path}.relu", act, "ReLU", (width, size, size))
            new = found.layer(f"{path}.conv", conv, "Conv2d", (32, size, size), 288 * width)
            width += 32
            if listed:
                given.append(new)
            else:
                given = [found.layer(f"{block}.cat{layer}", join, "cat", (width, size, size), 0, [given[-1], new])]
        if listed:
            found.layer(f"{block}.cat", join, "cat", (start + 32 * count, size, size), 0, given)
        width, size = width // 2, size // 2
        found.layer(f"transition{number}", conv, "Conv2d", (width, size, size), 2 * width * width)
    found.layer("classifier", Kind.LINEAR, "Linear", (1000,), width * 1000 + 1000)
    return found.graph()


def unet(levels: int = 4, *, cropped: bool = True) -> Graph:
    """An encoder and decoder with skips between equal resolutions, cropped where the convolutions are not padded."""
    conv, join = Kind.CONVOLUTION, Kind.JOIN
    found = _Build("U-Net", (1, 256, 256))
    sizes = [256 // 2**level for level in range(levels + 1)]
    skips = []

    def double(path: str, shape: Shape) -> str:
        found.block(path, "DoubleConvolution")
        for number in (1, 2):
            found.layer(f"{path}.conv{number}", conv, "Conv2d", shape, 9)
            found.layer(f"{path}.relu{number}", Kind.ACTIVATION, "ReLU", shape)
        return found.last

    for level in range(levels):
        skips.append(double(f"down{level + 1}", (64 * 2**level, sizes[level], sizes[level])))
        found.layer(f"pool{level + 1}", Kind.POOLING, "MaxPool2d", (64 * 2**level, sizes[level + 1], sizes[level + 1]))
    double("bottom", (64 * 2**levels, sizes[-1], sizes[-1]))
    for level in range(levels - 1, -1, -1):
        shape = (64 * 2**level, sizes[level], sizes[level])
        up = found.layer(f"up{level + 1}", conv, "ConvTranspose2d", shape, 4)
        skip = skips.pop()
        if cropped:
            skip = found.layer(f"crop{level + 1}", Kind.RESHAPE, "CentreCrop", shape, 0, [skip])
        found.layer(f"cat{level + 1}", join, "cat", (2 * shape[0], *shape[1:]), 0, [skip, up])
        double(f"join{level + 1}", shape)
    found.layer("output", conv, "Conv2d", (2, 256, 256), 130)
    return found.graph()


class _Build:
    """A graph written layer by layer; each reads the one before it unless told otherwise."""

    def __init__(self, title: str, image: Shape) -> None:
        self.title = title
        self.image = image
        self.last = "input"
        self.nodes = {"input": Node("input", Kind.INPUT, "Input", output_shape=image)}
        self.edges: list[Edge] = []
        self.types: dict[str, str] = {}

    def block(self, path: str, type_name: str) -> None:
        self.types[path] = type_name

    def layer(
        self,
        path: str,
        kind: Kind,
        type_name: str,
        shape: Shape,
        parameters: int = 0,
        sources: Sequence[str] = (),
    ) -> str:
        sources = sources or [self.last]
        shapes = tuple(self.nodes[source].output_shape for source in sources)
        block = path.rpartition(".")[0]
        while block and block not in self.types:
            block = block.rpartition(".")[0]
        self.nodes[path] = Node(
            path, kind, type_name, input_shapes=shapes, output_shape=shape, parameters=parameters, block=block
        )
        self.edges += [Edge(source, path, given) for source, given in zip(sources, shapes, strict=True)]
        self.last = path
        return path

    def graph(self) -> Graph:
        members: dict[str, dict[str, None]] = {path: {} for path in self.types}
        for node in self.nodes.values():
            inner, block = node.path, node.block
            while block:
                members[block][inner] = None
                inner, block = block, block.rpartition(".")[0]
        total = sum(node.parameters for node in self.nodes.values())
        return Graph(
            title=self.title,
            input_shape=self.image,
            nodes=tuple(self.nodes.values()),
            edges=tuple(self.edges),
            blocks=tuple(
                Block(path, name, path.rpartition(".")[0], tuple(members[path])) for path, name in self.types.items()
            ),
            totals=Totals(total, total, 0, 0),
        )


def without_edges(graph: Graph) -> Graph:
    """The tree of modules alone, as it is known of a network that cannot be followed."""
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.kind not in {Kind.INPUT, Kind.JOIN}),
        edges=(),
        blocks=tuple(
            replace(block, members=tuple(path for path in block.members if not path.endswith((".add", ".cat"))))
            for block in graph.blocks
        ),
        tracing=Tracing.MODULES,
    )


def failing(graph: Graph, path: str) -> Graph:
    """The same network where the node at `path` does not accept its input."""
    place = next(index for index, node in enumerate(graph.nodes) if node.path == path)
    reached = {node.path for node in graph.nodes[:place]}
    return replace(
        graph,
        nodes=(
            *graph.nodes[:place],
            replace(graph.nodes[place], failed=True, output_shape=()),
            *(replace(node, input_shapes=(), output_shape=()) for node in graph.nodes[place + 1 :] if node.parameters),
        ),
        edges=tuple(edge for edge in graph.edges if edge.source in reached and edge.target in {*reached, path}),
        blocks=_with_members(graph, {*reached, path, *(n.path for n in graph.nodes[place + 1 :] if n.parameters)}),
        failure=Failure(path, "its input is smaller than its kernel", (3, 63, 63)),
    )


def _with_members(graph: Graph, nodes: set[str]) -> tuple[Block, ...]:
    known = {block.path for block in graph.blocks}
    return tuple(
        replace(block, members=tuple(path for path in block.members if path in nodes or path in known))
        for block in graph.blocks
    )
