from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.structure.stacked_windows import MOST_WINDOWS, Window, compare
from explorer.ui.field_explorer import FieldExplorer, claim, saving_text

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def explorer(qtbot: QtBot) -> FieldExplorer:
    made = FieldExplorer()
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


@pytest.mark.parametrize(
    ("preset", "field", "saved"),
    [
        ("Two 3×3 = 5×5", "5 × 5, step 1", "28.0 % fewer"),
        ("Three 3×3 = 7×7", "7 × 7, step 1", "44.9 % fewer"),
        ("Five 3×3 = 11×11", "11 × 11, step 1", "62.8 % fewer"),
    ],
)
def test_presets_show_the_claim(explorer: FieldExplorer, qtbot: QtBot, preset: str, field: str, saved: str) -> None:
    qtbot.mouseClick(explorer.presets[preset], Qt.MouseButton.LeftButton)
    assert explorer.stacked["field"].value == field
    assert explorer.saved["weights"].text() == saved
    assert explorer.saved["MACs"].text() == saved
    assert saved in explorer.claim.value


def test_a_changed_kernel_counts_at_once(explorer: FieldExplorer, qtbot: QtBot) -> None:
    box = explorer.rows[0].boxes["kernel"]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert explorer.windows[0].kernel == 4
    assert explorer.stacked["field"].value == "6 × 6, step 1"


def test_a_pool_has_no_channels_of_its_own(explorer: FieldExplorer) -> None:
    row = explorer.rows[1]
    row.kind.setCurrentIndex(1)
    assert not row.boxes["channels"].isEnabled()
    assert explorer.comparison.weights == 9 * 64 * 64


def test_rows_are_added_moved_and_removed_by_keyboard(explorer: FieldExplorer, qtbot: QtBot) -> None:
    explorer.stack([Window(kernel=3), Window(kernel=5)])
    box = explorer.rows[0].boxes["kernel"]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down, CONTROL)
    assert [window.kernel for window in explorer.windows] == [5, 3]
    moved = explorer.rows[1].boxes["kernel"]
    assert moved.hasFocus()
    qtbot.keyClick(moved, Qt.Key.Key_Up, CONTROL)
    assert [window.kernel for window in explorer.windows] == [3, 5]
    qtbot.keyClick(explorer.rows[0].kind, Qt.Key.Key_Insert)
    assert [window.kernel for window in explorer.windows] == [3, 3, 5]
    assert explorer.rows[1].kind.hasFocus()
    qtbot.keyClick(explorer.rows[1].kind, Qt.Key.Key_Delete, CONTROL)
    assert [window.kernel for window in explorer.windows] == [3, 5]
    assert explorer.rows[1].kind.hasFocus()


def test_the_last_row_stays(explorer: FieldExplorer, qtbot: QtBot) -> None:
    explorer.stack([Window()])
    qtbot.keyClick(explorer.rows[0].kind, Qt.Key.Key_Delete, CONTROL)
    assert len(explorer.rows) == 1
    assert not explorer.rows[0].remove.isEnabled()


def test_a_stack_has_an_end(explorer: FieldExplorer, qtbot: QtBot) -> None:
    explorer.stack([Window()] * (MOST_WINDOWS - 1))
    qtbot.mouseClick(explorer.add_button, Qt.MouseButton.LeftButton)
    assert len(explorer.rows) == MOST_WINDOWS
    assert not explorer.add_button.isEnabled()


def test_tab_goes_along_the_rows(explorer: FieldExplorer, qtbot: QtBot) -> None:
    explorer.rows[0].kind.setFocus()
    for _ in range(4):
        qtbot.keyClick(explorer.focusWidget(), Qt.Key.Key_Tab)
    assert explorer.rows[0].boxes["channels"].hasFocus()


def test_every_control_has_a_name_and_a_tooltip(explorer: FieldExplorer) -> None:
    for row in explorer.rows:
        for widget in row.widgets:
            assert widget.accessibleName()
            assert widget.toolTip()


def test_the_stack_is_remembered(explorer: FieldExplorer, qtbot: QtBot) -> None:
    explorer.stack([Window(kernel=7, stride=2, channels=64), Window("pooling", 3, 2)])
    stored = json.loads(json.dumps(explorer.state()))
    other = FieldExplorer()
    qtbot.addWidget(other)
    other.restore(stored)
    assert other.windows == explorer.windows


@pytest.mark.parametrize("state", [{}, {"windows": 3}, {"windows": [{"kernel": 0}]}, {"windows": [{"size": 3}]}])
def test_a_broken_memory_does_no_harm(explorer: FieldExplorer, state: dict) -> None:
    before = explorer.windows
    explorer.restore(state)
    assert explorer.windows == before


def test_the_drawing_nests_the_fields(explorer: FieldExplorer) -> None:
    before = explorer.drawing.grab().toImage()
    explorer.stack([Window()] * 3)
    assert explorer.drawing.grab().toImage() != before
    assert explorer.drawing.accessibleDescription() == "fields after each window, in pixels: 3 × 3, 5 × 5, 7 × 7"


def test_a_huge_field_is_drawn_too(explorer: FieldExplorer) -> None:
    explorer.stack([Window(kernel=99, stride=16, dilation=16)] * 3)
    assert not explorer.drawing.grab().isNull()


def test_savings_are_said_in_words() -> None:
    assert saving_text(0.28) == "28.0 % fewer"
    assert saving_text(-0.125) == "12.5 % more"
    assert saving_text(0.0) == "as many"
    assert claim(compare([Window()])) == "1 window sees what one 3 × 3 kernel sees, with as many weights."


def test_the_drawing_stands_below_where_there_is_no_room_beside(explorer: FieldExplorer, qtbot: QtBot) -> None:
    assert explorer.drawing.x() > explorer.add_button.x() + 200
    explorer.resize(600, 500)
    qtbot.waitUntil(lambda: explorer.drawing.y() > explorer.formulas.y(), timeout=2_000)
    assert explorer.drawing.x() == explorer.add_button.x()
