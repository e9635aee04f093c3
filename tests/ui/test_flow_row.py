"""Widgets in a row that wraps."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.flow_row import FlowRow


@pytest.fixture
def row(qtbot: QtBot) -> FlowRow:
    made = FlowRow()
    qtbot.addWidget(made)
    made.setStyleSheet("QLabel { min-height: 40px; }")
    return made


def _added(row: FlowRow) -> QWidget:
    widget = QLabel("a word", row)
    row.add(widget)
    return widget


def test_a_widget_that_is_shown_later_stands_in_the_middle_of_its_line(qtbot: QtBot, row: FlowRow) -> None:
    first, second = _added(row), _added(row)
    second.hide()
    row.resize(400, 40)
    with qtbot.waitExposed(row):
        row.show()
    second.show()
    row._arrange(row.width(), move=True)
    assert first.geometry().center().y() == second.geometry().center().y()
    assert row.heightForWidth(400) == 40


def test_what_does_not_fit_goes_on_in_the_next_line(qtbot: QtBot, row: FlowRow) -> None:
    first, second = _added(row), _added(row)
    row.resize(first.sizeHint().width() + 10, 100)
    with qtbot.waitExposed(row):
        row.show()
    assert second.geometry().top() > first.geometry().bottom()
    assert second.geometry().left() == first.geometry().left()


def test_a_row_knows_its_height_before_it_was_ever_shown(row: FlowRow) -> None:
    _added(row)
    assert row.heightForWidth(400) == 40
