from dataclasses import dataclass, replace
from typing import Literal

import pytest
from lenet_graph import LENET, ShownSession, lenet_session
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSpinBox
from pytestqt.qtbot import QtBot

from explorer.networks.architecture import Interface
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.networks.options import check_options, option
from explorer.structure.graph import Failure
from explorer.ui.options_form import OptionsForm
from explorer.ui.own_networks import Question


@dataclass(frozen=True)
class GrowingOptions:
    growth: int = option(12, label="Growth", help="maps a layer adds", minimum=1, maximum=64)
    compression: float = option(0.5, label="Compression", help="what a transition keeps", minimum=0.1, maximum=1.0)
    stem: Literal["small", "large"] = option("small", label="Stem", help="the first layers")

    def __post_init__(self) -> None:
        check_options(self)
        if self.stem == "large" and self.growth < 8:
            raise ValueError("a large stem needs a growth of 8 or more")


def _interface(_options: object) -> Interface:
    return Interface(input_shape=(1, 28, 28))


GROWING = replace(LENET5, name="growing", title="Growing", options_type=GrowingOptions, interface=_interface)


@dataclass(frozen=True)
class TextOptions:
    blocks: str = option("[2, 2]", label="Blocks", help="how many blocks a stage has")


WITH_TEXT = replace(LENET5, name="text", title="Text", options_type=TextOptions, interface=_interface)


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def form(qtbot: QtBot, session: ShownSession) -> OptionsForm:
    made = OptionsForm(session)
    qtbot.addWidget(made)
    made.resize(230, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _choose(qtbot: QtBot, form: OptionsForm, name: str, text: str) -> None:
    box = form.controls[name]
    assert isinstance(box, QComboBox)
    box.setFocus()
    steps = box.findText(text) - box.currentIndex()
    for _ in range(abs(steps)):
        qtbot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert box.currentText() == text


def test_there_is_a_control_for_each_option(form: OptionsForm) -> None:
    assert list(form.controls) == ["form", "input", "activation", "pooling", "batch_norm", "kernels", "centres"]
    assert [form.labels[name].text() for name in ("form", "batch_norm")] == ["Form", "Batch norm"]


def test_choices_come_from_the_dataclass(form: OptionsForm) -> None:
    box = form.controls["input"]
    assert isinstance(box, QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == ["28 × 28", "32 × 32"]


def test_a_switch_is_on_or_off(form: OptionsForm) -> None:
    box = form.controls["batch_norm"]
    assert isinstance(box, QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == ["off", "on"]


def test_a_choice_shows_the_network_at_once(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    _choose(qtbot, form, "activation", "tanh")
    assert session.asked == [("lenet5", LeNet5Options(activation="tanh"))]


def test_options_that_do_not_apply_are_hidden_and_fall_back(
    form: OptionsForm, session: ShownSession, qtbot: QtBot
) -> None:
    _choose(qtbot, form, "activation", "tanh")
    assert not form.controls["centres"].isVisible()
    _choose(qtbot, form, "form", "original")
    assert session.options == LeNet5Options(form="original")
    assert form.controls["centres"].isVisible()
    assert form.labels["centres"].isVisible()
    assert not form.controls["activation"].isVisible()


def test_reset_is_there_only_when_something_differs(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    assert not form.reset_button.isVisible()
    _choose(qtbot, form, "pooling", "max")
    assert form.reset_button.isVisible()
    qtbot.mouseClick(form.reset_button, Qt.MouseButton.LeftButton)
    assert session.options == LeNet5Options()
    assert not form.reset_button.isVisible()
    assert form.values()["pooling"] == "average"


def test_the_form_follows_the_session_without_asking_again(form: OptionsForm, session: ShownSession) -> None:
    session.show(LENET5, LeNet5Options(pooling="max", batch_norm=True))
    assert form.values()["pooling"] == "max"
    assert form.values()["batch_norm"] is True
    assert len(session.asked) == 1


def test_numbers_get_spin_boxes_with_their_range(form: OptionsForm, session: ShownSession) -> None:
    session.show(GROWING, GrowingOptions())
    growth, compression = form.controls["growth"], form.controls["compression"]
    assert isinstance(growth, QSpinBox)
    assert isinstance(compression, QDoubleSpinBox)
    assert (growth.minimum(), growth.maximum(), growth.value()) == (1, 64, 12)
    assert (compression.minimum(), compression.maximum(), compression.value()) == (0.1, 1.0, 0.5)


def test_a_number_counts_when_it_is_finished(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    session.show(GROWING, GrowingOptions())
    session.asked.clear()
    box = form.controls["growth"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "24")
    assert session.asked == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert session.asked == [("growing", GrowingOptions(growth=24))]


def test_options_that_do_not_fit_together_are_explained(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    session.show(GROWING, GrowingOptions(growth=4))
    session.asked.clear()
    _choose(qtbot, form, "stem", "large")
    assert session.asked == []
    assert form.fault.isVisible()
    assert form.fault.text() == "A large stem needs a growth of 8 or more"
    _choose(qtbot, form, "stem", "small")
    assert not form.fault.isVisible()


def test_the_wheel_does_not_turn_what_it_passes_over(
    form: OptionsForm, session: ShownSession, qapp: QApplication
) -> None:
    box = form.controls["activation"]
    form.reset_button.setFocus()
    box.clearFocus()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(box.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    qapp.sendEvent(box, event)
    assert session.asked == []


def test_controls_have_names_tooltips_and_the_keyboard(form: OptionsForm) -> None:
    for control in form.controls.values():
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_tab_goes_from_row_to_row(form: OptionsForm, qtbot: QtBot) -> None:
    form.activateWindow()
    form.controls["form"].setFocus()
    qtbot.keyClick(form.controls["form"], Qt.Key.Key_Tab)
    assert form.controls["input"].hasFocus()


def test_an_empty_form_says_what_fills_it(qtbot: QtBot) -> None:
    made = OptionsForm(ShownSession())
    qtbot.addWidget(made)
    made.show()
    made.resize(300, 100)
    made.grab()
    assert made.none_note.isVisible()
    assert made.none_note.sentence == "No network yet. Choose one in the catalogue."


def test_another_input_size_is_shown_and_can_be_taken_back(
    form: OptionsForm, session: ShownSession, qtbot: QtBot
) -> None:
    line = form.input_size.line
    assert (form.input_size.channels.text(), line.text()) == ("1 ×", "28 × 28")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "40x36")
    assert session.asked == []
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert session.shapes[-1] == (1, 40, 36)
    assert line.text() == "40 × 36"
    qtbot.mouseClick(form.input_size.own_button, Qt.MouseButton.LeftButton)
    assert session.shapes[-1] is None
    assert line.text() == "28 × 28"
    assert not form.input_size.own_button.isVisible()


def test_a_wrong_input_size_is_explained_and_shows_nothing(
    form: OptionsForm, session: ShownSession, qtbot: QtBot
) -> None:
    line = form.input_size.line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "wide")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert session.asked == []
    assert form.input_size.error.isVisible()
    assert form.input_size.error.text() == "The input size is height × width in pixels, such as 64 × 64, not 'wide'"


def test_options_keep_the_chosen_input_size(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    session.show(LENET5, LeNet5Options(), (1, 40, 40))
    _choose(qtbot, form, "activation", "tanh")
    assert session.shapes[-1] == (1, 40, 40)


def test_a_network_that_fails_says_why_and_offers_the_smallest_input(
    form: OptionsForm, session: ShownSession, qtbot: QtBot
) -> None:
    session.show(LENET5, LeNet5Options(), (1, 9, 9))
    session.take(replace(LENET, failure=Failure("features.s4", "s4 needs 2 × 2 pixels", (1, 63, 63))))
    assert form.failure.isVisible()
    assert form.failure.value == "S4 needs 2 × 2 pixels"
    assert form.smallest_button.text() == "Use 63 × 63"
    qtbot.mouseClick(form.smallest_button, Qt.MouseButton.LeftButton)
    assert session.shapes[-1] == (1, 63, 63)
    session.take(LENET)
    assert not form.failure.isVisible()
    assert not form.smallest_button.isVisible()


def test_a_failure_without_a_working_size_offers_none(form: OptionsForm, session: ShownSession) -> None:
    session.take(replace(LENET, failure=Failure("classifier.f6", "F6 takes 120 numbers")))
    assert form.failure.isVisible()
    assert not form.smallest_button.isVisible()


@pytest.mark.parametrize("source", ["nets/net.pt2", ""])
def test_an_exported_program_has_one_size_only(form: OptionsForm, session: ShownSession, source: str) -> None:
    session.show(replace(LENET5, source=source), LeNet5Options())
    assert form.input_size.isVisible() == (not source)


def test_a_free_text_is_an_option_too(form: OptionsForm, session: ShownSession, qtbot: QtBot) -> None:
    session.show(WITH_TEXT, TextOptions())
    session.asked.clear()
    line = form.controls["blocks"]
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "[3, 4]")
    assert session.asked == []
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert session.asked == [("text", TextOptions(blocks="[3, 4]"))]


def test_a_question_is_asked_in_place_of_the_options(form: OptionsForm, qtbot: QtBot) -> None:
    form.ask(Question("nets/net.py:Net", "Net is built with classes", ("classes",)))
    assert form.question.isVisible()
    assert not form.controls["form"].isVisible()
    assert not form.question.build_button.isEnabled()
    qtbot.keyClicks(form.question.controls["classes"], "7")
    with qtbot.waitSignal(form.question_answered) as answered:
        qtbot.mouseClick(form.question.build_button, Qt.MouseButton.LeftButton)
    assert answered.args == ["nets/net.py:Net", {"classes": "7"}]
    assert form.controls["form"].isVisible()


def test_one_of_several_classes_is_chosen(form: OptionsForm, qtbot: QtBot) -> None:
    form.ask(Question("nets/net.py", "net.py defines several networks.", choices=("Big", "Small")))
    qtbot.keyClick(form.question.controls["class"], Qt.Key.Key_Down)
    with qtbot.waitSignal(form.question_answered) as answered:
        form.question.answer()
    assert answered.args == ["nets/net.py:Small", {}]
