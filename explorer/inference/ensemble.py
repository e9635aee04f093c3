"""Several networks asked about the same picture, and what they say together. Free of torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.inference.prediction import Prediction


@dataclass(frozen=True)
class Ensemble:
    """What networks with the same labels say together.

    `mean` has the mean of their probabilities for each class. `votes` are the classes that were somebody's first
    choice, with how many took them for it, the most first; equals stand in the order of `mean`'s probabilities.
    """

    mean: Prediction
    votes: tuple[tuple[str, int], ...]

    @property
    def members(self) -> int:
        return sum(count for _, count in self.votes)

    @property
    def majority(self) -> str | None:
        """The class that more than half of the networks chose; None where there is none."""
        label, count = self.votes[0]
        return label if 2 * count > self.members else None

    @property
    def in_words(self) -> str:
        """In words: "2 of 3 say 7", or "no majority: 7 and 1"."""
        if self.majority is not None:
            return f"{self.votes[0][1]} of {self.members} say {self.majority}"
        most = [label for label, count in self.votes if count == self.votes[0][1]]
        return f"no majority: {', '.join(most[:-1])} and {most[-1]}" if len(most) > 1 else f"most say {most[0]}"


def together(predictions: Sequence[Prediction]) -> Ensemble:
    """The mean and the votes of predictions for one picture.

    Raises:
        ValueError: there are none, or their labels differ.
    """
    if not predictions:
        raise ValueError("an ensemble has at least one network")
    labels = predictions[0].labels
    if any(each.labels != labels for each in predictions):
        raise ValueError("networks vote together where they have the same labels in the same order")
    count = len(predictions)
    shares = zip(*(each.probabilities for each in predictions), strict=True)
    mean = Prediction(labels, tuple(sum(column) / count for column in shares))
    firsts = Counter(each.best for each in predictions)
    place = {label: rank for rank, (label, _) in enumerate(mean.top(len(labels)))}
    votes = sorted(firsts.items(), key=lambda vote: (-vote[1], place[vote[0]]))
    return Ensemble(mean, tuple(votes))


def grouped(predictions: Sequence[Prediction | None]) -> tuple[tuple[int, ...], ...]:
    """The places of those predictions that can vote together, in groups of two or more; None has no vote."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, each in enumerate(predictions):
        if each is not None:
            groups.setdefault(each.labels, []).append(place)
    return tuple(tuple(places) for places in groups.values() if len(places) > 1)
