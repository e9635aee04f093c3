"""Equal blocks in a row become one box "×N": which do, what it is called, and when it is closed."""

from __future__ import annotations

from dataclasses import replace

from structure.graphs import dense_network, resnet, without_edges

from explorer.structure.fold import all_blocks, first_folding, fold, folded_to_depth, stack_paths
from explorer.structure.graph import Graph
from explorer.structure.stacks import repeats


def _with_parameters(graph: Graph, path: str, parameters: int) -> Graph:
    nodes = tuple(replace(node, parameters=parameters) if node.path == path else node for node in graph.nodes)
    return replace(graph, nodes=nodes)


def test_equal_blocks_behind_a_projection_are_a_stack() -> None:
    found = stack_paths(resnet((3, 4, 6, 3)))
    assert found == {
        "layer2.1–3": ("layer2.1", "layer2.2", "layer2.3"),
        "layer3.1–5": ("layer3.1", "layer3.2", "layer3.3", "layer3.4", "layer3.5"),
    }


def test_two_equal_blocks_are_no_stack() -> None:
    assert stack_paths(resnet((2, 3))) == {}


def test_block_of_another_size_breaks_a_stack() -> None:
    graph = _with_parameters(resnet((1, 8)), "layer2.4.conv1", 1)
    assert list(stack_paths(graph).values()) == [
        ("layer2.1", "layer2.2", "layer2.3"),
        ("layer2.5", "layer2.6", "layer2.7"),
    ]


def test_blocks_that_feed_more_than_the_next_are_no_stack() -> None:
    assert stack_paths(dense_network((8,))) == {}


def test_closed_stack_is_one_box_with_what_its_members_add_up_to() -> None:
    graph = resnet((3, 4, 6, 3))
    visible = fold(graph, all_blocks(graph) - {"layer3"})
    assert [box.path for box in visible.boxes if box.frame == "layer3"] == ["layer3.0", "layer3.1–5"]
    stack = visible.box_by_path["layer3.1–5"]
    one = next(box for box in fold(graph, all_blocks(graph) - {"layer3", "layer3.1–5"}).boxes if box.name == "1")
    assert (stack.repeats, stack.repeated, len(stack.stack)) == (5, "BasicBlock", 5)
    assert stack.totals.parameters == 5 * one.totals.parameters
    assert stack.output_shape == (256, 14, 14)
    assert visible.where("layer3.4.conv1") == visible.where("layer3.4") == "layer3.1–5"


def test_stack_is_open_without_its_path_and_where_a_member_is_open() -> None:
    graph = resnet((3, 4, 6, 3))
    closed = all_blocks(graph) - {"layer2"}
    names = [f"layer2.{number}" for number in range(4)]
    assert [box.path for box in fold(graph, closed - {"layer2.1–3"}).boxes if box.frame == "layer2"] == names
    with_one_open = fold(graph, closed - {"layer2.2"})
    assert "layer2.2" in with_one_open.frame_by_path
    assert {"layer2.1", "layer2.3"} <= set(with_one_open.box_by_path)


def test_path_of_an_open_stack_leads_to_its_first_member() -> None:
    graph = resnet((1, 4))
    assert fold(graph, all_blocks(graph) - {"layer2", "layer2.1–3"}).where("layer2.1–3") == "layer2.1"
    assert fold(graph, frozenset()).where("layer2.1–3") == "layer2.1"
    assert fold(graph, all_blocks(graph)).where("layer2.1–3") == "layer2"


def test_folding_to_a_depth_closes_the_stacks_below_it() -> None:
    graph = resnet((3, 4, 6, 3))
    assert {"layer2.1–3", "layer3.1–5"} <= folded_to_depth(graph, 1) & all_blocks(graph)
    assert folded_to_depth(graph, 3) == frozenset()


def test_block_of_blocks_of_one_class_in_a_row_says_how_many() -> None:
    graph = resnet((3, 4, 6, 3))
    shown = fold(graph, all_blocks(graph)).box_by_path
    assert [(shown[f"layer{stage}"].repeats, shown[f"layer{stage}"].repeated) for stage in (1, 2, 3, 4)] == [
        (count, "BasicBlock") for count in (3, 4, 6, 3)
    ]


def test_dense_blocks_say_how_many_layers_they_hold() -> None:
    for listed in (True, False):
        graph = dense_network((6, 12), listed=listed)
        assert repeats(graph) == {"block1": (6, "DenseLayer"), "block2": (12, "DenseLayer")}


def test_residual_block_with_one_block_inside_repeats_nothing() -> None:
    shown = fold(resnet(), folded_to_depth(resnet(), 1)).box_by_path
    assert shown["layer2.0"].repeats == 1


def test_network_is_first_shown_with_its_repeated_blocks_closed() -> None:
    visible = fold(resnet(), first_folding(resnet()))
    assert [box.path for box in visible.boxes] == [
        "input", "conv1", "bn1", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "flatten", "fc",
    ]  # fmt: skip


def test_tree_of_modules_without_edges_has_stacks_too() -> None:
    assert set(stack_paths(without_edges(resnet((1, 4))))) == {"layer2.1–3"}


def test_twenty_thousand_nodes_fold_to_a_few_boxes() -> None:
    graph = resnet((1000, 1000, 500, 300))
    assert len(graph.nodes) > 19_000
    visible = fold(graph, first_folding(graph))
    assert len(visible.boxes) == 11
