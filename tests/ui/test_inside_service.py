"""The service that looks into the network on screen: newest wins, nothing stale, nothing for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.networks.options import option_fields
from explorer.ui import inside_service
from explorer.ui.inside_service import InsideService, Stopped, Subject
from explorer.ui.session import Session

SEVEN = Sketch((Stroke(((60.0, 60.0), (220.0, 60.0), (120.0, 240.0))),))
ONE = Sketch((Stroke(((140.0, 40.0), (140.0, 240.0))),))


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    yield session
    session.shutdown()


@pytest.fixture
def inside(qtbot: QtBot, session: Session) -> Iterator[InsideService]:
    service = InsideService(session)
    yield service
    service.shutdown()


def _show(qtbot: QtBot, session: Session, inside: InsideService, options: object = None) -> None:
    with qtbot.waitSignal(inside.subject_changed, timeout=20_000):
        session.show(LENET5, options)


def test_the_shipped_weights_of_the_network_on_screen_are_looked_into(
    qtbot: QtBot, session: Session, inside: InsideService
) -> None:
    _show(qtbot, session, inside)
    assert inside.info is not None
    assert inside.info.trained
    assert inside.info.title.startswith("LeNet-5 on MNIST")
    inside.set_input(SEVEN)
    answers: list[object] = []
    inside.ask("test", lambda subject: (subject.seen.shape, subject.graph.title, subject.trained), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [((1, 28, 28), "LeNet-5", True)]


def test_options_without_trained_weights_are_said_to_be_untrained(
    qtbot: QtBot, session: Session, inside: InsideService
) -> None:
    _show(qtbot, session, inside, LeNet5Options(activation="tanh"))
    assert inside.info is not None
    assert not inside.info.trained
    assert inside.info.title == "LeNet-5, untrained weights"
    assert any(field.name == "activation" for field in option_fields(LeNet5Options))


def test_nothing_is_asked_while_the_pad_is_blank(qtbot: QtBot, session: Session, inside: InsideService) -> None:
    _show(qtbot, session, inside)
    ran: list[object] = []
    inside.ask("test", ran.append, ran.append)
    inside.set_input(SEVEN)
    inside.ask("other", lambda _subject: 1, ran.append)
    qtbot.waitUntil(lambda: bool(ran))
    assert ran == [1]


def test_an_answer_does_not_come_after_the_sheet_was_cleared(
    qtbot: QtBot, session: Session, inside: InsideService
) -> None:
    _show(qtbot, session, inside)
    inside.set_input(SEVEN)
    begun, go_on = threading.Event(), threading.Event()

    def work(_subject: Subject) -> str:
        begun.set()
        go_on.wait(10)
        return "stale"

    answers: list[object] = []
    inside.ask("test", work, answers.append)
    assert begun.wait(10)
    inside.set_input(Sketch())
    go_on.set()
    inside.set_input(ONE)
    inside.ask("test", lambda _subject: "new", answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["new"]


def test_of_several_requests_with_one_key_the_newest_is_answered(
    qtbot: QtBot, session: Session, inside: InsideService
) -> None:
    _show(qtbot, session, inside)
    inside.set_input(SEVEN)
    go_on = threading.Event()
    answers: list[object] = []
    inside.ask("slow", lambda _subject: go_on.wait(10), lambda _answer: None)
    for number in range(3):
        inside.ask("test", lambda _subject, number=number: number, answers.append)
    go_on.set()
    qtbot.waitUntil(lambda: bool(answers))
    inside.ask("last", lambda _subject: "end", answers.append)
    qtbot.waitUntil(lambda: answers[-1] == "end")
    assert answers == [2, "end"]


def test_what_was_forgotten_is_not_answered(qtbot: QtBot, session: Session, inside: InsideService) -> None:
    _show(qtbot, session, inside)
    inside.set_input(SEVEN)
    begun, go_on = threading.Event(), threading.Event()
    answers: list[object] = []

    def work(subject: Subject) -> bool:
        begun.set()
        go_on.wait(10)
        return subject.stopped()

    inside.ask("test", work, answers.append)
    assert begun.wait(10)
    inside.forget("test")
    go_on.set()
    inside.ask("other", lambda _subject: "other", answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["other"]


@pytest.mark.parametrize("is_short", [True, False])
def test_long_work_is_told_of_a_newer_input_and_then_comes_to_its_end(
    qtbot: QtBot, session: Session, inside: InsideService, monkeypatch: pytest.MonkeyPatch, is_short: bool
) -> None:
    monkeypatch.setattr(inside_service, "_SHORT_S", 60.0 if is_short else 0.0)
    _show(qtbot, session, inside)
    inside.set_input(SEVEN)
    begun, go_on = threading.Event(), threading.Event()
    ended: list[str] = []

    def work(name: str, subject: Subject) -> str:
        begun.set()
        go_on.wait(10)
        if subject.stopped():
            raise Stopped
        return name

    inside.ask("test", partial(work, "first"), ended.append, ended.append)
    assert begun.wait(10)
    inside.set_input(ONE)
    inside.ask("test", partial(work, "second"), ended.append, ended.append)
    go_on.set()
    qtbot.waitUntil(lambda: "second" in ended)
    assert ended == (["first", "second"] if is_short else ["second"])


def test_a_failure_is_told_in_a_sentence(qtbot: QtBot, session: Session, inside: InsideService) -> None:
    _show(qtbot, session, inside)
    inside.set_input(np.full((28, 28), 200, np.uint8))
    told: list[str] = []

    def work(_subject: Subject) -> None:
        raise ValueError("there is no such layer")

    inside.set_input(SEVEN)
    inside.ask("test", work, lambda _answer: None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["there is no such layer"]


def test_another_network_takes_the_place_of_the_one_before(
    qtbot: QtBot, session: Session, inside: InsideService
) -> None:
    _show(qtbot, session, inside)
    inside.set_input(SEVEN)
    answers: list[object] = []
    inside.ask("test", lambda subject: len(subject.graph.nodes), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    _show(qtbot, session, inside, LeNet5Options(batch_norm=True))
    inside.ask("test", lambda subject: len(subject.graph.nodes), answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[1] == answers[0] + 4  # a norm after C1, C3, C5 and F6


def test_a_network_that_fails_on_its_input_says_why(qtbot: QtBot, session: Session, inside: InsideService) -> None:
    with qtbot.waitSignal(inside.subject_changed, timeout=20_000) as told:
        session.show(LENET5, None, (1, 8, 8))
    assert told.args == [None]
    assert inside.reason
    assert not inside.is_ready
