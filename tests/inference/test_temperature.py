"""Softmax with a temperature."""

from __future__ import annotations

import itertools
import math

import pytest

from explorer.inference.temperature import tempered

SCORES = (0.0, math.log(3.0), -1.0)


def test_at_one_it_is_softmax() -> None:
    total = 1 + 3 + math.exp(-1)
    assert tempered("abc", SCORES, 1.0).probabilities == pytest.approx((1 / total, 3 / total, math.exp(-1) / total))


def test_scores_are_divided_by_it() -> None:
    # e^(ln 3 / 0.5) = 9
    assert tempered("ab", SCORES[:2], 0.5).probabilities == pytest.approx((1 / 10, 9 / 10))
    assert tempered("ab", (0.0, 4 * math.log(3.0)), 4.0).probabilities == pytest.approx((1 / 4, 3 / 4))


def test_heat_raises_the_entropy_and_never_changes_the_winner() -> None:
    answers = [tempered("abc", SCORES, temperature) for temperature in (0.1, 0.5, 1, 2, 10, 1e6)]
    assert [answer.best for answer in answers] == ["b"] * 6
    assert all(hot.entropy > cold.entropy for cold, hot in itertools.pairwise(answers))
    assert answers[-1].entropy == pytest.approx(math.log2(3), abs=1e-6)


def test_huge_scores_stay_probabilities() -> None:
    assert tempered("ab", (3e38, -3e38), 0.1).probabilities == (1.0, 0.0)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_is_a_positive_number(temperature: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        tempered("ab", (1.0, 2.0), temperature)
