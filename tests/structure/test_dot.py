"""The DOT text: every box and link is named, blocks are clusters, quotes are escaped."""

from __future__ import annotations

from structure.graphs import lenet, make_graph, resnet

from explorer.structure.dot import to_dot
from explorer.structure.fold import all_blocks
from explorer.structure.graph import Kind


def test_names_shapes_and_blocks_are_in_the_text() -> None:
    text = to_dot(lenet())
    assert '"features.c1" -> "features.s2" [label="6 × 28 × 28"];' in text
    assert 'subgraph "cluster_features" {' in text
    assert "156 params" in text
    assert text.count("{") == text.count("}")


def test_folded_block_is_one_box() -> None:
    text = to_dot(lenet(), frozenset({"features", "classifier"}))
    assert "cluster" not in text
    assert '"features" -> "classifier"' in text


def test_quotes_and_backslashes_in_names_are_escaped() -> None:
    text = to_dot(make_graph([('a"b\\', Kind.OTHER, "")], []))
    assert '"a\\"b\\\\" [label=' in text


def test_stack_says_how_many_of_what() -> None:
    graph = resnet((3, 4, 6, 3))
    text = to_dot(graph, all_blocks(graph) - {"layer3"})
    assert '"layer3.1–5" [label="layer3.1–5\\n5 × Basic block' in text
    assert '"layer3.0" -> "layer3.1–5"' in text
    assert '"layer4" [label="layer4\\n3 × Basic block' in text
