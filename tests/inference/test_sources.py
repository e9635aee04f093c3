from datetime import datetime, timezone
from pathlib import Path

import pytest
import torch

from explorer.data.batches import Preprocessing
from explorer.inference import sources
from explorer.inference.predictor import Predictor
from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs import epochs
from explorer.runs.run_folder import RunRecord, RunSummary, create_run
from explorer.runs.weights import save_weights


def make_run(home: Path, year: int, saved: tuple[int, ...], best: int, dataset: str = "mnist") -> Path:
    record = RunRecord(
        architecture="lenet5",
        options={},
        config={},
        dataset=dataset,
        data_checksum="",
        data_source="",
        labels=tuple("0123456789"),
        preprocessing={},
        seed=0,
        versions={},
        device="cpu",
        device_title="CPU",
        threads=1,
        memory_layout="contiguous",
        dtype="float32",
        parameters=0,
        created="",
        status="finished",
        summary=RunSummary(epochs=max(saved, default=0), best_epoch=best),
    )
    new = create_run(home / "runs", record, datetime(year, 1, 1, tzinfo=timezone.utc))
    new.lock.release()
    for epoch in saved:
        write_weights(epochs.weights_path(new.folder, epoch), epoch)
    return new.folder


def write_weights(path: Path, seed: int) -> None:
    torch.manual_seed(seed)
    save_weights(
        path,
        catalogue.get("lenet5").build(),
        architecture="lenet5",
        options=LeNet5Options(),
        labels=tuple("0123456789"),
        preprocessing=Preprocessing((1, 28, 28), (0.125,), (0.25,)),
        provenance={"seed": seed},
    )


def test_a_run_means_its_best_epoch_and_a_colon_another(own_home: Path) -> None:
    folder = make_run(own_home, 2026, (1, 2, 3), best=2)
    assert sources.weights_for(folder.name) == epochs.weights_path(folder, 2)
    assert sources.weights_for("latest") == epochs.weights_path(folder, 2)
    assert sources.weights_for("2026:3") == epochs.weights_path(folder, 3)
    assert sources.weights_for(f"{folder}:1") == epochs.weights_path(folder, 1)
    assert Predictor.from_file(sources.weights_for("latest:3")).provenance["seed"] == 3


def test_a_run_whose_best_weights_are_gone_means_its_last(own_home: Path) -> None:
    folder = make_run(own_home, 2026, (1, 4), best=3)
    assert sources.weights_for("latest") == epochs.weights_path(folder, 4)


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    write_weights(tmp_path / "mine.safetensors", 1)
    assert sources.weights_for(str(tmp_path / "mine.safetensors")) == tmp_path / "mine.safetensors"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("latest:9", "no weights of epoch 9; it has those of 1"),
        ("1999", "there is no run '1999'.*a network is one of lenet5"),
        ("none.safetensors", "there is no weights file"),
        ("", "which run"),
        ("latest:x", "there is no run"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(own_home: Path, text: str, says: str) -> None:
    make_run(own_home, 2026, (1,), best=1)
    with pytest.raises(ValueError, match=says):
        sources.weights_for(text)


def test_a_run_without_a_finished_epoch_has_no_weights(own_home: Path) -> None:
    make_run(own_home, 2026, (), best=0)
    with pytest.raises(ValueError, match="none of its epochs was finished"):
        sources.weights_for("latest")


def test_drawings_are_answered_by_the_newest_run_on_digits_that_has_weights(own_home: Path) -> None:
    wanted = make_run(own_home, 2024, (1, 2), best=1, dataset="digits")
    make_run(own_home, 2023, (1,), best=1)
    make_run(own_home, 2025, (), best=0)
    make_run(own_home, 2026, (1,), best=1, dataset="fashion-mnist")
    assert sources.newest_digit_weights() == epochs.weights_path(wanted, 1)


def test_without_runs_drawings_are_answered_by_shipped_weights(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "weights"
    shipped.mkdir()
    monkeypatch.setattr(sources.paths, "resources", lambda: tmp_path)
    assert sources.newest_digit_weights() is None
    with pytest.raises(ValueError, match="train it"):
        sources.weights_for("lenet5")
    write_weights(shipped / "lenet5-mnist.safetensors", 1)
    assert sources.shipped_weights() == (shipped / "lenet5-mnist.safetensors",)
    assert sources.newest_digit_weights() == sources.weights_for("lenet5") == shipped / "lenet5-mnist.safetensors"
