"""What is offered at the start: runs that died."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.changes import RunChange
from explorer.runs.run_folder import Run, create_run, read_run
from explorer.training.config import TrainingConfig
from explorer.ui.training_found import Found, config_of, interrupted, interrupted_sentence
from explorer.ui.training_panel import TrainingPanel
from tests.ui.run_records import record
from tests.ui.training_panel_fixture import button, press, training_panel


def run(name: str, status: str = "interrupted", *, epochs: int = 3) -> Run:
    record = SimpleNamespace(
        architecture="lenet5",
        dataset="mnist",
        config={"epochs": 8},
        changes=(),
        summary=SimpleNamespace(epochs=epochs),
    )
    return Run(Path("runs") / name, record, status)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TrainingPanel]:
    with training_panel(qtbot) as panel:
        panel._looker.shutdown()
        yield panel


def found(*runs: Run) -> Found:
    return Found({"mnist": True}, runs, ())


def test_the_newest_run_that_died_is_offered_even_behind_a_finished_one(
    qtbot: QtBot, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed: list[Path] = []
    monkeypatch.setattr(panel._trainer, "resume", lambda folder, _change: resumed.append(folder))
    panel._on_found(found(run("c", "finished"), run("b"), run("a")))
    assert panel._note.text == "LeNet-5 on MNIST was interrupted after 3 of 8 epochs (b). See Runs for 1 other."
    press(qtbot, panel, "training_offer")
    assert resumed == [Path("runs/b")]


def test_a_run_that_was_waved_away_is_not_offered_again(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel._on_found(found(run("a")))
    panel._note._close.click()
    assert not panel._note.isVisible()
    panel._on_found(found(run("a")))
    assert not panel._note.isVisible()
    left = interrupted([run("a"), run("b")], panel.state()["dismissed"])
    assert [each.name for each in left] == ["b"]


def test_a_sentence_says_what_died_and_when() -> None:
    assert (
        interrupted_sentence([run("a", epochs=0)], "MNIST")
        == "LeNet-5 on MNIST was interrupted after 0 of 8 epochs (a)."
    )
    assert interrupted_sentence([Run(Path("runs/a"), None, "interrupted")], "") == "The run a was interrupted."


def test_a_queue_does_not_go_on_beside_another_window_that_trains(panel: TrainingPanel) -> None:
    panel.queue.hold(is_held=True)
    panel.queue.add((panel.form.config(),))
    panel._is_still = True
    panel.queue.hold(is_held=False)
    panel._is_still = False
    panel._on_found(found(run("a", "running")))
    assert panel.queue.is_held
    assert panel._note.text.startswith("Another window or terminal trains")
    assert len(panel.queue.runs) == 1
    assert button(panel, "queue_hold").text() == "Go on"


def test_a_run_goes_on_with_what_was_changed_in_mid_run(tmp_path: Path) -> None:
    config = TrainingConfig("lenet5", LeNet5Options(), "digits", epochs=8, learning_rate=0.01)
    changes = (
        RunChange(40, 2, 1.0, "learning rate 0.01 → 0.002, epochs 8 → 20", {"learning_rate": 0.002, "epochs": 20}),
        RunChange(60, 2, 2.0, "learning rate 0.002 → 0.001", {"learning_rate": 0.001}),
    )
    made = create_run(tmp_path, record(config=config.to_json(), changes=changes, status="interrupted"))
    made.lock.release()
    goes_on = config_of(made.folder)
    assert goes_on is not None
    assert (goes_on.learning_rate, goes_on.epochs, goes_on.batch_size) == (0.001, 20, config.batch_size)
    assert " of 20 epochs" in interrupted_sentence([read_run(made.folder)], "Built-in digits")
