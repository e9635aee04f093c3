import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.networks import catalogue
from explorer.system.settings import Settings
from explorer.training.events import Command, Event, Outcome, Paused, Warned
from explorer.ui.session import Session
from explorer.ui.training_panel import TrainingPanel
from explorer.ui.training_progress import progress_text, time_left
from explorer.ui.training_thread import Trainer
from tests.ui.training_events import Endless, ended, epoch_finished, started, steps

FIGURE_SPACE = "\N{FIGURE SPACE}"


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TrainingPanel]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1300, 600)
    session = Session()
    session.architecture = catalogue.get("lenet5")
    session.options = session.architecture.options_type()
    panel = TrainingPanel(session, Trainer(), Settings, window)
    panel.resize(520, 330)
    window.show()
    yield panel
    panel.shutdown()


def button(panel: TrainingPanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def starts(panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch, source: Callable) -> list:
    """Makes the trainer run `source` whatever it is asked to train; returns the configs it is asked for."""
    configs: list = []
    monkeypatch.setattr(panel._trainer, "start", lambda config: (configs.append(config), panel._trainer.run(source)))
    return configs


def press(qtbot: QtBot, panel: TrainingPanel, name: str, modifier: Qt.KeyboardModifier | None = None) -> None:
    qtbot.mouseClick(button(panel, name), Qt.MouseButton.LeftButton, modifier or Qt.KeyboardModifier.NoModifier)


def until(qtbot: QtBot, panel: TrainingPanel, state: str) -> None:
    qtbot.waitUntil(lambda: panel._trainer.state == state, timeout=5000)


def test_the_buttons_train_pause_continue_and_stop(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Endless()
    configs = starts(panel, monkeypatch, source)
    assert not button(panel, "pause_button").isVisible()
    press(qtbot, panel, "train_button")
    assert not button(panel, "train_button").isVisible()
    until(qtbot, panel, "running")
    assert configs == [panel.form.config()]
    press(qtbot, panel, "pause_button")
    until(qtbot, panel, "paused")
    assert button(panel, "pause_button").text() == "Continue"
    assert panel._progress.text == "paused"
    press(qtbot, panel, "pause_button")
    until(qtbot, panel, "running")
    assert button(panel, "pause_button").text() == "Pause"
    press(qtbot, panel, "stop_button")
    until(qtbot, panel, "idle")
    assert button(panel, "train_button").isVisible()
    # A stop that comes before the thread has looked again overtakes "continue".
    assert [command for command in source.commands if command is not Command.CONTINUE] == [Command.PAUSE, Command.STOP]


def test_shift_stops_after_the_epoch(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Endless()
    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    press(qtbot, panel, "stop_button", Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: source.commands == [Command.STOP_AFTER_EPOCH])
    assert panel._note.text == "Training stops when this epoch is complete."


def test_says_how_far_it_is_and_then_how_it_ended(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    shares: list[float] = []
    panel.progress_changed.connect(lambda _text, share: shares.append(share))
    panel._session.message.connect(texts.append)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield steps(1, 5)
        yield epoch_finished(1)
        yield ended(epochs=2)

    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "idle")
    assert panel._progress.text == "2 epochs · 98.70 % on test · 21 s"
    assert texts == ["Training 20261121-143005-lenet5-mnist: 2 epochs · 98.70 % on test · 21 s"]


def test_bars_show_the_epoch_and_the_run(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    starts(panel, monkeypatch, Endless())
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    panel._progress.begin(started(epochs=8, steps_per_epoch=10))
    panel._progress.take(steps(41, 45, epoch=5))
    panel._progress.refresh()
    assert panel._progress._epoch_bar.value() == 500
    assert panel._progress.share == pytest.approx(45 / 80, abs=0.001)
    assert panel._progress.text == "epoch 5 of 8 · 14,210 images/s · 17 s left"


def test_bars_stay_where_they_are_while_training_waits(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source() -> Generator[Event, Command | None, None]:
        yield started(epochs=4, steps_per_epoch=10)
        yield steps(1, 15, epoch=2)
        while (yield Paused(2, 15)) is not Command.STOP:
            pass
        yield ended(Outcome.STOPPED, epochs=1)

    shares: list[tuple[str, float]] = []
    panel.progress_changed.connect(lambda text, share: shares.append((text, share)))
    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "paused")
    assert panel._progress._epoch_bar.value() == 500
    assert shares[-1] == ("Paused: 20261121-143005-lenet5-mnist", 0.375)


def test_figures_do_not_change_the_texts_width() -> None:
    assert len(progress_text(9, 12, 14_210, 9)) == len(progress_text(10, 12, 9_210, 59))
    assert progress_text(1, 1, 0, None) == "epoch 1 of 1"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (16.2, "17 s left"),
        (3.0, f"{FIGURE_SPACE}3 s left"),
        (72, "1 min 12 s left"),
        (61, f"1 min {FIGURE_SPACE}1 s left"),
        (7500, "2 h 5 min left"),
    ],
)
def test_time_left_is_said_as_people_say_it(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


def test_a_warning_stands_in_the_panel_as_plain_text(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "could not write /tmp/<b>runs</b> (1,234 bytes): disk full"

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield Warned(sentence)
        yield ended()

    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "idle")
    assert panel._note.text == sentence
    assert panel._note._label.textFormat() == Qt.TextFormat.PlainText
    assert panel._note.isVisible()


def test_what_was_lost_is_not_called_kept(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield Warned("Epoch 2 is not saved; put the folder back and resume the run")
        yield replace(ended(Outcome.STOPPED), saved=False)

    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "idle")
    panel.forget_missing(set())
    assert panel._note.text == "Epoch 2 is not saved; put the folder back and resume the run"


def test_a_failure_stands_in_the_panel(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    def source() -> Generator[Event, Command | None, None]:
        yield started()
        raise RuntimeError("there is not enough memory; choose a smaller batch size")

    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "idle")
    assert panel._note.text == "there is not enough memory; choose a smaller batch size"
    assert button(panel, "train_button").isVisible()


def test_a_diverged_training_can_be_tried_again_with_a_tenth_of_the_rate(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield ended(Outcome.DIVERGED, epochs=1, advice="the loss was not finite; try a lower learning rate")

    panel.form.set_value("learning_rate", 2.0)
    configs = starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "idle")
    assert panel._note.text == "Training diverged: the loss was not finite; try a lower learning rate."
    assert button(panel, "training_offer").text() == "Try again with learning rate 0.2"
    press(qtbot, panel, "training_offer")
    until(qtbot, panel, "idle")
    assert [config.learning_rate for config in configs] == [2.0, 0.2]
    assert panel.form.config().learning_rate == 0.2


def test_a_stopped_training_can_be_resumed(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    resumed: list[Path] = []
    monkeypatch.setattr(panel._trainer, "resume", lambda folder, _change: resumed.append(folder))
    source = Endless()
    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    press(qtbot, panel, "stop_button")
    until(qtbot, panel, "idle")
    assert button(panel, "training_offer").text() == "Resume"
    press(qtbot, panel, "training_offer")
    assert resumed == [started().folder]


def test_a_wrong_setting_is_shown_instead_of_training(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = starts(panel, monkeypatch, Endless())
    panel.form.set_value("epochs", 0)
    press(qtbot, panel, "train_button")
    assert configs == []
    assert panel._note.text.startswith("Epochs is 1 to 100,000")
    assert panel.form._fields["epochs"].control.isVisible()


def test_the_form_takes_the_place_of_the_curves_where_there_is_little_room(qtbot: QtBot, panel: TrainingPanel) -> None:
    assert panel.curves.isVisible()
    assert not panel.form.isVisible()
    press(qtbot, panel, "training_settings")
    assert panel.form.isVisible()
    assert not panel.curves.isVisible()
    press(qtbot, panel, "training_settings")
    assert panel.curves.isVisible()


def test_the_form_stands_beside_the_curves_where_there_is_room(panel: TrainingPanel) -> None:
    panel.resize(1200, 500)
    assert panel.form.isVisible()
    assert panel.curves.isVisible()


def test_fits_into_a_corner_of_the_window(panel: TrainingPanel) -> None:
    assert panel.minimumSizeHint().width() <= 520
    assert panel.minimumSizeHint().height() <= 330


def test_no_panel_forces_the_window_wide(panel: TrainingPanel) -> None:
    assert panel.minimumSizeHint().width() <= 320


def test_a_sentence_stands_in_place_of_a_button_that_would_do_nothing(panel: TrainingPanel) -> None:
    told: list[bool] = []
    panel.trainable_changed.connect(told.append)
    lenet = catalogue.get("lenet5")
    panel._session.architecture_changed.emit(replace(lenet, source="nets/net.py:Net"), lenet.options_type())
    assert not button(panel, "train_button").isVisible()
    assert panel._header.reason.value == "Networks of your own can be read here, not trained."
    assert panel._header.reason.isVisible()
    panel._session.architecture_changed.emit(lenet, lenet.options_type())
    assert button(panel, "train_button").isVisible()
    assert not panel._header.reason.isVisible()
    assert told == [False, True]


def test_the_curves_own_button_trains(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = starts(panel, monkeypatch, Endless())
    panel.curves.train_requested.emit()
    assert len(configs) == 1


def test_what_was_set_is_remembered(panel: TrainingPanel) -> None:
    panel.form.set_value("epochs", 3)
    panel.curves.show_quantity("accuracy")
    stored = json.loads(json.dumps(panel.state()))
    panel.form.reset()
    panel.curves.show_quantity("loss")
    panel.restore(stored)
    assert panel.form.config().epochs == 3
    assert panel.curves.state()["quantity"] == "accuracy"


def test_closing_during_training_ends_it(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Endless()
    starts(panel, monkeypatch, source)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    panel.shutdown()
    assert panel._trainer.state == "idle"
    assert source.closed_in == "training"


def test_nothing_offers_to_train_a_network_that_cannot_be(panel: TrainingPanel) -> None:
    assert panel.curves._empty._button.isVisible()
    lenet = catalogue.get("lenet5")
    panel._session.architecture_changed.emit(replace(lenet, source="nets/net.py:Net"), lenet.options_type())
    assert not panel.curves._empty._button.isVisible()
    assert not panel._header.train.isVisible()
