"""The small parts that the graph view is made of: the index, the history, the search, the maker, the tiles."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest
from large_graph import large_graph
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from structure.graphs import lenet

from explorer.structure.fold import first_folding
from explorer.structure.layout import Direction
from explorer.ui import graph_maker
from explorer.ui.graph_find import matches
from explorer.ui.graph_history import GraphHistory, Place
from explorer.ui.graph_index import GraphIndex
from explorer.ui.graph_look import figure_look
from explorer.ui.graph_maker import Answer, PictureMaker, Wish
from explorer.ui.graph_picture import GraphPicture, LayoutStopped, make_picture
from explorer.ui.graph_tiles import GraphTiles


@pytest.fixture(scope="module")
def large() -> GraphPicture:
    return make_picture(large_graph(1200), frozenset(), figure_look(dark=False))


# The index


def test_index_finds_what_looking_at_everything_finds() -> None:
    rng = random.Random(3)  # noqa: S311 - rectangles, not secrets
    things = []
    for _ in range(300):
        x, y = rng.uniform(-500, 5000), rng.uniform(0, 3000)
        things.append([(x, y, x + rng.choice((5, 90, 4000)), y + rng.choice((5, 80, 2500)))])
    index = GraphIndex(things)
    for _ in range(50):
        x, y = rng.uniform(-800, 5200), rng.uniform(-200, 3200)
        area = (x, y, x + rng.uniform(0, 900), y + rng.uniform(0, 900))
        expected = [
            number
            for number, ((left, top, right, bottom),) in enumerate(things)
            if left <= area[2] and right >= area[0] and top <= area[3] and bottom >= area[1]
        ]
        assert index.within(area) == expected


def test_a_line_of_several_pieces_is_found_by_each_and_counted_once() -> None:
    index = GraphIndex([[(0, 0, 100, 2), (98, 0, 100, 80)], [(300, 300, 310, 310)]])
    assert index.within((20, -5, 30, 5)) == index.within((90, 50, 110, 60)) == [0]
    assert index.count_within((0, 0, 100, 80)) == 1
    assert index.count_within((-10, -10, 400, 400)) == 2


def test_edges_are_those_between_an_area_s_sides() -> None:
    index = GraphIndex([[(10, 0, 40, 20)], [(30, 5, 90, 20)], [(50, 100, 60, 120)]])
    assert index.edges_in((0, 0, 50, 10)) == [10, 30, 40]


def test_empty_index_finds_nothing() -> None:
    assert GraphIndex([]).within((0, 0, 10, 10)) == []
    assert GraphIndex([]).edges_in((0, 0, 10, 10)) == []


@pytest.mark.parametrize("direction", list(Direction))
def test_no_box_is_too_thin_for_the_small_map(qapp: QApplication, direction: Direction) -> None:
    picture = make_picture(large_graph(300), frozenset(), figure_look(dark=False), direction=direction)
    # What the map is given within its border.
    scale = min(126 / picture.bounds.width(), 86 / picture.bounds.height())
    rects = [rect for rects in picture.in_colours.values() for rect in rects]
    assert min(min(rect.width(), rect.height()) for rect in rects) * scale >= 1.499


# History


def _place(name: str) -> Place:
    return Place(name, frozenset())


def test_back_and_forward_lead_where_one_was() -> None:
    history = GraphHistory()
    history.leave(_place("a"))
    history.leave(_place("b"))
    assert history.back(_place("c")) == _place("b")
    assert history.back(_place("b")) == _place("a")
    assert not history.can_go_back
    assert history.forward(_place("a")) == _place("b")
    assert history.forward(_place("b")) == _place("c")
    assert not history.can_go_forward


def test_a_new_way_forgets_the_one_ahead() -> None:
    history = GraphHistory()
    history.leave(_place("a"))
    history.back(_place("b"))
    history.leave(_place("a"))
    assert not history.can_go_forward


def test_places_like_the_present_one_are_passed_over() -> None:
    history = GraphHistory()
    history.leave(_place("a"))
    history.leave(_place("b"))
    assert history.back(_place("b")) == _place("a")


# The search


@pytest.mark.parametrize(
    ("text", "first"),
    [("c3", "features.c3"), ("convolution", "features.c1"), ("AVGPOOL", "features.s2"), ("classifier", "classifier")],
)
def test_layers_and_blocks_are_found_by_name_kind_and_type(text: str, first: str) -> None:
    assert matches(lenet(), text)[0] == first


def test_all_words_must_be_found() -> None:
    assert matches(lenet(), "features pool") == ("features.s2", "features.s4")
    assert matches(lenet(), "features nothing") == ()
    assert matches(lenet(), "  ") == ()


# The maker


@pytest.fixture
def maker(qapp) -> Iterator[PictureMaker]:
    made = PictureMaker()
    yield made
    made.shutdown()


def _wish(nodes: int) -> Wish:
    return Wish(large_graph(nodes), None, figure_look(dark=False))


def _fail(sentence: str) -> None:
    pytest.fail(sentence)


def test_small_picture_is_there_at_once(maker: PictureMaker) -> None:
    answers: list[Answer] = []
    maker.make(_wish(20), answers.append, _fail)
    assert len(answers) == 1
    assert not maker.is_busy


def test_large_picture_is_made_in_a_thread_that_ends_with_it(qtbot, maker: PictureMaker) -> None:
    answers: list[Answer] = []
    maker.make(_wish(200), answers.append, _fail)
    assert answers == []
    qtbot.waitUntil(lambda: bool(answers), timeout=20_000)
    assert not maker.is_busy
    assert answers[0].folded == first_folding(answers[0].picture.graph)
    assert not [thread for thread in threading.enumerate() if thread.name == "lay out graph"]


def test_only_the_newest_wish_is_answered(qtbot, maker: PictureMaker) -> None:
    answers: list[Answer] = []
    for direction in (Direction.RIGHT, Direction.RIGHT, Direction.DOWN):
        wish = _wish(200)
        maker.make(Wish(wish.graph, None, wish.look, direction), answers.append, _fail)
    qtbot.waitUntil(lambda: not maker.is_busy, timeout=20_000)
    assert [answer.picture.layout.direction for answer in answers] == [Direction.DOWN]


def test_stopped_wish_is_not_answered(qtbot, maker: PictureMaker) -> None:
    answers: list[Answer] = []
    maker.make(_wish(400), answers.append, _fail)
    maker.stop()
    qtbot.waitUntil(lambda: not maker.is_busy, timeout=20_000)
    assert answers == []


def test_layout_stops_within_the_boxes_that_are_measured(qapp) -> None:
    asked = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(LayoutStopped):
        make_picture(large_graph(200), frozenset(), figure_look(dark=False), stopped=stopped)
    assert len(asked) == 21


def test_slowness_is_told_and_its_end_too(qtbot, maker: PictureMaker, monkeypatch) -> None:
    gate, told = threading.Event(), []
    make = graph_maker.make_picture

    def held(*arguments, **keywords):
        gate.wait(10)
        return make(*arguments, **keywords)

    monkeypatch.setattr(graph_maker, "make_picture", held)
    maker.slow.connect(told.append)
    answers: list[Answer] = []
    maker.make(_wish(200), answers.append, _fail)
    qtbot.waitUntil(lambda: True in told)
    gate.set()
    qtbot.waitUntil(lambda: bool(answers), timeout=20_000)
    assert told[-1] is False


# What is painted of a large picture


def test_only_what_is_exposed_is_painted(qapp, large: GraphPicture) -> None:
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painted = large.paint(painter, QRectF(0, large.bounds.height() / 2 - 200, 600, 400))
    painter.end()
    assert 0 < painted.boxes < 40
    assert painted.boxes < len(large.layout.boxes) / 20
    assert painted.lines < len(large.layout.routes) / 10


def test_hit_finds_every_box_at_its_middle(qapp, large: GraphPicture) -> None:
    for placed in large.layout.boxes[::17]:
        hit = large.hit(large.rect(placed.path).center())
        assert hit is not None
        assert hit.path == placed.path


# Tiles


@pytest.fixture
def tiles(qapp, large: GraphPicture) -> Iterator[GraphTiles]:
    made = GraphTiles()
    made.set_picture(large)
    yield made
    made.rest()


def _frame(tiles: GraphTiles, zoom: float, scrolled: QPoint = QPoint(0, 0)) -> QImage:  # noqa: B008 - never changed
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(0xFF000000)
    painter = QPainter(image)
    tiles.paint(painter, QRect(0, 0, 600, 300), scrolled, zoom)
    painter.end()
    return image


def test_crowded_view_is_painted_between_events_and_then_kept(qtbot, tiles: GraphTiles) -> None:
    zoom = 0.2
    _frame(tiles, zoom)
    assert tiles.painted_tiles == 0
    qtbot.waitUntil(lambda: _frame(tiles, zoom) is not None and tiles.is_complete)
    painted = tiles.painted_tiles
    # 600 × 300 pixels are 3 × 2 tiles of 256.
    assert painted == 6
    _frame(tiles, zoom)
    assert tiles.painted_tiles == painted


def test_tiles_show_what_painting_at_once_shows(qtbot, tiles: GraphTiles, large: GraphPicture) -> None:
    zoom, scrolled = 0.2, QPoint(700, 0)
    qtbot.waitUntil(lambda: _frame(tiles, zoom, scrolled) is not None and tiles.is_complete)
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(large.look.colour("ground"))
    painter = QPainter(image)
    painter.translate(-scrolled)
    painter.scale(zoom, zoom)
    large.paint(painter, QRectF(700 / zoom, 0, 600 / zoom, 300 / zoom), zoom=zoom)
    painter.end()
    shown = _frame(tiles, zoom, scrolled)
    differing = sum(
        shown.pixelColor(x, y) != image.pixelColor(x, y) for x in range(0, 600, 3) for y in range(0, 300, 3)
    )
    # Text and borders may differ by a shade where two tiles meet.
    assert differing < 0.01 * 200 * 100


def test_while_the_zoom_changes_nothing_is_painted_anew(qtbot, tiles: GraphTiles) -> None:
    qtbot.waitUntil(lambda: _frame(tiles, 0.2) is not None and tiles.is_complete)
    painted = tiles.painted_tiles
    for zoom in (0.21, 0.22, 0.23):
        _frame(tiles, zoom)
        assert tiles.painted_tiles == painted
    qtbot.waitUntil(lambda: _frame(tiles, 0.23) is not None and tiles.is_complete)
    assert tiles.painted_tiles > painted


def test_moving_paints_only_the_tiles_that_come_in(qtbot, tiles: GraphTiles) -> None:
    qtbot.waitUntil(lambda: _frame(tiles, 0.2) is not None and tiles.is_complete)
    painted = tiles.painted_tiles
    qtbot.waitUntil(lambda: _frame(tiles, 0.2, QPoint(256, 0)) is not None and tiles.is_complete)
    assert tiles.painted_tiles == painted + 2


def test_sparse_view_needs_no_tiles(tiles: GraphTiles, large: GraphPicture) -> None:
    middle = large.bounds.height() / 2
    assert not tiles.is_needed(QRectF(0, middle - 150, 600, 300), 1.0)
    assert tiles.is_needed(large.bounds, 0.05)
