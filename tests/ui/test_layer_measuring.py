import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from lenet_graph import LENET, ShownSession, lenet_session
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5
from explorer.structure.table_columns import COLUMNS
from explorer.system.download import Cancelled
from explorer.ui import layer_measuring
from explorer.ui.layer_table import LayerTable

TIME = next(section for section, column in enumerate(COLUMNS) if column.key == "time")


class Timings:
    """What `explorer.timing` answers, without torch."""

    layers = {"features.c1": 1.5, "classifier.c5": 0.25}  # noqa: RUF012
    whole = 2.0
    conditions = "CPU, 2 cores; 2 threads; batch 1; median of 9 runs"

    @staticmethod
    def as_record() -> dict[str, object]:
        return {"device": "CPU, 2 cores"}


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def table(qtbot: QtBot, session: ShownSession) -> Iterator[LayerTable]:
    made = LayerTable(session)
    qtbot.addWidget(made)
    made.resize(900, 400)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.shutdown()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Measures at once, and notes what for."""
    found: list[tuple[object, ...]] = []

    def measure(architecture, options, shape, batch, needed, device, progress, cancelled) -> type[Timings]:
        found.append((architecture.name, shape, batch, device))
        progress("measuring", 0.5)
        return Timings

    monkeypatch.setattr(layer_measuring, "_measure", measure)
    return found


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Measures until it is cancelled; the event is set once it has begun."""
    begun, wait = threading.Event(), threading.Event()

    def measure(architecture, options, shape, batch, needed, device, progress, cancelled) -> None:
        begun.set()
        while not cancelled():
            wait.wait(0.01)

    monkeypatch.setattr(layer_measuring, "_measure", measure)
    return begun


def test_measured_times_come_with_their_conditions(table: LayerTable, asked: list, qtbot: QtBot) -> None:
    assert "time" not in table.shown_columns()
    with qtbot.waitSignal(table.measuring.measured):
        qtbot.mouseClick(table.measuring.button, Qt.MouseButton.LeftButton)
    assert asked == [("lenet5", None, 1, "cpu")]
    assert "time" in table.shown_columns()
    assert table.model.index(table.model.row_of("features.c1"), TIME).data() == "1.500"
    assert table.model.index(table.model.row_of("features.s2"), TIME).data() == "–"
    assert table.model.index(table.model.row_of("features"), TIME).data() == "1.500"
    assert table.total_row.texts()["time"] == "1.750"
    assert table.summary.measured.text() == f"whole pass 2.000 ms · {Timings.conditions}"
    assert table.export.measured == {"device": "CPU, 2 cores"}


def test_times_sort(table: LayerTable, asked: list, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.measuring.measured):
        table.measuring.start()
    table.view.sortByColumn(TIME, Qt.SortOrder.DescendingOrder)
    assert [row.path for row in table.model.rows][:2] == ["features.c1", "classifier.c5"]


def test_the_batch_and_the_input_on_screen_are_measured(
    table: LayerTable, session: ShownSession, asked: list, qtbot: QtBot
) -> None:
    session.input_shape = (1, 32, 32)
    table.summary.batch_field.setValue(8)
    with qtbot.waitSignal(table.measuring.measured):
        table.measuring.start()
    assert asked == [("lenet5", (1, 32, 32), 8, "cpu")]


def test_another_network_has_no_times(table: LayerTable, session: ShownSession, asked: list, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.measuring.measured):
        table.measuring.start()
    session.take(replace(LENET, title="Another"))
    assert table.model.index(table.model.row_of("features.c1"), TIME).data() == ""
    assert table.summary.measured.text() == ""
    assert table.export.measured is None


def test_measuring_shows_progress_and_can_be_cancelled(
    table: LayerTable, endless: threading.Event, qtbot: QtBot
) -> None:
    qtbot.mouseClick(table.measuring.button, Qt.MouseButton.LeftButton)
    assert endless.wait(5)
    assert table.measuring.bar.isVisible()
    assert not table.measuring.button.isVisible()
    qtbot.mouseClick(table.measuring.cancel_button, Qt.MouseButton.LeftButton)
    assert table.measuring.button.isVisible()
    assert not table.measuring.bar.isVisible()
    assert not table.model.terms.times


def test_another_network_ends_measuring(
    table: LayerTable, session: ShownSession, endless: threading.Event, qtbot: QtBot
) -> None:
    table.measuring.start()
    assert endless.wait(5)
    session.show(LENET5, LENET5.options_type())
    assert not table.measuring.is_running


def test_what_fails_is_said(
    table: LayerTable, session: ShownSession, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def measure(*_arguments: object) -> None:
        raise ValueError("does not fit in memory; choose a smaller batch")

    monkeypatch.setattr(layer_measuring, "_measure", measure)
    with qtbot.waitSignal(session.message) as told:
        table.measuring.start()
    assert told.args == ["does not fit in memory; choose a smaller batch"]
    assert table.measuring.button.isVisible()


def test_several_devices_are_offered_and_the_fastest_is_first(
    table: LayerTable, session: ShownSession, asked: list, qtbot: QtBot
) -> None:
    session.devices_found.emit({"cpu": "CPU, 2 cores", "cuda": "CUDA, T4, 15 GB"})
    actions = table.measuring.button.menu().actions()
    assert [action.text() for action in actions] == ["On CUDA, T4, 15 GB", "On CPU, 2 cores"]
    with qtbot.waitSignal(table.measuring.measured):
        table.measuring.start()
    with qtbot.waitSignal(table.measuring.measured):
        actions[1].trigger()
    assert [device for *_, device in asked] == ["cuda", "cpu"]


def test_code_of_the_users_own_is_not_offered(table: LayerTable, session: ShownSession) -> None:
    session.show(replace(LENET5, source="file.py:Net"), LENET5.options_type())
    assert not table.measuring.button.isEnabled()
    assert "child process" in table.measuring.button.toolTip()
    session.show(LENET5, LENET5.options_type())
    assert table.measuring.button.isEnabled()


def test_a_cancelled_measurement_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer import timing

    def measure(*_arguments: object, **_keywords: object) -> None:
        raise Cancelled

    monkeypatch.setattr(timing, "measure", measure)
    assert layer_measuring._measure(LENET5, None, None, 1, 0, "cpu", lambda *_: None, lambda: True) is None
