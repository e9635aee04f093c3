import pytest

from explorer.ui.update_budget import UpdateBudget


@pytest.mark.parametrize(("cost_s", "period_ms"), [(0.001, 200), (0.005, 200), (0.010, 400), (0.020, 800), (0.1, 1000)])
def test_updates_take_a_fortieth_of_a_core_between_one_and_five_a_second(cost_s: float, period_ms: int) -> None:
    budget = UpdateBudget()
    budget.is_crowded = False
    for _ in range(10):
        budget.spent(cost_s)
    assert budget.period_ms == period_ms


@pytest.mark.parametrize(("cost_s", "period_ms"), [(0.001, 200), (0.005, 400), (0.010, 800), (0.020, 1000)])
def test_beside_a_training_on_all_cores_they_take_an_eightieth(cost_s: float, period_ms: int) -> None:
    budget = UpdateBudget()
    for _ in range(10):
        budget.spent(cost_s)
    assert budget.period_ms == period_ms


def test_a_clock_that_counts_in_ticks_of_16_ms_is_right_on_average() -> None:
    budget = UpdateBudget()
    budget.is_crowded = False
    for cost in (0, 0, 0.016, 0, 0, 0.016, 0, 0):
        budget.spent(cost)
    assert budget.period_ms == 200  # 4 ms each: a share of 2 %


def test_what_was_dear_long_ago_is_forgotten() -> None:
    budget = UpdateBudget()
    budget.spent(1.0)
    for _ in range(8):
        budget.spent(0.002)
    assert budget.period_ms == 200
