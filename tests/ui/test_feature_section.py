"""The inspector's section on feature maps: maps, figures, units by keyboard, what they see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch, Stroke
from explorer.networks.entries.lenet import LENET5
from explorer.structure.unit_field import Seen
from explorer.ui.feature_section import FeatureSection
from explorer.ui.field_on_input import in_square, on_picture, words_of
from explorer.ui.inside_service import InsideService
from explorer.ui.map_colours import coloured, colours, scale_of
from explorer.ui.session import Session

SEVEN = Sketch((Stroke(((60.0, 60.0), (220.0, 60.0), (120.0, 240.0))),))


@pytest.fixture
def section(qtbot: QtBot) -> Iterator[FeatureSection]:
    session = Session()
    inside = InsideService(session)
    section = FeatureSection(session, inside)
    qtbot.addWidget(section)
    section.resize(280, 700)
    section.show()
    with qtbot.waitSignal(inside.subject_changed, timeout=20_000):
        session.show(LENET5)
    inside.set_input(SEVEN)
    yield section
    section.shutdown()
    inside.shutdown()
    session.shutdown()


def _select(qtbot: QtBot, section: FeatureSection, path: str) -> None:
    section.session.select(path)
    section.show()
    qtbot.waitUntil(lambda: section.page is not None and section.page.wanted.path == section.path, timeout=20_000)


def test_the_selected_layers_channels_are_shown_with_their_figures(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "features.c3_activation")
    page = section.page
    assert page.maps.maps.shape == (16, 10, 10)
    assert len(page.pictures) == 16
    words = section.figures.text()
    assert words.startswith("0 … ")
    assert "of 16 channels dead" in words
    assert f"{100 * float((page.maps.maps == 0).mean()):.1f} % zeros" in words


def test_arrow_keys_move_the_unit_and_say_its_value_and_what_it_sees(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "features.c3")
    grid, values = section.grid, section.page.maps.maps
    boxes: list[object] = []
    section.field_changed.connect(lambda _page, box: boxes.append(box))
    grid.choose((2, 0, 0))
    assert section.readout.text().startswith("channel 2, row 0, column 0: ")
    assert section.field.text() == (
        "sees 14 × 14: rows 0 – 11, columns 0 – 11; clipped at the border, 12 × 12 of it is input, the rest padding"
    )
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.unit == (2, 1, 1)
    shown = float(section.readout.text().split(": ")[1].replace("−", "-"))
    assert shown == pytest.approx(float(values[2, 1, 1]), rel=1e-3, abs=1e-6)
    assert section.field.text() == "sees 14 × 14: rows 0 – 13, columns 0 – 13"
    assert boxes[-1] == Seen(0, 0, 14, 14, 28, 28)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert grid.unit == (3, 1, 1)


def test_a_click_enlarges_a_channel_and_escape_shows_all_again(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "features.c1")
    grid = section.grid
    place = grid._rect(4).center().toPoint()
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    assert grid.single == 4
    assert section._where.text() == "channel 4 of 6"
    section.turn(1)
    assert grid.single == 5
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.single == -1


def test_values_of_a_vector_are_named_by_the_classes(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "classifier.output")
    assert section.bars.isVisibleTo(section)
    assert not section.grid.isVisibleTo(section)
    section.bars.choose(7)
    assert section.readout.text().startswith("value 7 (7): ")
    assert section.field.text().startswith("sees 32 × 32: rows 0 – 27, columns 0 – 27; clipped")
    qtbot.keyClick(section.bars, Qt.Key.Key_Down)
    assert section.bars.unit == 8


def test_long_vectors_have_pages(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "classifier.c5")
    assert section._where.text() == "values 0 – 63 of 120"
    section.turn(1)
    qtbot.waitUntil(lambda: section.page.wanted.first == 64)
    assert section._where.text() == "values 64 – 119 of 120"
    assert not section.forth.isEnabled()


def test_a_folded_block_is_what_leaves_it(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "features")
    assert section.page.wanted.path == "features.s4"


def test_one_scale_for_all_makes_channels_comparable(qtbot: QtBot, section: FeatureSection) -> None:
    _select(qtbot, section, "features.c1_activation")
    assert len({scale.most for scale in section.page.scales}) > 1
    section.scales.setCurrentIndex(1)
    qtbot.waitUntil(lambda: section.page.wanted.shared)
    assert {scale.most for scale in section.page.scales} == {section.page.maps.statistics.most}


def test_maps_go_to_the_clipboard_and_into_a_file(qtbot: QtBot, section: FeatureSection, tmp_path: Path) -> None:
    _select(qtbot, section, "features.c3_activation")
    section.copy()
    assert QGuiApplication.clipboard().image().width() >= 4 * 100
    told: list[str] = []
    section.session.message.connect(told.append)
    section.save(tmp_path / "maps.png")
    assert QImage(str(tmp_path / "maps.png")).width() >= 4 * 100
    assert told[-1].endswith("maps.png")
    section.save(tmp_path / "missing" / "maps.png")
    assert "missing" in told[-1]


def test_nothing_drawn_is_said(qtbot: QtBot, section: FeatureSection) -> None:
    section.service.set_input(Sketch())
    section.session.select("features.c1")
    qtbot.waitUntil(lambda: "Draw" in section.note)


def test_zero_has_one_colour_wherever_values_have_a_sign() -> None:
    scale = scale_of(-1.0, 3.0)
    assert (scale.least, scale.most) == (-3.0, 3.0)
    table = colours(signed=True, dark=False)
    found = coloured(np.array([-3.0, 0.0, 3.0, np.nan], np.float32), scale, dark=False)
    assert found[0] == table[0]
    assert found[1] in {table[127], table[128]}
    assert found[2] == table[255]
    assert found[3] == table[256]


def test_values_without_a_sign_go_from_black_to_white() -> None:
    found = coloured(np.array([0.0, 2.0], np.float32), scale_of(0.5, 2.0), dark=True)
    assert [hex(value) for value in found] == ["0xff000000", "0xffffffff"]


def test_a_box_in_the_margin_of_the_input_is_moved_to_the_picture() -> None:
    # 28 x 28 in the middle of 32 x 32: two rows and columns of margin.
    box = Seen(0, 0, 5, 5, 32, 32)
    assert on_picture(box, (28, 28)) == (0, 0, 3, 3)
    assert on_picture(Seen(0, 0, 2, 2, 32, 32), (28, 28)) is None
    # 28 x 28 enlarged to 224 x 224: eight pixels for one.
    assert on_picture(Seen(16, 0, 32, 224, 224, 224), (28, 28)) == (2, 0, 4, 28)


def test_an_oblong_picture_stands_in_the_middle_of_its_square() -> None:
    share = in_square((0, 0, 10, 20), (10, 20))
    assert (share.left, share.top, share.right, share.bottom) == (0, 0.25, 1, 0.75)


def test_words_say_where_a_unit_looks() -> None:
    assert words_of(Seen(0, 0, 28, 28, 28, 28)) == "sees the whole input, 28 × 28"
    assert words_of(Seen(3, 4, 4, 5, 28, 28)) == "sees 1 × 1: row 3, column 4"
    assert words_of(None, "not known") == "not known"
    assert "all of them in the padding" in words_of(Seen(-5, 0, -1, 4, 28, 28))
