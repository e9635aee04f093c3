"""A digit can be drawn without a mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from pytestqt.qtbot import QtBot

from explorer.ui.demo_drawing import DemoDrawing
from explorer.ui.keyboard_pen import KeyboardPen
from explorer.ui.sketch_pad import SketchPad

_KEYS = Qt.Key


@pytest.fixture
def pad(qtbot: QtBot) -> SketchPad:
    made = SketchPad()
    qtbot.addWidget(made)
    made.resize(280, 280)
    with qtbot.waitActive(made):
        made.show()
    made.setFocus()
    return made


def _rounded(points: tuple[tuple[float, float], ...]) -> list[tuple[int, int]]:
    return [(round(x), round(y)) for x, y in points]


def _press(qtbot: QtBot, pad: SketchPad, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(pad, key)


def test_arrows_and_space_draw_strokes(qtbot: QtBot, pad: SketchPad) -> None:
    pen = KeyboardPen(pad)
    _press(qtbot, pad, _KEYS.Key_Left)
    assert pad.is_blank
    assert pen.isVisible()
    _press(qtbot, pad, _KEYS.Key_Space, _KEYS.Key_Right, _KEYS.Key_Right)
    qtbot.keyClick(pad, _KEYS.Key_PageDown, Qt.KeyboardModifier.KeypadModifier)
    _press(qtbot, pad, _KEYS.Key_Space)
    _press(qtbot, pad, _KEYS.Key_Down, _KEYS.Key_Space, _KEYS.Key_Down, _KEYS.Key_Space)
    first, second = pad.source.strokes
    # From 10 left of the middle: 20 to the right, then 10 aslant; the second stroke begins 10 below that.
    assert _rounded(first.points) == [(130, 70), (140, 70), (150, 70), (160, 80)]
    assert _rounded(second.points) == [(160, 90), (160, 100)]
    _press(qtbot, pad, _KEYS.Key_Delete)
    assert pad.is_blank
    pad.undo()
    assert len(pad.source.strokes) == 2


def test_shift_moves_finely_and_the_pen_stays_on_the_paper(qtbot: QtBot, pad: SketchPad) -> None:
    pen = KeyboardPen(pad)
    qtbot.keyClick(pad, _KEYS.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert pen.place == (142, 70)
    _press(qtbot, pad, *[_KEYS.Key_Up] * 20)
    assert pen.place == (142, 9)


def test_page_keys_are_left_to_a_lecture(qtbot: QtBot, pad: SketchPad) -> None:
    pen = KeyboardPen(pad)
    turned = []
    shortcut = QShortcut(QKeySequence(_KEYS.Key_PageDown), pad)
    shortcut.activated.connect(lambda: turned.append(True))
    _press(qtbot, pad, _KEYS.Key_PageDown)
    assert turned
    assert not pen.isVisible()


def test_the_mouse_and_leaving_the_pad_lift_the_pen(qtbot: QtBot, pad: SketchPad) -> None:
    pen = KeyboardPen(pad)
    _press(qtbot, pad, _KEYS.Key_Space, _KEYS.Key_Down)
    assert pen.is_down
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not pen.is_down
    assert not pen.isVisible()
    assert len(pad.source.strokes) == 2
    _press(qtbot, pad, _KEYS.Key_Space)
    pad.clearFocus()
    assert not pen.is_down


def test_the_pen_takes_over_from_what_draws_by_itself(
    qtbot: QtBot, pad: SketchPad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.ui.motion.is_wanted", lambda _widget: False)
    KeyboardPen(pad)
    demo = DemoDrawing(pad)
    demo.begin()
    assert not pad.is_blank
    _press(qtbot, pad, _KEYS.Key_Down)
    assert pad.is_blank
    assert not demo.is_on_show
