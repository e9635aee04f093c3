"""Drawings, photographs and masks: each input is answered by a network for it, or by the one that was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from networks_made import save
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.data.drawing import as_drawing
from explorer.data.images import read_image
from explorer.data.sketch import Sketch, Stroke
from explorer.inference import sources
from explorer.inference.kinds import Takes
from explorer.inference.predictor import Predictor
from explorer.ui.answering import Choice, Subject, Weights, weights_file
from explorer.ui.input_panel import InputPanel
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session
from explorer.ui.weights_choice import WeightsChoice


@dataclass(frozen=True)
class Place:
    panel: InputPanel
    service: PredictionService
    shipped: dict[Takes, Path]
    qtbot: QtBot

    def draw(self, *points: tuple[float, float]) -> None:
        """Draws with the left button; points are shares of the pad's side."""
        pad, left, none = self.panel.pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        places = [QPoint(round(x * pad.width()), round(y * pad.width())) for x, y in points]
        QTest.mousePress(pad, left, none, places[0])
        for place in places[1:]:
            QTest.mouseMove(pad, place)
        QTest.mouseRelease(pad, left, none, places[-1])

    @property
    def seen(self) -> np.ndarray:
        return self.panel.view.picture.seen

    def wait_for(self, shape: tuple[int, int, int]) -> None:
        self.qtbot.waitUntil(lambda: self.seen.shape == shape and bool(self.panel.view.label.text()), timeout=30_000)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Takes, Path]:
    folder = tmp_path_factory.mktemp("weights")
    return {
        Takes.DIGITS: save(folder / "lenet5-mnist.safetensors", "lenet5", "mnist"),
        Takes.PHOTOGRAPHS: save(folder / "resnet20-cifar10.safetensors", "resnet20", "cifar10"),
        Takes.MASKS: save(folder / "unet-segments.safetensors", "unet", "segments", form="padded"),
    }


@pytest.fixture
def place(qtbot: QtBot, files: dict[Takes, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    shipped = dict(files)
    monkeypatch.setattr(sources, "shipped_weights", lambda: tuple(shipped.values()))
    service = PredictionService()
    window = QWidget()
    qtbot.addWidget(window)
    panel = InputPanel(Session(), service, window)
    panel.resize(300, 600)
    window.resize(600, 700)
    window.show()
    qtbot.waitExposed(window)
    yield Place(panel, service, shipped, qtbot)
    service.shutdown()
    panel.shutdown()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(2).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(noise).resize((160, 120), Image.Resampling.BICUBIC).save(path)
    return path


LYING = ((0.2, 0.5), (0.5, 0.5), (0.8, 0.5))
LINE = Sketch((Stroke(tuple((280 * x, 280 * y) for x, y in LYING)),))


def test_a_photograph_is_answered_by_a_network_for_photographs_as_in_the_terminal(place: Place, photo: Path) -> None:
    place.panel.open_image(photo)
    place.wait_for((3, 32, 32))
    predictor = Predictor.from_file(place.shipped[Takes.PHOTOGRAPHS])
    seen = predictor.see(read_image(photo))
    assert np.array_equal(place.seen, seen)
    expected = predictor.answer(seen)
    assert place.panel.view.label.text() == expected.best
    assert place.panel.bars.rows == tuple(zip(expected.labels, expected.probabilities, strict=True))
    assert "ResNet-20 on CIFAR-10" in place.service.title
    assert place.panel.pad.source.shape == (120, 160, 3)


def test_a_drawing_after_a_photograph_goes_to_the_digits(place: Place, photo: Path) -> None:
    place.panel.open_image(photo)
    place.wait_for((3, 32, 32))
    place.draw(*LYING)
    place.wait_for((1, 28, 28))
    assert "LeNet-5" in place.service.title
    place.panel.pad.undo()
    place.wait_for((3, 32, 32))


def test_without_a_network_for_photographs_a_sentence_says_what_to_do(place: Place, photo: Path) -> None:
    del place.shipped[Takes.PHOTOGRAPHS]
    place.panel.open_image(photo)
    place.qtbot.waitUntil(lambda: "train one on CIFAR-10" in place.panel.message, timeout=30_000)
    assert not place.panel.pad.is_blank
    assert place.panel.view.label.text() == ""


def test_the_mask_of_the_chosen_network_follows_the_stroke(place: Place) -> None:
    place.draw(*LYING)
    place.wait_for((1, 28, 28))
    place.service.use_shipped(Takes.MASKS, at_hand=True)
    place.wait_for((1, 64, 64))
    overlay = place.panel.view.overlay
    assert overlay.isVisible()
    predictor = Predictor.from_file(place.shipped[Takes.MASKS])
    for _ in range(2):
        drawn = predictor.see(place.panel.pad.source)
        place.qtbot.waitUntil(lambda drawn=drawn: np.array_equal(place.seen, drawn))
        assert np.array_equal(overlay.answer.mask, predictor.answer(drawn).mask)
        assert dict(place.panel.bars.rows)["digit"] == pytest.approx((overlay.answer.mask == 1).mean())
        place.draw((0.5, 0.2), (0.5, 0.8))
    place.panel.pad.clear()
    assert overlay.isHidden()


def test_a_drawing_is_seen_where_it_is(place: Place) -> None:
    place.service.use_shipped(Takes.MASKS)
    place.draw(*LYING)
    place.wait_for((1, 64, 64))
    line = as_drawing(LINE, (1, 64, 64), ground=64, ink=240)
    assert np.abs(place.seen.astype(int) - line).mean() < 3


def test_a_choice_holds_for_the_input_at_hand(place: Place, photo: Path) -> None:
    place.draw(*LYING)
    place.wait_for((1, 28, 28))
    place.service.use_shipped(Takes.PHOTOGRAPHS, at_hand=True)
    place.wait_for((3, 32, 32))
    assert (place.seen[:, 0] == 255).all()  # the drawing, on paper
    place.panel.open_image(photo)
    place.qtbot.waitUntil(lambda: place.service.subject is Subject.PHOTOGRAPH)
    place.draw(*LYING)
    place.wait_for((1, 28, 28))


def test_weights_chosen_elsewhere_answer_what_they_are_for(place: Place) -> None:
    place.draw(*LYING)
    place.wait_for((1, 28, 28))
    photographs = place.shipped[Takes.PHOTOGRAPHS]
    place.service.use_weights(photographs)
    assert place.service.choice is Weights.NEWEST
    assert place.service.chosen(Subject.PHOTOGRAPH) == Choice(Weights.CHOSEN, photographs, Takes.PHOTOGRAPHS)
    place.service.use_weights(place.shipped[Takes.MASKS])
    place.wait_for((1, 64, 64))


def test_the_network_that_answers_can_be_asked_for(place: Place, photo: Path) -> None:
    place.panel.open_image(photo)
    place.wait_for((3, 32, 32))
    choice = place.panel.findChild(WeightsChoice)
    choice.menu().aboutToShow.emit()
    (action,) = [each for each in choice.menu().actions() if each.text() == "Show the network that answers"]
    with place.qtbot.waitSignal(choice.network_wanted) as asked:
        action.trigger()
    assert weights_file(asked.args[0]) == place.shipped[Takes.PHOTOGRAPHS]


def test_the_menu_lists_what_there_is_by_kind(place: Place) -> None:
    place.panel.set_runs({Takes.MASKS: (("a run", Path("a")),)})
    menu = place.panel.findChild(QPushButton, "weights_choice").menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Digits",
        "Follow the newest digit network",
        "LeNet-5 on MNIST, shipped",
        "Photographs",
        "Follow the newest network for photographs",
        "ResNet-20 on CIFAR-10, shipped",
        "Masks over the drawing",
        "Follow the newest network for masks",
        "U-Net on Digits in clutter, shipped",
        "a run",
        "Show the network that answers",
        "ImageNet weights…",
        "Open weights…",
    ]
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Follow the newest digit network"]
