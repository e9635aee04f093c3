"""Long levels stand in rows: cut where one tensor passes, as few as can be read on a page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from structure.graphs import chain, dense, inception, make_graph, residual
from structure.layout_checks import check

from explorer.structure.fold import FoldedGraph, fold
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Direction, Layout, Size, lay_out
from explorer.structure.layout_page import READABLE, Page, lay_out_on

_BOX = Size(100, 60)


def _chain(count: int) -> FoldedGraph:
    names = [f"n{index}" for index in range(count)]
    return fold(make_graph([(name, Kind.CONVOLUTION, "") for name in names], chain(names)), frozenset())


def _laid(visible: FoldedGraph, room: float | None, direction: Direction = Direction.RIGHT) -> Layout:
    layout = lay_out(visible, lambda _: _BOX, lambda _: Size(40, 20), direction=direction, room=room)
    check(visible, layout)
    return layout


def _rows(layout: Layout) -> list[list[str]]:
    found: dict[float, list[str]] = {}
    for box in layout.boxes:
        found.setdefault(round(box.y), []).append(box.path)
    return [found[y] for y in sorted(found)]


def test_long_chain_stands_in_rows_from_left_to_right() -> None:
    layout = _laid(_chain(12), 520)
    assert _rows(layout) == [[f"n{index}" for index in range(start, start + 4)] for start in (0, 4, 8)]
    assert all(box.x < after.x for row in _rows(layout) for box, after in itertools.pairwise(_boxes(layout, row)))
    assert layout.width < 600


def _boxes(layout: Layout, row: list[str]) -> list:
    return [layout.box_by_path[path] for path in row]


def test_downwards_a_long_chain_stands_in_columns() -> None:
    layout = _laid(_chain(12), 400, Direction.DOWN)
    columns = {round(box.x) for box in layout.boxes}
    assert len(columns) == 3
    assert layout.height < 480


def test_without_room_or_with_enough_of_it_there_is_one_row() -> None:
    assert len(_rows(_laid(_chain(12), None))) == 1
    assert len(_rows(_laid(_chain(12), 1600))) == 1


def test_rows_are_about_equally_long() -> None:
    # Seven boxes: four and three, not six and one.
    assert [len(row) for row in _rows(_laid(_chain(7), 640))] == [4, 3]


def _stages() -> Graph:
    """Four layers at 32 × 32, then seven at 16 × 16, the first of which reads the larger maps."""
    names = [f"n{index}" for index in range(11)]
    graph = make_graph([(name, Kind.CONVOLUTION, "") for name in names], chain(names))
    return _with_sizes(graph, lambda index: 32 if index < 4 else 16)


def _with_sizes(graph: Graph, side: Callable[[int], int]) -> Graph:
    order = {node.path: index for index, node in enumerate(graph.nodes)}
    edges = tuple(replace(edge, shape=(8, side(order[edge.source]), side(order[edge.source]))) for edge in graph.edges)
    return replace(graph, edges=edges)


def test_rows_end_with_stages_where_that_is_as_good() -> None:
    graph = _stages()
    assert [len(row) for row in _rows(_laid(fold(_with_sizes(graph, lambda _: 32), frozenset()), 700))] == [6, 5]
    assert [len(row) for row in _rows(_laid(fold(graph, frozenset()), 700))] == [5, 6]


@pytest.mark.parametrize(
    ("graph", "inside"), [(inception(), "module."), (residual(), "stage.0.")], ids=["inception", "residual"]
)
def test_what_branches_and_skips_run_past_is_not_cut(graph: Graph, inside: str) -> None:
    """Where more than one tensor passes there is no cut, however short the rows should be."""
    visible = fold(graph, frozenset())
    line, wrapped = _laid(visible, None), _laid(visible, 150)
    names = [box.path for box in line.boxes if box.path.startswith(inside)]
    assert _along(wrapped, names) == pytest.approx(_along(line, names))
    assert wrapped.height > 1.5 * line.height


def _along(layout: Layout, names: list[str]) -> list[float]:
    return [layout.box_by_path[name].x - layout.box_by_path[names[0]].x for name in names]


def test_bus_of_a_dense_block_goes_on_in_the_next_row() -> None:
    """It is cut between layers, and a piece of the same thickness leads from row to row."""
    visible = fold(dense(9), frozenset())
    line, wrapped = _laid(visible, None), _laid(visible, 500)
    assert len(line.buses) == 1
    assert wrapped.width < 0.6 * line.width
    thick = line.buses[0].height
    assert len(wrapped.buses) > 4
    for bus, after in itertools.pairwise(wrapped.buses):
        assert min(bus.width, bus.height) == pytest.approx(thick)
        assert bus.x <= after.x + after.width
        assert after.x <= bus.x + bus.width
        assert bus.y <= after.y + after.height
        assert after.y <= bus.y + bus.height
    assert [text for bus in wrapped.buses for _, text in bus.labels] == [text for _, text in line.buses[0].labels]


def test_page_is_read_in_one_line_where_that_can_be_read() -> None:
    page, visible = Page(1280, 720), _chain(10)
    found = lay_out_on(page, lambda room: _laid(visible, room), Direction.RIGHT)
    assert found.room is None
    assert page.zoom(found) >= READABLE


@pytest.mark.parametrize("count", [16, 40, 90])
def test_page_is_read_in_as_few_rows_as_can_be_read(count: int) -> None:
    page, visible = Page(1280, 720), _chain(count)
    found = lay_out_on(page, lambda room: _laid(visible, room), Direction.RIGHT)
    rows = len(_rows(found))
    assert page.zoom(found) > page.zoom(_laid(visible, None))
    if page.zoom(found) >= READABLE and rows > 2:
        fewer = _laid(visible, _laid(visible, None).width / (rows - 1))
        assert page.zoom(fewer) < READABLE


def test_very_large_graph_is_laid_out_once_for_a_page() -> None:
    visible, rooms = _chain(400), []

    def lay(room: float | None) -> Layout:
        rooms.append(room)
        return _laid(visible, room)

    found = lay_out_on(Page(1600, 900), lay, Direction.RIGHT, [_BOX] * 400)
    assert len(rooms) == 1
    assert 0.5 < found.width / found.height < 6
