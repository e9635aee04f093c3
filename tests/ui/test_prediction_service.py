"""The service answers the newest request, in a thread of its own, and never the wrong way round."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.ui.answering import Answering, Choice, Weights
from explorer.ui.prediction_service import Answer, PredictionService


@dataclass(frozen=True)
class Guess:
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]


LINE = Sketch((Stroke(((100.0, 40.0), (110.0, 240.0))),))


def lines(count: int) -> Sketch:
    """So many upright lines side by side; their pictures all differ."""
    return Sketch(tuple(Stroke(((20.0 + 5 * n, 40.0), (20.0 + 5 * n, 240.0))) for n in range(count)))


class Network:
    """Stands in for a network: it counts its calls, notes its thread, and can be held up."""

    def __init__(self, label: str = "7") -> None:
        self.label = label
        self.seen: list[np.ndarray] = []
        self.threads: set[str] = set()
        self.free = threading.Event()
        self.free.set()
        self.entered = threading.Event()

    def __call__(self, digit: np.ndarray) -> Guess:
        self.entered.set()
        assert self.free.wait(timeout=10)
        self.seen.append(digit.copy())
        self.threads.add(threading.current_thread().name)
        return Guess((self.label, "other"), (0.9, 0.1))


class Desk:
    """A service with what it was asked to load and what it told."""

    def __init__(self) -> None:
        self.network = Network()
        self.networks: dict[Path | None, Network] = {}
        self.asked: list[tuple[Weights, Path | None]] = []
        self.service = PredictionService(self._load)
        self.answers: list[Answer] = []
        self.titles: list[str] = []
        self.sentences: list[str] = []
        self.service.answered.connect(self.answers.append)
        self.service.weights_changed.connect(self.titles.append)
        self.service.failed.connect(self.sentences.append)

    def _load(self, wanted: Choice) -> Answering:
        choice, path = wanted.weights, wanted.path
        self.asked.append((choice, path))
        if path is not None and path not in self.networks:
            raise OSError(f"{path} holds no weights: choose another file")
        network = self.networks.get(path, self.network)
        return Answering(network, f"{network.label} by {path.name if path else choice.value}")


@pytest.fixture
def desk(qapp: object) -> Desk:
    desk = Desk()
    yield desk
    desk.network.free.set()
    desk.service.shutdown()


def test_a_sketch_is_answered_with_the_picture_that_all_share(desk: Desk, qtbot: QtBot) -> None:
    desk.service.predict(LINE, requested_at=123.0)
    qtbot.waitUntil(lambda: bool(desk.answers))
    (answer,) = desk.answers
    assert np.array_equal(answer.seen[0], as_digit(LINE))
    assert np.array_equal(desk.network.seen[0], answer.seen)
    assert answer.prediction == Guess(("7", "other"), (0.9, 0.1))
    assert answer.requested_at == 123.0


def test_the_picture_in_an_answer_cannot_be_changed(desk: Desk, qtbot: QtBot) -> None:
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert not desk.answers[0].seen.flags.writeable


def test_nothing_is_computed_in_the_thread_of_the_window(desk: Desk, qtbot: QtBot) -> None:
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert desk.network.threads == {"predictions"}


@pytest.mark.parametrize("source", [Sketch(), np.full((50, 40), 255, np.uint8), np.zeros((28, 28), np.uint8)])
def test_a_blank_input_is_answered_without_the_network(desk: Desk, qtbot: QtBot, source: object) -> None:
    desk.service.start()
    desk.service.predict(source)
    qtbot.waitUntil(lambda: bool(desk.answers))
    (answer,) = desk.answers
    assert answer.is_blank
    assert answer.prediction is None
    assert answer.seen.shape == (1, 28, 28)
    assert not answer.seen.any()
    assert desk.network.seen == []


def test_of_fifty_requests_to_a_slow_network_the_last_is_answered_and_most_are_never_computed(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.network.free.clear()
    desk.service.predict(lines(1))
    assert desk.network.entered.wait(timeout=10)
    for count in range(2, 51):
        desk.service.predict(lines(count), requested_at=float(count))
    desk.network.free.set()
    qtbot.waitUntil(lambda: bool(desk.answers) and desk.answers[-1].requested_at == 50.0)
    assert np.array_equal(desk.answers[-1].seen[0], as_digit(lines(50)))
    assert len(desk.network.seen) == 2


def test_answers_come_while_the_pen_goes_on_and_never_after_a_newer_one(desk: Desk, qtbot: QtBot) -> None:
    for count in range(1, 51):
        computed = len(desk.network.seen)
        desk.service.predict(lines(count), requested_at=float(count))
        if count % 4 == 0:
            qtbot.waitUntil(lambda computed=computed: len(desk.network.seen) > computed)
    qtbot.waitUntil(lambda: bool(desk.answers) and desk.answers[-1].requested_at == 50.0)
    order = [answer.requested_at for answer in desk.answers]
    assert order == sorted(order)
    assert len(order) > 10


def test_an_answer_to_what_was_wiped_off_is_dropped(desk: Desk, qtbot: QtBot) -> None:
    desk.network.free.clear()
    desk.service.predict(LINE)
    assert desk.network.entered.wait(timeout=10)
    desk.service.predict(Sketch())
    desk.network.free.set()
    qtbot.waitUntil(lambda: len(desk.network.seen) == 1)
    desk.service.predict(lines(3), requested_at=3.0)
    qtbot.waitUntil(lambda: desk.answers[-1].requested_at == 3.0)
    assert [answer.is_blank for answer in desk.answers] == [True, False]


def test_the_first_request_waits_for_the_weights(desk: Desk, qtbot: QtBot) -> None:
    desk.service.predict(LINE)
    assert desk.answers == []
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert desk.asked == [(Weights.NEWEST, None)]
    assert desk.titles == ["7 by newest"]


def test_other_weights_answer_the_drawing_that_is_there(desk: Desk, qtbot: QtBot) -> None:
    run = Path("run/weights/epoch-0001.safetensors")
    desk.networks[run] = Network("1")
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    desk.service.use_weights(run)
    qtbot.waitUntil(lambda: len(desk.answers) == 2)
    assert desk.answers[-1].prediction.labels[0] == "1"
    assert desk.titles[-1] == "1 by epoch-0001.safetensors"
    assert desk.service.choice is Weights.CHOSEN


def test_the_newest_weights_are_followed_epoch_after_epoch(desk: Desk, qtbot: QtBot) -> None:
    for epoch in ("epoch-0001", "epoch-0002"):
        desk.networks[Path(epoch)] = Network(epoch)
        desk.service.offer_newest(Path(epoch))
        qtbot.waitUntil(lambda epoch=epoch: desk.titles[-1:] == [f"{epoch} by {epoch}"])


def test_weights_that_were_chosen_stay_until_the_newest_are_followed_again(desk: Desk, qtbot: QtBot) -> None:
    chosen, newest = Path("chosen"), Path("newest")
    desk.networks |= {chosen: Network("chosen"), newest: Network("newest")}
    desk.service.use_weights(chosen)
    qtbot.waitUntil(lambda: desk.titles == ["chosen by chosen"])
    desk.service.offer_newest(newest)
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert desk.answers[-1].prediction.labels[0] == "chosen"
    desk.service.follow_newest()
    qtbot.waitUntil(lambda: desk.titles[-1] == "newest by newest")


def test_weights_that_cannot_be_read_are_told_and_the_ones_before_go_on_answering(desk: Desk, qtbot: QtBot) -> None:
    desk.service.start()
    qtbot.waitUntil(lambda: bool(desk.titles))
    desk.service.use_weights(Path("gone"))
    qtbot.waitUntil(lambda: bool(desk.sentences))
    assert desk.sentences == ["gone holds no weights: choose another file"]
    assert desk.service.choice is Weights.NEWEST
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert desk.answers[0].prediction.labels[0] == "7"


def test_without_any_weights_the_picture_is_shown_and_the_reason_told(qtbot: QtBot) -> None:
    def load(choice: Choice) -> Answering:
        raise OSError("the shipped weights are missing: install cnn-explorer again")

    service = PredictionService(load)
    answers: list[Answer] = []
    sentences: list[str] = []
    service.answered.connect(answers.append)
    service.failed.connect(sentences.append)
    service.predict(LINE)
    qtbot.waitUntil(lambda: bool(answers) and len(sentences) > 1)
    service.shutdown()
    assert answers[0].seen.any()
    assert answers[0].prediction is None
    assert set(sentences) == {"the shipped weights are missing: install cnn-explorer again"}


def test_a_network_that_fails_is_told_and_the_next_request_is_answered(desk: Desk, qtbot: QtBot) -> None:
    broken, desk.network.label = desk.network.label, None
    desk.service.predict(np.zeros((5,), np.uint8))
    qtbot.waitUntil(lambda: bool(desk.sentences))
    desk.network.label = broken
    desk.service.predict(LINE)
    qtbot.waitUntil(lambda: bool(desk.answers))
    assert desk.answers[0].prediction.labels[0] == "7"


def test_shutdown_waits_for_the_thread_and_nothing_is_answered_after_it(desk: Desk, qtbot: QtBot) -> None:
    desk.service.predict(LINE)
    desk.service.shutdown()
    assert not any(thread.name == "predictions" for thread in threading.enumerate())
    desk.service.predict(lines(2))
    desk.service.predict(Sketch())
    QCoreApplication.processEvents()
    assert desk.answers == []


def test_the_window_can_be_built_before_torch() -> None:
    code = "import sys, explorer.ui.input_panel; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
