"""What holds for every network in every folding: totals, direction, places. The whole catalogue and zoo are drawn.

Every network is folded as it is first shown, altogether, to a depth and at random; a few small ones are unfolded
entirely, block by block and at twenty to fifty random foldings.
"""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Iterator

import pytest
import torchvision
from structure.layout_checks import check

from explorer.networks.catalogue import CATALOGUE
from explorer.structure.build_on_meta import without_memory
from explorer.structure.dag import reverse
from explorer.structure.fold import Box, Face, FoldedGraph, all_blocks, first_folding, fold, folded_to_depth
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Direction, Size, lay_out
from explorer.structure.trace import trace

_ZOO = torchvision.models.list_models(module=torchvision.models)
_THOROUGH = (
    "alexnet", "densenet121", "googlenet", "mobilenet_v2", "resnet34", "shufflenet_v2_x0_5", "squeezenet1_0",
    "vgg11_bn", "vit_b_16",
)  # fmt: skip
_SIZES = {Face.JOIN: (28, 28), Face.PILL: (90, 22), Face.BAR: (14, 40), Face.KNOT: (12, 12)}


def _measure(box: Box) -> Size:
    """Boxes of many sizes, always the same for one path; some have pictures below."""
    mixed = zlib.crc32(box.path.encode())
    width, height = _SIZES.get(box.face, (70 + mixed % 80, 40 + mixed // 80 % 60))
    below = (0, 0, 8, 90)[mixed // 7 % 4] if box.face is Face.BOX else 0
    return Size(width, height, below)


def _zoo(name: str) -> Graph:
    arguments = {"init_weights": False} if name in {"googlenet", "inception_v3"} else {}
    network = without_memory(lambda: torchvision.models.get_model(name, weights=None, **arguments))
    size = 299 if name == "inception_v3" else 224
    return trace(network, (3, size, size), name)


# Rows of a few boxes, and of many.
_ROOMS = (450.0, 1600.0)


def _check(graph: Graph, folded: frozenset[str], direction: Direction) -> None:
    visible = fold(graph, folded)
    _check_totals(graph, visible)
    _check_direction(visible)
    # One of the rooms for each folding, always the same one.
    room = _ROOMS[zlib.crc32("".join(sorted(folded)).encode()) % len(_ROOMS)]
    for length in (None, room):
        layout = lay_out(
            visible, _measure, lambda frame: Size(9 * len(frame.name), 20), direction=direction, room=length
        )
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


@pytest.mark.parametrize("name", _ZOO)
def test_zoo_has_its_totals_and_a_clean_layout(name: str) -> None:
    graph = _zoo(name)
    for number, folded in enumerate(_few(graph)):
        _check(graph, folded, list(Direction)[number % 2])


@pytest.mark.parametrize("name", _THOROUGH)
def test_network_has_a_clean_layout_however_it_is_folded(name: str) -> None:
    graph = _zoo(name)
    for direction in Direction:
        _check(graph, frozenset(), direction)
    blocks = sorted(graph.block_by_path)
    for path in blocks[:: max(1, len(blocks) // 25)]:
        _check(graph, all_blocks(graph) - {path, *_around(graph, path)}, Direction.RIGHT)
    count = 50 if len(graph.nodes) < 300 else 20
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
    options = architecture.options_type()
    network = without_memory(lambda: architecture.build(options))
    graph = trace(network, architecture.interface(options).input_shape, architecture.name)
    # ResNet-1202 has 4,209 nodes.
    foldings = [first_folding(graph), all_blocks(graph)] if len(graph.nodes) > 2000 else [*_few(graph)]
    if len(graph.nodes) < 500:
        foldings.append(frozenset())
    for folded, direction in itertools.product(foldings, Direction):
        _check(graph, folded, direction)
