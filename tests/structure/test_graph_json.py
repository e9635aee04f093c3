"""Graphs survive JSON whole, and JSON that is no graph is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from explorer.structure.graph import (
    Block,
    Edge,
    Failure,
    Field,
    Formulas,
    Graph,
    Kind,
    Node,
    Totals,
    Tracing,
)  # fmt: skip
from explorer.structure.graph_json import GraphDataError, from_json, plain, to_json


def _graph(name: str = "conv", block: str = "features") -> Graph:
    path = f"{block}.{name}"
    return Graph(
        "A network",
        (3, 8, 8),
        (
            Node("input", Kind.INPUT, "Input", output_shape=(3, 8, 8)),
            Node(
                path,
                Kind.CONVOLUTION,
                "Conv2d",
                "3×3",
                (("kernel", "3 × 3"),),
                ((3, 8, 8),),
                (4, 6, 6),
                112,
                112,
                3888,
                576,
                Field((3, 3), (1, 1), (0, 0)),
                block=block,
                formulas=Formulas(parameters="(3 × 3 × 3 + 1) × 4 = 112"),
            ),
            Node("add", Kind.JOIN, "add", failed=True, input_shapes=((4, 6, 6), (3, 8, 8)), shares_with=path),
        ),
        (Edge("input", path, (3, 8, 8)), Edge("input", "add", (3, 8, 8)), Edge(path, "add", (4, 6, 6))),
        (Block(block, "Sequential", "", (path,)),),
        Totals(112, 112, 3888, 576),
        Tracing.CALLS,
        "It branches on its data.",
        Failure("add", "the sizes differ", (3, 9, 9)),
    )


def _data() -> Any:
    return json.loads(json.dumps(to_json(_graph())))


def test_a_graph_survives_json_whole() -> None:
    assert from_json(_data()) == _graph()


def _changed(*where: str | int, to: Any) -> Any:
    data = copy.deepcopy(_data())
    place = data
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = to
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "graph is not an object"),
        ([], "graph is not an object"),
        ({}, "lacks title"),
        (_changed("title", to=1), "graph.title is not a proper str"),
        (_changed("title", to="x" * 4001), "graph.title is not a proper str"),
        (_changed("title", to="a\nb"), "graph.title is not a proper str"),
        (_changed("surprise", to=1), "has a field too many"),
        (_changed("input_shape", to=[3, -8, 8]), "negative"),
        (_changed("input_shape", to=[3, 8.5, 8]), "graph.input_shape[1] is not a proper int"),
        (_changed("nodes", to=[]), "no nodes"),
        (_changed("nodes", 0, "kind", to="weapon"), "none of input, output"),
        (_changed("nodes", 0, "kind", to=[]), "none of input, output"),
        (_changed("nodes", 1, "parameters", to=True), "is not a proper int"),
        (_changed("nodes", 1, "parameters", to=10**30), "is not a proper int"),
        (_changed("nodes", 1, "parameters", to=-1), "negative"),
        (_changed("nodes", 1, "settings", to=[["kernel"]]), "has 1 values, not 2"),
        (_changed("nodes", 1, "receptive_field", to={"size": [1, 1]}), "lacks step"),
        (_changed("nodes", 2, "path", to="input"), "one path"),
        (_changed("nodes", 2, "block", to="features"), "do not hold"),
        (_changed("edges", 0, "target", to="nowhere"), "leads nowhere"),
        (_changed("edges", 0, "source", to="add"), "leads nowhere or back"),
        (_changed("blocks", 0, "parent", to="features"), "has no parent"),
        (_changed("blocks", 0, "parent", to="other"), "has no parent"),
        (_changed("blocks", 0, "members", to=[]), "do not hold"),
        (_changed("blocks", 0, "members", to=["features.conv", "features.conv"]), "do not hold"),
    ],
)  # fmt: skip
def test_what_is_no_graph_is_refused(data: Any, said: str) -> None:
    with pytest.raises(GraphDataError) as refused:
        from_json(data)
    assert said in str(refused.value)


def test_long_names_are_cut_and_stay_apart() -> None:
    data = to_json(_graph("x" * 1_000_000, "<b>" + "y" * 5_000))
    read = from_json(json.loads(json.dumps(data)))
    assert len(json.dumps(data)) < 5_000
    path = read.nodes[1].path
    assert path == read.edges[0].target == read.blocks[0].members[0]
    assert path.startswith("<b>yyy")
    assert [len(part) for part in path.split(".")] == [80, 80]

    long = "x" * 200
    nodes = tuple(Node(long + end, Kind.OTHER, "Thing") for end in "abc")
    read = from_json(to_json(Graph("Three", (1,), nodes, (), (), Totals(0, 0, 0, 0))))
    assert len({node.path for node in read.nodes}) == 3


def test_text_becomes_plain() -> None:
    assert plain("a\nb\x00c\ud800d\u202ee") == "a b?c?d?e"
    assert plain("é × − 数") == "é × − 数"
    assert plain("abcdef", 4) == "abc…"
