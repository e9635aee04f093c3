"""Shortcuts: the arcs of folded blocks, the styles of links, circles, bars and what stands alone on a shortcut."""

from __future__ import annotations

from structure.graphs import chain, dense, dense_network, inception, make_graph, resnet, unet

from explorer.structure.fold import Face, Style, all_blocks, fold, folded_to_depth
from explorer.structure.graph import Kind


def _styles(visible):
    return {(link.source, link.target): link.style for link in visible.links if link.style is not Style.TRUNK}


def _faces(visible):
    return {box.path: box.face for box in visible.boxes if box.face is not Face.BOX}


def test_folded_residual_block_has_an_arc_solid_for_an_identity_and_dashed_for_a_projection() -> None:
    shown = fold(resnet((1, 3)), folded_to_depth(resnet((1, 3)), 1)).box_by_path
    assert shown["layer2.0"].arc is Style.PROJECTION
    assert shown["layer2.1"].arc is Style.SKIP


def test_folded_stage_and_stack_of_residual_blocks_keep_the_arc() -> None:
    graph = resnet((3, 4))
    assert fold(graph, all_blocks(graph)).box_by_path["layer2"].arc is Style.SKIP
    assert fold(graph, all_blocks(graph) - {"layer2"}).box_by_path["layer2.1–3"].arc is Style.SKIP


def test_folded_block_without_a_shortcut_has_no_arc() -> None:
    visible = fold(unet(), all_blocks(unet()))
    assert {box.arc for box in visible.boxes} == {None}
    assert fold(inception(), all_blocks(inception())).box_by_path["module"].arc is None
    assert fold(resnet((1, 1)), frozenset({"layer2.0.downsample"})).box_by_path["layer2.0.downsample"].arc is None


def test_shortcut_that_ends_before_the_block_computes_on_is_no_arc() -> None:
    nodes = [(name, Kind.CONVOLUTION, "b") for name in ("x", "y")]
    nodes = [("in", Kind.INPUT, ""), nodes[0], ("add", Kind.JOIN, "b"), nodes[1], ("out", Kind.LINEAR, "")]
    edges = [*chain(["in", "x", "add", "y", "out"]), ("in", "add")]
    graph = make_graph(nodes, edges, [("b", "")], joins="add")
    assert fold(graph, frozenset({"b"})).box_by_path["b"].arc is None


def test_dense_block_keeps_all_that_enters_it() -> None:
    for listed in (True, False):
        graph = dense_network((6,), listed=listed)
        assert fold(graph, all_blocks(graph)).box_by_path["block1"].arc is Style.SKIP


def test_identity_beside_the_trunk_is_a_skip_that_ends_in_a_circle() -> None:
    visible = fold(resnet((1,)), frozenset())
    assert _styles(visible) == {("maxpool", "layer1.0.add"): Style.SKIP}
    assert _faces(visible) == {"layer1.0.add": Face.JOIN}


def test_folded_projection_is_a_pill_on_a_dashed_shortcut() -> None:
    visible = fold(resnet((1, 1)), frozenset({"layer2.0.downsample"}))
    assert visible.box_by_path["layer2.0.downsample"].face is Face.PILL
    assert {key for key, style in _styles(visible).items() if style is Style.PROJECTION} == {
        ("layer1.0.add", "layer2.0.downsample"),
        ("layer2.0.downsample", "layer2.0.add"),
    }


def test_branches_of_equal_length_are_no_shortcuts() -> None:
    nodes = [("a", Kind.CONVOLUTION, ""), ("x", Kind.CONVOLUTION, ""), ("y", Kind.CONVOLUTION, "")]
    nodes.append(("add", Kind.JOIN, ""))
    edges = [("a", "x"), ("a", "y"), ("x", "add"), ("y", "add")]
    visible = fold(make_graph(nodes, edges, joins="add"), frozenset())
    assert (_styles(visible), _faces(visible)) == ({}, {"add": Face.JOIN})


def test_inception_branches_meet_in_a_bar_however_short_they_are() -> None:
    visible = fold(inception(), frozenset())
    assert (_styles(visible), _faces(visible)) == ({}, {"module.concat": Face.BAR})


def test_concatenation_of_what_is_there_with_what_is_new_is_no_bar() -> None:
    assert _faces(fold(dense(), frozenset())) == {}


def test_concatenations_of_a_dense_block_are_knots_from_three_on() -> None:
    for layers, knots in ((6, 6), (3, 3), (2, 0)):
        faces = _faces(fold(dense_network((layers,), listed=False), frozenset()))
        assert faces == {f"block1.cat{number}": Face.KNOT for number in range(1, knots + 1)}


def test_crops_of_a_u_net_are_pills_and_uncropped_skips_are_identities() -> None:
    cropped = fold(unet(2), all_blocks(unet(2)))
    assert _faces(cropped) == {"crop1": Face.PILL, "crop2": Face.PILL}
    assert set(_styles(cropped).values()) == {Style.PROJECTION}
    plain = fold(unet(2, cropped=False), all_blocks(unet(2, cropped=False)))
    assert _styles(plain) == {("down1", "cat1"): Style.SKIP, ("down2", "cat2"): Style.SKIP}


def test_multiplication_of_branches_is_a_circle_and_doubling_is_none() -> None:
    nodes = [
        ("a", Kind.CONVOLUTION, ""),
        ("gate", Kind.POOLING, ""),
        ("scale", Kind.JOIN, ""),
        ("twice", Kind.JOIN, ""),
    ]
    edges = [("a", "gate"), ("a", "scale"), ("gate", "scale"), ("scale", "twice")]
    visible = fold(make_graph(nodes, edges, joins="mul"), frozenset())
    assert _faces(visible) == {"scale": Face.JOIN}


def test_folded_block_that_begins_with_a_concatenation_is_no_bar() -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in ("in", "x", "y")]
    nodes += [("b.cat", Kind.JOIN, "b"), ("b.z", Kind.CONVOLUTION, "b")]
    edges = [("in", "x"), ("in", "y"), ("x", "b.cat"), ("y", "b.cat"), ("b.cat", "b.z")]
    graph = make_graph(nodes, edges, [("b", "")], joins="cat")
    assert _faces(fold(graph, frozenset({"b"}))) == {}
    assert _faces(fold(graph, frozenset())) == {"b.cat": Face.BAR}
