import itertools

import pytest

from explorer.training.schedule import learning_rate


def rates(schedule: str, steps: int = 100) -> list[float]:
    return [learning_rate(schedule, 0.5, step, steps) for step in range(1, steps + 1)]


def test_one_cycle_rises_to_its_peak_and_falls_almost_to_nothing() -> None:
    given = rates("one_cycle")
    peak = given.index(max(given))
    assert max(given) == pytest.approx(0.5)
    assert all(a < b for a, b in itertools.pairwise(given[: peak + 1]))
    assert all(a > b for a, b in itertools.pairwise(given[peak:]))
    assert given[0] == pytest.approx(0.02)
    assert 0 < given[-1] < 0.002


def test_cosine_falls_from_its_peak_and_is_half_of_it_half_way() -> None:
    given = rates("cosine")
    assert given[0] == 0.5
    assert given[50] == pytest.approx(0.25)
    assert all(a > b > 0 for a, b in itertools.pairwise(given))


def test_steps_divide_by_ten_after_a_half_and_three_quarters() -> None:
    given = rates("step")
    assert [given[0], given[49], given[50], given[74], given[75], given[99]] == pytest.approx(
        [0.5, 0.5, 0.05, 0.05, 0.005, 0.005]
    )


def test_constant_stays() -> None:
    assert set(rates("constant")) == {0.5}


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "step", "constant"])
def test_a_warm_up_rises_evenly_to_the_peak_and_the_schedule_takes_the_rest(schedule: str) -> None:
    given = [learning_rate(schedule, 0.5, step, 100, 20) for step in range(1, 101)]
    assert given[0] == pytest.approx(0.02)
    assert [b - a for a, b in itertools.pairwise(given[:21])] == pytest.approx([0.024] * 20)
    assert max(given) == given[20] == pytest.approx(0.5)
    middle = {"one_cycle": 0.25025, "cosine": 0.25, "step": 0.05, "constant": 0.5}[schedule]
    assert given[60] == pytest.approx(middle)


def test_a_run_that_is_all_warm_up_does_not_fall() -> None:
    given = [learning_rate("cosine", 0.5, step, 10, 30) for step in range(1, 11)]
    assert all(a < b < 0.5 for a, b in itertools.pairwise(given))


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "step", "constant"])
def test_a_run_of_one_step_has_a_rate(schedule: str) -> None:
    assert 0 < learning_rate(schedule, 0.5, 1, 1) <= 0.5
