"""Corrections are kept by a click or a key, shown as a grid, taken back, and learnt from."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from strokes import written_digits

from explorer.data.personal import PersonalSet, drawing_of
from explorer.inference.kinds import Takes
from explorer.inference.prediction import Prediction
from explorer.runs.notes import SET_ASIDE, read_notes
from explorer.system.settings import Settings
from explorer.training import learn_hand as lesson
from explorer.ui.answer_figures import AnswerFigures
from explorer.ui.answering import Answering, Choice, Subject, Weights
from explorer.ui.correction_row import CorrectionRow
from explorer.ui.hand_learner import HandLearner
from explorer.ui.input_panel import InputPanel
from explorer.ui.personal_panel import PersonalPanel
from explorer.ui.personal_store import PersonalStore
from explorer.ui.prediction_bars import PredictionBars
from explorer.ui.prediction_service import Answer, PredictionService
from explorer.ui.session import Session

SKETCHES = written_digits()
DIGITS = tuple("0123456789")
SEVEN = Prediction(DIGITS, tuple(0.91 if digit == "7" else 0.01 for digit in DIGITS))


@dataclass
class Place:
    window: QWidget
    input: InputPanel
    store: PersonalStore
    row: CorrectionRow
    service: PredictionService
    learner: HandLearner
    panel: PersonalPanel

    def draw(self, qtbot: QtBot, number: int = 0) -> None:
        self.input.pad.show_sketch(SKETCHES[number][0])
        qtbot.waitUntil(self.row.buttons[0].isEnabled)


@pytest.fixture
def place(qtbot: QtBot, tmp_path: Path) -> Iterator[Place]:
    service = PredictionService(lambda _choice: Answering(lambda _seen: SEVEN, "made up"))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 800)
    store = PersonalStore(window)
    learner = HandLearner(lambda: Settings(runs_folder=str(tmp_path / "runs")), window)
    inputs = InputPanel(Session(window), service, window)
    row = CorrectionRow(inputs.pad, inputs.bars, store, inputs)
    inputs.add_below_bars(row)
    service.answered.connect(row.show_answer)
    panel = PersonalPanel(store, learner, service, inputs.pad)
    column = QVBoxLayout(window)
    column.addWidget(inputs)
    column.addWidget(panel)
    window.show()
    qtbot.waitExposed(window)
    yield Place(window, inputs, store, row, service, learner, panel)
    learner.shutdown()
    store.shutdown()
    service.shutdown()
    inputs.shutdown()


def kept() -> list[tuple[int, int]]:
    """Digit and number of strokes of what is on the disk."""
    return [(drawing.label, len(drawing.strokes)) for drawing in PersonalSet().drawings()]


def test_a_click_says_what_it_was(place: Place, qtbot: QtBot) -> None:
    place.draw(qtbot)
    with qtbot.waitSignal(place.store.kept):
        QTest.mouseClick(place.row.buttons[3], Qt.MouseButton.LeftButton)
    assert kept() == [(3, len(SKETCHES[0][0].strokes))]
    assert PersonalSet().drawings()[0].sketch.strokes[0].points[0] == pytest.approx(
        SKETCHES[0][0].strokes[0].points[0], abs=0.01
    )


def test_a_key_says_it_too_while_the_pad_has_the_keyboard(place: Place, qtbot: QtBot) -> None:
    place.draw(qtbot)
    place.input.pad.setFocus()
    with qtbot.waitSignal(place.store.kept):
        QTest.keyClick(place.input.pad, Qt.Key.Key_9)
    assert [label for label, _ in kept()] == [9]


def test_a_bars_menu_says_it_too(place: Place, qtbot: QtBot) -> None:
    place.draw(qtbot)
    bars = place.input.bars
    with qtbot.waitSignal(place.store.kept) as caught:
        bars.class_meant.emit("4")
    assert caught.args[1] == 4
    # The menu itself, on the row of the 7.
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QContextMenuEvent

    height = bars.height() // 10
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(20, 7 * height + 3), QPoint(0, 0))
    bars.contextMenuEvent(event)
    menu = bars.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["This was a 7"]
    menu.close()


def test_what_was_kept_by_mistake_is_taken_back(place: Place, qtbot: QtBot) -> None:
    place.draw(qtbot)
    with qtbot.waitSignal(place.store.kept):
        place.row.keep(5)
    undo = place.row._note
    assert undo.text() == "Kept as a 5 · Undo"
    with qtbot.waitSignal(place.store.changed):
        QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert kept() == []
    assert undo.isHidden()


def test_nothing_is_offered_for_a_blank_sheet_or_for_other_classes(place: Place, qtbot: QtBot) -> None:
    assert not any(button.isEnabled() for button in place.row.buttons)
    place.draw(qtbot)
    place.input.pad.clear()
    assert not any(button.isEnabled() for button in place.row.buttons)
    QTest.keyClick(place.input.pad, Qt.Key.Key_3)
    cats = Prediction(("cat", "dog"), (0.5, 0.5))
    place.row.show_answer(Answer(place.input.view.picture.seen, cats, 0.0))
    assert place.row.isHidden()
    assert kept() == []


def test_a_correction_made_as_the_window_closes_is_kept(place: Place, qtbot: QtBot) -> None:
    place.draw(qtbot)
    place.row.keep(2)
    place.store.shutdown()
    assert [label for label, _ in kept()] == [2]


@pytest.fixture
def filled(place: Place, qtbot: QtBot) -> Place:
    personal = PersonalSet()
    for sketch, label in SKETCHES[::4]:
        personal.add(drawing_of(sketch, label))
    with qtbot.waitSignal(place.store.changed):
        place.store.refresh()
    return place


def test_the_drawings_are_a_grid_by_digit(filled: Place) -> None:
    labels = [filled.panel._drawings[index].label for index in filled.panel.grid.order]
    assert labels == sorted(label for _, label in SKETCHES[::4])
    assert filled.panel.count.text() == f"{len(labels)} drawings of 10 digits"
    assert filled.panel.grid.isVisible()


def test_a_drawing_is_deleted_by_key_and_comes_back_by_undo(filled: Place, qtbot: QtBot) -> None:
    grid, before = filled.panel.grid, kept()
    grid.go_to(2)
    with qtbot.waitSignal(filled.store.changed):
        QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert len(kept()) == len(before) - 1
    assert filled.panel.undo.isEnabled()
    with qtbot.waitSignal(filled.store.changed):
        QTest.mouseClick(filled.panel.undo, Qt.MouseButton.LeftButton)
    assert kept() == before
    assert not filled.panel.undo.isEnabled()


def test_another_digit_for_a_drawing_is_taken_back_by_undo(filled: Place, qtbot: QtBot) -> None:
    drawing, before = filled.store.drawings[2], kept()
    other = (drawing.label + 1) % 10
    with qtbot.waitSignal(filled.store.changed):
        filled.store.relabel(drawing.name, other)
    assert filled.store.drawings[2].label == other
    assert filled.panel.undo.isEnabled()
    with qtbot.waitSignal(filled.store.changed):
        QTest.mouseClick(filled.panel.undo, Qt.MouseButton.LeftButton)
    assert filled.store.drawings[2].label == drawing.label
    assert kept() == before
    assert not filled.panel.undo.isEnabled()


def test_a_drawing_goes_back_on_the_pad(filled: Place) -> None:
    filled.panel.grid.opened.emit(4)
    drawing = filled.panel._drawings[4]
    assert filled.input.pad.source == drawing.sketch


def test_the_menu_gives_another_digit(filled: Place, qtbot: QtBot) -> None:
    menu = QMenu(filled.panel)
    filled.panel.grid.menu_wanted.emit(0, menu)
    other = next(action.menu() for action in menu.actions() if action.text() == "It was…")
    name = filled.panel._drawings[0].name
    with qtbot.waitSignal(filled.store.changed):
        next(action for action in other.actions() if action.text() == "8").trigger()
    assert next(each.label for each in PersonalSet().drawings() if each.name == name) == 8


def test_the_set_goes_out_and_comes_in_as_pictures(filled: Place, qtbot: QtBot, tmp_path: Path) -> None:
    count = len(kept())
    with qtbot.waitSignal(filled.store.told) as told:
        filled.store.export(tmp_path / "out")
    assert str(count) in told.args[0]
    with qtbot.waitSignal(filled.store.told):
        filled.store.take_in(tmp_path / "out")
    qtbot.waitUntil(lambda: len(filled.store.drawings) == 2 * count)
    with qtbot.waitSignal(filled.store.failed) as failed:
        filled.store.take_in(tmp_path)
    assert "0 to 9" in failed.args[0]
    assert filled.panel.message.text() == failed.args[0]


@pytest.fixture
def quick(few_digits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_KNOWN", 200), ("_OWN", 100), ("_EPOCHS", 2)):
        monkeypatch.setattr(lesson, name, value)


def test_learning_answers_at_once_and_one_click_goes_back(quick: None, filled: Place, qtbot: QtBot) -> None:
    filled.service.use_shipped(Takes.DIGITS)
    before = filled.service.chosen(Subject.DRAWING)
    with qtbot.waitSignal(filled.learner.learnt, timeout=60_000) as caught:
        QTest.mouseClick(filled.panel.learn, Qt.MouseButton.LeftButton)
        assert not filled.panel.learn.isEnabled()
    learnt = caught.args[0]
    answers = Choice(Weights.CHOSEN, learnt.folder, Takes.DIGITS)
    qtbot.waitUntil(lambda: filled.service.chosen(Subject.DRAWING) == answers)
    assert filled.panel.learn.isEnabled()
    cells = [cell.text() for cell in filled.panel.result._cells.values()]
    assert f"{learnt.known_before:.2%}".replace("%", " %") in cells
    assert f"{learnt.own_after:.1%}".replace("%", " %") in cells
    assert "MNIST is not here" in filled.panel.result.how.text()
    QTest.mouseClick(filled.panel.result.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: filled.service.chosen(Subject.DRAWING) == before)
    assert SET_ASIDE in read_notes(learnt.folder).tags
    qtbot.waitUntil(filled.panel.result.use.isVisible)
    QTest.mouseClick(filled.panel.result.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: filled.service.chosen(Subject.DRAWING) == answers)
    assert SET_ASIDE not in read_notes(learnt.folder).tags


def test_learning_can_be_cancelled(filled: Place, qtbot: QtBot, tmp_path: Path) -> None:
    filled.service.use_shipped(Takes.DIGITS)
    filled.panel.learn.click()
    with qtbot.waitSignal(filled.learner.failed, timeout=60_000) as caught:
        filled.panel.cancel.click()
    assert "nothing changed" in caught.args[0]
    assert not list((tmp_path / "runs").glob("*"))
    assert filled.panel.result.isHidden()


# The figures below the bars


@pytest.fixture
def figures(qtbot: QtBot) -> AnswerFigures:
    window = QWidget()
    qtbot.addWidget(window)
    bars = PredictionBars(window)
    made = AnswerFigures(bars, window)
    window.show()
    # A fixture that ends keeps no window.
    made.keeps = window
    return made


def answer(*shares: float) -> Answer:
    labels = tuple(f"class {number}" for number in range(len(shares)))
    return Answer(None, Prediction(labels, shares), time.perf_counter())


def test_entropy_is_told_in_bits_beside_the_most_there_can_be(figures: AnswerFigures) -> None:
    figures.show_answer(answer(0.25, 0.5, 0.125, 0.125))
    assert figures.entropy.text() == "Entropy 1.75 of 2.00 bits"
    assert "all 4 classes" in figures.entropy.toolTip()
    figures.show_answer(Answer(None, None, 0.0, is_blank=True))
    assert figures.entropy.text() == ""


def test_of_more_than_ten_classes_as_many_are_shown_as_are_wished(figures: AnswerFigures) -> None:
    many = answer(*(number / 66 for number in range(12)))
    figures._bars.show_prediction(many.prediction)
    figures.show_answer(many)
    assert figures.top.isVisible()
    figures.top.setValue(3)
    assert [label for label, _ in figures._bars.rows] == ["class 11", "class 10", "class 9"]
    assert figures.state() == {"top": 3}
    figures.restore({"top": 99})
    assert len(figures._bars.rows) == 10
    figures.restore({"top": "many"})
    assert figures.top.value() == 10


def test_ten_classes_and_fewer_are_all_shown(figures: AnswerFigures) -> None:
    figures.top.setValue(1)
    ten = answer(*(0.1 for _ in range(10)))
    figures._bars.show_prediction(ten.prediction)
    figures.show_answer(ten)
    assert figures.top.isHidden()
    assert len(figures._bars.rows) == 10
