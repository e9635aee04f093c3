"""What the session tells while networks are read, changed, given up and fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lenet_graph import LENET
from pytestqt.qtbot import QtBot

from explorer import reading
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.structure.graph import Failure, Graph
from explorer.system.download import Cancelled
from explorer.ui.session import Session

OTHER = replace(LENET5, name="other", title="Other")


class Reader:
    """Stands in for `read_graph`: notes what it is asked, waits where it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, Any]] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.failure: Failure | None = None
        self.error: Exception | None = None

    def __call__(self, architecture, options=None, input_shape=None, *, progress=None, cancelled=None) -> Graph:
        self.asked.append((architecture.name, options, input_shape))
        progress("following the forward function", 0.5)
        self.begun.release()
        while not self.go_on.wait(0.01):
            if cancelled():
                raise Cancelled
        if self.error is not None:
            raise self.error
        return replace(LENET, title=architecture.title, failure=self.failure)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(reading, "read_graph", made)
    return made


@pytest.fixture
def session(qtbot: QtBot, reader: Reader) -> Iterator[Session]:
    made = Session()
    yield made
    reader.go_on.set()
    made.shutdown()


def test_a_network_is_told_of_at_once_and_its_graph_later(session: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    session.architecture_changed.connect(lambda architecture, _options: told.append(architecture.name))
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5)
        assert told == ["lenet5"]
        assert session.graph is None
    assert session.graph.title == "LeNet-5"


def test_an_input_size_is_read_and_remembered(session: Session, reader: Reader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5, LeNet5Options(), (1, 40, 40))
    assert session.input_shape == (1, 40, 40)
    assert reader.asked == [("lenet5", LeNet5Options(), (1, 40, 40))]


def test_the_networks_own_size_is_no_other_size(session: Session, reader: Reader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5, LeNet5Options(), (1, 28, 28))
    session.show(LENET5, LeNet5Options())
    assert session.input_shape is None
    assert len(reader.asked) == 1


def test_progress_is_told_with_the_networks_name(session: Session, reader: Reader, qtbot: QtBot) -> None:
    told: list[tuple[str, Any]] = []
    session.reading_changed.connect(lambda words, share: told.append((words, share)))
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5)
    assert ("Reading LeNet-5", None) in told
    assert ("Reading LeNet-5: following the forward function", 0.5) in told
    assert told[-1] == ("", None)


def test_the_newest_network_wins(session: Session, reader: Reader, qtbot: QtBot) -> None:
    reader.go_on.clear()
    graphs: list[str] = []
    session.graph_changed.connect(lambda graph: graphs.append(graph.title))
    session.show(LENET5)
    assert reader.begun.acquire(timeout=20)
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(OTHER)
        # The first one gives up although nothing lets it go on.
        assert reader.begun.acquire(timeout=20)
        reader.go_on.set()
    assert graphs == ["Other"]


def test_asking_again_for_what_is_being_read_does_not_begin_anew(
    session: Session, reader: Reader, qtbot: QtBot
) -> None:
    reader.go_on.clear()
    session.show(LENET5)
    assert reader.begun.acquire(timeout=20)
    session.show(LENET5)
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        reader.go_on.set()
    assert len(reader.asked) == 1


def test_reading_can_be_cancelled_and_taken_up_again(session: Session, reader: Reader, qtbot: QtBot) -> None:
    reader.go_on.clear()
    session.show(LENET5)
    assert reader.begun.acquire(timeout=20)
    with qtbot.waitSignal(session.graph_failed) as failed:
        session.cancel_reading()
    assert failed.args == ["Reading LeNet-5 was cancelled. Choose it again to read it."]
    assert not session.is_reading
    reader.go_on.set()
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5)
    assert session.graph is not None


def test_a_network_that_fails_on_its_input_has_a_graph(session: Session, reader: Reader, qtbot: QtBot) -> None:
    reader.failure = Failure("features.s4", "S4 needs at least 2 x 2 pixels", (1, 28, 28))
    failed: list[str] = []
    said: list[str] = []
    session.graph_failed.connect(failed.append)
    session.message.connect(said.append)
    with qtbot.waitSignal(session.graph_changed, timeout=20_000):
        session.show(LENET5, None, (1, 12, 12))
    assert failed == []
    assert said == ["S4 needs at least 2 x 2 pixels"]


def test_what_cannot_be_read_is_told_in_a_sentence(session: Session, reader: Reader, qtbot: QtBot) -> None:
    reader.error = ValueError("this network cannot be shown")
    with qtbot.waitSignal(session.graph_failed, timeout=20_000) as failed:
        session.show(LENET5)
    assert failed.args == ["this network cannot be shown"]
    assert not session.is_reading


def test_closing_gives_up_what_is_being_read(session: Session, reader: Reader) -> None:
    reader.go_on.clear()
    session.show(LENET5)
    assert reader.begun.acquire(timeout=20)
    session.shutdown()
    assert not reader.go_on.is_set()
