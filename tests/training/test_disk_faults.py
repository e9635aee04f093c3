import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fork_server import ForkServer

from explorer.runs import epochs
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import can_go_on, list_runs, read_run
from explorer.runs.weights import load_network
from explorer.system import files
from explorer.training.config import TrainingConfig
from explorer.training.events import Command, EpochFinished, Outcome, RunEnded, RunStarted, Warned
from explorer.training.fit import fit

Config = Callable[..., TrainingConfig]


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    monkeypatch.setattr(os, "write", full)


def test_a_disk_that_is_full_for_an_epoch_costs_that_epoch_alone(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        training = fit(config())
        folder = next(training).folder
        events = []
        for event in training:
            events.append(event)
            if isinstance(event, EpochFinished) and event.epoch == 1:
                first = epochs.weights_path(folder, 1).read_bytes()
                fill_disk(patch)
            if isinstance(event, EpochFinished) and event.epoch == 2:
                assert epochs.weights_path(folder, 1).read_bytes() == first
                patch.undo()
    assert [event.saved for event in events if isinstance(event, EpochFinished)] == [True, False, True]
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert 1 <= len(warnings) <= 2
    assert all(str(folder) in message and "free some space" in message for message in warnings)
    assert events[-1].outcome is Outcome.FINISHED
    assert epochs.saved_epochs(folder) == (1, 3)
    rows = read_metrics(folder / "metrics.csv")
    assert [row.step for row in rows if row.split == "train"] == list(range(1, 22))
    assert [row.epoch for row in rows if row.split == "test"] == [1, 2, 3]
    assert not list(folder.rglob("*.tmp"))


def test_a_warning_comes_before_the_epoch_that_was_not_saved(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    training = fit(config(epochs=1))
    next(training)
    fill_disk(monkeypatch)
    kinds = [type(event) for event in training]
    assert Warned in kinds[: kinds.index(EpochFinished)]
    assert kinds[-1] is RunEnded


def test_a_run_whose_last_epoch_is_not_saved_says_so_and_can_go_on(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = files.write_atomically

    def refuse_weights(path: Path, content: bytes) -> None:
        if path.suffix == ".safetensors":
            raise files.StorageError("no room")
        save(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_atomically", refuse_weights)
        events = list(fit(config(epochs=1)))
    *_, last = events
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert warnings == [
        "no room. What is missing is tried once more now",
        "no room. Epoch 1 is not saved; free space and resume the run",
    ]
    assert not last.saved
    assert read_run(last.folder).status == "interrupted"
    *_, resumed = fit(None, last.folder)
    assert (resumed.outcome, resumed.saved) == (Outcome.FINISHED, True)
    assert epochs.saved_epochs(last.folder) == (1,)
    assert read_run(last.folder).status == "finished"
    assert [row.step for row in read_metrics(last.folder / "metrics.csv") if row.split == "train"] == list(range(1, 8))


def test_the_last_epoch_is_saved_at_the_end_if_the_disk_has_room_again(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        training = fit(config(epochs=1))
        folder = next(training).folder
        fill_disk(patch)
        for event in training:
            if isinstance(event, EpochFinished):
                assert not event.saved
                patch.undo()
    assert load_network(epochs.weights_path(folder, 1)).labels == tuple("0123456789")
    assert read_run(folder).status == "finished"


def test_a_folder_that_is_removed_is_told_and_not_made_again(config: Config) -> None:
    training = fit(config())
    folder = next(training).folder
    shutil.rmtree(folder)
    events = list(training)
    told, ended = [event.message for event in events if isinstance(event, Warned)]
    assert "the folder is gone" in told
    assert ended.endswith("Epoch 3 is not saved; put the folder back and resume the run")
    assert not any(event.saved for event in events if isinstance(event, EpochFinished))
    assert events[-1].outcome is Outcome.FINISHED
    assert not folder.exists()


@pytest.mark.parametrize("part", ["weights", "resume"])
def test_a_part_of_the_folder_that_is_removed_is_made_again_for_the_next_epoch(config: Config, part: str) -> None:
    training = fit(config())
    folder = next(training).folder
    for event in training:
        if isinstance(event, EpochFinished):
            assert event.saved
            if event.epoch == 2:
                shutil.rmtree(folder / part)
    assert epochs.saved_epochs(folder)[-1] == 3
    assert can_go_on(read_run(folder))


def test_a_run_that_someone_removed_does_not_end_as_a_saved_one(config: Config) -> None:
    training = fit(config())
    folder = next(training).folder
    for event in training:
        if isinstance(event, EpochFinished):
            assert event.saved
            break
    shutil.rmtree(folder)
    *_, told, ended = [training.send(Command.STOP), *training]
    assert told.message.endswith("Epoch 1 is not saved; put the folder back and resume the run")
    assert not ended.saved


def test_a_run_whose_folder_cannot_be_made_trains_and_is_saved_once_it_can(config: Config, runs: Path) -> None:
    runs.parent.mkdir(exist_ok=True)
    runs.write_text("a file in the way")
    training = fit(config())
    events = []
    for event in training:
        events.append(event)
        if isinstance(event, EpochFinished) and event.epoch == 1:
            runs.unlink()
    started, warned, *_ = events
    assert isinstance(started, RunStarted)
    assert isinstance(warned, Warned)
    assert str(runs) in warned.message
    assert [event.saved for event in events if isinstance(event, EpochFinished)] == [False, True, True]
    (run,) = list_runs(runs)
    assert run.folder == events[-1].folder
    assert run.status == "finished"
    assert [row.epoch for row in read_metrics(run.folder / "metrics.csv") if row.split == "test"] == [1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is made by fork")
def test_a_limit_on_file_size_is_survived_and_what_was_there_stays(
    server: ForkServer, own_home: Path, runs: Path
) -> None:
    child = server.start("limited_script:sit", CNN_EXPLORER_HOME=str(own_home))
    assert child.ended(120)
    assert child.code == 0, child.complained
    first, warned, second, *_, ended = child.printed.splitlines()
    assert (first, second, ended) == ("epoch 1 True", "epoch 2 False", "ended finished")
    assert "epoch-0002.safetensors" in warned
    (run,) = list_runs(runs)
    assert epochs.saved_epochs(run.folder) == (1,)
    assert run.status == "interrupted"
    load_network(epochs.weights_path(run.folder, 1))
    assert not list(run.folder.rglob("*.tmp"))
