import math

import numpy as np
import pytest

from explorer.ui.curve_column import Column
from explorer.ui.curve_data import RunCurves
from explorer.ui.curve_smoothing import Smoothed, centred_mean
from explorer.ui.curve_values import LOG_FLOOR, for_log, value_range, without_gaps


def run_of(losses: list[float], *, steps_per_epoch: int = 0, epochs: int = 0) -> RunCurves:
    run = RunCurves("run", steps_per_epoch, epochs)
    run.add_steps(range(1, len(losses) + 1), losses, 10.0)
    return run


def test_a_column_keeps_every_value_as_it_grows() -> None:
    column = Column(capacity=2)
    for number in range(1000):
        column.extend([number, -number])
    assert column.values.tolist() == [value for number in range(1000) for value in (number, -number)]


def test_a_smoothed_value_is_the_mean_of_those_around_it() -> None:
    smooth = centred_mean(np.array([3.0, 6.0, 9.0, 0.0, 0.0, 6.0]), 3)
    # By hand; at the ends of two values each.
    assert smooth == pytest.approx([4.5, 6, 5, 3, 2, 3])


@pytest.mark.parametrize("reach", [2, 50, 999])
def test_smoothing_is_the_mean_it_is_defined_as(reach: int) -> None:
    values = np.random.default_rng(2).random(2000)
    before = (reach - 1) // 2
    windows = [values[max(0, place - before) : place - before + reach] for place in range(len(values))]
    assert centred_mean(values, reach) == pytest.approx([window.mean() for window in windows], rel=1e-12)


def test_a_smoothed_curve_does_not_lag_behind_a_falling_loss() -> None:
    falling = np.linspace(2, 1, 1001)
    assert centred_mean(falling, 51)[25:-25] == pytest.approx(falling[25:-25], rel=1e-12)


def test_smoothing_in_pieces_is_smoothing_at_once() -> None:
    values = np.random.default_rng(1).random(3000)
    smoothed = Smoothed(50)
    for end in (1, 8, 500, 501, 2999, 3000):
        assert smoothed.of(values[:end]).values == pytest.approx(centred_mean(values[:end], 50), rel=1e-12)


def test_a_huge_loss_spoils_its_neighbours_alone() -> None:
    values = np.full(200, 0.5)
    values[100] = 1e30
    smooth = centred_mean(values, 10)
    assert smooth[:95].tolist() == pytest.approx([0.5] * 95)
    assert smooth[105:].tolist() == pytest.approx([0.5] * 95)


def test_smoothing_leaves_non_finite_values_out() -> None:
    smooth = centred_mean(np.array([4.0, math.nan, 1.0, math.inf]), 3)
    assert smooth[[0, 2]] == pytest.approx([4, 1])
    assert np.isnan(smooth[[1, 3]]).all()


def test_no_smoothing_gives_the_values() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert centred_mean(values, 1).tolist() == values.tolist()


def test_a_logarithm_of_zero_is_the_floor_and_gaps_stay_gaps() -> None:
    logs = for_log(np.array([1.0, 0.0, -1.0, math.nan, math.inf, 100.0]))
    assert logs[[0, 1, 2, 5]] == pytest.approx([0, math.log10(LOG_FLOOR), math.log10(LOG_FLOOR), 2])
    assert np.isnan(logs[[3, 4]]).all()


def test_no_line_touches_a_gap() -> None:
    filled, leads_on = without_gaps(np.array([1.0, 2.0, math.nan, 3.0, 4.0]))
    assert np.isfinite(filled).all()
    assert leads_on is not None
    assert leads_on.tolist() == [1, 0, 0, 1, 0]


def test_values_without_gaps_need_no_list_of_lines() -> None:
    assert without_gaps(np.array([1.0, 2.0]))[1] is None


def test_all_gaps_draw_nothing() -> None:
    filled, leads_on = without_gaps(np.full(3, np.nan))
    assert np.isfinite(filled).all()
    assert leads_on is not None
    assert not leads_on.any()


@pytest.mark.parametrize(
    ("values", "low", "high"), [([0.31, 0.86], 0.2, 0.9), ([0.5], 0.48, 0.52), ([97.2, 98.7], 97.0, 98.8)]
)
def test_a_range_holds_its_values_and_ends_on_round_figures(values: list[float], low: float, high: float) -> None:
    found = value_range([np.array(values)], is_log=False)
    assert found is not None
    assert found[0] < min(values) <= max(values) < found[1]
    assert found == pytest.approx((low, high))


def test_a_logarithmic_range_ends_on_one_two_or_five() -> None:
    found = value_range([np.log10(np.array([0.013, 2.3]))], is_log=True)
    assert found is not None
    assert 10 ** np.array(found) == pytest.approx([0.01, 5])


def test_a_constant_has_a_range() -> None:
    for is_log in (False, True):
        found = value_range([np.zeros(3)], is_log=is_log)
        assert found is not None
        assert found[0] < 0 < found[1]


def test_nothing_finite_has_no_range() -> None:
    assert value_range([np.array([math.nan]), np.empty(0)], is_log=False) is None


def test_the_best_epoch_is_the_first_of_the_highest_accuracy() -> None:
    run = RunCurves()
    for epoch, accuracy in enumerate([0.962, 0.979, 0.987, 0.987], start=1):
        run.add_epoch(epoch, epoch, 1.0, train_loss=1, train_accuracy=1, test_loss=1, test_accuracy=accuracy)
    best = run.best()
    assert best is not None
    assert best.text == "best: epoch 3, 98.7 %"


def test_without_an_epoch_there_is_no_best() -> None:
    run = RunCurves()
    assert run.best() is None
    run.add_epoch(1, 1, 1.0, train_loss=1, train_accuracy=1, test_loss=1, test_accuracy=math.nan)
    assert run.best() is None


def test_an_epochs_last_step_lies_on_the_epoch() -> None:
    run = run_of([1.0] * 20, steps_per_epoch=10, epochs=8)
    assert run.step_positions("epoch")[[9, 19]].tolist() == [1, 2]
    assert run.extent("epoch") == 8
    assert run.extent("step") == 80


def test_seconds_are_spread_over_the_steps() -> None:
    run = run_of([1.0] * 5)
    run.add_steps([6, 7], [1, 1], 14.0)
    assert run["seconds"].values.tolist() == [2, 4, 6, 8, 10, 12, 14]


def test_the_past_of_a_resumed_run_ends_before_its_first_new_step() -> None:
    past = run_of([1.0] * 25)
    for epoch in (1, 2):
        past.add_epoch(epoch, epoch * 10, 1.0, train_loss=1, train_accuracy=1, test_loss=1, test_accuracy=0.5)
    kept = past.before(11)
    assert kept["step"].values.tolist() == list(range(1, 11))
    assert kept["epoch"].values.tolist() == [1]
