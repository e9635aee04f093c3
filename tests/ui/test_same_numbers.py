"""The same input gives the same numbers in the window, on the command line and in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from awkward_images import seven
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from strokes import written_digits

from explorer.cli import run
from explorer.data.images import read_image
from explorer.data.steps import steps
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_weights
from explorer.ui.input_panel import InputPanel
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session


def lit(path: Path) -> None:
    """A 7 on a sheet in the light of a lamp, as a photograph."""
    ink = 1 - np.asarray(seven("L", (300, 380), 0, 255)) / 255
    light = np.linspace(0.5, 0.95, 300)[None, :] * np.linspace(1, 0.8, 380)[:, None]
    noise = np.random.default_rng(3).normal(0, 0.01, light.shape)
    Image.fromarray((255 * (light * (1 - 0.8 * ink) + noise).clip(0, 1)).astype(np.uint8)).save(path, quality=92)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[InputPanel]:
    service = PredictionService()
    window = QWidget()
    qtbot.addWidget(window)
    panel = InputPanel(Session(), service, window)
    panel.resize(300, 600)
    window.show()
    yield panel
    service.shutdown()
    panel.shutdown()


@pytest.mark.skipif(not shipped_weights(), reason="no weights came with the program")
def test_window_command_line_and_python_agree(
    panel: InputPanel, qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lit(tmp_path / "photo.jpg")
    seven("RGBA").save(tmp_path / "clear.png")
    seven("I;16").save(tmp_path / "deep.tif")
    # What is drawn is saved as the sheet that is seen on screen, and opened again.
    drawn = tmp_path / "drawn.png"
    panel.pad.show_sketch(next(sketch for sketch, label in written_digits() if label == 3))
    sheet = QImage(280, 280, QImage.Format.Format_RGB32)
    panel.pad.resize(280, 280)
    panel.pad.render(sheet)
    assert sheet.copy(4, 4, 272, 272).save(str(drawn))
    paths = [tmp_path / name for name in ("photo.jpg", "clear.png", "deep.tif", "drawn.png")]
    assert run(["predict", *map(str, paths), "--top", "10", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    predictor = Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))
    for path, answer in zip(paths, answers, strict=True):
        expected = predictor.answer(predictor.see(read_image(path)))
        told = {each["label"]: each["probability"] for each in answer["predictions"]}
        assert [told[label] for label in expected.labels] == list(expected.probabilities)
        panel.open_image(path)
        seen = predictor.see(read_image(path))
        qtbot.waitUntil(lambda seen=seen: np.array_equal(panel.view.picture.seen, seen), timeout=20_000)
        assert [share for _, share in panel.bars.rows] == list(expected.probabilities)
        assert np.array_equal(steps(read_image(path), predictor.step_settings)[-1].picture, seen[0])
    assert [answer["predictions"][0]["label"] for answer in answers] == ["7", "7", "7", "3"]
