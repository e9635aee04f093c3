"""The terminal trains, lists runs and predicts, end to end on a few built-in digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run, train
from explorer.data import datasets
from explorer.data.digits import make_digits
from explorer.system.settings import Settings
from explorer.training.events import Outcome, RunEnded

pytestmark = pytest.mark.usefixtures("few_digits")


def _train(*more: str) -> int:
    return run(["train", "lenet5", "--data", "digits", "--epochs", "2", "--threads", "1", *more])


def test_train_reports_each_epoch_and_the_result_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert _train("--json") == 0
    *epochs, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert set(result) == {"run", "epochs", "test_accuracy", "test_loss", "images_per_second", "seconds"}
    assert result["epochs"] == 2
    assert Path(result["run"], "run.json").is_file()


def test_the_same_seed_gives_the_same_result(capsys: pytest.CaptureFixture[str]) -> None:
    losses = []
    for _ in range(2):
        assert _train("--json", "--seed", "5") == 0
        losses.append(json.loads(capsys.readouterr().out.splitlines()[-1])["test_loss"])
    assert losses[0] == losses[1]


def test_runs_lists_what_was_trained_deletes_and_restores(capsys: pytest.CaptureFixture[str]) -> None:
    _train()
    capsys.readouterr()
    assert run(["runs", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert (kept["network"], kept["data"], kept["epochs"], kept["status"]) == ("lenet5", "digits", 2, "finished")
    assert run(["runs", "--delete", "latest", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"deleted": kept["run"]}
    assert run(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["runs", "--restore", kept["run"]]) == 0
    capsys.readouterr()
    assert run(["runs", "--json"]) == 0
    assert [entry["run"] for entry in json.loads(capsys.readouterr().out)] == [kept["run"]]


def test_predict_answers_with_a_run_and_reports_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _train()
    digits = make_digits(10, seed=3)
    picture = tmp_path / "a digit.png"
    Image.fromarray(255 - np.kron(digits.images[0, 0], np.ones((4, 4), np.uint8))).save(picture)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    capsys.readouterr()
    assert run(["predict", str(picture), str(broken), "--network", "latest:1", "--top", "2", "--json"]) == 1
    answer, error = json.loads(capsys.readouterr().out)
    assert answer["file"] == str(picture)
    assert len(answer["predictions"]) == 2
    assert 0 < answer["predictions"][0]["probability"] <= 1
    assert set(error) == {"file", "error"}
    assert "broken.png" in error["error"]


def test_each_line_fits_a_terminal_and_preparations_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert _train() == 0
    said = capsys.readouterr()
    epochs = [line for line in said.out.splitlines() if line.startswith("epoch")]
    assert len(epochs) == 2
    assert all(len(line) <= 80 for line in epochs)
    told = said.err.splitlines()
    assert "cnn-explorer: Loading digits" in told
    assert len(told) == len(set(told))


@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
def test_an_interruption_says_how_to_go_on(
    error: type[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(train, "write_json_line", stop)
    assert _train("--json") == 130
    (kept,) = [path for path in Settings().runs().iterdir() if path.is_dir()]
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"train --resume {kept.name}")
    monkeypatch.setattr(datasets, "load", stop)
    assert run(["train", "--resume", kept.name]) == 130
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"train --resume {kept.name}")


def test_a_last_epoch_that_was_not_saved_or_none_at_all_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    ended = RunEnded(Path("run"), Outcome.STOPPED, 0, None, None, 0, 0.0, 1.0, saved=False)

    def events():
        yield ended

    assert train._follow(events, train._LineReport()) == 1
    assert "no epoch was finished" in capsys.readouterr().out
    assert train._follow(events, train._JsonReport()) == 1
    assert json.loads(capsys.readouterr().out)["test_accuracy"] is None


def test_predict_refuses_a_network_that_knows_no_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _train()
    monkeypatch.setattr("explorer.inference.sources.is_digit_dataset", lambda _name: False)
    capsys.readouterr()
    assert run(["predict", str(tmp_path / "picture.png"), "--network", "latest"]) == 1
    assert "not of digits" in capsys.readouterr().err
