"""Thumbnails below the graph's boxes: live, in rooms that keep their size, computed only in sight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke
from explorer.inference.edits import Silence
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.ui.graph_view import GraphView
from explorer.ui.inside_service import InsideService
from explorer.ui.live_maps import LiveMaps
from explorer.ui.pixels import pixels_from_image
from explorer.ui.session import Session

SEVEN = Sketch((Stroke(((60.0, 60.0), (220.0, 60.0), (120.0, 240.0))),))
ONE = Sketch((Stroke(((140.0, 40.0), (140.0, 240.0))),))


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    yield session
    session.shutdown()


@pytest.fixture
def live(qtbot: QtBot, session: Session) -> Iterator[LiveMaps]:
    view = GraphView(session)
    qtbot.addWidget(view)
    view.resize(1200, 500)
    inside = InsideService(session, parent=view)
    live = LiveMaps(view, inside)
    view.show()
    with qtbot.waitSignal(inside.subject_changed, timeout=20_000):
        session.show(LENET5)
    qtbot.waitUntil(lambda: view.picture is not None)
    yield live
    live.shutdown()
    view.shutdown()
    inside.shutdown()


def _view(live: LiveMaps) -> GraphView:
    view = live.parent()
    assert isinstance(view, GraphView)
    return view


def _draw(qtbot: QtBot, live: LiveMaps, sketch: Sketch) -> None:
    frames = live.frames
    live._inside.set_input(sketch)
    qtbot.waitUntil(lambda: live.frames > frames and not live._timer.isActive(), timeout=20_000)


def _answered_all(qtbot: QtBot, live: LiveMaps) -> None:
    """What was asked so far is answered: the service takes the oldest request first."""
    answered: list[bool] = []
    live._inside.ask("the last", lambda _subject: True, answered.append)
    qtbot.waitUntil(lambda: bool(answered))


def _settle() -> None:
    """Paints that are waiting are done, and those that they call for."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()


def test_every_layer_in_sight_has_a_thumbnail_of_its_output(qtbot: QtBot, live: LiveMaps) -> None:
    _draw(qtbot, live, SEVEN)
    shown = _view(live)._thumbnails
    layers = {"features.c1", "features.s2", "features.c3", "features.s4", "classifier.c5", "classifier.f6"}
    assert shown.keys() == {"input", "classifier.output"} | layers


def test_the_inputs_thumbnail_is_the_picture_that_the_network_sees(qtbot: QtBot, live: LiveMaps) -> None:
    _draw(qtbot, live, SEVEN)
    pixels = pixels_from_image(_view(live)._thumbnails["input"])
    assert pixels.shape[:2] == (168, 168)  # each of 28 x 28 pixels six times as large
    small = pixels[3::6, 3::6, 0]
    answers: list[np.ndarray] = []
    live._inside.ask("test", lambda subject: subject.seen.copy(), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert np.abs(small.astype(int) - answers[0][0].astype(int)).max() <= 1


def test_boxes_keep_their_places_while_one_draws(qtbot: QtBot, live: LiveMaps) -> None:
    view = _view(live)
    before = view.picture
    _draw(qtbot, live, SEVEN)
    first = view._thumbnails["features.c3"]
    _draw(qtbot, live, ONE)
    assert view.picture is before
    assert view._thumbnails["features.c3"] != first
    live._inside.set_input(Sketch())
    assert view._thumbnails == {}
    assert view.picture is before


def test_thumbnails_are_of_the_network_with_its_edits(qtbot: QtBot, live: LiveMaps) -> None:
    _draw(qtbot, live, SEVEN)
    whole = dict(_view(live)._thumbnails)
    frames = live.frames
    live._inside.set_edits((Silence("features.c3"),))
    qtbot.waitUntil(lambda: live.frames > frames and not live._timer.isActive())
    silenced = dict(_view(live)._thumbnails)
    assert {path for path, image in silenced.items() if image != whole[path]} == {
        "features.c3", "features.s4", "classifier.c5", "classifier.f6", "classifier.output",
    }  # fmt: skip
    frames = live.frames
    live._inside.set_edits(())
    qtbot.waitUntil(lambda: live.frames > frames and not live._timer.isActive())
    assert _view(live)._thumbnails == whole


def test_what_went_wrong_is_said_until_thumbnails_come_again(qtbot: QtBot, live: LiveMaps) -> None:
    _draw(qtbot, live, SEVEN)
    live._inside.set_edits((Silence("features.c3", 99),))
    qtbot.waitUntil(lambda: "numbered from 0" in _view(live).maps_caption)
    live._inside.set_edits(())
    qtbot.waitUntil(lambda: not _view(live).maps_caption)
    assert _view(live)._thumbnails


def _on_screen(view: GraphView) -> np.ndarray:
    """The window's own pixels: `grab` would have everything painted anew."""
    _settle()
    return pixels_from_image(view.screen().grabWindow(view.window().winId()).toImage()).astype(int)


def test_the_boxes_stay_on_screen_when_the_pad_is_cleared_and_drawn_on_again(qtbot: QtBot, live: LiveMaps) -> None:
    view = _view(live)
    empty = _on_screen(view)
    assert (empty.min(axis=2) < 100).mean() > 0.005
    _draw(qtbot, live, SEVEN)
    drawn = _on_screen(view)
    assert np.abs(drawn - empty).mean() > 1
    for _ in range(2):
        live._inside.set_input(Sketch())
        assert np.abs(_on_screen(view) - empty).mean() < 0.1
        _draw(qtbot, live, SEVEN)
        assert np.abs(_on_screen(view) - drawn).mean() < 0.1


def test_thumbnails_can_be_turned_off_and_take_no_room_then(qtbot: QtBot, live: LiveMaps) -> None:
    view = _view(live)
    _draw(qtbot, live, SEVEN)
    high = view.picture.layout.height
    view.commands.maps.trigger()
    assert view.picture.layout.height < high
    frames = live.frames
    live._inside.set_input(ONE)
    _answered_all(qtbot, live)
    assert live.frames == frames
    assert view.state()["maps"] is False
    view.commands.maps.trigger()
    qtbot.waitUntil(lambda: live.frames > frames)


def test_only_what_is_in_sight_and_large_enough_is_computed(qtbot: QtBot, live: LiveMaps) -> None:
    view = _view(live)
    view.zoom_to("classifier.output")
    wanted = live._in_sight()
    assert "classifier.output" in wanted
    assert "input" not in wanted
    view.fit()
    while view.zoom > 0.1:
        view.shrink()
    assert live._in_sight() == {}


def test_a_folded_block_shows_what_leaves_it(qtbot: QtBot, live: LiveMaps) -> None:
    view = _view(live)
    _draw(qtbot, live, SEVEN)
    expected = view._thumbnails["features.s4"]
    view.fold_all()
    qtbot.waitUntil(lambda: "features" in view._thumbnails)
    assert view._thumbnails["features"] == expected


def test_untrained_weights_are_named_on_the_graph(qtbot: QtBot, live: LiveMaps, session: Session) -> None:
    assert _view(live).maps_caption == ""
    with qtbot.waitSignal(live._inside.subject_changed, timeout=20_000):
        session.show(LENET5, LeNet5Options(activation="tanh"))
    assert _view(live).maps_caption == "Feature maps: untrained weights"


def test_new_thumbnails_repaint_nothing_but_themselves(
    qtbot: QtBot, live: LiveMaps, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _view(live)
    _draw(qtbot, live, SEVEN)
    _settle()
    whole: list[object] = []
    paint = type(view.picture).paint
    monkeypatch.setattr(
        type(view.picture), "paint", lambda *given, **named: (whole.append(1), paint(*given, **named))[1]
    )
    _draw(qtbot, live, ONE)
    _settle()
    assert not whole
    view.viewport().update()
    qtbot.waitUntil(lambda: bool(whole))
