"""`weights` lists and downloads what torchvision publishes; `predict` uses it, and asks several networks at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import made_weights
import numpy as np
import pytest
from made_weights import LABELS, NETWORK, Made, WeightsServer
from networks_made import save
from PIL import Image

from explorer.cli import run
from explorer.networks import zoo_weights
from explorer.system import settings as stored_settings
from explorer.system.settings import Settings

ZOO = f"torchvision/{NETWORK}"


@pytest.fixture(scope="module")
def made() -> Made:
    return made_weights.make()


@pytest.fixture
def server(made: Made, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """A mirror on this machine, set in the settings."""
    real = zoo_weights._choices
    monkeypatch.setattr(zoo_weights, "_choices", lambda name: made.entries if name == NETWORK else real(name))
    zoo_weights._published.cache_clear()
    with WeightsServer(made.file_name, made.content) as running:
        stored_settings.save(Settings(weights_mirror=running.mirror))
        yield running
    zoo_weights._published.cache_clear()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 80, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    path = tmp_path / "digit.png"
    sheet = np.full((100, 80), 255, np.uint8)
    sheet[15:85, 36:44] = 0
    Image.fromarray(sheet).save(path)
    return path


def test_weights_are_fetched_then_listed_then_answer(
    server: WeightsServer, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["weights", "list"]) == 0
    assert "No weights are here yet" in capsys.readouterr().out
    assert run(["predict", "--network", ZOO, str(photo)]) == 1
    complaint = capsys.readouterr().err
    assert f"weights download {ZOO}" in complaint
    assert len(complaint.splitlines()) == 1
    assert run(["weights", "download", ZOO]) == 0
    assert server.mirror in capsys.readouterr().out
    assert run(["weights", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["entry"], row["top1"]) == (ZOO, "MADE_UP", 61.25)
    assert Path(row["file"]).is_file()
    assert run(["predict", "--network", ZOO, "--json", "--top", "12", str(photo)]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert set(answer) == {"file", "network", "predictions"}
    assert {each["label"] for each in answer["predictions"]} == set(LABELS)
    assert sum(each["probability"] for each in answer["predictions"]) == pytest.approx(1)
    requests = len(server.requests)
    assert run(["weights", "download", NETWORK, "--json"]) == 0
    assert len(server.requests) == requests
    assert run(["weights", "remove", ZOO]) == 0
    capsys.readouterr()
    assert run(["weights", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_all_that_is_published_is_listed_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weights", "list", "--all", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    # As torchvision's documentation prints them.
    assert (rows["torchvision/resnet18"]["top1"], rows["torchvision/resnet18"]["top5"]) == (69.758, 89.078)
    assert rows["torchvision/resnet50:IMAGENET1K_V1"]["top1"] == 76.13
    assert rows["torchvision/resnet18"]["url"].endswith("/resnet18-f37072fd.pth")


def test_a_mirror_that_has_nothing_is_a_sentence(server: WeightsServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.name = "another"
    assert run(["weights", "download", NETWORK]) == 1
    assert "404" in capsys.readouterr().err


def test_networks_without_published_weights_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weights", "download", "lenet5"]) == 2
    assert "no weights that fit" in capsys.readouterr().err
    assert run(["weights", "download", "resnet50:V9"]) == 2
    assert "IMAGENET1K_V1" in capsys.readouterr().err


def test_several_networks_answer_side_by_side_and_vote(
    tmp_path: Path, digit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = save(tmp_path / "other.safetensors", "lenet5", "mnist")
    arguments = ["predict", str(digit), "--network", "lenet5", "--network", str(other), "--top", "10"]
    assert run([*arguments, "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert [each["network"] for each in answer["networks"]] == ["lenet5", str(other)]
    shares = [{each["label"]: each["probability"] for each in network["predictions"]} for network in answer["networks"]]
    (joint,) = answer["ensembles"]
    for each in joint["predictions"]:
        assert each["probability"] == pytest.approx(sum(of[each["label"]] for of in shares) / 2)
    assert answer["predictions"] == joint["predictions"]
    assert sum(vote["count"] for vote in joint["votes"]) == 2
    # Each of them says what it says alone.
    assert run(["predict", str(digit), "--network", "lenet5", "--top", "10", "--json"]) == 0
    (alone,) = json.loads(capsys.readouterr().out)
    assert alone["predictions"] == answer["networks"][0]["predictions"]
    assert run(arguments) == 0
    printed = capsys.readouterr().out
    assert "together (2)" in printed
    assert "votes:" in printed


def test_networks_with_other_labels_stand_beside_each_other_without_a_vote(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = save(tmp_path / "first.safetensors", "resnet20", "cifar10")
    second = save(tmp_path / "second.safetensors", "resnet20", "cifar100")
    arguments = [
        "predict",
        str(photo),
        str(tmp_path / "missing.png"),
        "--network",
        str(first),
        "--network",
        str(second),
    ]
    assert run([*arguments, "--json"]) == 1
    answer, missing = json.loads(capsys.readouterr().out)
    assert answer["ensembles"] == []
    assert answer["network"] == str(first)
    assert set(missing) == {"file", "error"}


def test_a_mask_is_of_one_network(tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["predict", str(photo), "--network", "unet", "--network", "lenet5", "--mask", str(tmp_path / "m.png")]
    assert run(given) == 2
    assert "--mask goes with one network" in capsys.readouterr().err
