"""Verdicts from made-up figures."""

from __future__ import annotations

import math

import pytest

from explorer.claims.claim import Measure, Part
from explorer.claims.verdict import Figure, Outcome, combined, difference, exactly, interval, judge, with_spread

ERROR = Measure("train_error", "training error")
STEPS = Measure("steps_to_train_error", "the number of steps", "steps", worst=None)


def figure(arm: str, *values: float, diverged: int = 0, censored: int = 0) -> Figure:
    return Figure(arm, tuple(range(len(values))), values, diverged, censored)


def lower(first: Figure, second: Figure, by: float = 0.0) -> Outcome:
    return judge(Part("a errs less", "lower", ERROR, "a", "b", by), {"a": first, "b": second}).outcome


def test_students_interval_of_three_values() -> None:
    # Mean 2, standard deviation 1, t(2) = 4.303: 2 +- 4.303 / sqrt(3).
    found = interval([1.0, 2.0, 3.0])
    assert (found.mean, found.count) == (2.0, 3)
    assert found.low == pytest.approx(2 - 2.4843, abs=1e-3)
    assert found.high == pytest.approx(2 + 2.4843, abs=1e-3)


def test_a_gap_beyond_the_spread_is_seen() -> None:
    assert lower(figure("a", 0.17, 0.18, 0.19), figure("b", 0.29, 0.31, 0.33)) is Outcome.SEEN


def test_a_gap_within_the_spread_is_not_seen() -> None:
    assert lower(figure("a", 0.10, 0.20, 0.30), figure("b", 0.18, 0.21, 0.27)) is Outcome.NOT_SEEN


def test_a_gap_the_other_way_round_contradicts() -> None:
    assert lower(figure("a", 0.29, 0.31, 0.33), figure("b", 0.17, 0.18, 0.19)) is Outcome.CONTRADICTED


def test_seeds_are_paired_so_that_what_they_have_in_common_does_not_hide_a_difference() -> None:
    # The seeds differ by 0.2, the arms by 0.02 with each seed.
    assert lower(figure("a", 0.10, 0.20, 0.30), figure("b", 0.12, 0.221, 0.319)) is Outcome.SEEN


def test_one_seed_shows_nothing() -> None:
    part = judge(Part("a errs less", "lower", ERROR, "a", "b"), {"a": figure("a", 0.1), "b": figure("b", 0.9)})
    assert part.outcome is Outcome.NOT_SEEN
    assert "one seed has no spread" in part.sentence
    assert "nan" not in part.sentence


def test_runs_that_diverged_are_named_and_count_as_the_worst() -> None:
    others = figure("b", 1.0, 1.0, 1.0, diverged=3)
    part = judge(Part("a errs less", "lower", ERROR, "a", "b"), {"a": figure("a", 0.1, 0.12, 0.11), "b": others})
    assert part.outcome is Outcome.SEEN
    assert "3 of 3 runs of b diverged" in part.sentence


def test_seeds_without_a_figure_are_left_out() -> None:
    first, second = figure("a", 0.1, math.nan, 0.12), figure("b", 0.3, 0.3, math.nan)
    part = judge(Part("a errs less", "lower", ERROR, "a", "b"), {"a": first, "b": second})
    assert part.outcome is Outcome.NOT_SEEN
    assert part.interval is None
    assert first.mean == pytest.approx(0.11)


def test_a_difference_smaller_than_claimed_is_not_seen() -> None:
    assert lower(figure("a", 0.17, 0.18, 0.19), figure("b", 0.19, 0.2, 0.21), by=0.1) is Outcome.NOT_SEEN


def test_the_difference_of_two_arms_is_taken_seed_by_seed() -> None:
    found = difference(figure("a", 0.3, 0.5, 0.4), Figure("b", (1, 0), (0.1, 0.2)), "a less b")
    assert (found.seeds, found.values) == ((0, 1), pytest.approx((0.1, 0.4)))


def times(first: Figure, second: Figure, by: float = 2.0) -> Outcome:
    return judge(Part("a is sooner", "times_fewer", STEPS, "a", "b", by), {"a": first, "b": second}).outcome


def test_several_times_fewer_steps_are_seen() -> None:
    assert times(figure("a", 50, 60, 55), figure("b", 300, 320, 340)) is Outcome.SEEN


def test_fewer_steps_but_not_several_times_are_not_seen() -> None:
    part = judge(
        Part("a is sooner", "times_fewer", STEPS, "a", "b", 2.0),
        {"a": figure("a", 50, 50, 51), "b": figure("b", 60, 61, 60)},
    )
    assert part.outcome is Outcome.NOT_SEEN
    assert "less than the 2 times that are claimed" in part.sentence


def test_more_steps_contradict() -> None:
    assert times(figure("a", 300, 320, 340), figure("b", 50, 60, 55)) is Outcome.CONTRADICTED


def test_runs_that_never_got_there_bound_the_ratio_from_below() -> None:
    figures = {"a": figure("a", 50, 60, 55), "b": figure("b", 400, 400, 400, censored=3)}
    part = judge(Part("a is sooner", "times_fewer", STEPS, "a", "b", 2.0), figures)
    assert part.outcome is Outcome.SEEN
    assert "at least" in part.sentence
    assert "3 of 3 runs of b did not get there" in part.sentence


def no_higher(first: Figure, second: Figure) -> Outcome:
    return judge(Part("no worse", "no_higher", ERROR, "a", "b", 0.01), {"a": first, "b": second}).outcome


def test_an_equal_error_is_no_higher_only_when_the_interval_is_within_the_margin() -> None:
    assert no_higher(figure("a", 0.2, 0.21, 0.22), figure("b", 0.2, 0.211, 0.219)) is Outcome.SEEN
    assert no_higher(figure("a", 0.2, 0.25, 0.2), figure("b", 0.22, 0.2, 0.2)) is Outcome.NOT_SEEN
    assert no_higher(figure("a", 0.3, 0.31, 0.32), figure("b", 0.2, 0.211, 0.219)) is Outcome.CONTRADICTED


def test_a_figure_alone_is_compared_with_a_limit() -> None:
    part = Part("it is small", "below", Measure("residual_share", "the share", "number"), "a", by=1.0)
    assert judge(part, {"a": figure("a", 0.2, 0.25, 0.3)}).outcome is Outcome.SEEN
    assert judge(part, {"a": figure("a", 1.9, 2.0, 2.1)}).outcome is Outcome.CONTRADICTED
    assert judge(part, {"a": figure("a", 0.2, 1.5, 0.9)}).outcome is Outcome.NOT_SEEN


def test_sentences_give_names_figures_and_spread() -> None:
    figures = {"a": figure("plain-20", 0.17, 0.18, 0.19), "b": figure("plain-56", 0.29, 0.31, 0.33)}
    part = judge(Part("The deeper plain net is worse", "lower", ERROR, "a", "b"), figures)
    assert part.sentence == (
        "The deeper plain net is worse: over 3 seeds training error is plain-20 18.0 ± 1.0 % against plain-56 "
        "31.0 ± 2.0 %; difference 13.0 points (95 % interval 10.5 to 15.5): as claimed."
    )
    assert with_spread(figure("a", 100, 120), "steps") == "110 ± 14 steps"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((Outcome.SEEN, Outcome.SEEN), Outcome.SEEN),
        ((Outcome.SEEN, Outcome.NOT_SEEN), Outcome.PARTLY),
        ((Outcome.SEEN, Outcome.CONTRADICTED), Outcome.PARTLY),
        ((Outcome.NOT_SEEN, Outcome.NOT_SEEN), Outcome.NOT_SEEN),
        ((Outcome.NOT_SEEN, Outcome.CONTRADICTED), Outcome.CONTRADICTED),
        ((Outcome.CONTRADICTED, Outcome.CONTRADICTED), Outcome.CONTRADICTED),
    ],
)
def test_a_verdict_says_all_of_its_main_parts(outcomes: tuple[Outcome, ...], expected: Outcome) -> None:
    parts = [exactly("x", f"part {index}", holds=True) for index, _ in enumerate(outcomes)]
    parts = [type(part)(part.says, outcome, part.sentence) for part, outcome in zip(parts, outcomes, strict=True)]
    beside = exactly("y", "beside it", holds=False, main=False)
    verdict = combined([*parts, beside])
    assert verdict.outcome is expected
    assert verdict.sentence == "part 0. part 1."
    assert verdict.parts[-1] is beside
