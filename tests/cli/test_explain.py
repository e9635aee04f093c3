"""`explain` tells the numbers that the window shows, and writes the picture that it paints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks_made import save
from PIL import Image, ImageDraw
from pytestqt.qtbot import QtBot

from explorer.cli import run
from explorer.data.images import read_image
from explorer.inference.attribution import Method
from explorer.inference.attribution_words import number
from explorer.inference.sources import shipped_weights
from explorer.networks import catalogue
from explorer.ui.answer_view import AnswerView
from explorer.ui.inside_service import InsideService
from explorer.ui.session import Session
from explorer.ui.sketch_pad import SketchPad
from explorer.ui.surgery import Surgery
from explorer.ui.why_colours import heat_pixels
from explorer.ui.why_panel import WhyPanel

needs_weights = pytest.mark.skipif(not shipped_weights(), reason="no weights came with the program")


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    image = Image.new("L", (120, 120), 255)
    ImageDraw.Draw(image).line([(30, 25), (90, 25), (55, 100)], fill=0, width=9)
    image.save(path)
    return path


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["explain", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@needs_weights
def test_the_numbers_are_those_of_the_window(qtbot: QtBot, seven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    service = InsideService(session)
    answers = AnswerView(SketchPad())
    qtbot.addWidget(answers)
    panel = WhyPanel(session, service, Surgery(session), answers, lambda: answers.pad.source, lambda: "")
    qtbot.addWidget(panel)
    panel.show()
    answers.pad.sketch_changed.connect(service.set_input)
    session.show(catalogue.get("lenet5"))
    qtbot.waitUntil(lambda: service.info is not None, timeout=60_000)
    answers.pad.show_picture(read_image(seven))
    for method in Method:
        panel.controls.choose(method)
        qtbot.waitUntil(
            lambda method=method: panel.view.told is not None and panel.view.told.attribution.question.method is method,
            timeout=60_000,
        )
        shown = panel.view.told.attribution
        told = explained(capsys, str(seven), "--method", method.value, "--values")
        assert np.array_equal(np.array(told["values"], np.float32), shown.on_seen)
        assert (told["score"], told["class"]["label"]) == (shown.score, shown.label_name)
        assert panel.view.legend.texts[-1].lstrip("+≥ ") == number(told["scale"]["end"])
        assert told.get("completeness_error") == shown.completeness_error
        assert told.get("layer", "") == shown.layer
        where = told["strongest"]
        words = f"row {where['row']}, column {where['column']}"
        assert words in panel.view.picture.view.accessibleDescription()
    panel.hide()
    service.shutdown()
    session.shutdown()


@needs_weights
def test_the_picture_has_the_colours_over_what_is_seen(
    seven: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "why.png"
    arguments = (str(seven), "--method", "occlusion", "--out", str(out), "--values")
    told = explained(capsys, *arguments)
    assert told["out"] == str(out)
    pixels = np.asarray(Image.open(out).convert("RGB")).astype(int)
    assert pixels.shape == (448, 448, 3)
    where = told["strongest"]
    row, column = where["row"], where["column"]
    colour = heat_pixels(np.array([[where["value"]]], np.float32), told["scale"]["end"])[0, 0].astype(float)
    explained(capsys, str(seven), "--method", "occlusion", "--out", str(out), "--opacity", "0")
    below = np.asarray(Image.open(out).convert("RGB")).astype(int)
    middle = (16 * row + 8, 16 * column + 8)
    share = 0.8 * colour[3] / 255
    mixed = below[middle] * (1 - share) + colour[:3] * share
    assert pixels[middle] == pytest.approx(mixed, abs=3)
    assert set(map(tuple, below.reshape(-1, 3)[:, :1])) >= {(0,)}
    assert (below[..., 0] == below[..., 1]).all()  # gray without colours over it


@needs_weights
def test_a_class_is_named_or_numbered_and_a_layer_by_its_path(seven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, str(seven), "--class", "2", "--layer", "features.c1")
    assert told["class"]["number"] == 2
    assert told["layer"] == "features.c1"
    assert told["answered"]["label"] == "7"
    assert "values" not in told


def test_names_of_classes_are_found_in_any_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = str(save(tmp_path / "mine.safetensors", "resnet20", "cifar10"))
    photo = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 80, 3), dtype=np.uint8)).save(photo)
    asked = (str(photo), "--network", weights, "--method", "saliency", "--class")
    assert explained(capsys, *asked, "Cat")["class"]["number"] == explained(capsys, *asked, "3")["class"]["number"] == 3
    for wrong, said in (("cot", "did you mean cat"), ("10", "a number from 0 to 9"), ("qqq", "it knows airplane")):
        assert run(["explain", *asked, wrong]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1


@needs_weights
def test_without_json_people_read_the_same(seven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(seven), "--method", "integrated-gradients", "--class", "1"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Integrated gradients for 1 (asked about; the answer is 7, ")
    assert "the sum misses it by" in text
    assert "Strongest at row" in text


@needs_weights
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--layer", "features.c9"], 2, "is no layer or block of lenet5; grad-cam looks at layers with maps, such as"),
        (["--layer", "classifier.f6"], 2, "'classifier.f6' gives no maps of lenet5"),
        (
            ["--method", "saliency", "--layer", "features.c1"],
            2,
            "--layer goes with --method grad-cam, not with saliency",
        ),
        (["--patch", "3"], 2, "--patch goes with --method occlusion, not with grad-cam"),
        (["--method", "occlusion", "--stride", "0"], 2, "--stride is 1 or more, not 0"),
        (["--opacity", "50"], 2, "--opacity is 0 to 100 and goes with --out"),
        (["--out", "why.jpg"], 2, "--out is a file that ends in .png, not why.jpg"),
        (["--out", "/nowhere at all/why.png"], 1, "does not exist; make it first"),
        (["--values"], 2, "--values goes with --json"),
        (["--network", "nothing"], 1, "nothing"),
    ],
)
def test_what_cannot_be_right_is_refused_in_a_sentence(
    seven: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, sentence: str
) -> None:
    assert run(["explain", str(seven), *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err
    assert told.err.count("\n") == 1


def test_a_blank_or_broken_picture_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (40, 40), 255).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for name in ("blank.png", "broken.png", "gone.png"):
        assert run(["explain", str(tmp_path / name)]) == 1
        told = capsys.readouterr().err
        assert name in told
        assert told.count("\n") == 1


def test_help_teaches_the_methods_and_gives_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(method.value in text for method in Method)
    assert "orange to red speaks for the class" in text
    assert "cnn-explorer explain seven.png --class 1" in text
