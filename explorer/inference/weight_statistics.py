"""Frozen values about the weights of a layer; free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAR_ZERO = 0.01
"""Weights within this share of the largest count as near zero."""


class Form(str, Enum):
    """How weights become pictures."""

    COLOUR = "colour"  # kernels over red, green and blue, a picture for each output channel
    KERNELS = "kernels"  # a picture for each pair of an input and an output channel
    MATRIX = "matrix"  # one picture, a row for each output


class By(str, Enum):
    """Which kernels are side by side: those of one output channel, or those that read one input channel."""

    OUTPUT = "output"
    INPUT = "input"


@dataclass(frozen=True, eq=False)
class WeightStatistics:
    """Of all weights of a layer, without its biases.

    `near_zero` is the share whose size is below `NEAR_ZERO` of the largest; `broken` counts NaN and infinity, which
    nothing else counts. `counts` are of the bins between `edges`, from minus to plus the largest size.
    """

    count: int
    mean: float
    deviation: float
    norm: float
    least: float
    most: float
    near_zero: float
    broken: int
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def limit(self) -> float:
        """The largest size of a weight."""
        return max(abs(self.least), abs(self.most))


@dataclass(frozen=True, eq=False)
class FilterSheet:
    """Pictures of weights, float32 [pictures, height, width], in colour [pictures, height, width, 3].

    `numbers` are the channels that the pictures stand for: output channels, or input channels where `by` is OUTPUT and
    `channel` that one output. `channels` is how many there are to choose from, 1 where there is no choice. A picture of
    NaN is a link that does not exist. Each cell is the mean of `cell` (rows, columns) weights. `biases` are those of
    all outputs.
    """

    form: Form
    by: By
    channel: int
    channels: int
    tiles: NDArray[np.float32]
    numbers: NDArray[np.int64]
    biases: NDArray[np.float32] | None
    shape: tuple[int, ...]
    cell: tuple[int, int] = (1, 1)


def frozen(values: Any) -> NDArray[Any]:
    """A read-only array of its own."""
    array = np.array(values)
    array.setflags(write=False)
    return array
