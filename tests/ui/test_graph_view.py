"""The graph view, driven with real events: selecting, folding, walking, zooming."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from structure.graphs import chain, inception, lenet, make_graph, residual

from explorer.structure.fold import all_blocks
from explorer.structure.graph import Graph, Kind
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
def view(qtbot, session: Session) -> GraphView:
    shown = GraphView(session)
    qtbot.addWidget(shown)
    shown.resize(1000, 500)
    shown.show()
    _show(session, lenet())
    return shown


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
    from explorer.ui.graph_faces import _lines

    theme().use("dark", scale)
    look = screen_look()
    for box in view.picture.folded.boxes:
        widest = max(line.metrics.horizontalAdvance(line.text) for line in _lines(box, look))
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


def test_image_is_copied_to_the_clipboard(view: GraphView) -> None:
    view.copy_image_action.trigger()
    assert QGuiApplication.clipboard().image().width() > 500


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
