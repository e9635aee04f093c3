"""What holds for every network in every folding: totals, direction, places. The whole catalogue and zoo are drawn.

Every network is folded as it is first shown, altogether, to a depth and at random; a few small ones are unfolded
entirely, to each depth, block by block and at twenty to fifty random foldings. Each is in one endless row, or in rows
of a few boxes or of many; as it is first shown, in an endless one and in others. With CNN_EXPLORER_FOLDINGS=all every
network is looked at like those few, each block alone and fifty foldings. What torchvision publishes of its networks is
compared here too, for following them takes longer than anything else.
"""

from __future__ import annotations

import itertools
import os
import random
import zlib
from collections.abc import Iterator

import pytest
import torchvision
from structure.layout_checks import check

from explorer.networks import catalogue, zoo
from explorer.networks.catalogue import CATALOGUE
from explorer.reading import read_graph
from explorer.structure.dag import reverse
from explorer.structure.fold import Box, Face, FoldedGraph, all_blocks, first_folding, fold, folded_to_depth
from explorer.structure.graph import Graph, Kind, Tracing
from explorer.structure.layout import Direction, Size, lay_out

_ZOO = torchvision.models.list_models(module=torchvision.models)
_EVERYTHING = os.environ.get("CNN_EXPLORER_FOLDINGS") == "all"
_FEW = (
    "alexnet", "densenet121", "googlenet", "mobilenet_v2", "resnet34", "shufflenet_v2_x0_5", "squeezenet1_0",
    "vgg11_bn", "vit_b_16",
)  # fmt: skip
_THOROUGH = [
    *(f"torchvision/{name}" for name in (_ZOO if _EVERYTHING else _FEW)),
    *(architecture.name for architecture in CATALOGUE if _EVERYTHING),
]
_SIZES = {Face.JOIN: (28, 28), Face.PILL: (90, 22), Face.BAR: (14, 40), Face.KNOT: (12, 12)}


def _measure(box: Box) -> Size:
    """Boxes of many sizes, always the same for one path; some have pictures below."""
    mixed = zlib.crc32(box.path.encode())
    width, height = _SIZES.get(box.face, (70 + mixed % 80, 40 + mixed // 80 % 60))
    below = (0, 0, 8, 90)[mixed // 7 % 4] if box.face is Face.BOX else 0
    return Size(width, height, below)


# Along the page; none, rows of a few boxes, and of many.
_ROOMS = (None, 450.0, 1600.0)


@pytest.fixture(scope="module", params=_ZOO)
def network_of_the_zoo(request: pytest.FixtureRequest) -> Graph:
    return read_graph(catalogue.get(f"torchvision/{request.param}"))


def _check(graph: Graph, folded: frozenset[str], direction: Direction, *, first: bool = False) -> None:
    visible = fold(graph, folded)
    _check_totals(graph, visible)
    _check_direction(visible)
    # One of the rooms for each folding and direction, always the same one.
    which = zlib.crc32("".join((direction.value, *sorted(folded))).encode())
    rooms = {_ROOMS[which % len(_ROOMS)]} if not first else {None, _ROOMS[1 + which % 2]}
    for room in rooms:
        layout = lay_out(visible, _measure, lambda frame: Size(9 * len(frame.name), 20), direction=direction, room=room)
        check(visible, layout)


def _check_totals(graph: Graph, visible: FoldedGraph) -> None:
    parts = [box.totals for box in visible.boxes]
    badges = [node for box in visible.boxes for node in box.badges]
    for name in ("parameters", "trainable_parameters", "macs", "activation_bytes"):
        shown = sum(getattr(part, name) for part in (*parts, *badges))
        assert shown == getattr(graph.totals, name), f"{name} differ"


def _check_direction(visible: FoldedGraph) -> None:
    """From the input on, links lead forward in execution order, so that there is no cycle."""
    order = {box.path: index for index, box in enumerate(visible.boxes)}
    successors: list[list[int]] = [[] for _ in order]
    for link in visible.links:
        assert order[link.source] < order[link.target], f"{link.source}→{link.target} leads back"
        successors[order[link.source]].append(order[link.target])
    fed = {index for index, sources in enumerate(reverse(successors)) if sources}
    starts = {box.kind for index, box in enumerate(visible.boxes) if successors[index] and index not in fed}
    assert starts <= {Kind.INPUT, Kind.OTHER}


def _random(graph: Graph, seed: str, count: int) -> Iterator[frozenset[str]]:
    rng = random.Random(seed)  # noqa: S311 - foldings, not secrets
    blocks = sorted(all_blocks(graph))
    for _ in range(count):
        share = rng.random()
        yield frozenset(path for path in blocks if rng.random() < share)


def _few(graph: Graph) -> Iterator[frozenset[str]]:
    yield first_folding(graph)
    yield all_blocks(graph)
    yield folded_to_depth(graph, 1)
    yield from _random(graph, graph.title, 1)


def test_zoo_has_the_parameters_and_macs_that_torchvision_publishes(network_of_the_zoo: Graph, request) -> None:
    graph = network_of_the_zoo
    published = zoo.figures(f"torchvision/{request.node.callspec.params['network_of_the_zoo']}")
    assert published is not None
    assert graph.tracing is Tracing.FX
    assert graph.failure is None
    assert graph.totals.parameters == published.parameters
    assert sum(node.parameters for node in graph.nodes) == graph.totals.parameters
    assert sum(node.macs for node in graph.nodes) == graph.totals.macs
    # Published in billions with three decimals, of which the last is rounded.
    assert graph.totals.macs == pytest.approx(published.macs, rel=0.01, abs=1_000_000)
    order = {node.path: place for place, node in enumerate(graph.nodes)}
    assert len(order) == len(graph.nodes)
    assert all(order[edge.source] < order[edge.target] for edge in graph.edges)


def test_zoo_has_its_totals_and_a_clean_layout(network_of_the_zoo: Graph) -> None:
    for number, folded in enumerate(_few(network_of_the_zoo)):
        _check(network_of_the_zoo, folded, list(Direction)[number % 2], first=not number)


@pytest.mark.parametrize("name", _THOROUGH)
def test_network_has_a_clean_layout_however_it_is_folded(name: str) -> None:
    graph = read_graph(catalogue.get(name))
    for direction in Direction:
        _check(graph, frozenset(), direction)
    blocks = sorted(graph.block_by_path)
    for depth in range(max((path.count(".") for path in blocks), default=0) + 2):
        _check(graph, folded_to_depth(graph, depth), Direction.DOWN)
    for path in blocks[:: 1 if _EVERYTHING else max(1, len(blocks) // 25)]:
        _check(graph, all_blocks(graph) - {path, *_around(graph, path)}, Direction.RIGHT)
    count = 50 if _EVERYTHING or len(graph.nodes) < 300 else 20
    for number, folded in enumerate(_random(graph, name, count)):
        _check(graph, folded, list(Direction)[number % 2])


def _around(graph: Graph, path: str) -> set[str]:
    found = set()
    while path:
        found.add(path)
        path = graph.block_by_path[path].parent
    return found


@pytest.mark.parametrize("architecture", CATALOGUE, ids=lambda architecture: architecture.name)
def test_catalogue_has_its_totals_and_a_clean_layout(architecture) -> None:
    graph = read_graph(architecture)
    # ResNet-1202 has 4,209 nodes.
    foldings = [first_folding(graph), all_blocks(graph)] if len(graph.nodes) > 2000 else [*_few(graph)]
    if len(graph.nodes) < 500:
        foldings.append(frozenset())
    for number, (folded, direction) in enumerate(itertools.product(foldings, Direction)):
        _check(graph, folded, direction, first=number < len(Direction))
