"""Which edits of the network on screen can be made, and which stay when its input changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from explorer.inference.edits import Silence
from explorer.networks import catalogue
from explorer.structure.trace import trace
from explorer.ui.session import Session
from explorer.ui.surgery import Surgery, can_silence, channel_count


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session()
    yield made
    made.shutdown()


def test_a_head_that_only_trains_cannot_be_silenced() -> None:
    entry = catalogue.get("googlenet")
    options = entry.options_type(size="cifar", auxiliary=True)
    graph = trace(entry.build(options), entry.interface(options).input_shape)
    assert graph.block_by_path["head_4a"]
    assert not can_silence(graph, "head_4a")
    assert can_silence(graph, "inception_4a")
    assert channel_count(graph, "head_4a") == 0


def test_undo_brings_back_no_edit_that_does_not_fit_the_network_any_more(qtbot: QtBot, session: Session) -> None:
    surgery = Surgery(session)
    entry = catalogue.get("lenet5")
    session.show(entry)
    qtbot.waitUntil(lambda: session.graph is not None, timeout=60_000)
    surgery.add(Silence("features.c1", 5))
    surgery.edits = (Silence("features.c1", 5), Silence("features.c1", 6), Silence("no.such.layer"))
    surgery.silence("features.c3")
    surgery.reset()
    surgery._on_graph(session.graph)
    surgery.undo()
    assert surgery.edits == (Silence("features.c1", 5), Silence("features.c3"))
