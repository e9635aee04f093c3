"""From the button to the curves with the real `fit`, on a few hundred built-in digits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.data import datasets, digits
from explorer.networks import catalogue
from explorer.runs.run_folder import read_run
from explorer.system.settings import Settings
from explorer.ui.session import Session
from explorer.ui.training_panel import TrainingPanel
from explorer.ui.training_thread import Trainer


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(digits, "TRAIN_COUNT", 320)
    monkeypatch.setattr(digits, "TEST_COUNT", 100)
    datasets._drawn_digits.cache_clear()
    yield
    datasets._drawn_digits.cache_clear()


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[TrainingPanel]:
    settings = Settings(runs_folder=str(tmp_path / "runs"), threads=1)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 500)
    session = Session()
    session.architecture = catalogue.get("lenet5")
    session.options = session.architecture.options_type()
    panel = TrainingPanel(session, Trainer(settings=lambda: settings), lambda: settings, window)
    panel.resize(1000, 500)
    panel.form.set_value("dataset", "digits")
    panel.form.set_value("epochs", 3)
    panel.form.set_value("batch_size", 32)
    panel.form.set_value("device", "cpu")
    window.show()
    yield panel
    panel.shutdown()


def press(qtbot: QtBot, panel: TrainingPanel, name: str) -> None:
    qtbot.mouseClick(panel.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_a_press_on_train_trains_to_the_end(qtbot: QtBot, panel: TrainingPanel) -> None:
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: panel._trainer.state == "idle", timeout=60_000)
    assert not panel._note.text
    run = read_run(panel._started.folder)
    assert run.status == "finished"
    assert panel.curves._front["step"].values.tolist() == list(range(1, 31))
    assert panel.curves._front["epoch"].values.tolist() == [1, 2, 3]
    assert panel._progress.text.startswith("3 epochs · ")


def test_a_finished_run_is_trained_on_with_its_past_on_screen(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel.form.set_value("epochs", 1)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: panel._trainer.state == "idle", timeout=60_000)
    folder = panel._started.folder
    panel.curves.clear()
    panel.train_on(folder, 2)
    qtbot.waitUntil(lambda: panel._trainer.state == "idle", timeout=60_000)
    assert not panel._note.text
    assert panel._started.folder == folder
    assert read_run(folder).record.summary.epochs == 2
    qtbot.waitUntil(lambda: len(panel.curves._front["step"]) == 20, timeout=10_000)
    assert panel.curves._front["epoch"].values.tolist() == [1, 2]
    assert panel._progress.text.startswith("2 epochs · ")


def test_closed_in_the_middle_it_resumes_with_its_past_on_screen(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel.form.set_value("epochs", 40)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: panel.curves.best is not None, timeout=60_000)
    panel._trainer.shutdown()
    folder = panel._started.folder
    run = read_run(folder)
    assert run.status == "interrupted"
    kept = run.record.summary.epochs
    assert kept >= 1
    panel.curves.clear()
    panel.resume(folder)
    qtbot.waitUntil(lambda: len(panel.curves._front["epoch"]) > kept, timeout=60_000)
    press(qtbot, panel, "stop_button")
    qtbot.waitUntil(lambda: panel._trainer.state == "idle", timeout=60_000)
    qtbot.waitUntil(lambda: panel.curves._front["step"].values[0] == 1, timeout=10_000)
    steps = panel.curves._front["step"].values
    assert steps.tolist() == list(range(1, len(steps) + 1))
    epochs = panel.curves._front["epoch"].values
    assert epochs.tolist() == list(range(1, len(epochs) + 1))


def test_a_rate_that_is_too_high_ends_with_advice(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel.form.set_value("optimiser", "sgd")
    panel.form.set_value("schedule", "constant")
    panel.form.set_value("learning_rate", 100.0)
    panel.form.set_value("epochs", 50)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: panel._trainer.state == "idle", timeout=60_000)
    assert panel._note.text.startswith("Training diverged: ")
    assert panel.findChild(QPushButton, "training_offer").text() == "Try again with learning rate 10"
