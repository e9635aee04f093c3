"""Each picture of the graph's language: residual blocks, arcs, stacks, bars, buses, a U, what stands aside."""

from __future__ import annotations

import itertools

import pytest
from structure.graphs import dense, dense_network, failing, inception, make_graph, resnet, unet, without_edges
from structure.layout_checks import check

from explorer.structure.fold import Box, Face, Style, all_blocks, fold, folded_to_depth
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Direction, Layout, PlacedBox, Route, Size, lay_out

_SIZES = {
    Face.JOIN: Size(28, 28),
    Face.PILL: Size(90, 22),
    Face.BAR: Size(14, 40, 16),
    Face.KNOT: Size(12, 12),
    Face.BOX: Size(100, 60),
}


def _laid_out(graph: Graph, folded: frozenset[str], direction: Direction = Direction.RIGHT) -> Layout:
    visible = fold(graph, folded)
    layout = lay_out(visible, lambda box: _SIZES[box.face], lambda _: Size(80, 20), direction=direction)
    check(visible, layout)
    return layout


def _middle(box: PlacedBox) -> float:
    return box.y + box.height / 2


def _centre(box: PlacedBox) -> float:
    return box.x + box.width / 2


def test_arc_leads_over_its_box_from_the_edge_before_it_to_the_edge_behind_it() -> None:
    layout = _laid_out(resnet(), all_blocks(resnet()))
    assert [arc.path for arc in layout.arcs] == ["layer1", "layer2", "layer3", "layer4"]
    for arc in layout.arcs:
        box = layout.box_by_path[arc.path]
        (left, start), (_, top), _, (right, end) = arc.points
        assert left < box.x
        assert right > box.x + box.width
        assert top < box.y
        assert start == end == pytest.approx(_middle(box))
    reaches = [(arc.points[0][0], arc.points[-1][0]) for arc in layout.arcs]
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(reaches))


def test_pill_stands_on_the_line_of_its_shortcut_in_the_middle_above_the_trunk() -> None:
    layout = _laid_out(resnet((1, 1)), frozenset({"layer2.0.downsample"}))
    pill, join = layout.box_by_path["layer2.0.downsample"], layout.box_by_path["layer2.0.add"]
    trunk = [box for box in layout.boxes if box.path.startswith("layer2.0") and box not in {pill, join}]
    assert pill.y + pill.height < min(box.y for box in trunk)
    between = (min(box.x for box in trunk), max(box.x + box.width for box in trunk))
    assert _centre(pill) == pytest.approx(sum(between) / 2, abs=20)
    routes = {(route.link.source, route.link.target): route for route in layout.routes}
    into = routes["layer1.0.add", "layer2.0.downsample"]
    out = routes["layer2.0.downsample", "layer2.0.add"]
    assert into.points[-1] == (pill.x, pytest.approx(_middle(pill)))
    assert out.points[0] == (pill.x + pill.width, pytest.approx(_middle(pill)))
    assert out.points[-1] == (pytest.approx(_centre(join)), pytest.approx(join.y))


def test_pill_next_to_what_it_is_added_to_comes_in_from_above() -> None:
    nodes = [("a", Kind.CONVOLUTION, ""), ("b.x", Kind.CONVOLUTION, "b"), ("b.y", Kind.CONVOLUTION, "b")]
    nodes += [("short", Kind.CONVOLUTION, ""), ("add", Kind.JOIN, "")]
    edges = [("a", "b.x"), ("b.x", "b.y"), ("b.y", "add"), ("a", "short"), ("short", "add")]
    layout = _laid_out(make_graph(nodes, edges, [("b", "")], joins="add"), frozenset({"b"}))
    out = next(route for route in layout.routes if route.link.source == "short")
    assert out.points[-1][1] == pytest.approx(layout.box_by_path["add"].y)
    assert _middle(layout.box_by_path["b"]) == pytest.approx(_middle(layout.box_by_path["add"]))


def test_bar_is_as_long_as_the_branches_are_apart_and_each_runs_straight_into_it() -> None:
    layout = _laid_out(inception(), frozenset())
    bar = layout.box_by_path["module.concat"]
    ends = [layout.box_by_path[f"module.{name}"] for name in ("b1", "b2b", "b3b", "b4b")]
    assert bar.y < _middle(ends[0])
    assert bar.y + bar.height > _middle(ends[-1])
    routes = [route for route in layout.routes if route.link.target == "module.concat"]
    assert len(routes) == 4
    assert all(len(route.points) == 2 for route in routes)


def test_dense_block_hangs_on_a_bus_with_two_taps_for_each_layer() -> None:
    graph = dense_network((6,))
    layout = _laid_out(graph, all_blocks(graph) - {"block1"})
    (bus,) = layout.buses
    assert bus.frame == "block1"
    layers = [layout.box_by_path[f"block1.layer{number}"] for number in range(1, 7)]
    assert len({round(box.y, 6) for box in layers}) == 1
    assert all(box.y > bus.y + bus.height for box in layers)
    assert [text for _, text in bus.labels] == ["96", "128", "160", "192", "224", "256"]
    for box in layers:
        (down,) = [route for route in _taps(layout, Style.TRUNK, target=box.path) if route.points[-1][1] == box.y]
        (up,) = _taps(layout, Style.SKIP, source=box.path)
        assert down.points[0][1] == up.points[-1][1] == pytest.approx(bus.y + bus.height)
        assert down.points[0][0] < up.points[0][0]


def _taps(layout: Layout, style: Style, *, source: str = "", target: str = "") -> list[Route]:
    return [
        route
        for route in layout.routes
        if route.link.style is style and (route.link.source == source or route.link.target == target)
    ]


def test_opened_dense_layers_stay_on_their_bus() -> None:
    graph = dense_network((6,))
    layout = _laid_out(graph, frozenset())
    assert len(layout.buses) == 1
    assert len(_taps(layout, Style.TRUNK, target="block1.layer6.cat")) == 1


def test_dense_block_of_single_layers_has_a_bus() -> None:
    assert len(_laid_out(dense(), frozenset()).buses) == 1


def test_concatenations_of_a_dense_block_stand_on_a_thick_line_over_its_layers() -> None:
    graph = dense_network((6,), listed=False)
    for folded in (all_blocks(graph) - {"block1"}, frozenset[str]()):
        layout = _laid_out(graph, folded)
        joins = [layout.box_by_path[f"block1.cat{number}"] for number in range(1, 7)]
        assert len(layout.buses) == 6
        assert len({round(_middle(box), 6) for box in joins}) == 1
        assert all(bus.y < _middle(joins[0]) < bus.y + bus.height for bus in layout.buses)
        below = [box for box in layout.boxes if box.path.startswith("block1.layer")]
        assert all(box.y > joins[0].y + joins[0].height for box in below)


def _rows(layout: Layout, *names: str) -> list[float]:
    return [round(_middle(layout.box_by_path[name]), 6) for name in names]


@pytest.mark.parametrize("cropped", [True, False])
def test_encoder_and_decoder_stand_as_a_u_with_skips_straight_across(cropped: bool) -> None:
    graph = unet(4, cropped=cropped)
    for folded in (all_blocks(graph), frozenset[str]()):
        layout = _laid_out(graph, folded)
        down = _rows(layout, "pool1", "pool2", "pool3", "pool4")
        up = _rows(layout, "up4", "up3", "up2", "up1")
        assert down == sorted(set(down))
        assert down == up[::-1]
        skips = [route for route in layout.routes if route.link.style in {Style.SKIP, Style.PROJECTION}]
        assert len(skips) == (8 if cropped else 4)
        assert all(len(route.points) == 2 for route in skips)
        joins = [layout.box_by_path[f"cat{level}"] for level in (4, 3, 2, 1)]
        assert all(first.x + first.width < second.x for first, second in itertools.pairwise(joins))


def test_skips_between_equal_sizes_make_no_u() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in "abcdef"]
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("a", "f"), ("b", "e")]
    layout = _laid_out(make_graph(nodes, edges), frozenset())
    assert len({round(box.y, 6) for box in layout.boxes}) == 1


def test_downwards_everything_is_turned_but_captions_stay_below() -> None:
    graph = resnet((1, 1))
    visible = fold(graph, frozenset({"layer2.0.downsample"}))

    def measure(box: Box) -> Size:
        return Size(100, 60, 70 if box.path == "conv1" else 0)

    layout = lay_out(visible, measure, lambda _: Size(80, 20), direction=Direction.DOWN)
    check(visible, layout)
    assert layout.direction is Direction.DOWN
    assert layout.height > layout.width
    assert layout.box_by_path["conv1"] == PlacedBox("conv1", *_corner(layout, "conv1"), 100, 60, 70)
    route = next(route for route in layout.routes if route.link.source == "conv1")
    assert route.points[0][1] == layout.box_by_path["conv1"].y + 60 + 70


def _corner(layout: Layout, path: str) -> tuple[float, float]:
    box = layout.box_by_path[path]
    return box.x, box.y


def test_downwards_edges_keep_clear_of_the_titles_of_frames() -> None:
    graph = resnet((1,))
    layout = _laid_out(graph, frozenset(), Direction.DOWN)
    for frame in layout.frames:
        crossing = [
            x
            for route in layout.routes
            for (x, y), (other, end) in itertools.pairwise(route.points)
            if x == other and min(y, end) < frame.y and max(y, end) > frame.y - frame.title
        ]
        assert all(x >= frame.x + 80 for x in crossing if frame.x <= x <= frame.x + frame.width)


def test_what_only_training_uses_stands_below_the_trunk() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in "abc"]
    nodes += [("aux.x", Kind.LINEAR, "aux"), ("aux.y", Kind.LINEAR, "aux")]
    layout = _laid_out(make_graph(nodes, [("a", "b"), ("b", "c")], [("aux", "")]), frozenset())
    assert len(set(_rows(layout, "a", "b", "c"))) == 1
    assert layout.frame_by_path["aux"].y > layout.box_by_path["a"].y + 60


def test_modules_without_edges_fill_a_page_rather_than_a_line() -> None:
    graph = without_edges(resnet((2, 2)))
    for folded in (all_blocks(graph), folded_to_depth(graph, 1), frozenset[str]()):
        layout = _laid_out(graph, folded)
        assert layout.width < 6 * layout.height
        rows = sorted((box.y, box.x) for box in layout.boxes if "." not in box.path)
        assert layout.boxes[0].path == "conv1"
        assert (layout.box_by_path["conv1"].y, layout.box_by_path["conv1"].x) == rows[0]


def test_failing_network_shows_what_worked_in_line_and_the_rest_aside() -> None:
    graph = failing(resnet((2, 2)), "layer2.0.conv2")
    layout = _laid_out(graph, folded_to_depth(graph, 0) - {"layer2", "layer2.0"})
    trunk = _rows(layout, "input", "conv1", "maxpool", "layer1", "layer2.0.conv1", "layer2.0.conv2")
    assert len(set(trunk)) == 1
    assert layout.box_by_path["fc"].y > trunk[0]
