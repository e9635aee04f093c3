"""The words on nodes."""

from __future__ import annotations

import pytest

from explorer.structure.graph import Kind, Node
from explorer.structure.node_labels import badge_label, one_line, parameters_text, shape_text, type_line, type_words


@pytest.mark.parametrize(
    ("type_name", "words"),
    [
        ("Conv2d", "Conv"),
        ("AvgPool2d", "Avg pool"),
        ("BatchNorm2d", "Batch norm"),
        ("AdaptiveAvgPool2d", "Adaptive avg pool"),
        ("ConvTranspose2d", "Conv transpose"),
        ("SparseConvolution", "Sparse conv"),
        ("Linear", "Linear"),
        ("LeakyReLU", "Leaky ReLU"),
        ("flatten", "flatten"),
        ("adaptive_avg_pool2d", "adaptive avg pool"),
        ("<b>", "b"),
    ],
)
def test_type_is_said_in_few_plain_words(type_name: str, words: str) -> None:
    assert type_words(type_name) == words


def test_type_line_joins_type_and_settings() -> None:
    assert type_line(Node("c1", Kind.CONVOLUTION, "Conv2d", "5×5, pad 2")) == "Conv 5×5, pad 2"
    assert type_line(Node("output", Kind.LINEAR, "RadialBasis", "RBF 84→10")) == "RBF 84→10"
    assert type_line(Node("input", Kind.INPUT, "Input")) == ""


@pytest.mark.parametrize(("type_name", "label"), [("Tanh", "tanh"), ("ReLU", "ReLU"), ("ScaledTanh", "scaled tanh")])
def test_badge_says_the_function_as_it_is_written(type_name: str, label: str) -> None:
    assert badge_label(Node("x", Kind.ACTIVATION, type_name)) == label


def test_numbers_have_units_and_separators() -> None:
    assert shape_text((16, 10, 10)) == "16 × 10 × 10"
    assert shape_text((1000,)) == "1,000"
    assert shape_text(()) == "scalar"
    assert [parameters_text(count) for count in (0, 1, 48_120)] == ["", "1 param", "48,120 params"]


def test_long_names_are_cut_and_put_on_one_line() -> None:
    assert one_line("a\nb") == "a b"
    assert len(one_line("x" * 10_000_000)) == 60
