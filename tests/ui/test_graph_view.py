"""The graph view, driven with real events: selecting, folding, walking, zooming."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from large_graph import large_graph
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolButton
from structure.graphs import chain, inception, lenet, make_graph, residual

from explorer.structure.fold import all_blocks
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import Direction
from explorer.structure.layout_page import READABLE
from explorer.ui.graph_cards import card_lines
from explorer.ui.graph_heat import Quantity
from explorer.ui.graph_look import screen_look
from explorer.ui.graph_picture import FAR
from explorer.ui.graph_tips import tip_lines
from explorer.ui.graph_view import READING, GraphView
from explorer.ui.session import Session
from explorer.ui.theme import theme

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qapp: QApplication) -> Session:
    theme().use("light", 1.0)
    yield Session()
    theme().use("light", 1.0)


@pytest.fixture
def view(qtbot, session: Session) -> Iterator[GraphView]:
    shown = GraphView(session)
    qtbot.addWidget(shown)
    shown.resize(1000, 500)
    shown.show()
    _show(session, lenet())
    yield shown
    shown.shutdown()


def _is_moving(view: GraphView) -> bool:
    return view._animation.state() == view._animation.State.Running


def _show(session: Session, graph: Graph) -> None:
    session.graph = graph
    session.graph_changed.emit(graph)


def _on_view(view: GraphView, point: QPointF) -> QPoint:
    return view.mapFromScene(point)


def _wheel(view: GraphView, at: QPoint, turned: int) -> None:
    position = QPointF(at)
    event = QWheelEvent(
        position,
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def _whole_is_visible(view: GraphView) -> bool:
    part = view.mapToScene(view.viewport().rect()).boundingRect()
    return part.contains(view.picture.bounds)


def test_click_on_a_card_selects_its_layer(qtbot, view: GraphView, session: Session) -> None:
    qtbot.mouseClick(view.viewport(), _LEFT, pos=view.view_point("features.c3"))
    assert session.selection == "features.c3"


def test_click_on_a_badge_selects_the_activation(qtbot, view: GraphView, session: Session) -> None:
    card = view.picture.rect("features.c3")
    at = _on_view(view, QPointF(card.right() - 20, card.bottom() + 2))
    qtbot.mouseClick(view.viewport(), _LEFT, pos=at)
    assert session.selection == "features.c3_activation"


def test_click_on_a_frame_title_selects_the_block(qtbot, view: GraphView, session: Session) -> None:
    frame = view.picture.title_rect(view.picture.layout.frame_by_path["classifier"])
    at = _on_view(view, QPointF(frame.left() + 40, frame.center().y()))
    qtbot.mouseClick(view.viewport(), _LEFT, pos=at)
    assert session.selection == "classifier"
    assert view.folded == frozenset()


def test_click_on_the_ground_selects_nothing(qtbot, view: GraphView, session: Session) -> None:
    session.select("features.c1")
    qtbot.mouseClick(view.viewport(), _LEFT, pos=QPoint(5, 5))
    assert session.selection == ""


def test_double_click_on_a_frame_title_folds_and_on_the_card_unfolds(qtbot, view: GraphView) -> None:
    frame = view.picture.title_rect(view.picture.layout.frame_by_path["features"])
    at = _on_view(view, QPointF(frame.left() + 40, frame.center().y()))
    qtbot.mouseDClick(view.viewport(), _LEFT, pos=at)
    assert view.folded == {"features"}
    qtbot.mouseDClick(view.viewport(), _LEFT, pos=view.view_point("features"))
    assert view.folded == frozenset()


def test_triangle_folds_with_one_click_and_stays_under_the_cursor(qtbot, view: GraphView, monkeypatch) -> None:
    monkeypatch.setattr(view, "_fold_time", lambda: 0)
    at = _on_view(view, view.picture.anchor("features"))
    qtbot.mouseClick(view.viewport(), _LEFT, pos=at)
    assert view.folded == {"features"}
    after = _on_view(view, view.picture.anchor("features"))
    assert (after - at).manhattanLength() <= 2
    qtbot.mouseClick(view.viewport(), _LEFT, pos=after)
    assert view.folded == frozenset()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_key_folds_and_unfolds_the_selected_block(qtbot, view: GraphView, session: Session, key: Qt.Key) -> None:
    session.select("features")
    qtbot.keyClick(view, key)
    assert view.folded == {"features"}
    qtbot.keyClick(view, key)
    assert view.folded == frozenset()


def test_folding_moves_from_the_old_places_to_the_new_ones(qtbot, view: GraphView, monkeypatch) -> None:
    monkeypatch.setattr(view, "_fold_time", lambda: 40)
    zoom, before = view.zoom, view.grab().toImage()
    view.toggle("features")
    assert _is_moving(view)
    assert view.zoom == pytest.approx(zoom)
    assert view.grab().toImage() != before
    qtbot.waitUntil(lambda: not _is_moving(view))
    assert view.zoom != pytest.approx(zoom)
    assert _whole_is_visible(view)


def test_zooming_during_the_motion_ends_it(view: GraphView, monkeypatch) -> None:
    monkeypatch.setattr(view, "_fold_time", lambda: 10_000)
    view.toggle("features")
    view.zoom_in_action.trigger()
    assert not _is_moving(view)


def test_nothing_moves_where_the_style_wants_no_motion(view: GraphView, monkeypatch) -> None:
    still = SimpleNamespace(styleHint=lambda *_: 0)
    monkeypatch.setattr(view, "style", lambda: still)
    view.toggle("features")
    assert not _is_moving(view)
    assert _whole_is_visible(view)


def test_block_that_the_user_zoomed_to_unfolds_at_the_same_zoom(view: GraphView) -> None:
    view.toggle("features")
    view.zoom_in_action.trigger()
    zoom, at = view.zoom, _on_view(view, view.picture.anchor("features"))
    view.toggle("features")
    assert view.zoom == zoom
    assert (_on_view(view, view.picture.anchor("features")) - at).manhattanLength() <= 2


def test_fold_all_and_unfold_all(view: GraphView) -> None:
    view.fold_all_action.trigger()
    assert view.folded == all_blocks(lenet())
    assert _whole_is_visible(view)
    view.unfold_all_action.trigger()
    assert view.folded == frozenset()


def test_right_and_left_walk_along_the_edges(qtbot, view: GraphView, session: Session) -> None:
    seen = []
    qtbot.keyClick(view, Qt.Key.Key_Home)
    for _ in range(9):
        seen.append(session.selection.rpartition(".")[2])
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert seen == ["input", "c1", "s2", "c3", "s4", "flatten", "c5", "f6", "output"]
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selection == "classifier.f6"
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert session.selection == "classifier.output"


def test_up_and_down_walk_between_branches_and_out_to_the_frame(qtbot, view: GraphView, session: Session) -> None:
    _show(session, inception())
    session.select("module.b2a")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert session.selection == "module.b3a"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert session.selection == "module.b1"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert session.selection == "module"
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert session.selection == "module.b1"


def test_right_takes_the_trunk_rather_than_the_skip(qtbot, view: GraphView, session: Session) -> None:
    nodes = [(name, Kind.CONVOLUTION, "") for name in "abc"]
    _show(session, make_graph(nodes, [("a", "c"), ("a", "b"), ("b", "c")]))
    session.select("a")
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert session.selection == "b"


def test_selection_from_elsewhere_is_painted(view: GraphView, session: Session) -> None:
    before = view.grab().toImage()
    session.select("features.s2")
    assert view.grab().toImage() != before
    assert "features.s2" in view.accessibleDescription()


def test_selected_layer_inside_a_folded_block_marks_the_block(view: GraphView, session: Session) -> None:
    view.fold_all_action.trigger()
    before = view.grab().toImage()
    session.select("features.c3")
    inside = view.grab().toImage()
    assert inside != before
    session.select("features")
    assert view.grab().toImage() == inside


def test_selection_out_of_sight_is_brought_into_view(view: GraphView, session: Session) -> None:
    for _ in range(6):
        view.zoom_in_action.trigger()
    session.select("classifier.output")
    assert view.viewport().rect().contains(view.view_point("classifier.output"))
    session.select("input")
    assert view.viewport().rect().contains(view.view_point("input"))


def test_first_sight_is_the_whole_graph_at_most_a_quarter_larger(view: GraphView, session: Session) -> None:
    assert _whole_is_visible(view)
    _show(session, make_graph([("x", Kind.CONVOLUTION, "")], []))
    assert view.zoom == pytest.approx(1.25)


def test_view_keeps_fitting_until_the_user_zooms(qtbot, view: GraphView) -> None:
    view.resize(600, 400)
    assert _whole_is_visible(view)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    zoom = view.zoom
    view.resize(800, 420)
    assert view.zoom == zoom
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert view.zoom != zoom
    assert _whole_is_visible(view)


def test_wheel_zooms_at_the_cursor(view: GraphView) -> None:
    at = view.view_point("features.c3")
    under, zoom = view.mapToScene(at), view.zoom
    _wheel(view, at, 120)
    assert view.zoom == pytest.approx(1.2 * zoom)
    assert (view.mapToScene(at) - under).manhattanLength() < 3
    _wheel(view, at, -120)
    assert view.zoom == pytest.approx(zoom)


def test_zoom_has_ends(view: GraphView) -> None:
    for _ in range(60):
        _wheel(view, QPoint(10, 10), 240)
    assert view.zoom <= 6
    for _ in range(90):
        _wheel(view, QPoint(10, 10), -240)
    assert view.zoom >= 0.04


def test_drag_moves_the_view_and_selects_nothing(qtbot, view: GraphView, session: Session) -> None:
    before = view.view_point("input")
    start = view.view_point("features.c3")
    qtbot.mousePress(view.viewport(), _LEFT, pos=start)
    qtbot.mouseMove(view.viewport(), start + QPoint(30, 20))
    qtbot.mouseMove(view.viewport(), start + QPoint(60, 40))
    qtbot.mouseRelease(view.viewport(), _LEFT, pos=start + QPoint(60, 40))
    assert (view.view_point("input") - before - QPoint(60, 40)).manhattanLength() <= 2
    assert session.selection == ""


def test_graph_cannot_be_dragged_out_of_sight(qtbot, view: GraphView) -> None:
    at = QPoint(500, 20)
    for _ in range(6):
        qtbot.mousePress(view.viewport(), _LEFT, pos=at)
        qtbot.mouseMove(view.viewport(), at + QPoint(20, 0))
        qtbot.mouseMove(view.viewport(), at + QPoint(2000, 3000))
        qtbot.mouseRelease(view.viewport(), _LEFT, pos=at + QPoint(2000, 3000))
    assert view.mapFromScene(view.picture.bounds).boundingRect().intersects(view.viewport().rect())


def test_minimap_shows_only_when_something_is_out_of_view_and_moves_it(qtbot, view: GraphView) -> None:
    minimap = view._minimap
    assert not minimap.isVisible()
    for _ in range(6):
        view.zoom_in_action.trigger()
    assert minimap.isVisible()
    qtbot.mouseClick(minimap, _LEFT, pos=QPoint(6, minimap.height() // 2))
    assert view.viewport().rect().contains(view.view_point("input"))
    qtbot.mouseClick(minimap, _LEFT, pos=QPoint(minimap.width() - 6, minimap.height() // 2))
    assert view.viewport().rect().contains(view.view_point("classifier.output"))


def test_zoom_to_selection_brings_it_to_the_middle(view: GraphView, session: Session) -> None:
    session.select("features.s4")
    view.zoom_selection_action.trigger()
    centre = view.viewport().rect().center()
    assert (view.view_point("features.s4") - centre).manhattanLength() <= 3
    assert view.zoom > 1.25


def test_without_a_graph_a_sentence_says_why(qtbot, session: Session) -> None:
    view = GraphView(session)
    qtbot.addWidget(view)
    assert view.message == READING
    session.graph_failed.emit("the file holds no network")
    assert view.message == "the file holds no network"
    _show(session, lenet())
    assert view.message == ""


def test_rebuilt_network_keeps_its_folded_blocks_and_the_place_on_screen(view: GraphView, session: Session) -> None:
    view.toggle("features")
    view.zoom_in_action.trigger()
    zoom, place = view.zoom, view.view_point("features")
    _show(session, replace(lenet(), title="LeNet-5 (activation = relu)"))
    assert view.folded == {"features"}
    assert (view.zoom, view.view_point("features")) == (zoom, place)


def test_another_network_is_fitted_anew(view: GraphView, session: Session) -> None:
    view.zoom_in_action.trigger()
    _show(session, residual())
    assert _whole_is_visible(view)


@pytest.mark.parametrize("scale", [0.6, 1.0, 3.0])
def test_no_text_is_wider_than_its_card(view: GraphView, scale: float) -> None:
    theme().use("dark", scale)
    look = screen_look()
    for box in view.picture.folded.boxes:
        widest = max(line.metrics.horizontalAdvance(line.text) for line in card_lines(box, look))
        assert widest < view.picture.rect(box.path).width()
    assert view.picture.look.dark


def test_theme_repaints(view: GraphView) -> None:
    before = view.grab().toImage().pixelColor(3, 3)
    theme().use("dark", 1.0)
    assert view.grab().toImage().pixelColor(3, 3) != before


def test_thumbnail_is_painted_below_its_card_and_room_is_kept_for_it(view: GraphView) -> None:
    image = QImage(QSize(8, 8), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.magenta)
    view.set_thumbnails({"features.c3_activation": image})
    placed = view.picture.layout.box_by_path["features.c3"]
    at = _on_view(view, QPointF(placed.x + placed.width / 2, placed.y + placed.height + placed.below - 20))
    assert view.grab().toImage().pixelColor(at).name() == "#ff00ff"
    view.set_thumbnails({})
    assert view.picture.layout.box_by_path["features.c3"].below < 20


def test_new_thumbnails_of_the_same_size_need_no_new_layout(view: GraphView) -> None:
    first, second = (QImage(QSize(8, 8), QImage.Format.Format_RGB32) for _ in range(2))
    view.set_thumbnails({"features.c3": first})
    picture = view.picture
    view.set_thumbnails({"features.c3": second})
    assert view.picture is picture


def test_from_afar_boxes_are_painted_as_colour(view: GraphView, session: Session) -> None:
    names = [f"n{index}" for index in range(20)]
    _show(session, make_graph([(name, Kind.CONVOLUTION, "") for name in names], chain(names)))
    while view.zoom >= FAR:
        view.zoom_out_action.trigger()
    assert view.grab().toImage().pixelColor(view.view_point("n9") + QPoint(0, 8)).name() == "#3b74c4"


def test_image_is_copied_to_the_clipboard(qtbot, view: GraphView) -> None:
    view.copy_image_action.trigger()
    qtbot.waitUntil(lambda: not view.export.is_busy)
    assert QGuiApplication.clipboard().image().width() > 500


def test_svg_is_copied_as_a_drawing_and_as_text(qtbot, view: GraphView) -> None:
    view.commands.copy_svg.trigger()
    qtbot.waitUntil(lambda: not view.export.is_busy)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasFormat("image/svg+xml")
    assert "features" in data.text()


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "dot", "gv"])
def test_graph_is_saved_as_it_is_folded(qtbot, view: GraphView, session: Session, tmp_path: Path, suffix: str) -> None:
    said: list[str] = []
    session.message.connect(said.append)
    view.fold_all()
    view.export.save(tmp_path / f"lenet.{suffix}")
    assert not said, "the figure is made in a thread"
    qtbot.waitUntil(lambda: not view.export.is_busy)
    content = (tmp_path / f"lenet.{suffix}").read_bytes()
    assert said == [f"wrote {tmp_path / f'lenet.{suffix}'}"]
    if suffix in {"svg", "dot", "gv"}:
        assert b"features" in content
        assert b"C5" not in content
        assert b"classifier.c5" not in content


def test_tip_tells_costs_and_field_in_words() -> None:
    from explorer.structure.fold import fold
    from explorer.structure.graph import Field

    graph = lenet()
    c3 = replace(graph.by_path["features.c3"], macs=240_000, receptive_field=Field((14, 14), (2, 2), (-2, -2)))
    graph = replace(graph, nodes=tuple(c3 if node.path == c3.path else node for node in graph.nodes))
    lines = tip_lines(graph, fold(graph, frozenset()), "features.c3")
    assert "2,416 parameters" in lines
    assert "240,000 MACs = 480,000 FLOPs" in lines
    assert "receptive field 14 × 14, step 2" in lines


def test_names_that_look_like_markup_stay_text(qtbot, view: GraphView, session: Session) -> None:
    _show(session, make_graph([("<b>bold</b>", Kind.OTHER, "")], []))
    session.select("<b>bold</b>")
    assert view.accessibleDescription().startswith("<b>bold</b>")


def test_view_has_its_names_and_tooltips(view: GraphView) -> None:
    assert view.objectName() == "graph_view"
    assert view.accessibleName()
    assert all(action.toolTip() and action.shortcuts() for action in view.actions())
    contexts = {action.shortcutContext() for action in view.actions()}
    assert contexts == {Qt.ShortcutContext.WidgetWithChildrenShortcut}


def test_no_key_means_two_things(view: GraphView) -> None:
    keys = [key.toString() for action in view.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


# Folding by depth, stacks


def _nested() -> Graph:
    """Four equal blocks in a row inside a stage, with something else beside them."""
    nodes = [("stem", Kind.CONVOLUTION, "stage")]
    nodes += [(f"stage.{number}.conv", Kind.CONVOLUTION, f"stage.{number}") for number in range(4)]
    nodes.append(("end", Kind.POOLING, "stage"))
    edges = chain([path for path, _, _ in nodes])
    blocks = [("stage", ""), *((f"stage.{number}", "stage") for number in range(4))]
    return make_graph(nodes, edges, blocks)


def test_number_keys_fold_to_a_depth(qtbot, view: GraphView, session: Session) -> None:
    _show(session, _nested())
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert [box.path for box in view.picture.folded.boxes] == ["stage"]
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert "stage.0" in view.folded
    assert "stage" not in view.folded
    qtbot.keyClick(view, Qt.Key.Key_2)
    assert "stage.0" not in view.folded


def test_only_depths_that_there_are_are_offered(view: GraphView, session: Session) -> None:
    _show(session, _nested())
    assert [action.isVisible() for action in view.commands.depths][:3] == [True, True, False]


def test_stack_opens_and_closes_again(view: GraphView, session: Session) -> None:
    _show(session, _nested())
    view.fold_to_depth(1)
    stacks = [box for box in view.picture.folded.boxes if box.stack]
    assert [box.repeats for box in stacks] == [4]
    view.toggle(stacks[0].path)
    assert [box.path for box in view.picture.folded.boxes][1:-1] == [f"stage.{number}" for number in range(4)]
    session.select("stage.2")
    view.commands.fold_around.trigger()
    assert [box.path for box in view.picture.folded.boxes if box.stack] == [stacks[0].path]


def test_backspace_folds_what_is_around_the_selection(qtbot, view: GraphView, session: Session) -> None:
    session.select("features.c3")
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert view.folded == {"features"}
    assert session.selection == "features"


def test_folding_is_told_to_others(qtbot, view: GraphView) -> None:
    with qtbot.waitSignal(view.folding_changed) as told:
        view.toggle("features")
    assert told.args == [frozenset({"features"})]


# Direction


def test_v_turns_the_network_and_turns_it_back(qtbot, view: GraphView) -> None:
    view.turn_rows()
    qtbot.keyClick(view, Qt.Key.Key_V)
    assert view.picture.bounds.height() > 2 * view.picture.bounds.width()
    assert view.picture.rect("classifier").top() > view.picture.rect("features").bottom()
    assert _whole_is_visible(view)
    qtbot.keyClick(view, Qt.Key.Key_V)
    assert view.picture.bounds.width() > 2 * view.picture.bounds.height()


def test_arrows_follow_what_one_sees_in_a_vertical_network(qtbot, view: GraphView, session: Session) -> None:
    _show(session, inception())
    view.turn()
    session.select("stem")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert session.selection in {"module.b1", "module.b2a", "module.b3a", "module.b4a"}
    session.select("module.b2a")
    left = view.picture.rect("module.b2a").left()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.picture.rect(session.selection).left() > left
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selection == "module.b2a"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert session.selection == "stem"


# Rows


def _long() -> Graph:
    """A chain of thirty blocks of one layer."""
    names = [f"block_{index}" for index in range(30)]
    nodes = [(f"{name}.conv", Kind.CONVOLUTION, name) for name in names]
    return make_graph(nodes, chain([path for path, _, _ in nodes]), [(name, "") for name in names])


def _chain(count: int) -> Graph:
    names = [f"n{index}" for index in range(count)]
    return make_graph([(name, Kind.CONVOLUTION, "") for name in names], chain(names))


def test_long_network_stands_in_rows_that_can_be_read(view: GraphView, session: Session) -> None:
    _show(session, _chain(20))
    assert view.zoom >= READABLE
    assert _whole_is_visible(view)
    view.commands.rows.trigger()
    assert view.zoom < 0.6 * READABLE
    assert len({box.y for box in view.picture.layout.boxes}) == 1


def test_network_that_could_not_be_read_is_folded_further_at_first(qtbot, view: GraphView, session: Session) -> None:
    """Eight blocks of three layers do not fit a small view."""
    view.resize(420, 300)
    nodes = [
        (f"block_{block}.conv_{layer}", Kind.LINEAR if (block + layer) % 3 else Kind.CONVOLUTION, f"block_{block}")
        for block in range(8)
        for layer in range(3)
    ]
    blocks = [(f"block_{block}", "") for block in range(8)]
    graph = make_graph(nodes, chain([path for path, _, _ in nodes]), blocks)
    _show(session, graph)
    qtbot.waitUntil(lambda: view.picture is not None and view.picture.graph is graph)
    assert 7 <= len(view.picture.folded.boxes) <= 8
    view.unfold_all()
    assert len(view.picture.folded.boxes) == 24


def test_block_that_opens_leaves_what_is_before_it_in_its_row(qtbot, view: GraphView, session: Session) -> None:
    _show(session, _long())
    qtbot.waitUntil(lambda: not view.is_laying_out)
    view.fold(frozenset(_long().block_by_path))
    qtbot.waitUntil(lambda: not view.is_laying_out)
    before = {box.path: (box.x, box.y) for box in view.picture.layout.boxes}
    view.toggle("block_20")
    qtbot.waitUntil(lambda: not view.is_laying_out)
    after = {box.path: (box.x, box.y) for box in view.picture.layout.boxes}
    rows = sorted({y for _, y in before.values()})
    first = [path for path, (_, y) in before.items() if y == rows[0]]
    assert len(rows) > 2
    assert "block_20.conv" in after
    assert all(after[path] == before[path] for path in first)


def test_rows_follow_the_size_of_the_view_while_it_shows_the_whole(qtbot, view: GraphView, session: Session) -> None:
    _show(session, _chain(20))
    wide = view.picture.bounds
    view.resize(500, 900)
    qtbot.waitUntil(lambda: view.picture.bounds.width() < 0.75 * wide.width())
    assert _whole_is_visible(view)


# Quantities and what is remembered


def test_colouring_by_parameters_changes_the_picture_and_shows_a_legend(view: GraphView) -> None:
    before = view.grab().toImage()
    action = next(action for action in view.commands.quantities.actions() if action.data() == "parameters")
    action.trigger()
    assert view.grab().toImage() != before
    assert view.picture.faces.heat.most == 48_120
    assert view.zoom > 0


def test_view_remembers_how_graphs_are_drawn(qtbot, view: GraphView, session: Session) -> None:
    view.colour_by(Quantity.MACS)
    view.turn()
    view.turn_rows()
    other = GraphView(session)
    qtbot.addWidget(other)
    other.restore(view.state())
    assert other.state() == view.state() == {"direction": "down", "quantity": "MACs", "rows": False}
    assert not other.commands.rows.isChecked()
    assert other.picture.layout.direction is Direction.DOWN
    assert other.commands.vertical.isChecked()


@pytest.mark.parametrize("state", [{}, {"direction": 3, "quantity": "weight"}, {"direction": None, "rows": 1}])
def test_a_state_that_says_nothing_right_changes_nothing(view: GraphView, state: dict) -> None:
    view.restore(state)
    assert view.state() == {"direction": "right", "quantity": "kind", "rows": True}


# History


def test_back_and_forward_through_selections_and_foldings(qtbot, view: GraphView, session: Session) -> None:
    assert not view.commands.back.isEnabled()
    session.select("features.c1")
    view.toggle("features")
    session.select("classifier.f6")
    view.go_back()
    assert (session.selection, view.folded) == ("features.c1", frozenset({"features"}))
    view.go_back()
    assert (session.selection, view.folded) == ("features.c1", frozenset())
    view.go_forward()
    view.go_forward()
    assert (session.selection, view.folded) == ("classifier.f6", frozenset({"features"}))
    assert not view.commands.forward.isEnabled()


def test_back_returns_to_the_place_on_screen(view: GraphView, session: Session) -> None:
    session.select("features.c1")
    for _ in range(4):
        view.zoom_in_action.trigger()
    zoom, centre = view.zoom, view.mapToScene(view.viewport().rect().center())
    view.fit_action.trigger()
    view.go_back()
    assert view.zoom == pytest.approx(zoom)
    assert (view.mapToScene(view.viewport().rect().center()) - centre).manhattanLength() < 3


def test_another_network_has_no_past(view: GraphView, session: Session) -> None:
    session.select("features.c1")
    session.selection = ""
    _show(session, residual())
    assert not view.history.can_go_back


# Finding


def _type(qtbot, view: GraphView, text: str) -> None:
    view.commands.find.trigger()
    view.finding.panel.field.clear()
    qtbot.keyClicks(view.finding.panel.field, text)


def test_enter_jumps_from_match_to_match_and_shift_enter_back(qtbot, view: GraphView, session: Session) -> None:
    _type(qtbot, view, "pool")
    field = view.finding.panel.field
    assert view.finding.panel.told == "2 found"
    seen = []
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Return)
        seen.append(session.selection)
    assert seen == ["features.s2", "features.s4", "features.s2"]
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == "features.s4"
    assert view.finding.panel.told == "2 of 2"


def test_matches_are_ringed_until_the_search_is_closed(qtbot, view: GraphView) -> None:
    bare = view.grab().toImage()
    _type(qtbot, view, "pool")
    assert view.finding.rings == {"features.s2", "features.s4"}
    assert view.grab().toImage() != bare
    qtbot.keyClick(view.finding.panel.field, Qt.Key.Key_Escape)
    assert view.finding.rings == frozenset()
    assert not view.finding.panel.isVisible()


def test_match_in_a_folded_block_marks_the_block_and_ctrl_enter_opens_it(
    qtbot, view: GraphView, session: Session
) -> None:
    view.fold_all()
    _type(qtbot, view, "f6")
    assert view.finding.rings == {"classifier"}
    field = view.finding.panel.field
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.selection == "classifier.f6"
    assert "in classifier" in view.finding.panel.told
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert view.folded == {"features"}
    assert view.finding.rings == {"classifier.f6"} | ({"classifier.f6_activation"} & view.finding.rings)


def test_jump_comes_near_enough_to_read(qtbot, view: GraphView, session: Session) -> None:
    view.turn_rows()
    _show(session, _chain(30))
    qtbot.waitUntil(lambda: not view.is_laying_out)
    assert view.zoom < FAR
    _type(qtbot, view, "n21")
    qtbot.keyClick(view.finding.panel.field, Qt.Key.Key_Return)
    assert view.zoom == pytest.approx(1.0)
    assert view.viewport().rect().contains(view.view_point("n21"))


def test_what_is_not_there_is_said(qtbot, view: GraphView) -> None:
    _type(qtbot, view, "transformer")
    assert view.finding.panel.told == "not found"
    qtbot.keyClick(view.finding.panel.field, Qt.Key.Key_Return)


# Toolbar, menu, remark


def test_every_tool_has_its_name_and_tooltip(view: GraphView) -> None:
    buttons = view.toolbar.findChildren(QToolButton)
    assert len(buttons) >= 9
    assert all(button.accessibleName() and button.toolTip() and not button.icon().isNull() for button in buttons)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_toolbar_is_within_the_view_and_off_the_graph(view: GraphView, scale: float) -> None:
    theme().use("light", scale)
    assert view.rect().contains(view.toolbar.geometry())
    graph = view.mapFromScene(view.picture.bounds).boundingRect()
    assert not graph.intersects(view.toolbar.geometry())


def test_context_menu_offers_everything(qtbot, view: GraphView) -> None:
    at = QPoint(20, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
    view.contextMenuEvent(event)
    (menu,) = view.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    offered = set(menu.actions()) | {
        action for sub in menu.actions() if sub.menu() for action in sub.menu().actions() if sub.menu()
    }
    menu.close()
    assert set(view.actions()) <= offered


def test_structure_only_graphs_say_why(view: GraphView, session: Session) -> None:
    remark = "structure only: the forward function <b>depends</b> on its data"
    _show(session, replace(lenet(), remark=remark))
    assert view._remark.isVisible()
    assert view._remark.text == remark
    _show(session, lenet())
    assert not view._remark.isVisible()


# Large graphs


@pytest.fixture
def large_view(qtbot, view: GraphView, session: Session) -> GraphView:
    _show(session, large_graph(600))
    qtbot.waitUntil(lambda: view.picture.graph is session.graph, timeout=20_000)
    return view


def test_large_graph_is_laid_out_off_the_ui_thread_while_the_old_picture_stays(
    qtbot, view: GraphView, session: Session
) -> None:
    old = view.picture
    _show(session, large_graph(600))
    assert view.is_laying_out
    assert view.picture is old
    qtbot.waitUntil(lambda: view.picture is not old, timeout=20_000)
    assert len(view.picture.folded.boxes) <= 24
    assert _whole_is_visible(view)


def test_unfolding_everything_can_be_cancelled(qtbot, large_view: GraphView) -> None:
    before, folded = large_view.picture, large_view.folded
    large_view.unfold_all()
    large_view.stop_layout()
    assert large_view.folded == folded
    qtbot.waitUntil(lambda: not large_view.is_laying_out, timeout=20_000)
    assert large_view.picture is before


def test_large_unfolded_graph_is_painted_from_tiles(qtbot, large_view: GraphView) -> None:
    large_view.unfold_all()
    qtbot.waitUntil(lambda: len(large_view.picture.folded.boxes) > 500, timeout=20_000)
    # At this zoom a hundred boxes are in view.
    large_view.resize(1600, 500)
    large_view._zoom_by(0.13 / large_view.zoom, QPointF(800, 250))
    large_view.grab()
    qtbot.waitUntil(lambda: large_view._tiles.is_complete and large_view._tiles.painted_tiles > 0, timeout=20_000)
    painted = large_view._tiles.painted_tiles
    large_view.session.select("stage0.3.conv1")
    large_view.grab()
    assert large_view._tiles.painted_tiles == painted
