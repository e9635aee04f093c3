"""The digit that draws itself, and the hand that takes the pen."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch
from explorer.ui import motion
from explorer.ui.demo_drawing import DemoDrawing
from explorer.ui.demo_strokes import demo_sketch
from explorer.ui.sketch_pad import SketchPad


@pytest.fixture
def pad(qtbot: QtBot) -> SketchPad:
    made = SketchPad()
    qtbot.addWidget(made)
    made.resize(280, 280)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def demo(pad: SketchPad) -> DemoDrawing:
    made = DemoDrawing(pad, pad)
    made._timer.setInterval(0)
    return made


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "is_wanted", lambda _widget: True)


def _points(pad: SketchPad) -> int:
    assert isinstance(pad.source, Sketch)
    return sum(len(stroke.points) for stroke in pad.source.strokes)


def test_it_draws_the_whole_digit_point_by_point(pad: SketchPad, demo: DemoDrawing, qtbot: QtBot, moving: None) -> None:
    seen: list[int] = []
    pad.sketch_changed.connect(lambda _source: seen.append(_points(pad)))
    demo.begin()
    qtbot.waitUntil(lambda: not demo.is_drawing, timeout=5000)
    whole = demo_sketch()
    assert len(pad.source.strokes) == len(whole.strokes) == 2
    assert _points(pad) == pytest.approx(sum(len(stroke.points) for stroke in whole.strokes), abs=3)
    # What follows the pen was told of every point, so that the bars move.
    assert len(seen) > 80
    assert demo.is_on_show


def test_the_first_press_finds_a_fresh_sheet(pad: SketchPad, demo: DemoDrawing, qtbot: QtBot, moving: None) -> None:
    demo.begin()
    qtbot.waitUntil(lambda: not pad.is_blank and _points(pad) > 10, timeout=5000)
    with qtbot.waitSignal(demo.handed_over):
        qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    qtbot.mouseMove(pad, QPoint(60, 60))
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert not demo.is_drawing
    assert len(pad.source.strokes) == 1
    assert pad.source.strokes[0].points[0] == (40, 40)


def test_a_finished_digit_makes_room_for_the_hand_too(
    pad: SketchPad, demo: DemoDrawing, qtbot: QtBot, moving: None
) -> None:
    demo.begin()
    qtbot.waitUntil(lambda: not demo.is_drawing, timeout=5000)
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert _points(pad) == 1


def test_a_key_stops_it_and_leaves_the_sheet(pad: SketchPad, demo: DemoDrawing, qtbot: QtBot, moving: None) -> None:
    demo.begin()
    qtbot.waitUntil(lambda: not pad.is_blank and _points(pad) > 10, timeout=5000)
    qtbot.keyClick(pad, Qt.Key.Key_E)
    assert not demo.is_drawing
    assert not demo.is_on_show
    assert pad.eraser
    assert _points(pad) > 10


def test_undo_from_a_menu_stops_it(pad: SketchPad, demo: DemoDrawing, qtbot: QtBot, moving: None) -> None:
    demo.begin()
    qtbot.waitUntil(lambda: not pad.is_blank, timeout=5000)
    pad.undo()
    assert not demo.is_drawing
    assert pad.is_blank


def test_without_motion_the_digit_is_simply_there(
    pad: SketchPad, demo: DemoDrawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "is_wanted", lambda _widget: False)
    demo.begin()
    assert pad.source == demo_sketch()
    assert not demo.is_drawing
    assert demo.is_on_show
