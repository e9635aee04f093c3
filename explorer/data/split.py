"""A part of a data set in memory: images, and what they show as classes or masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """Images uint8 [N, C, H, W], 0 to 255, and their classes int64 [N], or masks uint8 [N, H, W] of a class a pixel."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | NDArray[np.uint8]

    @property
    def has_masks(self) -> bool:
        return self.labels.ndim == 3

    def __len__(self) -> int:
        return len(self.labels)
