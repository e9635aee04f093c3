"""How one number of a layer's output came about, as frozen values; free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Rule(str, Enum):
    """What a layer makes of the numbers in its window."""

    SUM = "sum"  # each times its weight, added, and the bias
    AVERAGE = "average"  # added and divided by how many they are
    LARGEST = "largest"


@dataclass(frozen=True, eq=False)
class OneValue:
    """One output value with all that it was computed from.

    Arrays of [terms, height, width], a term for each input channel that is read: `window` holds the input's numbers, 0
    where it lies in the padding, which `inside` tells (False there); `kernel` the weights, None where there are none.
    `rows` and `columns` say where the window lies on the input's map, outside of it where it is padded. `channels` are
    the terms' input channels. A dense layer has one term for each map before it, or, where there is none, for each
    square of its inputs; `is_dense` says so, `is_folded` that there are maps. A sum is divided by `divisor`.

    `total` is what the numbers here add up to, in float64; `value` is what the network itself had there.
    """

    path: str
    rule: Rule
    channel: int
    position: tuple[int, int]
    output_shape: tuple[int, int, int]
    input_shape: tuple[int, int, int]
    channels: NDArray[np.int64]
    window: NDArray[np.float32]
    inside: NDArray[np.bool_]
    kernel: NDArray[np.float32] | None
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    bias: float | None
    divisor: float
    total: float
    value: float
    input_map: NDArray[np.float32]
    output_map: NDArray[np.float32]
    shown_term: int
    is_dense: bool = False
    is_folded: bool = False

    @property
    def unit(self) -> tuple[int, int]:
        """Where the value stands on `output_map`, which has all outputs of a dense layer."""
        return divmod(self.channel, self.output_map.shape[1]) if self.is_dense else self.position

    @property
    def products(self) -> NDArray[np.float64]:
        """Input times weight; the input itself where there are no weights."""
        window = self.window.astype(np.float64)
        return window if self.kernel is None else window * self.kernel

    @property
    def sums(self) -> NDArray[np.float64]:
        """For each term the sum of its products, or the largest number inside."""
        if self.rule is Rule.LARGEST:
            found = np.where(self.inside, self.window, -np.inf).max(axis=(1, 2))
        else:
            found = self.products.sum(axis=(1, 2))
        return np.asarray(found, np.float64)


def work_out(
    rule: Rule,
    window: NDArray[np.float32],
    inside: NDArray[np.bool_],
    kernel: NDArray[np.float32] | None,
    bias: float | None,
    divisor: float,
) -> float:
    """The output value that a window gives, in float64."""
    if rule is Rule.LARGEST:
        return float(window[inside].max()) if inside.any() else float("-inf")
    wide = window.astype(np.float64)
    total = float((wide if kernel is None else wide * kernel).sum())
    return total / divisor + (bias or 0.0)


def agrees(total: float, value: float, scale: float) -> bool:
    """Whether float64 and the network's float32 came to the same, `scale` being the sum of the sizes of all terms."""
    if total == value:
        return True
    return bool(abs(total - value) <= 1e-4 * scale + 1e-6)
