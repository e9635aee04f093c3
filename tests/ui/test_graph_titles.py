"""Titles seen from afar: large enough to be read, broken at joints, shortened in the middle, or not there."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontMetricsF

from explorer.ui.graph_look import Look, figure_look
from explorer.ui.graph_titles import LEAST_PIXELS, MOST_PIXELS, fitted, title_of_text


@pytest.fixture
def look(qapp) -> Look:
    return figure_look(dark=False)


def _fitted(text: str, width: float, height: float, zoom: float, look: Look) -> tuple[tuple[str, ...], float]:
    lines, size = fitted(title_of_text(text, look), width, height, look, zoom)
    font = QFont(look.title_font)
    font.setPixelSize(100)
    metrics = QFontMetricsF(font)
    for line in lines:
        assert metrics.horizontalAdvance(line) * size / 100 <= 1.05 * width
    assert len(lines) * size <= height
    return lines, size * zoom


@pytest.mark.parametrize("zoom", [0.5, 0.35, 0.25, 0.2])
def test_name_is_never_smaller_than_can_be_read(look: Look, zoom: float) -> None:
    lines, pixels = _fitted("inception_3a", 115, 85, zoom, look)
    assert lines
    assert LEAST_PIXELS <= pixels <= MOST_PIXELS


def test_name_is_broken_at_its_joint(look: Look) -> None:
    assert _fitted("pool_project", 100, 85, 0.45, look)[0] == ("pool_", "project")
    assert _fitted("pool3", 115, 85, 0.5, look)[0] == ("pool3",)


def test_long_name_keeps_beginning_and_end(look: Look) -> None:
    (line,), _ = _fitted("adaptive_average_pool_7b", 115, 30, 0.35, look)
    assert line.startswith("ad")
    assert "…" in line
    assert line.endswith("7b")


def test_where_nothing_can_be_read_nothing_is_written(look: Look) -> None:
    assert _fitted("conv", 100, 60, 0.05, look)[0] == ()


def test_a_word_in_two_lines_leaves_no_letter_alone(look: Look) -> None:
    broken = [_fitted("Output", 60, 85, zoom / 100, look)[0] for zoom in range(20, 80)]
    assert any(len(lines) == 2 for lines in broken)
    assert all(len(line) > 1 for lines in broken for line in lines)
