from dataclasses import dataclass, replace
from typing import Literal

import pytest
from lenet_graph import ShownSession, lenet_session
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSpinBox
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.networks.options import check_options, option
from explorer.ui.options_form import OptionsForm


@dataclass(frozen=True)
class GrowingOptions:
    growth: int = option(12, label="Growth", help="maps a layer adds", minimum=1, maximum=64)
    compression: float = option(0.5, label="Compression", help="what a transition keeps", minimum=0.1, maximum=1.0)
    stem: Literal["small", "large"] = option("small", label="Stem", help="the first layers")

    def __post_init__(self) -> None:
        check_options(self)
        if self.stem == "large" and self.growth < 8:
            raise ValueError("a large stem needs a growth of 8 or more")


GROWING = replace(LENET5, name="growing", title="Growing", options_type=GrowingOptions)


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
    assert list(form.controls) == ["form", "input", "activation", "pooling", "batch_norm", "centres"]
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
