"""LeNet-5's convolutions without shared weights; the paper gives these numbers as connections."""

from dataclasses import replace

import pytest

from explorer.structure.graph import Formulas, Kind, Node
from explorer.structure.locally_connected import locally_connected_twin

C1 = Node(
    "c1", Kind.CONVOLUTION, "Conv2d", settings=(("kernel", "5 × 5"), ("bias", "yes")), input_shapes=((1, 32, 32),),
    output_shape=(6, 28, 28), parameters=156, formulas=Formulas("(5 × 5 × 1 + 1) × 6 = 156"),
)  # fmt: skip
C3_SPARSE = Node(
    "c3", Kind.CONVOLUTION, "SparseConvolution", input_shapes=((6, 14, 14),), output_shape=(16, 10, 10),
    parameters=1_516, formulas=Formulas("5 × 5 × 60 + 16 = 1,516"),
)  # fmt: skip


def test_c1_has_as_many_as_the_paper_counts_connections() -> None:
    twin = locally_connected_twin(C1)
    assert twin is not None
    assert twin.parameters == 122_304
    assert twin.formula == "28 × 28 × (5 × 5 × 1 + 1) × 6 = 122,304"


def test_c3_with_the_sparse_table_has_as_many_as_the_paper_counts_connections() -> None:
    twin = locally_connected_twin(C3_SPARSE)
    assert twin is not None
    assert twin.parameters == 151_600
    assert twin.formula == "10 × 10 × (5 × 5 × 60 + 16) = 151,600"


def test_c3_with_all_links() -> None:
    full = replace(C3_SPARSE, type_name="Conv2d", parameters=2_416, formulas=Formulas("(5 × 5 × 6 + 1) × 16 = 2,416"))
    twin = locally_connected_twin(full)
    assert twin is not None
    assert twin.parameters == 241_600  # 10 x 10 x (5 x 5 x 6 + 1) x 16


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ((("kernel", "3 × 3"), ("bias", "no")), 4 * 4 * 3 * 3 * 8 * 16),
        ((("kernel", "3 × 3"), ("groups", "4"), ("bias", "yes")), 4 * 4 * (3 * 3 * 2 + 1) * 16),
    ],
)
def test_a_shared_convolution_is_counted_by_its_settings(settings, parameters: int) -> None:
    shared = Node(
        "again", Kind.CONVOLUTION, "Conv2d", settings=settings, input_shapes=((8, 4, 4),), output_shape=(16, 4, 4),
        shares_with="first",
    )  # fmt: skip
    twin = locally_connected_twin(shared)
    assert twin is not None
    assert twin.parameters == parameters


@pytest.mark.parametrize(
    "node",
    [
        Node("fc", Kind.LINEAR, "Linear", output_shape=(10,), parameters=850),
        Node("up", Kind.CONVOLUTION, "ConvTranspose2d", output_shape=(8, 4, 4), parameters=100),
        Node("unreached", Kind.CONVOLUTION, "Conv2d", parameters=100),
        Node("function", Kind.CONVOLUTION, "conv2d", output_shape=(8, 4, 4)),
    ],
)
def test_other_layers_have_none(node: Node) -> None:
    assert locally_connected_twin(node) is None
