"""LeNet-5 (modern form) as a graph written by hand: layers, counts and formulas of the textbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from explorer.networks.architecture import Architecture
from explorer.networks.entries.lenet import LENET5
from explorer.structure.graph import Block, Field, Formulas, Graph, Kind, Node, Shape, Totals
from explorer.ui.session import Session


def _field(size: int, step: int) -> Field:
    return Field((size, size), (step, step), (-2, -2))


NODES = (
    Node("input", Kind.INPUT, "Input", output_shape=(1, 28, 28)),
    Node(
        "features.c1", Kind.CONVOLUTION, "Conv2d", "5×5, pad 2", (("kernel", "5 × 5"),), ((1, 28, 28),), (6, 28, 28),
        156, 156, 117_600, 18_816, _field(5, 1), block="features",
        formulas=Formulas("(5 × 5 × 1 + 1) × 6 = 156", "5 × 5 × 1 × 6 × 28 × 28 = 117,600"),
    ),
    Node(
        "features.s2", Kind.POOLING, "AvgPool2d", "2×2", (("kernel", "2 × 2"),), ((6, 28, 28),), (6, 14, 14),
        activation_bytes=4_704, receptive_field=_field(6, 2), block="features",
    ),
    Node(
        "features.c3", Kind.CONVOLUTION, "Conv2d", "5×5", (("kernel", "5 × 5"), ("stride", "1 × 1")), ((6, 14, 14),),
        (16, 10, 10), 2_416, 2_416, 240_000, 6_400, _field(14, 2), block="features",
        formulas=Formulas("(5 × 5 × 6 + 1) × 16 = 2,416", "5 × 5 × 6 × 16 × 10 × 10 = 240,000"),
    ),
    Node(
        "features.s4", Kind.POOLING, "AvgPool2d", "2×2", (("kernel", "2 × 2"),), ((16, 10, 10),), (16, 5, 5),
        activation_bytes=1_600, receptive_field=_field(16, 4), block="features",
    ),
    Node(
        "classifier.c5", Kind.LINEAR, "Linear", "400→120", (), ((400,),), (120,), 48_120, 48_120, 48_000, 480,
        Field((28, 28), (0, 0), (-2, -2)), block="classifier",
    ),
    Node(
        "classifier.f6", Kind.LINEAR, "Linear", "120→84", (), ((120,),), (84,), 10_164, 10_164, 10_080, 336,
        Field((28, 28), (0, 0), (-2, -2)), block="classifier",
    ),
    Node(
        "classifier.output", Kind.LINEAR, "Linear", "84→10", (), ((84,),), (10,), 850, 850, 840, 40,
        Field((28, 28), (0, 0), (-2, -2)), block="classifier",
    ),
)  # fmt: skip

LENET = Graph(
    "LeNet-5",
    (1, 28, 28),
    NODES,
    (),
    (
        Block("features", "Sequential", "", ("features.c1", "features.s2", "features.c3", "features.s4")),
        Block("classifier", "Sequential", "", ("classifier.c5", "classifier.f6", "classifier.output")),
    ),
    Totals(61_706, 61_706, 416_520, 32_376),
)


def with_node(node: Node) -> Graph:
    """LeNet and one node more, at the end."""
    return replace(LENET, nodes=(*NODES, node))


class ShownSession(Session):
    """A session that notes what it was asked to show, and shows it at once without reading any graph."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []
        self.shapes: list[Shape | None] = []

    def show(self, architecture: Architecture, options: Any = None, input_shape: Shape | None = None) -> None:
        self.asked.append((architecture.name, options))
        self.shapes.append(input_shape)
        self.input_shape = input_shape
        self.architecture = architecture
        self.options = options
        self.architecture_changed.emit(architecture, options)

    def take(self, graph: Graph) -> None:
        self.graph = graph
        self.graph_changed.emit(graph)


def lenet_session() -> ShownSession:
    session = ShownSession()
    session.show(LENET5, LENET5.options_type())
    session.take(LENET)
    session.asked.clear()
    return session
