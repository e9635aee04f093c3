"""A stack of convolutions and pools, and the single large convolution that sees as much: field, weights, MACs.

The claim is VGG's (Simonyan, Zisserman 2014, section 2.3): two 3x3 convolutions see 5x5 pixels with 18 C² weights
instead of 25 C², three see 7x7 with 27 C² instead of 49 C².
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WindowKind = Literal["convolution", "pooling"]

LARGEST_KERNEL = 99
LARGEST_STEP = 16
MOST_CHANNELS = 8192
MOST_WINDOWS = 24
LARGEST_INPUT = 4096


@dataclass(frozen=True)
class Window:
    """A square window that slides over maps; `channels` are what a convolution gives, a pool keeps what it gets.

    Raises:
        ValueError: a value is out of range.
    """

    kind: WindowKind = "convolution"
    kernel: int = 3
    stride: int = 1
    dilation: int = 1
    channels: int = 64

    def __post_init__(self) -> None:
        for name, most in (
            ("kernel", LARGEST_KERNEL),
            ("stride", LARGEST_STEP),
            ("dilation", LARGEST_STEP),
            ("channels", MOST_CHANNELS),
        ):
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is 1 to {most:,}, not {getattr(self, name):,}")

    @property
    def span(self) -> int:
        """How many positions of its input the window reaches over, gaps of a dilation included."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def is_convolution(self) -> bool:
        return self.kind == "convolution"


@dataclass(frozen=True)
class Level:
    """What a window makes of the stack so far.

    `field` is how many input pixels one unit sees along an axis and `step` how far that moves to the next unit;
    `size` is the side of the maps behind it. Weights and MACs are the window's own, without biases.
    """

    window: Window
    channels_in: int
    channels_out: int
    field: int
    step: int
    size: int
    weights: int
    macs: int


@dataclass(frozen=True)
class Comparison:
    """A stack beside the single convolution that has the same field, step, channels and map size."""

    channels: int
    size: int
    levels: tuple[Level, ...]
    single_weights: int
    single_macs: int

    @property
    def field(self) -> int:
        return self.levels[-1].field

    @property
    def step(self) -> int:
        return self.levels[-1].step

    @property
    def weights(self) -> int:
        return sum(level.weights for level in self.levels)

    @property
    def macs(self) -> int:
        return sum(level.macs for level in self.levels)

    @property
    def convolutions(self) -> int:
        return sum(level.window.is_convolution for level in self.levels)

    @property
    def weights_saved(self) -> float:
        """What part of the single convolution's weights the stack does without; negative where it has more."""
        return 1 - self.weights / self.single_weights

    @property
    def macs_saved(self) -> float:
        return 1 - self.macs / self.single_macs


def compare(windows: Sequence[Window], channels: int = 64, size: int = 56) -> Comparison:
    """What a stack over maps of `channels` and `size` x `size` sees and costs, beside one large convolution.

    Maps are padded so that a window with stride 1 keeps their size, and a stride divides it, rounding up.

    Raises:
        ValueError: no window, or too many, or channels or size out of range.
    """
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise ValueError(f"a stack has 1 to {MOST_WINDOWS} windows, not {len(windows)}")
    if not 1 <= channels <= MOST_CHANNELS:
        raise ValueError(f"channels is 1 to {MOST_CHANNELS:,}, not {channels:,}")
    if not 1 <= size <= LARGEST_INPUT:
        raise ValueError(f"size is 1 to {LARGEST_INPUT:,}, not {size:,}")
    levels: list[Level] = []
    field, step, depth, side = 1, 1, channels, size
    for window in windows:
        field += (window.span - 1) * step
        step *= window.stride
        side = -(-side // window.stride)
        given = window.channels if window.is_convolution else depth
        weights = window.kernel**2 * depth * given if window.is_convolution else 0
        levels.append(Level(window, depth, given, field, step, side, weights, weights * side**2))
        depth = given
    weights = field**2 * channels * depth
    return Comparison(channels, size, tuple(levels), weights, weights * side**2)


def weights_formula(comparison: Comparison) -> str:
    """How the stack's weights add up: "3 × 3 × 64 × 64 + 3 × 3 × 64 × 64 = 73,728"."""
    convolutions = [level for level in comparison.levels if level.window.is_convolution]
    parts = [_product(level.window.kernel, level.channels_in, level.channels_out) for level in convolutions]
    if len(parts) > 2 and len(set(parts)) == 1:
        return f"{len(parts)} × {parts[0]} = {comparison.weights:,}"
    return f"{' + '.join(parts) or 'no convolution'} = {comparison.weights:,}"


def single_formula(comparison: Comparison) -> str:
    """The same for the single convolution: "5 × 5 × 64 × 64 = 102,400"."""
    product = _product(comparison.field, comparison.channels, comparison.levels[-1].channels_out)
    return f"{product} = {comparison.single_weights:,}"


def field_formula(comparison: Comparison) -> str:
    """How the field grew, window by window: "1 + 2 + 2 = 5"; a term is (span - 1) times the step before it."""
    fields = [1, *(level.field for level in comparison.levels)]
    grown = [str(after - before) for before, after in itertools.pairwise(fields)]
    return f"1 + {' + '.join(grown)} = {comparison.field:,}"


def _product(kernel: int, channels_in: int, channels_out: int) -> str:
    return f"{kernel} × {kernel} × {channels_in:,} × {channels_out:,}"
