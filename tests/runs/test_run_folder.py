import dataclasses
import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from explorer.runs import run_folder, trash
from explorer.runs.lock import LockedError
from explorer.runs.run_folder import RESUMABLE, RunRecord, RunSummary, create_run, find_run, list_runs, read_run
from explorer.system.files import StorageError

NOON = datetime(2026, 11, 21, 14, 30, 5, tzinfo=timezone.utc)


def record(**changes: object) -> RunRecord:
    given = RunRecord(
        architecture="lenet5",
        options={"form": "modern"},
        config={"epochs": 2},
        dataset="mnist",
        data_checksum="0" * 64,
        data_source="here",
        labels=("0", "1"),
        preprocessing={"input_shape": [1, 28, 28], "mean": [0.1], "std": [0.3]},
        seed=7,
        versions={"torch": "2"},
        device="cpu",
        device_title="CPU, 2 cores",
        threads=2,
        memory_layout="channels_last",
        dtype="float32",
        parameters=61_706,
        created="2026-11-21T14:30:05+00:00",
    )
    return dataclasses.replace(given, **changes)


def made(runs: Path, now: datetime = NOON, **changes: object) -> Path:
    new = create_run(runs, record(**changes), now)
    new.lock.release()
    return new.folder


def test_a_run_is_named_after_time_network_and_data(tmp_path: Path) -> None:
    assert made(tmp_path).name == "20261121-143005-lenet5-mnist"


def test_a_second_run_of_the_same_second_gets_a_number(tmp_path: Path) -> None:
    names = [made(tmp_path).name for _ in range(3)]
    assert names == [f"20261121-143005-lenet5-mnist{end}" for end in ("", "-2", "-3")]


def test_names_that_would_leave_the_folder_are_made_harmless(tmp_path: Path) -> None:
    folder = made(tmp_path, architecture="torchvision/resnet18", dataset="../../My Pictures")
    assert folder.parent == tmp_path
    assert folder.name == "20261121-143005-torchvision-resnet18-my-pictures"


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    given = record(summary=RunSummary(2, 938, 0.99, 0.03, 1, 0.991, 9000.5, 12.25), status="stopped", advice="a")
    new = create_run(tmp_path, given, NOON)
    assert read_run(new.folder).record == given
    new.lock.release()


def test_a_running_run_without_a_living_process_was_interrupted(tmp_path: Path) -> None:
    new = create_run(tmp_path, record(), NOON)
    assert read_run(new.folder).status == "running"
    new.lock.release()
    assert read_run(new.folder).status == "interrupted"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"{}",
        b"[" * 100_000,
        json.dumps({**record().to_json(), "labels": "01"}).encode(),
        json.dumps({**record().to_json(), "threads": True}).encode(),
        json.dumps({**record().to_json(), "status": "asleep"}).encode(),
        json.dumps({**record().to_json(), "summary": {"epochs": "many"}}).encode(),
        json.dumps({**record().to_json(), "summary": {"epochs": 1.5}}).encode(),
    ],
)
def test_broken_runs_are_listed_with_what_is_wrong(tmp_path: Path, content: bytes) -> None:
    whole = made(tmp_path)
    broken = made(tmp_path)
    (broken / "run.json").write_bytes(content)
    runs = {run.folder: run for run in list_runs(tmp_path)}
    assert runs[whole].record is not None
    assert runs[broken].record is None
    assert runs[broken].problem.startswith("run.json is damaged")


def test_a_folder_without_a_record_is_listed_as_broken(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "a file").write_text("x")
    (run,) = list_runs(tmp_path)
    assert (run.name, run.status) == ("notes", "broken")


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for _ in range(11):
        made(tmp_path)
    made(tmp_path, NOON.replace(year=2025))
    names = [run.name for run in list_runs(tmp_path)]
    assert names[0].endswith("mnist-11")
    assert names[1].endswith("mnist-10")
    assert names[-2].endswith("143005-lenet5-mnist")
    assert names[-1].startswith("2025")


def test_no_folder_of_runs_means_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == ()


@pytest.mark.parametrize("text", ["20261121-143005-lenet5-mnist", "20261121", "latest", " latest "])
def test_a_run_is_found_by_its_name_its_beginning_and_as_the_latest(tmp_path: Path, text: str) -> None:
    folder = made(tmp_path)
    made(tmp_path, NOON.replace(year=2025))
    assert find_run(text, tmp_path) == folder


def test_a_run_is_found_by_its_path(tmp_path: Path) -> None:
    folder = made(tmp_path / "elsewhere")
    assert find_run(str(folder), tmp_path / "runs") == folder


@pytest.mark.parametrize(
    ("text", "says"), [("2026", "may mean any of"), ("1999", "there is no run '1999'"), ("", "which run")]
)
def test_a_run_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    made(tmp_path)
    made(tmp_path)
    with pytest.raises(ValueError, match=says):
        find_run(text, tmp_path)


def test_a_folder_of_runs_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(StorageError, match="runs"):
        create_run(tmp_path / "runs", record(), NOON)


def test_making_a_folder_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("no space")

    monkeypatch.setattr(run_folder, "write_record", refuse)
    with pytest.raises(StorageError, match="no space"):
        create_run(tmp_path, record(), NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_run_is_not_listed_and_can_be_restored(tmp_path: Path) -> None:
    folder = made(tmp_path)
    deleted = trash.delete_run(folder)
    assert list_runs(tmp_path) == ()
    assert trash.restore_run(deleted) == folder
    assert read_run(folder).record == record()


def test_restoring_does_not_touch_a_run_that_took_the_name(tmp_path: Path) -> None:
    deleted = trash.delete_run(made(tmp_path, seed=1))
    other = made(tmp_path, seed=2)
    restored = trash.restore_run(deleted)
    assert read_run(other).record.seed == 2
    assert (restored.name, read_run(restored).record.seed) == (f"{other.name}-2", 1)


def test_a_run_that_is_being_trained_cannot_be_deleted(tmp_path: Path) -> None:
    new = create_run(tmp_path, record(), NOON)
    with pytest.raises(LockedError, match="stop it"):
        trash.delete_run(new.folder)
    assert new.folder.is_dir()
    new.lock.release()


def test_the_trash_keeps_what_was_deleted_lately(tmp_path: Path) -> None:
    deleted = trash.delete_run(made(tmp_path))
    assert trash.empty_trash(tmp_path, older_than_days=1) == 0
    assert deleted.is_dir()
    assert trash.empty_trash(tmp_path, older_than_days=0) == 1
    with pytest.raises(ValueError, match="not among the deleted runs"):
        trash.restore_run(deleted)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": {"images_per_second": None}},
        {"summary": {"images_per_second": 10**400}},
        {"summary": {"test_loss": float("nan")}},
        {"summary": {"seconds": float("inf")}},
        {"summary": {"epochs": 10**400}},
        {"parameters": 10**400},
        {"threads": 0},
        {"threads": 257},
        {"memory_layout": "diagonal"},
        {"dtype": "float16"},
    ],
)
def test_a_record_with_impossible_values_is_broken_and_the_others_are_listed(
    tmp_path: Path, change: dict[str, object]
) -> None:
    whole, broken = made(tmp_path), made(tmp_path)
    stored = json.loads((broken / "run.json").read_text())
    (broken / "run.json").write_text(json.dumps({**stored, **change}))
    assert [run.status for run in sorted(list_runs(tmp_path), key=lambda run: run.name)] == ["interrupted", "broken"]
    assert next(iter(change.get("summary", change))) in read_run(broken).problem
    assert read_run(whole).problem == ""


def test_runs_are_in_the_order_of_their_beginnings_whatever_the_clock_on_the_wall_said(tmp_path: Path) -> None:
    later = made(tmp_path, NOON.replace(hour=2), created="2026-11-21T02:10:00+01:00")
    earlier = made(tmp_path, NOON.replace(hour=3), created="2026-11-21T02:50:00+02:00")
    assert [run.folder for run in list_runs(tmp_path)] == [later, earlier]


def test_the_latest_run_to_resume_is_one_that_can_go_on(tmp_path: Path) -> None:
    stopped = made(tmp_path, NOON, status="stopped")
    finished = made(tmp_path, status="finished", created="2026-11-22T14:30:05+00:00")
    assert find_run("latest", tmp_path) == finished
    assert find_run("latest", tmp_path, statuses=RESUMABLE) == stopped
    trash.delete_run(stopped)
    with pytest.raises(ValueError, match="interrupted or stopped"):
        find_run("latest", tmp_path, statuses=RESUMABLE)


def test_the_run_in_the_current_folder_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path)
    monkeypatch.chdir(folder)
    assert find_run(".", tmp_path / "elsewhere").name == folder.name


@pytest.mark.parametrize("text", ["x" * 5000, "~nobody-of-that-name/run"])
def test_a_text_that_cannot_be_a_path_is_no_run(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="there is no run"):
        find_run(text, tmp_path)


def test_a_folder_that_another_process_renames_meanwhile_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / ".new-gone"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))
    assert made(tmp_path).is_dir()


def test_a_new_run_ends_the_time_in_which_old_ones_can_be_restored(tmp_path: Path) -> None:
    old, new = trash.delete_run(made(tmp_path)), trash.delete_run(made(tmp_path, seed=2))
    os.utime(old, (time.time() - 31 * 86_400,) * 2)
    made(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
