"""Folding: which boxes are left, what they add up to, which edges remain, what becomes a badge."""

from __future__ import annotations

import pytest
from structure.graphs import chain, dense, inception, lenet, make_graph, random_graph, residual

from explorer.structure.fold import Link, all_blocks, first_folding, fold, folded_to_depth
from explorer.structure.graph import Kind


def _paths(folded):
    return [box.path for box in folded.boxes]


def _ends(folded):
    return {(link.source, link.target) for link in folded.links}


def test_unfolded_lenet_shows_its_layers_with_activations_as_badges() -> None:
    folded = fold(lenet(), frozenset())
    assert [path.rpartition(".")[2] for path in _paths(folded)] == [
        "input", "c1", "s2", "c3", "s4", "flatten", "c5", "f6", "output",
    ]  # fmt: skip
    badges = {box.name: [node.name for node in box.badges] for box in folded.boxes if box.badges}
    assert badges == {name: [f"{name}_activation"] for name in ("c1", "c3", "c5", "f6")}


def test_frames_hold_what_is_directly_inside_in_execution_order() -> None:
    folded = fold(residual(), frozenset({"stage.1.downsample"}))
    frames = {frame.path: frame for frame in folded.frames}
    assert frames["stage"].members == ("stage.0", "stage.1")
    assert frames["stage.1"].frame == "stage"
    assert frames["stage.1"].members[-2:] == ("stage.1.downsample", "stage.1.add")


def test_folded_block_has_the_totals_and_shapes_of_what_is_inside() -> None:
    folded = fold(lenet(), frozenset({"features", "classifier"}))
    assert _paths(folded) == ["input", "features", "classifier"]
    features, classifier = folded.boxes[1:]
    assert features.totals.parameters == 156 + 2416
    assert classifier.totals.parameters == 48_120 + 10_164 + 850
    assert (features.input_shapes, features.output_shape) == (((1, 28, 28),), (16, 5, 5))
    assert classifier.output_shape == (10,)
    assert folded.links == (
        Link("input", "features", (1, 28, 28)),
        Link("features", "classifier", (16, 5, 5)),
    )


def test_folded_block_that_is_left_and_entered_again_is_a_box_for_each_time() -> None:
    graph = make_graph(
        [
            ("a", Kind.CONVOLUTION, "block"), ("b", Kind.OTHER, ""), ("c", Kind.CONVOLUTION, "block"),
            ("d", Kind.OTHER, ""), ("e", Kind.CONVOLUTION, "block"),
        ],
        [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "e")],
        [("block", "")],
    )  # fmt: skip
    folded = fold(graph, frozenset({"block"}))
    assert _paths(folded) == ["block", "b", "block:2", "d"]
    assert _ends(folded) == {("block", "b"), ("b", "block:2"), ("block", "block:2"), ("block:2", "d")}
    assert [folded.where(path) for path in ("block", "block:2", "a", "c")] == ["block", "block:2", "block", "block:2"]
    assert all(box.block is graph.block_by_path["block"] for box in folded.boxes if box.path.startswith("block"))


def test_block_between_whose_layers_others_run_is_one_box_where_no_link_leads_back() -> None:
    nodes = [("a", Kind.OTHER, ""), ("b", Kind.CONVOLUTION, "block"), ("c", Kind.OTHER, ""), ("d", Kind.OTHER, "block")]
    graph = make_graph(nodes, [("a", "b"), ("a", "c"), ("b", "d")], [("block", "")])
    assert _paths(fold(graph, frozenset({"block"}))) == ["a", "block", "c"]


@pytest.mark.parametrize("graph", [lenet(), residual(), inception(), *map(random_graph, range(20))])
def test_no_folding_loses_a_parameter_of_a_box(graph) -> None:
    for depth in range(4):
        folded = fold(graph, folded_to_depth(graph, depth))
        shown = sum(box.totals.parameters for box in folded.boxes)
        on_badges = sum(node.parameters for box in folded.boxes for node in box.badges)
        assert shown + on_badges == sum(node.parameters for node in graph.nodes)


def test_block_inside_a_folded_one_is_not_visible_and_is_shown_by_it() -> None:
    folded = fold(residual(), frozenset({"stage", "stage.1"}))
    assert _paths(folded) == ["input", "stem", "stage", "fc"]
    assert folded.frames == ()
    assert folded.where("stage.1.downsample.conv") == "stage"
    assert folded.where("stage.1") == "stage"
    assert folded.where("no such node") == ""


def test_badge_is_shown_by_its_box_and_an_open_block_by_its_frame() -> None:
    folded = fold(lenet(), frozenset())
    assert folded.where("features.c1_activation") == "features.c1"
    assert folded.where("features") == "features"


def test_skip_past_a_folded_block_stays_and_one_inside_vanishes() -> None:
    nodes = [("a", Kind.CONVOLUTION, ""), ("b.x", Kind.CONVOLUTION, "b"), ("b.y", Kind.CONVOLUTION, "b")]
    nodes += [("b.z", Kind.JOIN, "b"), ("c", Kind.JOIN, "")]
    edges = [("a", "b.x"), ("b.x", "b.y"), ("b.y", "b.z"), ("b.x", "b.z"), ("b.z", "c"), ("a", "c")]
    folded = fold(make_graph(nodes, edges, [("b", "")]), frozenset({"b"}))
    assert {(link.source, link.target): link.skip for link in folded.links} == {
        ("a", "b"): False,
        ("b", "c"): False,
        ("a", "c"): True,
    }


def test_several_edges_into_a_folded_block_become_one() -> None:
    folded = fold(inception(), frozenset({"module"}))
    assert _ends(folded) == {("input", "stem"), ("stem", "module"), ("module", "fc")}


def test_residual_shortcut_is_a_skip_and_a_branch_of_layers_is_none() -> None:
    folded = fold(residual(), frozenset())
    skips = {(link.source, link.target) for link in folded.links if link.skip}
    assert skips == {("stem", "stage.0.add")}


def test_dense_block_skips_are_all_but_the_nearest_inputs() -> None:
    folded = fold(dense(3), frozenset())
    skips = {(link.source, link.target) for link in folded.links if link.skip}
    assert skips == {("input", "block.cat1"), ("input", "block.cat2"), ("block.conv0", "block.cat2")}


def test_activation_that_is_not_the_only_reader_stays_a_box() -> None:
    nodes = [("conv", Kind.CONVOLUTION, ""), ("relu", Kind.ACTIVATION, ""), ("add", Kind.JOIN, "")]
    folded = fold(make_graph(nodes, [("conv", "relu"), ("relu", "add"), ("conv", "add")]), frozenset())
    assert _paths(folded) == ["conv", "relu", "add"]


def test_activation_in_another_block_or_after_the_input_stays_a_box() -> None:
    nodes = [("input", Kind.INPUT, ""), ("first", Kind.ACTIVATION, ""), ("b.conv", Kind.CONVOLUTION, "b")]
    nodes.append(("relu", Kind.ACTIVATION, ""))
    folded = fold(make_graph(nodes, chain([path for path, _, _ in nodes]), [("b", "")]), frozenset())
    assert _paths(folded) == ["input", "first", "b.conv", "relu"]


def test_activation_and_dropout_in_a_row_share_a_box() -> None:
    nodes = [
        ("fc", Kind.LINEAR, ""),
        ("relu", Kind.ACTIVATION, ""),
        ("drop", Kind.DROPOUT, ""),
        ("out", Kind.LINEAR, ""),
    ]
    folded = fold(make_graph(nodes, chain(["fc", "relu", "drop", "out"])), frozenset())
    assert [node.path for node in folded.boxes[0].badges] == ["relu", "drop"]
    assert _ends(folded) == {("fc", "out")}


def test_folding_to_a_depth_opens_the_blocks_above_it() -> None:
    graph = residual()
    assert folded_to_depth(graph, 0) == all_blocks(graph)
    assert folded_to_depth(graph, 1) == {"stage.0", "stage.1", "stage.1.downsample"}
    assert folded_to_depth(graph, 3) == frozenset()


def test_first_folding_opens_as_deep_as_the_boxes_stay_few() -> None:
    graph = residual()
    assert first_folding(graph, most=100) == frozenset()
    assert first_folding(graph, most=12) == folded_to_depth(graph, 1)
    assert first_folding(graph, most=1) == all_blocks(graph)


def test_path_that_is_no_block_is_ignored() -> None:
    assert fold(lenet(), frozenset({"features.c1", "nothing"})).boxes == fold(lenet(), frozenset()).boxes


def test_block_used_only_in_training_is_marked_when_folded() -> None:
    from dataclasses import replace

    graph = make_graph([("x", Kind.CONVOLUTION, "aux")], [], [("aux", "")])
    graph = replace(graph, nodes=tuple(replace(node, training_only=True) for node in graph.nodes))
    assert fold(graph, frozenset({"aux"})).boxes[0].training_only
