"""Graphs made by hand and by seed, for the tests of folding, layout and drawing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence

from explorer.structure.graph import Block, Edge, Graph, Kind, Node, Shape, Totals


def make_graph(
    nodes: Iterable[tuple[str, Kind, str]],
    edges: Iterable[tuple[str, str]],
    blocks: Sequence[tuple[str, str]] = (),
    title: str = "A network",
    shapes: dict[str, Shape] | None = None,
    parameters: dict[str, int] | None = None,
) -> Graph:
    """A graph from (path, kind, block) in execution order, (source, target) and (path, parent)."""
    shapes, parameters = shapes or {}, parameters or {}
    nodes, edges = list(nodes), list(edges)
    made = tuple(
        Node(
            path=path,
            kind=kind,
            type_name=kind.value,
            output_shape=shapes.get(path, (8, 14, 14)),
            input_shapes=tuple(shapes.get(source, (8, 14, 14)) for source, target in edges if target == path),
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
    return make_graph(nodes, edges, blocks, "Residual")


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
    return make_graph(nodes, edges, [("module", "")], "Inception")


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
    return make_graph(nodes, edges, [("block", "")], "Dense")


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
    return make_graph(nodes, edges, blocks, f"Seed {seed}")
