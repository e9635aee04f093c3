"""What holds for every layout: nothing overlaps, no edge runs through a box, chains are straight, branches even."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from structure.graphs import chain, dense, inception, lenet, make_graph, random_graph, residual
from structure.layout_checks import check

from explorer.structure.fold import Box, all_blocks, fold
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Direction, Size, lay_out

_TOLERANCE = 1e-6


def _sizes(seed: int):
    """Boxes of many sizes, some with room below, always the same for one path."""

    def measure(box: Box) -> Size:
        rng = random.Random(f"{seed} {box.path}")  # noqa: S311 - sizes, not secrets
        return Size(rng.uniform(10, 200), rng.uniform(10, 120), rng.choice((0, 0, 12, 70)))

    return measure


def _laid_out(
    graph: Graph,
    folded: frozenset[str] = frozenset(),
    seed: int | None = None,
    direction: Direction = Direction.RIGHT,
):
    visible = fold(graph, folded)
    measure = (lambda _: Size(96, 90)) if seed is None else _sizes(seed)
    return visible, lay_out(visible, measure, lambda frame: Size(10 * len(frame.path), 20), direction=direction)


def _foldings(graph: Graph):
    blocks = sorted(all_blocks(graph))
    for count in range(len(blocks) + 1):
        yield from map(frozenset, itertools.combinations(blocks, count))


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_no_random_graph_overlaps_in_any_folding(first: int) -> None:
    for seed in range(first, first + 20):
        graph = random_graph(seed)
        for number, folded in enumerate(_foldings(graph)):
            check(*_laid_out(graph, folded, seed, list(Direction)[(seed + number) % 2]))


@pytest.mark.parametrize("graph", [lenet(), residual(), inception(), dense()], ids=lambda graph: graph.title)
def test_known_networks_lay_out_cleanly_in_any_folding(graph: Graph) -> None:
    for folded, direction in itertools.product(_foldings(graph), Direction):
        check(*_laid_out(graph, folded, direction=direction))


@pytest.mark.parametrize("folded", [frozenset(), frozenset({"block"})])
def test_block_that_is_left_and_entered_again_is_laid_out_open_and_closed(folded: frozenset[str]) -> None:
    graph = make_graph(
        [("a", Kind.CONVOLUTION, "block"), ("b", Kind.OTHER, ""), ("c", Kind.CONVOLUTION, "block")],
        [("a", "b"), ("b", "c")],
        [("block", "")],
    )
    for direction in Direction:
        check(*_laid_out(graph, folded, direction=direction))


def test_chain_stands_on_one_straight_line_through_frames() -> None:
    _, layout = _laid_out(lenet())
    assert len({round(box.y + box.height / 2, 6) for box in layout.boxes}) == 1
    assert all(len(route.points) == 2 for route in layout.routes)


def test_chain_runs_from_left_to_right_in_execution_order() -> None:
    visible, layout = _laid_out(lenet())
    lefts = [layout.box_by_path[box.path].x for box in visible.boxes]
    assert lefts == sorted(lefts)


def test_skip_runs_beside_a_trunk_that_stays_straight() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in "abcde"]
    _, layout = _laid_out(make_graph(nodes, [*chain("abcde"), ("a", "d")]))
    assert len({round(box.y, 6) for box in layout.boxes}) == 1
    skip = next(route for route in layout.routes if route.link.skip)
    assert min(y for _, y in skip.points) < min(box.y for box in layout.boxes)


def test_residual_trunk_is_straight_through_nested_frames() -> None:
    _, layout = _laid_out(residual())
    trunk = [box for box in layout.boxes if "downsample" not in box.path]
    assert len({round(box.y, 6) for box in trunk}) == 1


def test_four_branches_fan_out_evenly_around_fork_and_join() -> None:
    _, layout = _laid_out(inception())
    middle = {path: box.y + box.height / 2 for path, box in layout.box_by_path.items()}
    line = middle["stem"]
    assert middle["module.concat"] == pytest.approx(line)
    heights = [middle["module.b1"], middle["module.b2a"], middle["module.b3a"], middle["module.b4a"]]
    assert heights == sorted(heights)
    assert [height - line for height in heights] == pytest.approx([line - height for height in reversed(heights)])
    assert middle["module.b2a"] == pytest.approx(middle["module.b2b"])


def test_middle_one_of_three_branches_is_on_the_line() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in ("fork", "x", "y", "z", "join")]
    edges = [("fork", branch) for branch in "xyz"] + [(branch, "join") for branch in "xyz"]
    _, layout = _laid_out(make_graph(nodes, edges))
    tops = {path: box.y for path, box in layout.box_by_path.items()}
    assert tops["fork"] == pytest.approx(tops["y"]) == pytest.approx(tops["join"])
    assert tops["y"] - tops["x"] == pytest.approx(tops["z"] - tops["y"])


def test_nested_skips_do_not_cross() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in "abcdef"]
    _, layout = _laid_out(make_graph(nodes, [*chain("abcdef"), ("a", "f"), ("b", "e")]))
    outer, inner = sorted((route for route in layout.routes if route.link.skip), key=lambda route: route.link.source)
    assert min(y for _, y in outer.points) < min(y for _, y in inner.points)


def test_layout_is_the_same_each_time() -> None:
    graph = random_graph(7)
    assert _laid_out(graph, seed=7)[1] == _laid_out(graph, seed=7)[1]


def test_frame_is_as_wide_as_its_title() -> None:
    graph = make_graph([("x", Kind.CONVOLUTION, "block")], [], [("block", "")])
    layout = lay_out(fold(graph, frozenset()), lambda _: Size(20, 20), lambda _: Size(300, 20))
    assert layout.frames[0].width >= 300
    assert layout.frames[0].title == 20


def test_empty_graph_has_an_empty_layout() -> None:
    _, layout = _laid_out(make_graph([], []))
    assert (layout.boxes, layout.routes) == ((), ())


def test_five_thousand_nodes_in_one_chain_with_skips_take_less_than_a_second() -> None:
    names = [f"n{index}" for index in range(5000)]
    skips = [(names[index], names[index + 5]) for index in range(0, 4990, 3)]
    visible = fold(make_graph([(name, Kind.CONVOLUTION, "") for name in names], chain(names) + skips), frozenset())
    began = time.process_time()
    lay_out(visible, lambda _: Size(96, 90))
    assert time.process_time() - began < 1.5


def test_five_hundred_nodes_take_well_under_a_second() -> None:
    names = [f"n{index}" for index in range(500)]
    skips = [(names[index], names[index + 5]) for index in range(0, 490, 3)]
    nodes = [(name, Kind.CONVOLUTION, f"stage{index // 50}") for index, name in enumerate(names)]
    blocks = [(f"stage{number}", "") for number in range(10)]
    for graph in (
        make_graph(nodes, chain(names) + skips, blocks),
        make_graph([(n, k, "") for n, k, _ in nodes], chain(names) + skips),
    ):
        visible = fold(graph, frozenset())
        began = time.process_time()
        lay_out(visible, lambda _: Size(96, 90))
        assert time.process_time() - began < 1
