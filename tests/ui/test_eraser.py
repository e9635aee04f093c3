"""Rubbing out cuts strokes where the eraser passes."""

from __future__ import annotations

import pytest

from explorer.data.sketch import Stroke
from explorer.ui.eraser import erase

LINE = Stroke(((0.0, 100.0), (200.0, 100.0)))


def test_a_line_under_the_eraser_becomes_two_that_end_at_its_edge() -> None:
    left, right = erase((LINE,), (100.0, 100.0), (100.0, 100.0), 20.0)
    assert left.points == ((0.0, 100.0), pytest.approx((80.0, 100.0)))
    assert right.points == (pytest.approx((120.0, 100.0)), (200.0, 100.0))


def test_a_line_beside_the_centre_is_cut_on_the_chord() -> None:
    # 12 away from the centre of a disc of 20: half the chord is the root of 400 - 144, which is 16.
    left, right = erase((LINE,), (100.0, 112.0), (100.0, 112.0), 20.0)
    assert left.points[-1] == pytest.approx((84.0, 100.0))
    assert right.points[0] == pytest.approx((116.0, 100.0))


def test_strokes_that_are_not_touched_stay_the_same_objects() -> None:
    strokes = (LINE, Stroke(((10.0, 10.0),)))
    assert erase(strokes, (100.0, 200.0), (150.0, 200.0), 20.0) is strokes


def test_a_dot_under_the_eraser_goes() -> None:
    assert erase((Stroke(((10.0, 10.0),)),), (15.0, 10.0), (15.0, 10.0), 20.0) == ()


def test_a_fast_move_rubs_out_all_along_its_way() -> None:
    crossing = tuple(Stroke(((float(x), 50.0), (float(x), 150.0))) for x in range(10, 200, 10))
    kept = erase(crossing, (0.0, 100.0), (200.0, 100.0), 20.0)
    assert len(kept) == 2 * len(crossing)
    assert all(abs(y - 100) > 18 for stroke in kept for _, y in stroke.points)


def test_a_stroke_that_enters_and_leaves_twice_becomes_three() -> None:
    bow = Stroke(((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)))
    kept = erase((bow,), (50.0, -40.0), (50.0, 140.0), 10.0)
    assert [len(stroke.points) for stroke in kept] == [2, 4, 2]


def test_pressure_is_cut_with_its_points() -> None:
    stroke = Stroke(((0.0, 0.0), (100.0, 0.0)), (0.0, 1.0))
    left, right = erase((stroke,), (50.0, 0.0), (50.0, 0.0), 10.0)
    assert left.pressure == pytest.approx((0.0, 0.4))
    assert right.pressure == pytest.approx((0.6, 1.0))
