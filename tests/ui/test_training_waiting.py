"""Runs that wait behind the one under way."""

import json
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from explorer.runs.notes import read_notes
from explorer.training.events import Event, Order
from explorer.ui.training_panel import TrainingPanel
from tests.ui.training_events import Endless, ended, epoch_finished, started, steps
from tests.ui.training_panel_fixture import button, press, starts, training_panel, until


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TrainingPanel]:
    with training_panel(qtbot) as panel:
        yield panel


def short() -> Generator[Event, Order | None, None]:
    yield started()
    yield steps(1, 5)
    yield epoch_finished(1)
    yield ended(epochs=2)


def failing() -> Generator[Event, Order | None, None]:
    yield started()
    raise RuntimeError("the disk is on fire")


def test_train_adds_to_the_queue_while_a_run_is_under_way(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = starts(panel, monkeypatch, Endless())
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    assert button(panel, "train_button").text() == "Add to queue"
    panel.form.set_value("epochs", 3)
    press(qtbot, panel, "train_button")
    assert len(configs) == 1
    assert [run.config.epochs for run in panel.queue.runs] == [3]
    assert panel._queue_view.isVisible()


def test_the_queue_goes_on_by_itself_and_past_a_failed_run(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [short, failing, short]
    configs: list = []
    monkeypatch.setattr(
        panel._trainer, "start", lambda config: (configs.append(config), panel._trainer.run(sources.pop(0)))
    )
    panel.form.set_value("seeds", 3)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: len(configs) == 3 and panel._trainer.is_idle, timeout=5000)
    assert [config.seed for config in configs] == [0, 1, 2]
    assert panel._note.text == "the disk is on fire"
    assert [(each.run.config.seed, each.why) for each in panel.queue.failed] == [(1, "the disk is on fire")]


def test_seeds_of_one_configuration_bear_one_tag(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    left = list(folders)

    def source() -> Generator[Event, Order | None, None]:
        folder = left.pop(0)
        yield started(folder=folder)
        yield ended(folder=folder)

    starts(panel, monkeypatch, source)
    panel.form.set_value("seeds", 2)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: all(read_notes(folder).tags for folder in folders), timeout=5000)
    assert read_notes(folders[0]).tags == read_notes(folders[1]).tags
    assert read_notes(folders[0]).tags[0].startswith("seeds:")


def test_stop_holds_the_queue_until_it_is_told_to_go_on(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = starts(panel, monkeypatch, Endless())
    panel.form.set_value("seeds", 2)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    press(qtbot, panel, "stop_button")
    until(qtbot, panel, "idle")
    # A start would be the next thing that happens.
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
    assert len(configs) == 1
    assert panel.queue.is_held
    press(qtbot, panel, "queue_hold")
    qtbot.waitUntil(lambda: len(configs) == 2, timeout=5000)


def test_the_next_run_can_be_begun_at_once(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = starts(panel, monkeypatch, Endless())
    panel.form.set_value("seeds", 2)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    panel._header.next_pressed.emit()
    qtbot.waitUntil(lambda: len(configs) == 2, timeout=5000)
    assert not panel._note.text


def test_what_waits_survives_closing_and_goes_on_with_the_run_that_was_under_way(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(panel, monkeypatch, Endless())
    panel.form.set_value("seeds", 2)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    qtbot.waitUntil(lambda: panel._started is not None, timeout=5000)
    stored = json.loads(json.dumps(panel.state()))
    resumed: list[Path] = []
    with training_panel(qtbot) as later:
        monkeypatch.setattr(
            later._trainer, "resume", lambda folder, _change: (resumed.append(folder), later._trainer.run(Endless()))
        )
        later.restore(stored)
        qtbot.waitUntil(lambda: bool(resumed), timeout=5000)
        assert resumed == [started().folder]
        assert [run.config.seed for run in later.queue.runs] == [1]


def test_each_change_of_the_queue_is_to_be_remembered(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(panel, monkeypatch, Endless())
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    with qtbot.waitSignal(panel.queue_changed, timeout=1000):
        press(qtbot, panel, "train_button")
