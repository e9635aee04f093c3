"""`cnn-explorer runs` beyond listing: what people said of runs, and exporting them."""

import dataclasses
import json
from pathlib import Path

import pytest

from explorer.cli import run as cli
from explorer.runs.notes import RunNotes, write_notes
from explorer.runs.run_folder import create_run
from tests.ui.run_records import record


@pytest.fixture
def folder(own_home: Path) -> Path:
    made = create_run(own_home / "runs", dataclasses.replace(record(), status="finished"))
    made.lock.release()
    return made.folder


def test_titles_and_tags_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["runs"]) == 0
    assert "Tags" not in capsys.readouterr().out
    write_notes(folder, RunNotes("My [red]run", ("a", "b")))
    assert cli(["runs"]) == 0
    assert "My [red]run" in (shown := capsys.readouterr().out)
    assert "a, b" in shown
    assert cli(["runs", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert (kept["title"], kept["tags"], kept["notes"]) == ("My [red]run", ["a", "b"], "")
    assert kept["network"] == "lenet5"


def test_a_run_is_exported(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "a.csv"
    assert cli(["runs", "export", "latest", "--as", "csv", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run": folder.name, "as": "csv", "file": str(target)}
    assert target.exists()


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["latest:7", "--as", "weights", "w"], 1, "has no weights"),
        (["latest:7", "--as", "csv", "w"], 1, "leave the epoch out"),
        (["nothing", "--as", "csv", "w"], 1, "there is no run 'nothing'"),
        (["latest", "--as", "csv", "."], 1, "is a folder"),
        (["latest", "--as", "csv", "nowhere/a.csv"], 1, "make it, or name a file in another one"),
        (["latest", "--as", "hdf5", "w"], 2, "invalid choice"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], given: list[str], code: int, said: str
) -> None:
    assert cli(["runs", "export", *given]) == code
    assert said in capsys.readouterr().err
