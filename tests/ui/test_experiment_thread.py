"""Conducting experiments beside the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_experiment import conducting, load_made, made
from pytestqt.qtbot import QtBot

from explorer.claims import companions
from explorer.runs.run_folder import list_runs
from explorer.system.settings import Settings
from explorer.training import preparation
from explorer.ui.experiment_findings import Findings
from explorer.ui.experiment_thread import Conductor, Wish
from explorer.ui.training_thread import Trainer
from tests.ui.training_events import Endless

ERRORS = {"ReLU": (0.10, 0.12), "sigmoid": (0.20, 0.22)}


@pytest.fixture
def trainer(qtbot: QtBot) -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.shutdown()


@pytest.fixture
def release() -> threading.Event:
    """Holds the made experiment up after its first run began, until it is set."""
    return threading.Event()


@pytest.fixture
def conductor(trainer: Trainer, tmp_path: Path, release: threading.Event) -> Iterator[Conductor]:
    conduct = conducting(tmp_path, ERRORS, wait=lambda: release.wait(0.005))
    conductor = Conductor(trainer, Settings, conduct=conduct)
    yield conductor
    conductor.shutdown()


def _is_over(conductor: Conductor) -> bool:
    return conductor.standing is None


def test_an_experiment_ends_with_its_findings(qtbot: QtBot, conductor: Conductor, release: threading.Event) -> None:
    told: list[Findings] = []
    conductor.judged.connect(told.append)
    release.set()
    assert conductor.start(Wish(made()))
    qtbot.waitUntil(lambda: _is_over(conductor), timeout=5000)
    assert [findings.experiment.name for findings in told] == ["made"]
    assert len(told[0].runs) == 4


def test_while_it_runs_it_is_known_which_arm_and_how_long(qtbot: QtBot, conductor: Conductor) -> None:
    conductor.start(Wish(made(), seeds=1))
    qtbot.waitUntil(lambda: conductor.standing is not None and conductor.standing.number == 1, timeout=5000)
    standing = conductor.standing
    assert standing is not None
    assert standing.words == "ReLU, seed 0"
    assert standing.runs == 2
    assert standing.seconds_left == 30.0
    assert [source.is_done for source in standing.sources] == [False]


def test_one_experiment_at_a_time(qtbot: QtBot, conductor: Conductor, release: threading.Event) -> None:
    assert conductor.start(Wish(made()))
    assert not conductor.start(Wish(made()))
    release.set()
    qtbot.waitUntil(lambda: _is_over(conductor), timeout=5000)


def test_no_training_begins_meanwhile(qtbot: QtBot, conductor: Conductor, trainer: Trainer) -> None:
    conductor.start(Wish(made()))
    assert trainer.state == "lent"
    trainer.run(Endless())
    assert trainer.state == "lent"
    conductor.cancel()
    qtbot.waitUntil(lambda: _is_over(conductor), timeout=5000)
    assert trainer.is_idle


def test_it_waits_for_the_training_under_way(
    qtbot: QtBot, conductor: Conductor, trainer: Trainer, release: threading.Event
) -> None:
    trainer.run(Endless())
    qtbot.waitUntil(lambda: trainer.state == "running", timeout=5000)
    told: list[Findings] = []
    conductor.judged.connect(told.append)
    release.set()
    conductor.start(Wish(made()))
    assert conductor.standing is not None
    assert conductor.standing.is_waiting
    trainer.stop()
    qtbot.waitUntil(lambda: bool(told), timeout=5000)
    assert trainer.is_idle


def test_who_waits_can_think_better_of_it(qtbot: QtBot, conductor: Conductor, trainer: Trainer) -> None:
    trainer.run(Endless())
    qtbot.waitUntil(lambda: trainer.state == "running", timeout=5000)
    conductor.start(Wish(made()))
    with qtbot.waitSignal(conductor.stopped, timeout=1000):
        conductor.cancel()
    trainer.stop()
    qtbot.waitUntil(lambda: trainer.is_idle, timeout=5000)
    assert conductor.standing is None


def test_what_goes_wrong_is_said_in_a_sentence(qtbot: QtBot, trainer: Trainer) -> None:
    def conduct(*_: object, **__: object):
        raise ValueError("there is no such arm")
        yield

    conductor = Conductor(trainer, Settings, conduct=conduct)
    with qtbot.waitSignal(conductor.failed, timeout=5000) as told:
        conductor.start(Wish(made()))
    assert told.args[1] == "there is no such arm"
    assert trainer.is_idle


def test_closing_ends_it_in_its_thread(qtbot: QtBot, conductor: Conductor) -> None:
    conductor.start(Wish(made()))
    qtbot.waitUntil(lambda: conductor.standing is not None and conductor.standing.number == 1, timeout=5000)
    conductor.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name == "training"]


def test_real_trainings_are_kept_and_taken_over(
    qtbot: QtBot, trainer: Trainer, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation.datasets, "load", load_made)
    # Another process would load other data.
    monkeypatch.setattr(companions, "worthwhile", lambda *_: 0)
    conductor = Conductor(trainer, Settings)
    told: list[Findings] = []
    conductor.judged.connect(told.append)
    conductor.start(Wish(made(), seeds=1))
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    conductor.start(Wish(made(), seeds=2))
    qtbot.waitUntil(lambda: len(told) == 2, timeout=60_000)
    assert len(list_runs(own_home / "runs")) == 4
    assert sorted((run.seed, run.reused) for run in told[1].runs) == [(0, True), (0, True), (1, False), (1, False)]
    assert told[1].folders[:2] == told[0].folders
