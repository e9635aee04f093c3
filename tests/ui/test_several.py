"""Several networks answer one input side by side, and those with the same labels speak together."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from strokes import written_digits

from explorer.data.sketch import Sketch
from explorer.inference.kinds import Takes
from explorer.inference.prediction import Prediction
from explorer.ui.answering import Answering, Choice
from explorer.ui.several_panel import SeveralPanel
from explorer.ui.several_service import MOST, SeveralAnswer, SeveralService

SKETCH = written_digits()[0][0]
DIGITS = tuple("0123456789")


def says(best: int, share: float, labels: tuple[str, ...] = DIGITS) -> Prediction:
    rest = (1 - share) / (len(labels) - 1)
    return Prediction(labels, tuple(share if place == best else rest for place in range(len(labels))))


ANSWERS = {
    "seven": says(7, 0.91),
    "also seven": says(7, 0.55),
    "one": says(1, 0.73),
    "cats": says(0, 0.6, ("cat", "dog")),
}


class Place:
    def __init__(self, qtbot: QtBot) -> None:
        self.loaded: list[str] = []
        self.threads: set[int] = set()
        self.service = SeveralService(self._load)
        self.answers: list[SeveralAnswer] = []
        self.service.answered.connect(self.answers.append)
        self.panel = SeveralPanel(self.service)
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 320)

    def _load(self, choice: Choice) -> Answering:
        name = choice.path.name
        self.loaded.append(name)
        if name == "broken":
            raise ValueError("broken is damaged")

        def answer(_seen: np.ndarray) -> Prediction:
            self.threads.add(threading.get_ident())
            return ANSWERS[name]

        return Answering(answer, f"{name} network", takes=Takes.DIGITS)


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    made = Place(qtbot)
    made.panel.show()
    yield made
    made.service.shutdown()


def paths(*names: str) -> tuple[Path, ...]:
    return tuple(Path("/weights") / name for name in names)


def test_each_network_has_a_card_and_the_ensemble_stands_before_them(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("seven", "one", "also seven"))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.panel.joint))
    cards = place.panel.cards
    assert [cards[path].label.text() for path in paths("seven", "one", "also seven")] == ["7", "1", "7"]
    (joint,) = place.panel.joint
    assert joint.label.text() == "7"
    mean = (0.91 + 0.55 + 0.03) / 3
    assert dict(joint.bars.rows)["7"] == pytest.approx(mean)
    assert joint.words.text() == f"{mean * 100:.1f} %; 2 of 3 say 7"
    assert place.panel._cards.itemAt(0).widget() is joint
    assert cards[paths("one")[0]].accessibleName() == "one network"


def test_networks_with_other_labels_do_not_vote(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("seven", "cats"))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.answers) and place.answers[-1].spoken[-1].answer is not None)
    assert place.answers[-1].joint == ()
    assert place.panel.joint == []


def test_one_that_cannot_be_read_says_why_and_the_others_answer(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("broken", "seven", "one"))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.panel.joint))
    card = place.panel.cards[paths("broken")[0]]
    assert card.words.text() == "broken is damaged"
    assert card.bars.isHidden()
    assert place.panel.joint[0].words.text().endswith("no majority: 7 and 1")


def test_answers_are_computed_off_the_ui_thread_and_weights_are_read_once(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("seven", "one"))
    for _ in range(3):
        place.service.set_input(SKETCH)
        count = len(place.answers)
        qtbot.waitUntil(lambda count=count: len(place.answers) > count)
    assert threading.get_ident() not in place.threads
    assert place.loaded == ["seven", "one"]


def test_nothing_is_computed_for_a_panel_that_is_out_of_sight(place: Place, qtbot: QtBot) -> None:
    place.panel.hide()
    place.service.set_members(paths("seven", "one"))
    place.service.set_input(SKETCH)
    assert place.loaded == []
    place.panel.show()
    qtbot.waitUntil(lambda: bool(place.panel.joint))


def test_a_blank_sheet_takes_the_answers_away(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("seven", "one"))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.panel.joint))
    place.service.set_input(Sketch())
    qtbot.waitUntil(lambda: not place.panel.joint)
    card = place.panel.cards[paths("seven")[0]]
    assert card.label.text() == ""
    assert not any(share for _, share in card.bars.rows)


def test_a_card_is_removed_by_its_button(place: Place, qtbot: QtBot) -> None:
    place.service.set_members(paths("seven", "one"))
    card = place.panel.cards[paths("seven")[0]]
    QTest.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
    assert place.service.members == paths("one")
    assert list(place.panel.cards) == list(paths("one"))


def test_so_many_networks_and_no_more(place: Place, qtbot: QtBot) -> None:
    place.panel.hide()
    place.service.set_members(paths(*(str(number) for number in range(MOST))))
    place.service.add(Path("/weights/one more"))
    assert len(place.service.members) == MOST
    assert "remove one" in place.panel.message.text()


def test_the_choice_is_remembered_without_what_is_gone(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    place.panel.hide()
    there, gone = tmp_path / "seven", tmp_path / "gone"
    there.write_bytes(b"")
    place.service.set_members((there, gone))
    state = place.panel.state()
    place.service.set_members(())
    place.panel.restore(state)
    assert place.service.members == (there,)
    place.panel.restore({"networks": [3, None]})
    assert place.service.members == ()


def test_the_menu_offers_what_there_is_and_runs_with_their_epochs(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    place.panel.hide()
    weights = tmp_path / "run" / "weights"
    weights.mkdir(parents=True)
    for epoch in (1, 2):
        (weights / f"epoch-{epoch:04d}.safetensors").write_bytes(b"")
    place.panel.set_runs({Takes.DIGITS: (("my run", tmp_path / "run"),)})
    menu = place.panel.add.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()]
    assert "lenet5-mnist, shipped" in texts
    assert texts[-1] == "Open weights…"
    of_run = next(action.menu() for action in menu.actions() if action.text() == "my run")
    of_run.aboutToShow.emit()
    assert [action.text() for action in of_run.actions()] == ["Best epoch", "Epoch 1", "Epoch 2"]
    of_run.actions()[2].trigger()
    assert place.service.members == (weights / "epoch-0002.safetensors",)


def test_weights_that_were_written_anew_are_read_anew(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "seven"
    path.write_bytes(b"first")
    place.service.set_members((path,))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.answers))
    place.answers.clear()
    place.service.set_input(written_digits()[1][0])
    qtbot.waitUntil(lambda: bool(place.answers))
    assert place.loaded == ["seven"]
    place.answers.clear()
    os.utime(path, ns=(1, 1))
    place.service.set_input(SKETCH)
    qtbot.waitUntil(lambda: bool(place.answers))
    assert place.loaded == ["seven", "seven"]
