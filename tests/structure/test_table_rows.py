from explorer.structure.graph import Block, Graph, Kind, Node, Totals
from explorer.structure.table_rows import Group, LayerTree, Row, shared_parameters


def _node(path: str, block: str = "", **more) -> Node:
    return Node(path, Kind.CONVOLUTION, "Conv2d", block=block, output_shape=(1,), **more)


GRAPH = Graph(
    "Nested",
    (1,),
    (
        _node("stem", parameters=1),
        _node("stage.0.a", "stage.0", parameters=10, macs=3, input_shapes=((7,),)),
        _node("stage.0.b", "stage.0", parameters=20),
        _node("stage.1.a", "stage.1", parameters=30, activation_bytes=8),
        _node("head", parameters=5, shares_with=""),
        _node("tied", shares_with="head"),
    ),
    (),
    (
        Block("stage", "Sequential", "", ("stage.0", "stage.1")),
        Block("stage.0", "Pair", "stage", ("stage.0.a", "stage.0.b")),
        Block("stage.1", "Single", "stage", ("stage.1.a",)),
    ),
    Totals(66, 0, 3, 8),
)


def _outline(rows: list[Row]) -> list[str]:
    return ["  " * row.depth + row.path + (" -" if row.is_open else " +" if row.is_block else "") for row in rows]


def test_all_open_gives_blocks_with_their_layers_below() -> None:
    assert _outline(LayerTree(GRAPH).rows(frozenset())) == [
        "stem",
        "stage -",
        "  stage.0 -",
        "    stage.0.a",
        "    stage.0.b",
        "  stage.1 -",
        "    stage.1.a",
        "head",
        "tied",
    ]


def test_a_folded_block_is_one_row() -> None:
    folded = frozenset({"stage.0", "stage.0–1, a stack", "no such block"})
    assert _outline(LayerTree(GRAPH).rows(folded)) == [
        "stem",
        "stage -",
        "  stage.0 +",
        "  stage.1 -",
        "    stage.1.a",
        "head",
        "tied",
    ]
    assert _outline(LayerTree(GRAPH).rows(frozenset({"stage"}))) == ["stem", "stage +", "head", "tied"]


def test_a_block_sums_its_layers() -> None:
    group = LayerTree(GRAPH).group("stage")
    assert isinstance(group, Group)
    assert (group.parameters, group.macs, group.flops, group.activation_bytes) == (60, 3, 6, 8)
    assert (group.layers, group.input_shapes, group.output_shape) == (3, ((7,),), (1,))


def test_whatever_is_folded_the_rows_without_open_blocks_add_up() -> None:
    tree = LayerTree(GRAPH)
    for folded in (set(), {"stage"}, {"stage.0"}, {"stage.1"}, {"stage.0", "stage.1"}):
        rows = [row for row in tree.rows(frozenset(folded)) if not row.is_open]
        assert sum(row.item.parameters for row in rows) == 66


def test_found_layers_come_with_the_blocks_around_them() -> None:
    tree = LayerTree(GRAPH)
    found = [GRAPH.by_path["stage.1.a"], GRAPH.by_path["head"]]
    assert _outline(tree.around(found)) == ["stage -", "  stage.1 -", "    stage.1.a", "head"]


def test_what_is_around_a_layer() -> None:
    tree = LayerTree(GRAPH)
    assert tree.blocks_around("stage.0.a") == ["stage.0", "stage"]
    assert tree.blocks_around("stage.0") == ["stage"]
    assert tree.blocks_around("stem") == []
    assert tree.blocks_around("nowhere") == []


def test_shared_parameters_are_those_used_again() -> None:
    assert shared_parameters(GRAPH) == (5, 1)
