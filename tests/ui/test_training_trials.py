"""What is measured before a training: its cost, and the learning rate that suits it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from explorer.networks import catalogue
from explorer.system.download import Cancelled
from explorer.training.errors import MemoryShortageError
from explorer.ui.training_panel import TrainingPanel
from tests.ui.training_events import Endless
from tests.ui.training_panel_fixture import button, press, starts, training_panel, until


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TrainingPanel]:
    with training_panel(qtbot) as panel:
        panel._looker.shutdown()
        yield panel


def show_alexnet(panel: TrainingPanel) -> None:
    """As the session does once a graph is read, with the MACs that AlexNet has."""
    session = panel._session
    session.architecture = catalogue.get("alexnet")
    session.options = session.architecture.options_type()
    session.graph = SimpleNamespace(totals=SimpleNamespace(macs=714_188_480))
    session.architecture_changed.emit(session.architecture, session.options)


def estimates(monkeypatch: pytest.MonkeyPatch, seconds_per_epoch: float) -> list:
    asked: list = []

    def estimate(config, _settings, *, progress, cancelled):
        asked.append(config)
        progress("Measuring", 0.5)
        return SimpleNamespace(
            images_per_second=1.0, seconds_per_epoch=seconds_per_epoch, seconds=1.0, memory_bytes=2 * 2**30
        )

    monkeypatch.setattr("explorer.training.estimate.estimate", estimate)
    return asked


def test_a_dear_run_says_what_it_would_cost_and_waits(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = starts(panel, monkeypatch, Endless())
    asked = estimates(monkeypatch, 840)
    show_alexnet(panel)
    panel.form.set_value("epochs", 17)
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: "about" in panel._note.text.lower(), timeout=10_000)
    assert panel._note.text == "About 14 min an epoch, 4 h in all, 2.0 GiB of memory."
    assert asked == [panel.form.config()]
    assert configs == []
    assert button(panel, "training_offer").text() == "Start anyway"
    press(qtbot, panel, "training_offer")
    until(qtbot, panel, "running")
    assert configs == asked


def test_a_smaller_form_is_one_press_away(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    estimates(monkeypatch, 840)
    show_alexnet(panel)
    shown: list = []
    monkeypatch.setattr(panel._session, "show", lambda architecture, options: shown.append((architecture, options)))
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: button(panel, "training_other_offer").text() == "Choose form = cifar", timeout=10_000)
    press(qtbot, panel, "training_other_offer")
    assert shown[0][0].name == "alexnet"
    assert shown[0][1].form == "cifar"


def test_a_run_that_turns_out_cheap_begins_by_itself(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = starts(panel, monkeypatch, Endless())
    estimates(monkeypatch, 20)
    show_alexnet(panel)
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    assert len(configs) == 1


def test_a_cheap_network_is_not_measured(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = starts(panel, monkeypatch, Endless())
    panel._session.graph = SimpleNamespace(totals=SimpleNamespace(macs=416_520))
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    assert len(configs) == 1


def test_a_measurement_can_be_given_up(qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def estimate(_config, _settings, *, progress, cancelled):
        progress("Measuring", None)
        while not cancelled():
            ended.wait(0.002)
        ended.set()
        raise Cancelled

    monkeypatch.setattr("explorer.training.estimate.estimate", estimate)
    press(qtbot, panel, "training_estimate")
    assert not button(panel, "training_find_rate").isEnabled()
    qtbot.waitUntil(lambda: panel._progress.text == "Measuring", timeout=10_000)
    press(qtbot, panel, "training_offer")
    qtbot.waitUntil(ended.is_set, timeout=5000)
    assert not panel._note.isVisible()
    assert button(panel, "training_find_rate").isEnabled()
    assert panel._progress.text == panel.form.summary()


def test_a_shortage_of_memory_offers_the_smaller_batch(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs: list = []

    def source():
        if len(configs) == 1:
            raise MemoryShortageError("there is not enough memory for batches of 128", 64)
        yield from Endless()()

    monkeypatch.setattr(panel._trainer, "start", lambda config: (configs.append(config), panel._trainer.run(source)))
    press(qtbot, panel, "train_button")
    qtbot.waitUntil(lambda: panel._note.text.startswith("there is not enough memory"), timeout=5000)
    until(qtbot, panel, "idle")
    assert button(panel, "training_offer").text() == "Train with batch size 64"
    press(qtbot, panel, "training_offer")
    until(qtbot, panel, "running")
    assert configs[1] == replace(configs[0], batch_size=64)
    assert panel.form.config().batch_size == 64


def falling_then_exploding(_config, _settings, *, progress, cancelled):
    for step in range(60):
        rate = 1e-5 * 10 ** (step / 10)
        progress(f"Step {step + 1} of 60", (step + 1) / 60)
        yield SimpleNamespace(step=step + 1, rate=rate, loss=2.3 - step / 40 if step < 50 else 2.3 + (step - 50) ** 2)


def test_the_suggested_rate_is_marked_and_one_press_away(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.training.range_test.range_test", falling_then_exploding)
    monkeypatch.setattr("explorer.training.range_test.suggestion", lambda points: points[33].rate)
    press(qtbot, panel, "training_find_rate")
    assert panel.range_view.isVisible()
    assert not panel.curves.isVisible()
    qtbot.waitUntil(lambda: button(panel, "range_test_use").isVisible(), timeout=10_000)
    assert len(panel.range_view._points) == 60
    assert panel.range_view._mark.value() == pytest.approx(-5 + 3.3)
    assert button(panel, "range_test_use").text() == "Use 0.02"
    press(qtbot, panel, "range_test_use")
    assert panel.form.config().learning_rate == 0.02
    assert panel.curves.isVisible()


def test_the_curve_of_the_range_test_is_not_flattened_by_its_explosion(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.training.range_test.range_test", falling_then_exploding)
    monkeypatch.setattr("explorer.training.range_test.suggestion", lambda _points: None)
    press(qtbot, panel, "training_find_rate")
    qtbot.waitUntil(lambda: "no rate can be suggested" in panel.range_view.text, timeout=10_000)
    low, high = panel.range_view._plot.getViewBox().viewRange()[1]
    assert low < 2.3 - 49 / 40
    assert 2.3 < high < 5
    assert not button(panel, "range_test_use").isVisible()


def test_training_takes_the_place_of_a_range_test(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.training.range_test.range_test", falling_then_exploding)
    starts(panel, monkeypatch, Endless())
    press(qtbot, panel, "training_find_rate")
    press(qtbot, panel, "train_button")
    until(qtbot, panel, "running")
    assert panel.curves.isVisible()
    assert not panel.range_view.isVisible()
    assert not button(panel, "training_find_rate").isEnabled()
