"""The rows of the paper check, and when they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lenet_graph import LENET, ShownSession, lenet_session
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer import reading
from explorer.networks.architecture import Published
from explorer.networks.entries.lenet import LENET5
from explorer.paper_check import Check
from explorer.ui.paper_check_view import PaperCheckView, remark, row_texts

MACS = Published("MACs", 400_000, "a table", note="Rounded down.")
CHECKED = replace(LENET5, name="checked", published=(MACS, Published("test error (%)", 0.95, "the paper")))


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def view(qtbot: QtBot, session: ShownSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperCheckView]:
    monkeypatch.setattr(reading, "read_graph", lambda *_arguments, **_keywords: LENET)
    window = QWidget()
    qtbot.addWidget(window)
    made = PaperCheckView(session, window)
    yield made
    made.shutdown()


def _texts(view: PaperCheckView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


@pytest.mark.parametrize(
    ("published", "computed", "difference"),
    [
        (3.8e9, 3_858_000_000, "+1.5 %"),
        (400, 396, "\N{MINUS SIGN}1.0 %"),
        (61_706, 61_706, "equal"),
        (100_000, 100_001, "equal"),
    ],
)
def test_differences_are_said_in_per_cent(published: float, computed: int, difference: str) -> None:
    assert row_texts(Check(Published("MACs", published, "a"), computed))[3] == difference


def test_a_row_names_the_part_and_both_figures() -> None:
    check = Check(Published("parameters", 2_700, "a", part="conv1"), 9_472)
    assert row_texts(check) == ("Parameters, conv1", "2.7 k", "9.5 k", "+250.8 %")


def test_an_accuracy_is_listed_as_published() -> None:
    assert row_texts(Check(Published("top-5 error (%)", 6.71, "a"), None)) == ("Top-5 error (%)", "6.71", "", "")


def test_source_form_and_reason_stand_below() -> None:
    assert remark(Check(MACS, 1, "form = paper")) == "a table · form = paper. Rounded down."


def test_figures_are_computed_once_the_view_is_in_sight(
    view: PaperCheckView, session: ShownSession, qtbot: QtBot
) -> None:
    view.show_architecture(CHECKED)
    assert not view._worker.is_busy
    view.window().show()
    qtbot.waitUntil(lambda: "416 k" in _texts(view) or "417 k" in _texts(view), timeout=20_000)
    assert "+4.1 %" in _texts(view)
    assert "a table. Rounded down." in _texts(view)
    assert "0.95" in _texts(view)


def test_computed_figures_are_kept(view: PaperCheckView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    view.window().show()
    view.show_architecture(CHECKED)
    qtbot.waitUntil(lambda: "+4.1 %" in _texts(view), timeout=20_000)
    view.show_architecture(LENET5)
    monkeypatch.setattr(reading, "read_graph", lambda *_arguments, **_keywords: pytest.fail("read again"))
    view.show_architecture(CHECKED)
    qtbot.waitUntil(lambda: "+4.1 %" in _texts(view), timeout=2_000)


def test_without_published_figures_there_is_no_check(view: PaperCheckView) -> None:
    view.show_architecture(replace(LENET5, published=()))
    assert view.isHidden()


def test_a_network_that_cannot_be_read_says_so(
    view: PaperCheckView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise ValueError("it cannot be read")

    monkeypatch.setattr(reading, "read_graph", refuse)
    view.window().show()
    view.show_architecture(CHECKED)
    qtbot.waitUntil(lambda: view.note.value == "it cannot be read", timeout=20_000)


def test_names_from_a_file_are_plain_text(view: PaperCheckView, qtbot: QtBot) -> None:
    view.window().show()
    view._show([Check(Published("<b>MACs</b>", 1, "<i>source</i>"), None)])
    qtbot.waitUntil(lambda: "<b>MACs</b>" in _texts(view), timeout=2_000)
    assert "<i>source</i>" in _texts(view)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in view.findChildren(QLabel))
