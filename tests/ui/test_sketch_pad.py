"""The pad keeps what real pointers draw, and forgets nothing that can be undone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QInputDevice, QPainter, QPixmap, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke
from explorer.ui.paper import PEN_WIDTH, Paper
from explorer.ui.sketch_pad import ERASER_RADIUS, SketchPad

SIZE = 140  # half a pixel for each of the pad's 280 units


@pytest.fixture
def pad(qtbot: QtBot) -> SketchPad:
    pad = SketchPad()
    qtbot.addWidget(pad)
    pad.resize(SIZE, SIZE)
    pad.show()
    qtbot.waitExposed(pad)
    return pad


def draw(pad: SketchPad, *points: tuple[int, int]) -> None:
    """Draws with the left button, through points of the widget."""
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(pad, left, Qt.KeyboardModifier.NoModifier, QPoint(*points[0]))
    for point in points[1:]:
        QTest.mouseMove(pad, QPoint(*point))
    QTest.mouseRelease(pad, left, Qt.KeyboardModifier.NoModifier, QPoint(*points[-1]))


def ink(pad: SketchPad) -> np.ndarray:
    """Where the pad is painted dark, [H, W]."""
    image = pad.grab().toImage()
    return np.array(
        [[image.pixelColor(x, y).lightness() < 128 for x in range(image.width())] for y in range(image.height())]
    )


def test_a_stroke_is_kept_in_the_pads_own_space(pad: SketchPad) -> None:
    draw(pad, (10, 20), (50, 20), (50, 100))
    assert pad.source == Sketch((Stroke(((20.0, 40.0), (100.0, 40.0), (100.0, 200.0))),))


def test_a_stroke_is_the_same_whatever_the_size_of_the_pad(pad: SketchPad) -> None:
    draw(pad, (10, 20), (50, 70))
    small = pad.source
    pad.clear()
    pad.resize(2 * SIZE, 2 * SIZE)
    draw(pad, (20, 40), (100, 140))
    assert pad.source == small


def test_each_move_of_the_pen_is_told_with_a_frozen_sketch(pad: SketchPad) -> None:
    told: list[Sketch] = []
    pad.sketch_changed.connect(told.append)
    draw(pad, (10, 10), (20, 10), (30, 10), (40, 10))
    assert [len(sketch.strokes[0].points) for sketch in told] == [1, 2, 3, 4]


def test_a_click_is_a_dot(pad: SketchPad) -> None:
    draw(pad, (70, 70))
    assert pad.source == Sketch((Stroke(((140.0, 140.0),)),))
    dark = ink(pad)
    assert dark[70, 70]
    assert dark.sum() == pytest.approx(math.pi * (PEN_WIDTH / 4) ** 2, rel=0.2)


def test_a_fast_stroke_has_no_gaps(pad: SketchPad) -> None:
    draw(pad, (10, 15), (130, 120), (20, 125))
    dark = ink(pad)
    for share in np.linspace(0, 1, 200):
        assert dark[round(15 + share * 105), round(10 + share * 120)]
        assert dark[round(120 + share * 5), round(130 - share * 110)]


def test_ink_painted_piece_by_piece_is_the_ink_painted_afresh(pad: SketchPad) -> None:
    pad.grab()
    draw(pad, (10, 15), (60, 40), (130, 120), (20, 125))
    grown = pad.grab().toImage()
    pad.undo()
    pad.redo()
    assert pad.grab().toImage() == grown


def test_a_move_repaints_no_more_than_its_own_ink(pad: SketchPad, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(pad, (10, 10))
    QCoreApplication.processEvents()
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(pad, "update", lambda *region: asked.append(region))
    draw(pad, (100, 100), (110, 100))
    assert asked
    assert all(region and region[0].width() < 40 and region[0].left() > 80 for region in asked)


def test_ink_outside_the_paper_is_not_kept(pad: SketchPad) -> None:
    draw(pad, (100, 70), (200, 70), (200, 120), (100, 120))
    assert pad.source == Sketch((Stroke(((200.0, 140.0), (280.0, 140.0))), Stroke(((280.0, 240.0), (200.0, 240.0)))))
    pad.undo()
    assert pad.is_blank


def test_undo_takes_back_one_stroke_and_redo_brings_it_again(pad: SketchPad) -> None:
    draw(pad, (10, 10), (60, 10))
    first = pad.source
    draw(pad, (10, 60), (60, 60))
    both = pad.source
    pad.undo()
    assert pad.source == first
    pad.redo()
    assert pad.source == both


def test_clearing_can_be_undone(pad: SketchPad) -> None:
    draw(pad, (10, 10), (60, 10))
    drawn = pad.source
    pad.clear()
    assert pad.source == Sketch()
    pad.undo()
    assert pad.source == drawn


def test_a_new_stroke_forgets_what_was_undone(pad: SketchPad) -> None:
    draw(pad, (10, 10), (60, 10))
    pad.undo()
    draw(pad, (10, 60), (60, 60))
    assert not pad.can_redo


def test_the_paper_is_blank_again_after_clearing(pad: SketchPad) -> None:
    draw(pad, (10, 15), (130, 15))
    pad.clear()
    assert not ink(pad)[15, 20:120].any()


def test_the_eraser_cuts_the_stroke_that_it_crosses(pad: SketchPad) -> None:
    draw(pad, (10, 70), (130, 70))
    pad.set_eraser(True)
    draw(pad, (70, 40), (70, 100))
    left, right = pad.source.strokes
    reach = ERASER_RADIUS + PEN_WIDTH / 2
    assert left.points[-1] == pytest.approx((140 - reach, 140), abs=1)
    assert right.points[0] == pytest.approx((140 + reach, 140), abs=1)
    assert not ink(pad)[70, 70]


def test_a_hovering_eraser_shows_what_it_would_cover(pad: SketchPad) -> None:
    draw(pad, (5, 5))
    pad.set_eraser(True)
    before = pad.grab().toImage()
    QTest.mouseMove(pad, QPoint(70, 70))
    after = pad.grab().toImage()
    changed = [(x, y) for x in range(SIZE) for y in range(SIZE) if before.pixel(x, y) != after.pixel(x, y)]
    assert changed
    assert all(abs(math.dist(place, (70, 70)) - ERASER_RADIUS / 2) < 2 for place in changed)


def test_one_pass_of_the_eraser_is_one_step_to_undo(pad: SketchPad) -> None:
    draw(pad, (10, 70), (130, 70))
    drawn = pad.source
    pad.set_eraser(True)
    draw(pad, (40, 70), (70, 70), (90, 70))
    pad.undo()
    assert pad.source == drawn


def test_rubbing_where_nothing_is_changes_nothing(pad: SketchPad) -> None:
    draw(pad, (10, 20), (130, 20))
    pad.set_eraser(True)
    told: list[object] = []
    pad.sketch_changed.connect(told.append)
    draw(pad, (10, 120), (130, 120))
    assert told == []
    pad.undo()
    assert pad.is_blank


def test_a_picture_takes_the_place_of_the_strokes_and_undo_brings_them_back(pad: SketchPad) -> None:
    draw(pad, (10, 20), (130, 20))
    drawn = pad.source
    picture = np.full((10, 20), 255, np.uint8)
    picture[4:6, 5:15] = 0
    pad.show_picture(picture)
    assert np.array_equal(pad.source, picture)
    dark = ink(pad)
    assert dark[70, 70]
    assert not dark[20, 70]
    pad.undo()
    assert pad.source == drawn


def test_drawing_on_a_picture_replaces_it(pad: SketchPad) -> None:
    pad.show_picture(np.zeros((10, 10), np.uint8))
    draw(pad, (10, 20), (130, 20))
    assert isinstance(pad.source, Sketch)
    assert not ink(pad)[70, 70]


def test_keys_undo_redo_and_clear(pad: SketchPad) -> None:
    draw(pad, (10, 20), (130, 20))
    drawn = pad.source
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(pad, Qt.Key.Key_Z, control)
    assert pad.is_blank
    QTest.keyClick(pad, Qt.Key.Key_Z, control | shift)
    assert pad.source == drawn
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.is_blank
    QTest.keyClick(pad, Qt.Key.Key_Z, control)
    QTest.keyClick(pad, Qt.Key.Key_Escape)
    assert pad.is_blank


def test_the_key_e_takes_the_eraser_and_the_pen_again(pad: SketchPad) -> None:
    told: list[bool] = []
    pad.eraser_toggled.connect(told.append)
    QTest.keyClick(pad, Qt.Key.Key_E)
    QTest.keyClick(pad, Qt.Key.Key_E)
    assert told == [True, False]


def test_a_stroke_cut_short_by_undo_does_not_go_on(pad: SketchPad) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    QTest.mouseMove(pad, QPoint(40, 20))
    pad.undo()
    QTest.mouseMove(pad, QPoint(80, 20))
    assert pad.is_blank


def test_moves_are_not_joined_while_the_pen_is_down(pad: SketchPad) -> None:
    joined = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
    before = QCoreApplication.testAttribute(joined)
    seen: list[bool] = []
    pad.sketch_changed.connect(lambda _: seen.append(QCoreApplication.testAttribute(joined)))
    draw(pad, (10, 20), (130, 20))
    assert seen == [False, False]
    assert QCoreApplication.testAttribute(joined) is before


def tablet(pad: SketchPad, kind: QEvent.Type, place: tuple[float, float], pressure: float, **pen: object) -> None:
    pointer = QPointingDevice.PointerType.Eraser if pen.get("eraser") else QPointingDevice.PointerType.Pen
    capabilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, pointer, capabilities, 1, 2)
    moving = kind == QEvent.Type.TabletMove
    button = Qt.MouseButton.NoButton if moving else Qt.MouseButton.LeftButton
    event = QTabletEvent(
        kind, device, QPointF(*place), QPointF(*place), pressure, 0, 0, 0, 0, 0,
        Qt.KeyboardModifier.NoModifier, button, Qt.MouseButton.LeftButton,
    )  # fmt: skip
    QCoreApplication.sendEvent(pad, event)
    assert event.isAccepted()


def test_a_tablet_pen_draws_with_its_pressure(pad: SketchPad) -> None:
    tablet(pad, QEvent.Type.TabletPress, (20, 70), 0.0)
    tablet(pad, QEvent.Type.TabletMove, (70, 70), 1.0)
    tablet(pad, QEvent.Type.TabletMove, (120, 70), 1.0)
    tablet(pad, QEvent.Type.TabletRelease, (120, 70), 0.0)
    (stroke,) = pad.source.strokes
    assert stroke.points == ((40.0, 140.0), (140.0, 140.0), (240.0, 140.0))
    assert stroke.pressure == pytest.approx((0.0, 1.0, 1.0), abs=0.01)
    dark = ink(pad)
    assert dark[:, 95].sum() > 1.4 * dark[:, 30].sum()


def test_the_other_end_of_the_pen_rubs_out(pad: SketchPad) -> None:
    draw(pad, (10, 70), (130, 70))
    tablet(pad, QEvent.Type.TabletPress, (70, 70), 0.5, eraser=True)
    tablet(pad, QEvent.Type.TabletRelease, (70, 70), 0.5, eraser=True)
    assert len(pad.source.strokes) == 2


def test_a_finger_draws_and_a_second_one_is_ignored(pad: SketchPad) -> None:
    screen = QTest.createTouchDevice()
    QTest.touchEvent(pad, screen).press(0, QPoint(20, 20)).commit()
    QTest.touchEvent(pad, screen).move(0, QPoint(60, 20)).press(1, QPoint(100, 100)).commit()
    QTest.touchEvent(pad, screen).move(0, QPoint(60, 80)).move(1, QPoint(120, 100)).commit()
    QTest.touchEvent(pad, screen).release(0, QPoint(60, 80)).release(1, QPoint(120, 100)).commit()
    (stroke,) = pad.source.strokes
    (x, y), *others = stroke.points
    # The simulated screen and the window may differ by the window's frame, so lengths count here, not places.
    assert [(a - x, b - y) for a, b in others] == [(80.0, 0.0), (80.0, 120.0)]


def test_a_pad_that_is_wider_than_high_draws_in_its_square(pad: SketchPad) -> None:
    pad.resize(SIZE + 60, SIZE)
    draw(pad, (30 + 10, 20), (30 + 50, 20))
    assert pad.source == Sketch((Stroke(((20.0, 40.0), (100.0, 40.0))),))


def test_strokes_are_sharp_on_a_screen_of_high_density(qapp: QApplication) -> None:
    screen = QPixmap(2 * SIZE, 2 * SIZE)
    screen.setDevicePixelRatio(2)
    square = QRect(0, 0, SIZE, SIZE)
    painter = QPainter(screen)
    Paper().paint(painter, square, square, (Stroke(((20.0, 140.0), (260.0, 140.0))),), QImage())
    painter.end()
    image = screen.toImage()
    column = [image.pixelColor(140, y).lightness() for y in range(120, 160)]
    # A pen of 18 units is 18 of this screen's pixels; enlarging a coarse sheet would blur both edges.
    assert sum(value < 40 for value in column) == 18
    assert sum(40 <= value <= 250 for value in column) == 0
