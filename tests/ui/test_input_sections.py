"""What is below the answer: the steps to what the network sees, what it tolerates, several views."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from explorer.data.changes import Changes
from explorer.data.sketch import Sketch, Stroke
from explorer.data.steps import Adjusted, StepSettings, see
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_weights
from explorer.inference.ten_crop import averaged
from explorer.inference.tolerance import tolerance
from explorer.ui.input_panel import InputPanel
from tests.ui.input_panel_fixture import input_panel

pytestmark = pytest.mark.skipif(not shipped_weights(), reason="no weights came with the program")

SEVEN = Sketch((Stroke(((30.0, 40.0), (120.0, 40.0), (60.0, 190.0))),))


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[InputPanel]:
    with input_panel(qtbot, 900) as panel:
        yield panel


@pytest.fixture
def predictor() -> Predictor:
    return Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))


def unfold(panel: InputPanel, name: str) -> None:
    QTest.mouseClick(panel.findChild(QToolButton, f"{name}_fold"), Qt.MouseButton.LeftButton)


def shares(panel: InputPanel) -> list[float]:
    return [share for _, share in panel.bars.rows]


def test_sections_are_folded_and_compute_nothing_at_first(panel: InputPanel) -> None:
    panel.pad.show_sketch(SEVEN)
    for section in (panel.sections.seen, panel.sections.tolerance, panel.sections.views):
        assert not section.is_open
        assert section.body is None


def test_the_steps_end_in_what_the_network_sees(panel: InputPanel, qtbot: QtBot) -> None:
    panel.pad.show_sketch(SEVEN)
    unfold(panel, "seen_section")
    body = panel.sections.seen.body
    qtbot.waitUntil(lambda: bool(body.steps), timeout=20_000)
    assert [step.key for step in body.steps] == ["strokes", "fitted", "inked", "centred", "normalised"]
    qtbot.waitUntil(lambda: panel.view.label.text() != "")
    assert np.array_equal(body.steps[-1].picture, panel.view.picture.seen[0])
    panel.pad.clear()
    assert body.steps == ()


def test_a_step_that_is_switched_off_changes_the_answer_until_reset(
    panel: InputPanel, predictor: Predictor, qtbot: QtBot
) -> None:
    told: list[object] = []
    panel.source_changed.connect(told.append)
    panel.pad.show_sketch(SEVEN)
    unfold(panel, "seen_section")
    qtbot.waitUntil(lambda: bool(panel.sections.seen.body.steps) and any(shares(panel)), timeout=20_000)
    before = shares(panel)
    box = panel.findChild(QCheckBox, "step_fitted_switch")
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() - box.rect().bottomRight() / 2.2)
    assert panel.sections.off == {"fitted"}
    expected = see(Adjusted(SEVEN, frozenset({"fitted"})), StepSettings())
    qtbot.waitUntil(lambda: np.array_equal(panel.view.picture.seen, expected))
    qtbot.waitUntil(lambda: shares(panel) == pytest.approx(predictor.answer(expected).probabilities))
    assert isinstance(told[-1], Adjusted)
    reset = panel.findChild(QPushButton, "seen_reset")
    assert reset.isVisible()
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert not reset.isVisible()
    qtbot.waitUntil(lambda: shares(panel) == before)
    assert told[-1] == SEVEN


def test_normalising_can_be_left_out(panel: InputPanel, predictor: Predictor, qtbot: QtBot) -> None:
    panel.pad.show_sketch(SEVEN)
    qtbot.waitUntil(lambda: any(shares(panel)), timeout=20_000)
    panel.sections.leave_out(frozenset({"normalised"}))
    seen = predictor.see(SEVEN)
    raw = predictor.without_normalising().answer(seen).probabilities
    assert raw != predictor.answer(seen).probabilities
    qtbot.waitUntil(lambda: shares(panel) == pytest.approx(raw))


def test_a_slider_shows_the_answer_to_the_changed_input(panel: InputPanel, predictor: Predictor, qtbot: QtBot) -> None:
    panel.pad.show_sketch(SEVEN)
    unfold(panel, "tolerance_section")
    body = panel.sections.tolerance.body
    qtbot.waitUntil(lambda: body.tolerance is not None, timeout=20_000)
    slider = body.findChild(QSlider, "tolerance_turn")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert body.rows["turn"].value == 90
    qtbot.waitUntil(lambda: body.tolerance.changes == Changes(turn=90))
    expected = tolerance(predictor, SEVEN, Changes(turn=90))
    assert body.tolerance.answer.probabilities == pytest.approx(expected.answer.probabilities)
    for row, curve in zip(body.rows.values(), expected.curves, strict=True):
        assert np.allclose(row.plot.curve.best, curve.best, atol=1e-6)
    QTest.mouseClick(body.findChild(QPushButton, "tolerance_reset"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: body.tolerance.changes == Changes())
    # The answer in the panel stays that to the input itself.
    assert shares(panel) == pytest.approx(predictor.answer(predictor.see(SEVEN)).probabilities)
    assert body._picture.seen.any()
    panel.pad.clear()
    qtbot.waitUntil(lambda: body.tolerance is None)
    assert not body._picture.seen.any()


def test_a_click_on_a_curve_sets_its_slider(panel: InputPanel, qtbot: QtBot) -> None:
    unfold(panel, "tolerance_section")
    row = panel.sections.tolerance.body.rows["shift_x"]
    plot = row.plot
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.rect().center())
    assert abs(row.value) <= 0.5
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.rect().topRight())
    assert row.value == 10


def test_several_views_are_averaged(panel: InputPanel, predictor: Predictor, qtbot: QtBot) -> None:
    panel.pad.show_sketch(SEVEN)
    unfold(panel, "views_section")
    body = panel.sections.views.body
    qtbot.waitUntil(lambda: body.averaged is not None, timeout=20_000)
    expected = averaged(predictor, SEVEN).mean
    assert [share for _, share in body.bars.rows] == pytest.approx(expected.probabilities)
    assert panel.sections.views.summary.startswith(expected.best)
    unfold(panel, "views_section")
    assert panel.sections.views.summary == ""


def test_every_control_has_a_name_and_a_tooltip(panel: InputPanel, qtbot: QtBot) -> None:
    panel.pad.show_sketch(SEVEN)
    for name in ("seen_section", "tolerance_section", "views_section"):
        unfold(panel, name)
    qtbot.waitUntil(lambda: bool(panel.sections.seen.body.steps), timeout=20_000)
    qtbot.waitUntil(lambda: panel.sections.views.body.averaged is not None, timeout=20_000)
    for kind in (QCheckBox, QPushButton, QSlider, QToolButton):
        for control in panel.sections.findChildren(kind):
            assert control.accessibleName(), control.objectName()
            assert control.toolTip(), control.objectName()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.objectName()
    # Nothing is wider than a narrow dock.
    assert panel.sections.minimumSizeHint().width() <= 300
