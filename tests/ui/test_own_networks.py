"""Networks of the user's own: what is asked, remembered and said. What reads them is tested in tests/foreign."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from explorer import foreign
from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.system.download import Cancelled
from explorer.ui.own_networks import MOST_REMEMBERED, OwnNetworks, is_own_file

OWN = replace(LENET5, name="nets/net.py:Net", title="Net", paper=None, source="nets/net.py:Net")


class Opener:
    """Stands in for `foreign.open_own`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Any = (OWN, LeNet5Options())
        self.begun = threading.Event()
        self.waits = False

    def __call__(self, spec, given=None, *, progress=None, cancelled=None):
        self.asked.append((spec, dict(given or {})))
        progress("running the file", None)
        self.begun.set()
        while self.waits:
            if cancelled():
                raise Cancelled
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def opener(monkeypatch: pytest.MonkeyPatch) -> Opener:
    made = Opener()
    monkeypatch.setattr(foreign, "open_own", made)
    return made


@pytest.fixture
def own(qtbot: QtBot, opener: Opener) -> Iterator[OwnNetworks]:
    made = OwnNetworks()
    yield made
    opener.waits = False
    made.shutdown()


def test_a_network_is_opened_and_remembered(own: OwnNetworks, qtbot: QtBot) -> None:
    with qtbot.waitSignal(own.opened, timeout=20_000) as opened:
        own.open("nets/net.py:Net")
    assert opened.args[0].architecture is OWN
    assert not opened.args[0].is_weights
    assert own.recent == (("nets/net.py:Net", "Net"),)


def test_what_must_be_given_is_asked_for_and_kept(own: OwnNetworks, opener: Opener, qtbot: QtBot) -> None:
    needed = "Net is built with classes, which must be given: -o classes=…"
    opener.answer = foreign.ArgumentsNeededError(needed, ("classes",))
    with qtbot.waitSignal(own.asked, timeout=20_000) as asked:
        own.open("nets/net.py:Net")
    question = asked.args[0]
    assert question.names == ("classes",)
    assert question.sentence == "Net is built with classes, which must be given"
    opener.answer = (OWN, LeNet5Options())
    with qtbot.waitSignal(own.opened, timeout=20_000):
        own.open("nets/net.py:Net", {"classes": "7"})
    with qtbot.waitSignal(own.opened, timeout=20_000):
        own.open("nets/net.py:Net")
    assert opener.asked[-1] == ("nets/net.py:Net", {"classes": "7"})


def test_one_of_several_classes_is_asked_for(own: OwnNetworks, opener: Opener, qtbot: QtBot) -> None:
    opener.answer = foreign.SeveralNetworksError("nets.py defines two", ("Big", "Small"))
    with qtbot.waitSignal(own.asked, timeout=20_000) as asked:
        own.open("nets/nets.py")
    question = asked.args[0]
    assert (question.spec, question.choices) == ("nets/nets.py", ("Big", "Small"))
    assert question.sentence == "nets.py defines several networks."


def test_an_error_is_told_and_nothing_remembered(own: OwnNetworks, opener: Opener, qtbot: QtBot) -> None:
    opener.answer = foreign.ForeignError("net.py, line 3: it raises")
    with qtbot.waitSignal(own.failed, timeout=20_000) as failed:
        own.open("nets/net.py")
    assert failed.args == ["nets/net.py", "net.py, line 3: it raises"]
    assert own.recent == ()
    assert not own.is_reading


def test_reading_can_be_cancelled(own: OwnNetworks, opener: Opener, qtbot: QtBot) -> None:
    opener.waits = True
    own.open("nets/net.py")
    assert opener.begun.wait(20)
    with qtbot.waitSignal(own.failed) as failed:
        own.cancel()
    assert failed.args[1] == "Reading net.py was cancelled."


def test_weights_are_not_listed_among_the_recent_ones(own: OwnNetworks, qtbot: QtBot) -> None:
    with qtbot.waitSignal(own.opened, timeout=20_000) as opened:
        own.open("nets/weights.safetensors")
    assert opened.args[0].is_weights
    assert own.recent == ()


def test_the_list_survives_a_trip_through_json_and_stays_short(own: OwnNetworks) -> None:
    own.restore([{"spec": f"nets/{number}.py", "title": "N", "given": {"a": "1"}} for number in range(40)])
    assert len(own.recent) == MOST_REMEMBERED
    assert own.state()[0] == {"spec": "nets/0.py", "title": "N", "given": {"a": "1"}}


@pytest.mark.parametrize("state", [None, 3, {}, [3, {"spec": 3}, {"title": "x"}]])
def test_a_broken_memory_does_no_harm(own: OwnNetworks, state: Any) -> None:
    own.restore(state)
    assert own.recent == ()


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("a.py", True),
        ("a.py:Net", True),
        ("a.png:Net", False),
        ("a.pt2", True),
        ("a.SAFETENSORS", True),
        ("a.pth", True),
        ("a.png", False),
        ("a", False),
    ],
)
def test_files_are_told_by_their_names(name: str, is_own: bool) -> None:
    assert is_own_file(Path(name)) == is_own
