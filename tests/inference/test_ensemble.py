"""Networks with the same labels vote: by the mean of their probabilities, and by heads."""

from __future__ import annotations

import pytest

from explorer.inference.ensemble import grouped, together
from explorer.inference.prediction import Prediction

ABC = ("a", "b", "c")


def said(*shares: float, labels: tuple[str, ...] = ABC) -> Prediction:
    return Prediction(labels, shares)


def test_the_mean_of_the_probabilities_is_taken_class_by_class() -> None:
    joint = together([said(0.5, 0.25, 0.25), said(0.125, 0.625, 0.25)])
    assert joint.mean.probabilities == (0.3125, 0.4375, 0.25)
    assert joint.mean.best == "b"


def test_one_that_is_sure_can_outweigh_two_that_are_not_and_the_majority_says_so() -> None:
    joint = together([said(0.52, 0.48, 0.0), said(0.52, 0.48, 0.0), said(0.0, 1.0, 0.0)])
    assert joint.mean.best == "b"
    assert joint.votes == (("a", 2), ("b", 1))
    assert joint.majority == "a"
    assert joint.in_words == "2 of 3 say a"


def test_half_is_no_majority() -> None:
    joint = together([said(1, 0, 0), said(0, 0.75, 0.25)])
    assert joint.majority is None
    assert joint.in_words == "no majority: a and b"


def test_other_labels_have_no_vote_here() -> None:
    with pytest.raises(ValueError, match="same labels"):
        together([said(1, 0, 0), said(1, 0, 0, labels=("c", "b", "a"))])
    with pytest.raises(ValueError, match="at least one"):
        together([])


def test_networks_are_grouped_by_their_labels() -> None:
    other = said(0.5, 0.5, labels=("x", "y"))
    assert grouped([said(1, 0, 0), other, None, said(0, 1, 0), other, said(1, 0, 0)]) == ((0, 3, 5), (1, 4))
    assert grouped([said(1, 0, 0), other, None]) == ()
