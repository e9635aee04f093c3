"""Where the window of one output value lies along one axis, for every way of padding and stepping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Places:
    """Along one axis.

    `at` are places on the map (outside of it in the padding), `read` the places whose numbers are read there, -1 for a
    padding of zeros, and `taps` the entries of the kernel that they meet.
    """

    at: NDArray[np.int64]
    read: NDArray[np.int64]
    taps: NDArray[np.int64]


def sliding(
    position: int, size: int, *, kernel: int, stride: int, padding: int, dilation: int, mode: str = "zeros"
) -> Places:
    """For a window that slides over `size` places; `mode` as torch names the ways of padding."""
    taps = np.arange(kernel, dtype=np.int64)
    at = position * stride - padding + dilation * taps
    outside = (at < 0) | (at >= size)
    if mode == "circular":
        read = at % size
    elif mode == "replicate":
        read = np.clip(at, 0, size - 1)
    elif mode == "reflect":
        read = np.where(at < 0, -at, np.where(at >= size, 2 * (size - 1) - at, at))
    else:
        read = np.where(outside, -1, at)
    return Places(at, read, taps)


def spreading(position: int, size: int, *, kernel: int, stride: int, padding: int, dilation: int) -> Places:
    """For a transposed convolution: the places whose spread-out kernels reach an output position."""
    taps = np.arange(kernel, dtype=np.int64)
    steps = position + padding - dilation * taps
    reaching = steps % stride == 0
    at, taps = steps[reaching] // stride, taps[reaching]
    order = np.argsort(at, kind="stable")
    at, taps = at[order], taps[order]
    read = np.where((at < 0) | (at >= size), -1, at)
    return Places(at, read, taps)


def adaptive(position: int, size: int, outputs: int) -> Places:
    """For adaptive pooling: from floor(i * size / outputs) to ceil((i + 1) * size / outputs)."""
    first, end = position * size // outputs, -(-(position + 1) * size // outputs)
    at = np.arange(first, end, dtype=np.int64)
    return Places(at, at, at - first)
