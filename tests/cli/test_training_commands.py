"""The terminal trains, lists runs and predicts, end to end on a few built-in digits."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run, train, training_report
from explorer.cli.arguments import UsageError
from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.data.digits import make_digits
from explorer.runs.run_folder import create_run, list_runs, read_run
from explorer.system.settings import Settings
from explorer.training.events import EpochFinished, Event, Outcome, RunEnded

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

    monkeypatch.setattr(training_report, "write_json_line", stop)
    assert _train("--json") == 130
    (kept,) = [path for path in Settings().runs().iterdir() if path.is_dir()]
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"train --resume {kept.name}")
    monkeypatch.setattr(datasets, "load", stop)
    assert run(["train", "--resume", kept.name]) == 130
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"train --resume {kept.name}")


def test_a_finished_run_is_trained_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert _train() == 0
    capsys.readouterr()
    assert run(["train", "--resume", "latest", "--epochs", "3", "--lr", "0.002"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said if line.startswith("epoch")] == ["3"]
    (folder,) = [path for path in Settings().runs().iterdir() if path.is_dir()]
    (change,) = read_run(folder).record.changes
    assert change.values == {"epochs": 3, "learning_rate": 0.002}


def test_more_epochs_for_the_latest_run_go_to_no_older_one_while_that_is_trained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _train() == 0
    runs = Settings().runs()
    (finished,) = list_runs(runs)
    assert finished.record is not None
    later = dataclasses.replace(finished.record, status="running", created="2100-01-01T00:00:00+00:00")
    newest = create_run(runs, later)
    try:
        assert run(["train", "--resume", "latest", "--epochs", "3"]) == 2
        assert f"the newest run, {newest.folder.name}, is being trained" in capsys.readouterr().err
    finally:
        newest.lock.release()


def test_an_interruption_after_the_folder_was_removed_does_not_offer_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Removing(training_report.LineReport):
        def take(self, event: Event) -> None:
            super().take(event)
            if isinstance(event, EpochFinished):
                shutil.rmtree(self.folder)
                raise KeyboardInterrupt

    monkeypatch.setattr(training_report, "LineReport", Removing)
    monkeypatch.setattr(train, "LineReport", Removing)
    assert _train() == 130
    assert capsys.readouterr().err.splitlines()[-1].endswith("does not hold the run any more, put it back to go on")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--validation", "0.9", "--validation is 0 to 0.5, not 0.9"),
        ("--clip", "-1", "--clip is 0 to 1e+06, not -1.0"),
        ("--seed", "-1", "seed is 0 to 9,223,372,036,854,775,807, not -1"),
    ],
)
def test_a_value_out_of_range_is_told_by_the_name_of_the_option(
    capsys: pytest.CaptureFixture[str], option: str, value: str, said: str
) -> None:
    assert _train(option, value) == 2
    assert said in capsys.readouterr().err


def test_a_last_epoch_that_was_not_saved_or_none_at_all_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    ended = RunEnded(Path("run"), Outcome.STOPPED, 0, None, None, 0, 0.0, 1.0, saved=False)

    def events():
        yield ended

    assert train._follow(events, training_report.LineReport()) == 1
    assert "no epoch was finished" in capsys.readouterr().out
    assert train._follow(events, training_report.JsonReport()) == 1
    assert json.loads(capsys.readouterr().out)["test_accuracy"] is None


def test_the_further_choices_reach_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    choices = "--warm-up 0.5 --clip 1 --averaging 0.9 --precision bfloat16 --validation 0.1 --no-nesterov"
    assert _train("--optimiser", "sgd", *choices.split(), "--augment", "light,crop=2,mirror", "--json") == 0
    *epochs, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert 0 <= epochs[-1]["validation_accuracy"] <= 1
    assert epochs[-1]["test_top5"] >= epochs[-1]["test_accuracy"]
    config = json.loads(Path(result["run"], "run.json").read_text())["config"]
    assert (config["warm_up_epochs"], config["gradient_clipping"], config["averaging"]) == (0.5, 1.0, 0.9)
    assert (config["precision"], config["validation_share"], config["nesterov"]) == ("bfloat16", 0.1, False)
    assert config["augmentation"] == dataclasses.asdict(Augmentation(10, 0.05, 0.1, 5, crop=2, mirror=True))


def test_an_epoch_line_tells_of_held_out_images_and_the_last_line_of_top_five(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _train("--validation", "0.1") == 0
    first, *_, last = capsys.readouterr().out.splitlines()[1:]
    assert re.search(r"loss \d\.\d+, held out +[\d.]+% \*  test +[\d.]+%  [\d,]+ images/s", first)
    assert len(first) <= 80
    assert re.search(r"test accuracy [\d.]+% \(top 5 [\d.]+%\), best in epoch \d", last)


def test_masks_are_told_by_their_overlap() -> None:
    event = EpochFinished(3, 30, 0.1, 0.9, 0.2, 0.95, 0.01, 100.0, 9.0, best=True, saved=True, test_mean_iou=0.875)
    assert training_report._figures(event) == "test 0.2000  mean IoU 0.8750 *"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("none", Augmentation.NONE),
        ("photos", Augmentation.PHOTOS),
        ("crop=4,mirror", Augmentation.PHOTOS),
        ("photos,cutout=8", Augmentation(crop=4, mirror=True, cutout=8)),
        ("rotation=7.5, mirror=false", Augmentation(rotation=7.5)),
    ],
)
def test_an_augmentation_is_written_by_name_or_by_its_changes(given: str, made: Augmentation) -> None:
    assert train.augmentation_from(given) == made


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("blur=3", "knows no 'blur'"),
        ("crop=x", "crop takes a whole number"),
        ("rotation", "rotation takes a number"),
        ("mirror=2", "mirror is true or false"),
        ("rotation=999", "rotation is 0 to 180"),
        ("crop=2,light", "knows no 'light'"),
    ],
)
def test_an_augmentation_that_does_not_fit_is_refused(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        train.augmentation_from(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("-o", "form=original", "--label-smoothing", "0.1"), "--label-smoothing is for the loss cross_entropy"),
        (("--nesterov", "--optimiser", "adam"), "--nesterov is for the optimiser sgd; this run has adam"),
    ],
)
def test_a_choice_that_would_change_nothing_is_refused(
    given: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _train(*given) == 2
    assert said in capsys.readouterr().err


def test_the_data_sets_are_named_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for entry in datasets.DATASETS:
        assert f"{entry.name}," in said


def test_a_folder_of_images_is_kept_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, shade in (("dark", 30), ("light", 220)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(6):
            Image.new("L", (28, 28), shade + number).save(tmp_path / "pictures" / name / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    assert run(["train", "lenet5", "--data", "pictures", "--epochs", "1", "--batch-size", "4", "--json"]) == 0
    record = json.loads(Path(json.loads(capsys.readouterr().out.splitlines()[-1])["run"], "run.json").read_text())
    assert record["dataset"] == str(tmp_path / "pictures")
