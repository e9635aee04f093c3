"""What a network answers: a probability for each class."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """The answer for one image: `labels` and `probabilities` (0 to 1, together 1) in the order of the classes."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def best(self) -> str:
        """The label of the most probable class."""
        return self.labels[self.probabilities.index(max(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The probability of the most probable class."""
        return max(self.probabilities)

    @property
    def entropy(self) -> float:
        """How undecided the answer is, in bits: 0 is certain, log2 of the number of classes knows nothing."""
        return -sum(share * math.log2(share) for share in self.probabilities if share > 0) or 0.0

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """The most probable classes, best first, at most `count`; equals keep the order of the classes."""
        pairs = sorted(zip(self.labels, self.probabilities, strict=True), key=lambda pair: -pair[1])
        return tuple(pairs[: max(count, 0)])
