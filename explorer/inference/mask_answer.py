"""What a network answers that marks pixels: a class for each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MaskAnswer:
    """The answer for one image: `mask` is read-only uint8 [H, W] of what was seen, an index into `labels`."""

    labels: tuple[str, ...]
    mask: NDArray[np.uint8]

    @property
    def shares(self) -> tuple[float, ...]:
        """Of all pixels, how many have each class: 0 to 1, together 1, in the order of the classes."""
        counts = np.bincount(self.mask.reshape(-1), minlength=len(self.labels))
        return tuple((counts / self.mask.size).tolist())

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The shares, under the name that bars know."""
        return self.shares

    @property
    def best(self) -> str:
        """The class with the most pixels; the background, which is the first class, only where there is no other."""
        shares = self.shares
        marked = max(range(1, len(shares)), key=shares.__getitem__, default=0)
        return self.labels[marked if shares[marked] > 0 else 0]

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """The classes with the most pixels and their shares, at most `count`; equals keep the order of the classes."""
        pairs = sorted(zip(self.labels, self.shares, strict=True), key=lambda pair: -pair[1])
        return tuple(pairs[: max(count, 0)])
