"""A drawing stays where it is on the sheet."""

import numpy as np
import pytest

from explorer.data.drawing import CANVAS, PEN_WIDTH, as_drawing
from explorer.data.sketch import Sketch, Stroke
from explorer.ui import paper


def test_the_sheet_and_the_pen_are_those_of_the_pad() -> None:
    assert (CANVAS, PEN_WIDTH) == (paper.SIDE, paper.PEN_WIDTH)


def test_a_stroke_is_where_and_as_thick_as_it_was_drawn() -> None:
    sheet = as_drawing(Sketch((Stroke(((70.0, 210.0), (210.0, 210.0))),)), (1, 64, 64), ground=64, ink=240)
    rows, columns = np.nonzero(sheet[0] > 152)
    assert rows.mean() + 0.5 == pytest.approx(48, abs=0.1)
    assert columns.mean() + 0.5 == pytest.approx(32, abs=0.1)
    assert np.ptp(rows) + 1 == pytest.approx(18 / 280 * 64, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(158 / 280 * 64, abs=1)
    assert (sheet.max(), sheet.min()) == (240, 64)


def test_an_oblong_field_has_the_sheet_in_its_middle_and_all_channels_are_alike() -> None:
    seen = as_drawing(Sketch((Stroke(((140.0, 140.0),)),)), (3, 32, 64), ground=255, ink=0)
    assert seen.shape == (3, 32, 64)
    assert (seen == seen[0]).all()
    assert np.nonzero(seen[0] < 128)[1].mean() + 0.5 == pytest.approx(32)


def test_what_is_off_the_sheet_or_no_number_is_left_out() -> None:
    lost = Sketch((Stroke(((float("nan"), 3.0),)), Stroke(((1e12, 3.0), (2e12, 4.0)))))
    assert (as_drawing(lost, (1, 64, 64), ground=64, ink=240) == 64).all()
