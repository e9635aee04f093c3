"""Published figures find the numbers of the graph that they speak of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from explorer.networks.architecture import Published
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.paper_check import Check, computed, paper_checks, published_form
from explorer.structure.graph import Block, Graph, Kind, Node, Totals

GRAPH = Graph(
    "two layers",
    (1, 8, 8),
    (
        Node("input", Kind.INPUT, "Input", output_shape=(1, 8, 8)),
        Node("body.first", Kind.CONVOLUTION, "Conv2d", parameters=10, macs=640, activation_bytes=256, block="body"),
        Node("body.second", Kind.CONVOLUTION, "Conv2d", parameters=30, macs=1_920, activation_bytes=128, block="body"),
        Node("last", Kind.LINEAR, "Linear", parameters=5, macs=4, activation_bytes=4),
    ),
    (),
    (Block("body", "Sequential", "", ("body.first", "body.second")),),
    Totals(45, 45, 2_564, 388),
)


def published(quantity: str, value: float, part: str = "", options: Mapping[str, Any] | None = None) -> Published:
    return Published(quantity, value, "a table", part=part, options=options or {})


def architecture(*figures: Published) -> Any:
    return dataclasses.replace(LENET5, published=figures)


@pytest.mark.parametrize(
    ("quantity", "part", "value"),
    [
        ("parameters", "", 45),
        ("MACs", "", 2_564),
        ("FLOPs", "", 5_128),
        ("activations", "", 97),
        ("parameters", "body", 40),
        ("MACs", "body", 2_560),
        ("MACs", "body.second", 1_920),
        ("activations", "body.first", 64),
    ],
)
def test_a_figure_is_that_of_its_part(quantity: str, part: str, value: int) -> None:
    assert computed(GRAPH, published(quantity, 1, part)) == value


def test_what_cannot_be_computed_or_is_not_there_is_none() -> None:
    assert computed(GRAPH, published("top-5 error (%)", 7.3)) is None
    assert computed(GRAPH, published("MACs", 1, "gone")) is None


def test_the_difference_is_a_share_of_the_published_figure() -> None:
    assert Check(published("MACs", 2_000), 2_500).difference == 0.25
    assert Check(published("MACs", 4_000), 3_000).difference == -0.25
    assert Check(published("top-1 error (%)", 23.0), None).difference is None


def test_each_form_is_read_once_and_named() -> None:
    asked: list[LeNet5Options] = []

    def graph_of(options: LeNet5Options) -> Graph:
        asked.append(options)
        macs = 9 if options.form == "original" else 7
        return dataclasses.replace(GRAPH, totals=dataclasses.replace(GRAPH.totals, macs=macs))

    original = {"form": "original"}
    figures = (
        published("MACs", 7),
        published("MACs", 9, options=original),
        published("test error (%)", 0.95, options=original),
        published("FLOPs", 18, options=original),
    )
    checks = list(paper_checks(architecture(*figures), graph_of))
    assert [check.computed for check in checks] == [7, 9, None, 18]
    assert [check.form for check in checks] == ["", "form = original", "form = original", "form = original"]
    assert asked == [LeNet5Options(), LeNet5Options(form="original")]


def test_accuracies_alone_need_no_graph() -> None:
    def graph_of(_options: Any) -> Graph:
        raise AssertionError("read a graph")

    checks = list(paper_checks(architecture(published("top-5 error (%)", 7.3)), graph_of))
    assert [check.computed for check in checks] == [None]


def test_it_ends_when_it_is_cancelled() -> None:
    figures = architecture(published("MACs", 1), published("parameters", 1))
    assert list(paper_checks(figures, lambda _options: GRAPH, lambda: True)) == []


def test_a_form_that_the_network_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="lenet5 has a published figure for a form that it has not"):
        published_form(LENET5, published("MACs", 1, options={"wings": 2}))


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_every_published_figure_of_the_catalogue_speaks_of_a_form_that_there_is(entry: Any) -> None:
    for figure in entry.published:
        published_form(entry, figure)
