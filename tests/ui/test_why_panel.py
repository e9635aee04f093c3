"""The dock "Why" explains the answer, and shows what a network without some of its parts would say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.inference.attribution import Method, Question
from explorer.inference.attribution_words import scale_end
from explorer.inference.edits import Silence
from explorer.inference.kinds import Takes
from explorer.networks import catalogue
from explorer.ui.answer_view import AnswerView
from explorer.ui.inside_service import InsideService
from explorer.ui.session import Session
from explorer.ui.sketch_pad import SketchPad
from explorer.ui.surgery import Surgery, can_silence, channel_count
from explorer.ui.why_colours import heat_pixels
from explorer.ui.why_panel import WhyPanel
from explorer.ui.why_place import on_pad

ONE = Sketch((Stroke(((140.0, 40.0), (140.0, 240.0))),))
SEVEN = Sketch((Stroke(((60.0, 40.0), (200.0, 40.0), (120.0, 240.0))),))


@dataclass
class Place:
    panel: WhyPanel
    pad: SketchPad
    session: Session
    service: InsideService
    surgery: Surgery
    qtbot: QtBot

    def draw(self) -> None:
        self.pad.show_sketch(SEVEN)
        self.wait(lambda: self.panel.view.told is not None)

    def wait(self, reached) -> None:
        self.qtbot.waitUntil(reached, timeout=60_000)


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    session = Session()
    service = InsideService(session)
    surgery = Surgery(session)
    answers = AnswerView(SketchPad())
    qtbot.addWidget(answers)
    answers.resize(300, 200)
    answers.show()
    panel = WhyPanel(session, service, surgery, answers, lambda: answers.pad.source, lambda: "")
    qtbot.addWidget(panel)
    panel.resize(520, 360)
    panel.show()
    answers.pad.sketch_changed.connect(service.set_input)
    session.show(catalogue.get("lenet5"))
    qtbot.waitUntil(lambda: service.info is not None, timeout=60_000)
    yield Place(panel, answers.pad, session, service, surgery, qtbot)
    panel.hide()
    service.shutdown()
    session.shutdown()


def test_a_drawing_is_explained_with_the_numbers_of_the_function(place: Place) -> None:
    from explorer.inference.explaining import explain
    from explorer.inference.predictor import Predictor, shipped_weights
    from explorer.structure.trace import trace

    panel = place.panel
    assert "Draw a digit" in panel.empty.sentence
    assert panel.empty.isVisible()
    place.draw()
    told = panel.view.told
    predictor = Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))
    graph = trace(predictor.network, (1, 28, 28))
    expected = explain(predictor, graph, told.seen, Question(Method.GRAD_CAM))
    assert told.attribution.label_name == expected.label_name == "7"
    assert np.array_equal(told.attribution.values, expected.values)
    assert panel.controls.label.currentText() == "Answered: 7"
    assert panel.over_pad.isVisible()
    panel.also_over.setChecked(False)
    assert not panel.over_pad.isVisible()
    panel.also_over.setChecked(True)
    place.pad.clear()
    assert panel.view.told is None
    assert not panel.over_pad.isVisible()
    assert panel.empty.isVisible()


def test_colours_of_another_network_than_the_one_that_answers_stay_off_the_pad(place: Place) -> None:
    panel = place.panel
    place.draw()
    assert panel.over_pad.isVisible()
    assert panel.note.text() == ""
    panel._answering = lambda: "ResNet-20 on CIFAR-10, 91.2 %"
    panel.follow_answer()
    assert not panel.over_pad.isVisible()
    assert panel.note.text().startswith("Of LeNet-5 on MNIST")
    assert panel.note.text().endswith("another one: ResNet-20 on CIFAR-10, 91.2 %.")
    panel._answering = lambda: "lenet5, as a zoo names it"
    panel.follow_answer()
    assert panel.over_pad.isVisible()
    panel._answering = lambda: "LeNet-5 on MNIST, 99.6 %"
    panel.follow_answer()
    assert panel.over_pad.isVisible()
    assert panel.note.text() == ""


def test_after_cancel_another_picture_is_explained(place: Place) -> None:
    panel = place.panel
    place.draw()
    before = panel.view.told
    panel.view.cancelled.emit()
    place.pad.show_sketch(ONE)
    assert panel.view.told is None
    assert not panel.over_pad.isVisible()
    place.wait(lambda: panel.view.told is not None)
    assert not np.array_equal(panel.view.told.seen, before.seen)
    assert panel.over_pad.isVisible()


def test_the_classes_to_choose_from_are_those_of_the_weights_that_are_explained(place: Place) -> None:
    panel = place.panel
    place.draw()
    panel.controls.label.setCurrentIndex(panel.controls.label.findText("3"))
    place.wait(lambda: panel.view.told.attribution.question.label == 3)
    others = tuple("abcdefghij")
    panel.asking.told.emit(dataclasses.replace(panel.view.told, labels=others))
    assert [panel.controls.label.itemText(number) for number in range(11)] == ["Answered class", *others]
    assert panel.controls.question.label is None
    place.wait(lambda: panel.view.told.attribution.question.label is None)


def test_colours_are_off_the_pad_while_surgery_is_in_sight(place: Place) -> None:
    panel = place.panel
    place.draw()
    panel.show_page("Surgery")
    assert not panel.over_pad.isVisible()
    panel.show_page("Explain")
    assert panel.over_pad.isVisible()


def test_answers_before_and_after_an_edit_fit_beside_what_is_edited(place: Place) -> None:
    panel = place.panel
    panel.resize(460, 360)
    place.draw()
    panel.show_page("Surgery")
    place.surgery.silence("features.c1")
    place.wait(panel.answers.after.isVisible)
    after = panel.answers.after
    assert after.mapTo(panel, after.rect().topRight()).x() < panel.width()


def test_method_class_and_layer_are_chosen(place: Place) -> None:
    panel = place.panel
    place.draw()
    place.session.select("features.c1")
    place.wait(lambda: panel.view.told.attribution.layer == "features.c1")
    panel.controls.choose(Method.OCCLUSION)
    panel.controls.label.setCurrentIndex(panel.controls.label.findText("2"))
    place.wait(lambda: panel.view.told.attribution.question.method is Method.OCCLUSION)
    place.wait(lambda: panel.view.told.attribution.label_name == "2")
    assert panel.controls.patch.isVisible()
    assert not panel.controls.layer.isVisible()
    assert "Patch 4 × 4, stride 2" in panel.view.numbers.value
    panel.controls.choose(Method.INTEGRATED)
    place.wait(lambda: "the sum misses it by" in panel.view.numbers.value)


def test_a_silenced_layer_changes_the_answer_and_is_told(place: Place) -> None:
    panel, surgery = place.panel, place.surgery
    place.draw()
    panel.show_page("Surgery")
    place.session.select("features.s4")
    QTest.mouseClick(panel.surgery.silence, Qt.MouseButton.LeftButton)
    assert surgery.edits == (Silence("features.s4"),)
    place.wait(lambda: panel.answers.answers is not None and panel.answers.answers.after is not None)
    before, after = (dict(column.bars.rows) for column in (panel.answers.before, panel.answers.after))
    assert before["7"] > 0.9
    assert abs(before["7"] - after["7"]) > 0.05
    assert "edited copy" in panel.note.text()
    assert "features.s4 is zero" in panel.note.text()
    QTest.mouseClick(panel.surgery.reset, Qt.MouseButton.LeftButton)
    assert surgery.edits == ()
    place.wait(lambda: panel.answers.answers.after is None)
    assert panel.note.text() == ""
    panel.surgery.undo.setFocus()
    QTest.keyClick(panel, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert surgery.edits == (Silence("features.s4"),)
    QTest.mouseClick(panel.surgery.rows[0].remove, Qt.MouseButton.LeftButton)
    assert surgery.edits == ()


def test_the_temperature_makes_the_answer_less_decided(place: Place) -> None:
    panel = place.panel
    place.draw()
    panel.show_page("Surgery")
    place.wait(lambda: panel.answers.answers is not None)
    cold = dict(panel.answers.before.bars.rows)["7"]
    panel.answers.slider.setValue(100)
    assert panel.answers.temperature == pytest.approx(10)
    hot = dict(panel.answers.before.bars.rows)
    assert hot["7"] < cold
    assert max(hot, key=hot.get) == "7"
    panel.answers.reset.click()
    assert panel.answers.temperature == 1
    assert dict(panel.answers.before.bars.rows)["7"] == cold


def test_a_hidden_panel_asks_nothing_and_takes_its_colours_along(place: Place) -> None:
    place.draw()
    place.panel.hide()
    assert not place.panel.over_pad.isVisible()
    place.pad.show_sketch(SEVEN)
    assert place.panel.view.told is None


def test_another_network_starts_unedited(place: Place) -> None:
    place.surgery.silence("features.c1", 2)
    place.surgery.silence("features.c1", 2)
    assert place.surgery.edits == (Silence("features.c1", 2),)
    graph = place.session.graph
    assert channel_count(graph, "features.c1") == 6
    assert can_silence(graph, "features")
    assert not can_silence(graph, "input")
    place.session.show(catalogue.get("resnet20"))
    assert place.surgery.edits == ()
    assert not place.surgery.can_undo
    place.wait(lambda: place.session.graph is not None)


def test_what_the_network_sees_lies_where_it_was_drawn() -> None:
    digit = as_digit(SEVEN)
    seen = digit[None]
    found = on_pad(SEVEN, seen, Takes.DIGITS, whole=False)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    pixel = found.height / 28
    # The pen's path goes from y = 40 to 240 of 280; ink reaches a pen's radius (1.25 pixels) and a soft edge beyond it.
    top, bottom = found.top + rows[0] * pixel, found.top + (rows[-1] + 1) * pixel
    assert top == pytest.approx(40 / 280 - 1.25 * pixel, abs=1.2 * pixel)
    assert bottom == pytest.approx(240 / 280 + 1.25 * pixel, abs=1.2 * pixel)
    left = found.left + columns[0] * pixel
    assert left == pytest.approx(60 / 280 - 1.25 * pixel, abs=1.2 * pixel)


def test_a_photograph_lies_as_it_was_cut_out() -> None:
    picture = np.zeros((50, 100, 3), np.uint8)
    cut = on_pad(picture, np.zeros((3, 32, 32), np.uint8), Takes.PHOTOGRAPHS, whole=False)
    assert (cut.left, cut.top, cut.width, cut.height) == pytest.approx((0.25, 0.25, 0.5, 0.5))
    whole = on_pad(picture, np.zeros((3, 32, 32), np.uint8), Takes.PHOTOGRAPHS, whole=True)
    assert (whole.left, whole.top, whole.width, whole.height) == pytest.approx((0, 0, 1, 1))
    assert on_pad(picture, np.zeros((1, 28, 28), np.uint8), Takes.DIGITS, whole=False) is None


def test_colours_tell_sign_and_size() -> None:
    pixels = heat_pixels(np.array([[0.0, 1.0, -1.0, 9.0, np.nan]], np.float32), 1.0)[0]
    assert pixels[0, 3] == pixels[4, 3] == 0
    assert pixels[1, 3] == pixels[2, 3] == 255
    assert pixels[1, 0] > pixels[1, 2]  # for: red
    assert pixels[2, 2] > pixels[2, 0]  # against: blue
    assert pixels[3].tolist() == pixels[1].tolist()
    assert scale_end(np.array([[-3.0, 1.0]], np.float32)) == (3.0, False)
    many = np.ones((100, 100), np.float32)
    many[0, 0] = 50
    assert scale_end(many) == (1.0, True)
