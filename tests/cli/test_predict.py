"""`predict` gives each network what it is for, and says what it answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from awkward_images import seven
from networks_made import save
from PIL import Image

from explorer.cli import run
from explorer.data.images import read_image
from explorer.inference.predictor import Predictor
from explorer.inference.ten_crop import averaged


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 80, 3), dtype=np.uint8)).save(path)
    return path


def test_a_photograph_is_answered_with_the_labels_of_the_data_set(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = save(tmp_path / "mine.safetensors", "resnet20", "cifar10")
    assert run(["predict", str(photo), "--network", str(weights), "--top", "10", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    predictor = Predictor.from_file(weights)
    expected = predictor.answer(predictor.see(read_image(photo))).top(10)
    assert [(each["label"], each["probability"]) for each in answer["predictions"]] == list(expected)
    assert (answer["file"], answer["network"]) == (str(photo), str(weights))


def test_masks_are_told_by_shares_and_written_over_the_picture(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = save(tmp_path / "mine.safetensors", "unet", "segments", form="padded")
    out = tmp_path / "mask.png"
    assert run(["predict", str(photo), "--network", str(weights), "--mask", str(out)]) == 0
    assert "of all pixels" in capsys.readouterr().out
    assert read_image(out).shape == (50, 80, 3)
    assert run(["predict", str(photo), "--network", str(weights), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert {each["label"] for each in answer["predictions"]} == {"background", "digit"}
    assert sum(each["probability"] for each in answer["predictions"]) == pytest.approx(1)


def test_a_mask_that_cannot_be_written_is_refused(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = save(tmp_path / "mine.safetensors", "resnet20", "cifar10")
    arguments = ["predict", str(photo), "--network", str(weights)]
    assert run([*arguments, "--mask", str(tmp_path / "mask.png")]) == 1
    assert "marks no pixels" in capsys.readouterr().err
    assert run([*arguments, "--mask", str(tmp_path / "mask.jpg")]) == 2
    assert run([*arguments, str(photo), "--mask", str(tmp_path / "mask.png")]) == 2


def test_ten_pieces_of_a_photograph_can_be_averaged(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = save(tmp_path / "mine.safetensors", "resnet20", "cifar10")
    assert run(["predict", str(photo), "--network", str(weights), "--ten-crop", "--top", "10", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    expected = averaged(Predictor.from_file(weights), read_image(photo)).mean.top(10)
    assert [(each["label"], each["probability"]) for each in answer["predictions"]] == list(expected)


def test_what_of_a_file_is_not_shown_is_remarked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = save(tmp_path / "mine.safetensors", "resnet20", "cifar10")
    frames = [Image.new("RGB", (40, 40), (number, 90, 20)) for number in (10, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert run(["predict", str(tmp_path / "a.gif"), "--network", str(weights), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["remarks"] == ["a.gif holds 2 pictures; the first is read"]


def test_several_networks_are_each_averaged_over_ten_pieces(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        save(tmp_path / "one.safetensors", "resnet20", "cifar10"),
        save(tmp_path / "other.safetensors", "resnet32", "cifar10"),
    ]
    arguments = [part for path in files for part in ("--network", str(path))]
    assert run(["predict", str(photo), *arguments, "--ten-crop", "--top", "10", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    expected = [averaged(Predictor.from_file(path), read_image(photo)).mean for path in files]
    for entry, mean in zip(answer["networks"], expected, strict=True):
        assert [(each["label"], each["probability"]) for each in entry["predictions"]] == list(mean.top(10))
    (joint,) = answer["ensembles"]
    shares = np.mean([mean.probabilities for mean in expected], axis=0)
    of_both = dict(zip(expected[0].labels, shares, strict=True))
    assert {each["label"]: each["probability"] for each in joint["predictions"]} == pytest.approx(of_both)


def test_pieces_are_refused_for_networks_that_mark_pixels(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = save(tmp_path / "marks.safetensors", "unet", "segments", form="padded")
    knows = save(tmp_path / "knows.safetensors", "resnet20", "cifar10")
    for networks in ((marks,), (knows, marks)):
        arguments = [part for path in networks for part in ("--network", str(path))]
        assert run(["predict", str(photo), *arguments, "--ten-crop"]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert f"{marks} marks pixels: --ten-crop" in told.err
    mask = ["--mask", str(tmp_path / "mask.png")]
    assert run(["predict", str(photo), "--network", str(marks), *mask, "--ten-crop"]) == 2
    assert not (tmp_path / "mask.png").exists()


def test_several_networks_tell_remarks_and_survive_bad_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = str(save(tmp_path / "mine.safetensors", "resnet20", "cifar10"))
    folder = tmp_path / "pictures"
    folder.mkdir()
    frames = [Image.new("RGB", (40, 40), (number, 90, 20)) for number in (10, 200)]
    frames[0].save(folder / "2.gif", save_all=True, append_images=frames[1:])
    (folder / "10.png").write_bytes(b"no picture")
    for networks in (["--network", weights], ["--network", weights, "--network", weights]):
        assert run(["predict", str(folder), *networks, "--json"]) == 1
        first, second = json.loads(capsys.readouterr().out)
        assert first["file"] == str(folder / "2.gif")  # numbers count as numbers
        assert first["remarks"] == ["2.gif holds 2 pictures; the first is read"]
        assert set(second) == {"file", "error"}
        assert run(["predict", str(folder), *networks]) == 1
        assert "2.gif holds 2 pictures" in capsys.readouterr().err


def test_a_folder_without_pictures_costs_no_answers_to_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    seven().save(tmp_path / "7.png")
    assert run(["predict", "--json", str(tmp_path / "empty"), str(tmp_path / "7.png")]) == 1
    refused, answered = json.loads(capsys.readouterr().out)
    assert refused["error"] == f"{tmp_path / 'empty'} cannot be read: it is a folder without pictures"
    assert answered["predictions"][0]["label"] == "7"


def test_beside_others_a_network_that_marks_pixels_gives_no_answer_but_shares_of_the_pixels(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = save(tmp_path / "marks.safetensors", "unet", "segments", form="padded")
    knows = save(tmp_path / "knows.safetensors", "resnet20", "cifar10")
    arguments = ["predict", str(photo), "--network", str(marks), "--network", str(knows)]
    assert run([*arguments, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert [each.get("of") for each in told["networks"]] == ["pixels", None]
    assert told["network"] == str(knows)
    assert "of" not in told
    assert run(arguments) == 0
    assert "marks pixels" in capsys.readouterr().out
