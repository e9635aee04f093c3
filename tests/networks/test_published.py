"""Published figures beside the computed ones: each is about something that is there, and differences are explained."""

from __future__ import annotations

from functools import cache

import pytest

from explorer.networks import catalogue
from explorer.networks.architecture import Published
from explorer.networks.options import changed_options
from explorer.reading import read_graph
from explorer.structure.graph import Graph

NAMES = ("alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "googlenet")
COMPUTED = {"parameters", "MACs", "FLOPs", "activations"}


@cache
def _graph(name: str, options: object) -> Graph:
    return read_graph(catalogue.get(name), options)


def _computed(name: str, figure: Published) -> float:
    graph = _graph(name, catalogue.get(name).options_type(**figure.options))
    if not figure.part:
        found = graph.totals
    elif figure.part in graph.block_by_path:
        found = graph.totals_of(figure.part)
    else:
        found = graph.by_path[figure.part]
    return {
        "parameters": found.parameters,
        "MACs": found.macs,
        "FLOPs": found.flops,
        "activations": found.activation_bytes / 4,
    }[figure.quantity]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_that_is_not_a_rounded_one_says_why(name: str) -> None:
    for figure in catalogue.get(name).published:
        if figure.quantity in COMPUTED:
            share = _computed(name, figure) / figure.value
            assert abs(share - 1) < 0.03 or len(figure.note) > len("Rounded."), (figure, share)


@pytest.mark.parametrize("name", NAMES)
def test_figures_speak_of_forms_that_exist_and_name_their_source(name: str) -> None:
    architecture = catalogue.get(name)
    for figure in architecture.published:
        assert changed_options(architecture.options_type(**figure.options)) == dict(figure.options)
        assert figure.quantity in COMPUTED or figure.quantity.endswith("(%)")
        assert figure.source


@pytest.mark.parametrize(
    ("part", "parameters", "macs"),
    [("stem.conv1", False, False), ("stem.conv2", True, True), ("inception_5a", False, False), ("linear", True, True)],
)
def test_the_wrong_rows_of_googlenets_table_are_called_wrong(part: str, parameters: bool, macs: bool) -> None:
    figures = {f.quantity: f for f in catalogue.get("googlenet").published if f.part == part}
    for quantity, right in (("parameters", parameters), ("MACs", macs)):
        assert ("not follow" in figures[quantity].note) is not right
