"""The sections that take a layer apart, on the shipped LeNet-5 and small networks, through the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.data.digits import make_sketches
from explorer.inference.edits import Silence, Skip
from explorer.networks import catalogue
from explorer.system.settings import Settings
from explorer.ui.anatomy import Anatomy
from explorer.ui.anatomy_section import NO_INPUT
from explorer.ui.data_shelf import DataShelf
from explorer.ui.inside_service import InsideService
from explorer.ui.session import Session

_DIGIT = make_sketches(1, seed=4)[0][0]


class Page(QWidget):
    """Stands for the inspector: sections in a column, all in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self)
        self.service = InsideService(self.session, None, self)
        self._column = QVBoxLayout(self)
        self.anatomy = Anatomy(self, self.session, self.service, DataShelf(Settings), self)  # type: ignore[arg-type]
        self._column.addStretch(1)

    def add_section(self, widget: QWidget) -> None:
        self._column.addWidget(widget)

    def look(self, qtbot: QtBot, name: str, path: str, **options: Any) -> None:
        entry = catalogue.get(name)
        self.session.show(entry, entry.options_type(**options))
        _until(qtbot, lambda: self.session.graph is not None and self.service.info is not None)
        self.session.select(path)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    made = Page()
    qtbot.addWidget(made)
    made.resize(300, 1400)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.anatomy.shutdown()
    made.service.shutdown()
    made.session.shutdown()


def _until(qtbot: QtBot, reached: Callable[[], bool]) -> None:
    qtbot.waitUntil(reached, timeout=60_000)


def _shown(page: Page) -> list[str]:
    return [section.key for section in page.anatomy.sections if not section.isHidden()]


def _settle() -> None:
    """Layouts that are waiting are done, and those that they call for."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()


def _answered_all(page: Page, qtbot: QtBot) -> None:
    """What was asked so far is answered: the service takes the oldest request first."""
    answered: list[bool] = []
    page.service.ask("the last", lambda _subject: True, answered.append)
    _until(qtbot, lambda: bool(answered))


def test_each_kind_of_layer_has_its_sections(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3", batch_norm=True)
    assert _shown(page) == ["one value", "filters"]
    page.session.select("features.c3_norm")
    assert _shown(page) == ["batch norm"]
    page.session.select("features.c3_activation")
    assert _shown(page) == []
    page.session.select("features.s2")
    assert _shown(page) == ["one value"]
    page.session.select("classifier")
    assert _shown(page) == []


def test_weights_are_seen_before_anything_is_drawn_and_values_are_not(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    value, filters = page.anatomy.value, page.anatomy.filters
    _until(qtbot, lambda: filters.is_shown)
    assert value.note == NO_INPUT
    assert filters.grid.sheet is not None
    assert filters.grid.sheet.tiles.shape == (6, 5, 5)


def test_a_value_is_stepped_through_by_keys(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)
    assert section.value is not None
    row, column = section.value.position
    # It begins where there is most to see.
    assert abs(section.value.value) == np.abs(section.value.output_map).max()
    section.move_to((5, 5))
    _until(qtbot, lambda: section.value is not None and section.value.position == (5, 5))
    assert (row, column) != (5, 5)
    qtbot.keyClick(section.maps, Qt.Key.Key_Right)
    _until(qtbot, lambda: section.value is not None and section.value.position == (5, 6))
    qtbot.keyClick(section.maps, Qt.Key.Key_PageDown)
    _until(qtbot, lambda: section.value is not None and section.value.channel == 1)
    qtbot.keyClick(section.terms, Qt.Key.Key_Down)
    _until(qtbot, lambda: section.value is not None and section.value.shown_term == 1)
    value = section.value
    assert value.columns.tolist() == [6, 7, 8, 9, 10]
    assert value.total == pytest.approx(value.value, rel=1e-4, abs=1e-5)
    qtbot.keyClick(section.table, Qt.Key.Key_Right)
    product = float(value.products[1, 0, 0])
    assert section.table.accessibleDescription().startswith("row 5, column 6: ")
    assert abs(float(section.table.accessibleDescription().rsplit("= ", 1)[1].replace("−", "-")) - product) < 1e-3


def test_a_value_is_of_the_network_with_its_edits(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)
    assert section.value is not None
    assert section.value.products[2].any()
    page.service.set_edits((Silence("features.c1", 2), Silence("features.c3")))
    _until(qtbot, lambda: section.value is not None and not section.value.products[2].any())
    assert section.value.products[3].any()
    # What the layer computes, which is then silenced.
    assert section.value.total == pytest.approx(section.value.value, rel=1e-4, abs=1e-5)
    assert section.value.value != 0


def test_the_wheel_turns_channels_only_with_the_focus(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)

    def turn() -> bool:
        event = QWheelEvent(
            QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(section.maps, event)
        return event.isAccepted()

    section.table.setFocus()
    assert not turn()
    section.maps.setFocus()
    assert turn()
    _until(qtbot, lambda: section.value is not None and section.value.channel == 1)


def test_play_walks_row_by_row_and_ends_with_another_layer(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.s4")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)
    section.move_to((2, 4))
    _until(qtbot, lambda: section.value is not None and section.value.position == (2, 4))
    section.play(True)
    _until(qtbot, lambda: section.value is not None and section.value.position == (3, 0))
    assert section.is_playing
    page.session.select("features.c3")
    assert not section.is_playing


def test_a_clean_sheet_takes_the_numbers_away_and_moves_nothing(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.s2")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)
    _settle()
    height = section.height()
    page.service.set_input(type(_DIGIT)())
    assert section.note == NO_INPUT
    _settle()
    assert section.height() == height


def test_another_drawing_changes_the_value_and_no_geometry(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    page.service.set_input(_DIGIT)
    section = page.anatomy.value
    _until(qtbot, lambda: section.value is not None)
    _settle()
    before = section.value
    places = [each.geometry() for each in section.findChildren(QWidget)]
    page.service.set_input(make_sketches(2, seed=9)[1][0])
    _until(qtbot, lambda: section.value is not before and section.value is not None)
    assert not np.array_equal(before.input_map, section.value.input_map)
    _settle()
    assert [each.geometry() for each in section.findChildren(QWidget)] == places


def test_a_folded_section_asks_nothing(page: Page, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    page.look(qtbot, "lenet5", "features.c3")
    asked: list[str] = []
    ask = page.service.ask
    monkeypatch.setattr(page.service, "ask", lambda key, *rest, **named: (asked.append(key), ask(key, *rest, **named)))
    page.anatomy.value.fold(True)
    page.service.set_input(_DIGIT)
    _answered_all(page, qtbot)
    assert "one value" not in asked
    page.anatomy.value.fold(False)
    _until(qtbot, lambda: page.anatomy.value.value is not None)
    assert "one value" in asked


def test_filters_turn_to_an_input_channel(page: Page, qtbot: QtBot) -> None:
    from explorer.inference.weight_statistics import By

    page.look(qtbot, "lenet5", "features.c3")
    filters = page.anatomy.filters
    _until(qtbot, lambda: filters.is_shown)
    filters.show_channel(By.INPUT, 4)
    _until(qtbot, lambda: filters.grid.sheet is not None and filters.grid.sheet.by is By.INPUT)
    assert filters.grid.sheet is not None
    assert filters.grid.sheet.tiles.shape == (16, 5, 5)
    qtbot.keyClick(filters.grid, Qt.Key.Key_Right)
    assert filters.grid.viewport().accessibleName() == ""
    assert filters.grid.accessibleDescription().startswith("output 0: ")
    qtbot.keyClick(filters.grid, Qt.Key.Key_Return)
    qtbot.keyClick(filters.grid, Qt.Key.Key_Down)
    assert filters.grid.accessibleDescription().startswith("output 0, row 1, column 0: ")
    side = filters.grid.side
    qtbot.keyClick(filters.grid, Qt.Key.Key_Plus)
    assert filters.grid.side > side


def test_batch_norm_measures_batches_of_built_in_digits(page: Page, qtbot: QtBot, few_digits: None) -> None:
    page.look(qtbot, "lenet5", "features.c1_norm", batch_norm=True)
    section = page.anatomy.norm
    _until(qtbot, lambda: section.measured == 256)
    section.choose(1)
    one = section.statistics
    section.choose(256)
    all_of_them = section.statistics
    assert one is not None
    assert all_of_them is not None
    assert (one.batch, all_of_them.batch) == (1, 256)
    assert not np.allclose(one.mean, all_of_them.mean)
    assert len(section.bars.bars.values) == 6
    assert len(section.sizes.bars.values) == 9
    assert section._untrained.isVisible()


def test_channel_scales_and_residual_shares_of_all_blocks(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "se_resnet20", "")
    page.service.set_input(_DIGIT)
    scales, residual = page.anatomy.scales, page.anatomy.residual
    _until(qtbot, lambda: scales.is_shown and residual.is_shown)
    assert len(scales.block_bars.bars.values) == 9
    assert len(residual.bars.bars.values) == 9
    qtbot.keyClick(scales.block_bars, Qt.Key.Key_End)
    assert scales.current is not None
    assert scales.current.path == "layer3.2.se"
    assert len(scales.bars.bars.values) == 64
    page.session.select("layer2.1")
    _until(qtbot, lambda: residual.is_shown)
    assert residual.bars.bars.marked == 4
    before = residual.bars.bars.values
    assert before.all()
    page.service.set_edits((Skip("layer2.1.add"),))
    _until(qtbot, lambda: residual.is_shown and residual.bars.bars.values[4] == 0)
    assert residual.bars.bars.values[:4].tolist() == before[:4].tolist()
    _until(qtbot, lambda: scales.is_shown)
    assert [each.path for each in scales._shown] == ["layer2.1.se"]


def test_rbf_targets_stand_beside_f6(page: Page, qtbot: QtBot) -> None:
    page.look(qtbot, "lenet5", "classifier.f6", form="original")
    assert "rbf targets" in _shown(page)
    page.session.select("classifier.output")
    page.service.set_input(_DIGIT)
    section = page.anatomy.rbf
    _until(qtbot, lambda: section.is_shown)
    qtbot.keyClick(section.view, Qt.Key.Key_Right)
    assert section.view.at == 0
    page.session.select("features.c1")
    assert "rbf targets" not in _shown(page)
