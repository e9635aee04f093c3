"""What holds for every layout: nothing overlaps, no edge runs through a box, chains are straight, branches even."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass

import pytest
from structure.graphs import chain, dense, inception, lenet, make_graph, random_graph, residual

from explorer.structure.fold import Box, FoldedGraph, all_blocks, fold
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Layout, Size, lay_out

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class _Rect:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: _Rect) -> bool:
        return (
            self.left < other.right - _TOLERANCE
            and other.left < self.right - _TOLERANCE
            and self.top < other.bottom - _TOLERANCE
            and other.top < self.bottom - _TOLERANCE
        )

    def holds(self, other: _Rect) -> bool:
        return (
            self.left <= other.left + _TOLERANCE
            and self.top <= other.top + _TOLERANCE
            and other.right <= self.right + _TOLERANCE
            and other.bottom <= self.bottom + _TOLERANCE
        )

    def on_border(self, point: tuple[float, float]) -> bool:
        x, y = point
        beside = min(abs(x - self.left), abs(x - self.right)) < _TOLERANCE
        between = min(abs(y - self.top), abs(y - self.bottom)) < _TOLERANCE
        return (beside and self.top - _TOLERANCE <= y <= self.bottom + _TOLERANCE) or (
            between and self.left - _TOLERANCE <= x <= self.right + _TOLERANCE
        )


def _sizes(seed: int):
    """Boxes of many sizes, some with room below, always the same for one path."""

    def measure(box: Box) -> Size:
        rng = random.Random(f"{seed} {box.path}")  # noqa: S311 - sizes, not secrets
        return Size(rng.uniform(10, 200), rng.uniform(10, 120), rng.choice((0, 0, 12, 70)))

    return measure


def _laid_out(graph: Graph, folded: frozenset[str] = frozenset(), seed: int | None = None):
    visible = fold(graph, folded)
    measure = (lambda _: Size(96, 90)) if seed is None else _sizes(seed)
    return visible, lay_out(visible, measure, lambda frame: Size(10 * len(frame.path), 20))


def _pieces(points):
    for (x, y), (other_x, other_y) in itertools.pairwise(points):
        yield _Rect(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))


def _crosses(piece: _Rect, rect: _Rect) -> bool:
    """Whether a line of no thickness runs through the inside of a rectangle."""
    return (
        piece.left < rect.right - _TOLERANCE
        and rect.left < piece.right - _TOLERANCE
        and piece.top < rect.bottom - _TOLERANCE
        and rect.top < piece.bottom - _TOLERANCE
        if piece.left != piece.right and piece.top != piece.bottom
        else rect.left + _TOLERANCE < piece.right
        and piece.left < rect.right - _TOLERANCE
        and rect.top + _TOLERANCE < piece.bottom
        and piece.top < rect.bottom - _TOLERANCE
    )


def _check(visible: FoldedGraph, layout: Layout) -> None:
    boxes = {box.path: _Rect(box.x, box.y, box.x + box.width, box.y + box.height) for box in layout.boxes}
    rooms = {box.path: _Rect(box.x, box.y, box.x + box.width, box.y + box.height + box.below) for box in layout.boxes}
    frames = {
        frame.path: _Rect(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height) for frame in layout.frames
    }
    whole = _Rect(0, 0, layout.width, layout.height)
    assert set(boxes) == {box.path for box in visible.boxes}
    assert set(frames) == {frame.path for frame in visible.frames}
    assert all(whole.holds(rect) for rect in (*rooms.values(), *frames.values()))
    for first, second in itertools.combinations(rooms, 2):
        assert not rooms[first].overlaps(rooms[second]), f"boxes {first} and {second} overlap"
    around = {box.path: _frames_around(visible, box.frame) for box in visible.boxes}
    _check_frames(visible, frames, rooms, around)
    _check_routes(visible, layout, whole, frames, rooms, around)


def _frames_around(visible: FoldedGraph, frame: str) -> set[str]:
    found = set()
    while frame:
        found.add(frame)
        frame = visible.frame_by_path[frame].frame
    return found


def _check_frames(visible, frames, rooms, around) -> None:
    for frame, rect in frames.items():
        for box, room in rooms.items():
            if frame in around[box]:
                assert rect.holds(room), f"frame {frame} does not hold {box}"
            else:
                assert not rect.overlaps(room), f"frame {frame} covers {box}, which is not its member"
    for first, second in itertools.combinations(visible.frames, 2):
        if not _within(visible, second.path, first.path):
            assert not frames[first.path].overlaps(frames[second.path]), f"{first.path} and {second.path} overlap"


def _check_routes(visible, layout, whole, frames, rooms, around) -> None:
    boxes = {box.path: _Rect(box.x, box.y, box.x + box.width, box.y + box.height) for box in layout.boxes}
    assert {(route.link.source, route.link.target) for route in layout.routes} == {
        (link.source, link.target) for link in visible.links
    }
    for route in layout.routes:
        source, target = route.link.source, route.link.target
        assert len(route.points) >= 2
        assert boxes[source].on_border(route.points[0]), f"{source}→{target} does not start at its box"
        assert boxes[target].on_border(route.points[-1]), f"{source}→{target} does not end at its box"
        for piece in _pieces(route.points):
            assert piece.left == pytest.approx(piece.right) or piece.top == pytest.approx(piece.bottom)
            assert whole.holds(piece)
            for box, room in rooms.items():
                rect = boxes[box] if box in {source, target} else room
                assert not _crosses(piece, rect), f"{source}→{target} runs through {box}"
            for frame, rect in frames.items():
                if frame not in around[source] | around[target]:
                    assert not _crosses(piece, rect), f"{source}→{target} runs through frame {frame}"


def _within(visible: FoldedGraph, inner: str, outer: str) -> bool:
    while inner:
        inner = visible.frame_by_path[inner].frame
        if inner == outer:
            return True
    return False


def _foldings(graph: Graph):
    blocks = sorted(all_blocks(graph))
    for count in range(len(blocks) + 1):
        yield from map(frozenset, itertools.combinations(blocks, count))


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_no_random_graph_overlaps_in_any_folding(first: int) -> None:
    for seed in range(first, first + 20):
        graph = random_graph(seed)
        for folded in _foldings(graph):
            _check(*_laid_out(graph, folded, seed))


@pytest.mark.parametrize("graph", [lenet(), residual(), inception(), dense()], ids=lambda graph: graph.title)
def test_known_networks_lay_out_cleanly_in_any_folding(graph: Graph) -> None:
    for folded in _foldings(graph):
        _check(*_laid_out(graph, folded))


def test_block_that_is_left_and_entered_again_is_laid_out_although_folding_makes_a_cycle() -> None:
    graph = make_graph(
        [("a", Kind.CONVOLUTION, "block"), ("b", Kind.OTHER, ""), ("c", Kind.CONVOLUTION, "block")],
        [("a", "b"), ("b", "c")],
        [("block", "")],
    )
    _check(*_laid_out(graph, frozenset({"block"})))


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


def test_dense_block_of_blocks_has_a_straight_trunk_with_its_skips_above() -> None:
    nodes, edges, outputs = [("input", Kind.INPUT, "")], [], ["input"]
    blocks = [(f"layer{number}", "") for number in range(5)]
    for path, _ in blocks:
        nodes += [(f"{path}.cat", Kind.JOIN, path), (f"{path}.conv", Kind.CONVOLUTION, path)]
        edges += [(source, f"{path}.cat") for source in outputs] + [(f"{path}.cat", f"{path}.conv")]
        outputs.append(f"{path}.conv")
    visible, layout = _laid_out(make_graph(nodes, edges, blocks))
    _check(visible, layout)
    assert len({round(box.y, 6) for box in layout.boxes}) == 1
    line = layout.boxes[0].y + layout.boxes[0].height / 2
    assert all(y <= line + _TOLERANCE for route in layout.routes for _, y in route.points)


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
