"""Changes in mid-run, from the fields to the orders and back."""

import threading
from collections.abc import Generator, Iterator
from itertools import count

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from explorer.data.augmentation import Augmentation
from explorer.training.events import Change, Command, Event, Order, Warned
from explorer.ui.training_panel import TrainingPanel
from tests.ui.training_events import Endless, ended, started, steps
from tests.ui.training_panel_fixture import button, press, starts, training_panel, until


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TrainingPanel]:
    with training_panel(qtbot) as panel:
        yield panel


@pytest.fixture
def source(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> Endless:
    source = Endless()
    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    press(qtbot, panel, "training_changes")
    return source


def write(qtbot: QtBot, panel: TrainingPanel, name: str, text: str) -> None:
    line = panel.changes._fields[name].control
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_the_fields_show_what_is_in_force(panel: TrainingPanel, source: Endless) -> None:
    config = panel.form.config()
    assert panel.changes.isVisible()
    values = {name: field.value() for name, field in panel.changes._fields.items()}
    assert values == {
        "learning_rate": config.learning_rate,
        "epochs": config.epochs,
        "augmentation": config.augmentation,
    }
    assert not button(panel, "apply_change").isEnabled()


def test_only_what_differs_is_asked_for(qtbot: QtBot, panel: TrainingPanel, source: Endless) -> None:
    write(qtbot, panel, "learning_rate", "0.003")
    press(qtbot, panel, "apply_change")
    qtbot.waitUntil(lambda: Change(learning_rate=0.003) in source.commands, timeout=5000)
    qtbot.waitUntil(panel.changes._said.isVisible, timeout=5000)
    assert panel.changes._said.value.startswith("learning rate 0.01 → 0.003, since step ")
    # It is in force now, and nothing is left to ask for.
    assert panel.changes._config.learning_rate == 0.003
    assert not button(panel, "apply_change").isEnabled()


def test_the_number_of_epochs_in_force_stands_in_the_progress(
    qtbot: QtBot, panel: TrainingPanel, source: Endless
) -> None:
    source.answer = "epochs 7 → 20"
    write(qtbot, panel, "epochs", "20")
    press(qtbot, panel, "apply_change")
    qtbot.waitUntil(lambda: panel._started.epochs == 20, timeout=5000)
    qtbot.waitUntil(lambda: " of 20" in panel._progress.text, timeout=5000)


def test_another_number_of_epochs_is_said_to_stretch_the_schedule(
    qtbot: QtBot, panel: TrainingPanel, source: Endless
) -> None:
    assert not panel.changes._stretch.isVisible()
    write(qtbot, panel, "epochs", "20")
    assert panel.changes._stretch.isVisible()
    source.answer = "epochs 7 → 20"
    press(qtbot, panel, "apply_change")
    qtbot.waitUntil(lambda: not panel.changes._stretch.isVisible(), timeout=5000)
    assert panel.curves._front.epochs == 20, "the axis reaches as far as the run"


def test_augmentation_can_be_changed(qtbot: QtBot, panel: TrainingPanel, source: Endless) -> None:
    field = panel.changes._fields["augmentation"]
    field.show_value(Augmentation.STRONG)
    field.edited.emit("augmentation")
    press(qtbot, panel, "apply_change")
    qtbot.waitUntil(lambda: Change(augmentation=Augmentation.STRONG) in source.commands, timeout=5000)


def test_a_wrong_value_is_said_and_not_asked_for(qtbot: QtBot, panel: TrainingPanel, source: Endless) -> None:
    write(qtbot, panel, "epochs", "0")
    assert panel.changes._error.value.startswith("epochs is 1 to 100,000")
    assert not button(panel, "apply_change").isEnabled()


def test_what_is_refused_is_said_and_the_fields_go_back(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source() -> Generator[Event, Order | None, None]:
        nobody = threading.Event()
        numbers = count(1)
        order = yield started()
        while order is None:
            nobody.wait(0.002)
            order = yield steps((step := next(numbers)), step)
        yield Warned("epoch 5 is done or under way: epochs cannot become 2")
        while (yield steps((step := next(numbers)), step)) is not Command.STOP:
            nobody.wait(0.002)
        yield ended()

    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    press(qtbot, panel, "training_changes")
    write(qtbot, panel, "epochs", "2")
    press(qtbot, panel, "apply_change")
    qtbot.waitUntil(lambda: "cannot become 2" in panel._note.text, timeout=5000)
    assert panel.changes._fields["epochs"].value() == panel.form.config().epochs


def test_nothing_can_be_changed_when_nothing_runs(qtbot: QtBot, panel: TrainingPanel, source: Endless) -> None:
    press(qtbot, panel, "stop_button")
    until(qtbot, panel, "idle")
    assert not panel.changes.isVisible()
    assert not button(panel, "training_changes").isVisible()
