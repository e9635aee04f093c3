"""The numbers behind the curves: growing arrays, smoothing, and thinning to what a screen can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Axis = Literal["epoch", "step", "seconds"]
Quantity = Literal["loss", "accuracy"]

# What a logarithmic axis shows for a loss of zero: below every loss that float32 training reaches above zero.
LOG_FLOOR = 1e-8
# Blocks of the smoothing below grow their weights to at most this; far from where a double overflows.
_LARGEST_WEIGHT = 1e200


class Column:
    """Numbers that grow at the end, in an array that doubles when it is full."""

    def __init__(self, capacity: int = 1024) -> None:
        self._array: Floats = np.empty(capacity)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> Floats:
        """What is there so far; a view, valid until the next `extend`."""
        return self._array[: self._size]

    def extend(self, values: Sequence[float] | Floats) -> None:
        size = self._size + len(values)
        if size > len(self._array):
            grown: Floats = np.empty(max(size, 2 * len(self._array)))
            grown[: self._size] = self.values
            self._array = grown
        self._array[self._size : size] = values
        self._size = size


@dataclass(frozen=True)
class Best:
    """The best epoch so far: the one with the highest test accuracy, the earliest of equals."""

    epoch: int
    test_accuracy: float

    @property
    def text(self) -> str:
        return f"best: epoch {self.epoch:,}, {100 * self.test_accuracy:.1f} %"


@dataclass
class RunCurves:
    """One run's curves: a loss for each step, and four figures for each epoch.

    `steps_per_epoch` and `epochs` give the axes their extent; 0 where they are not known. Steps and epochs count
    from 1, seconds from the run's start.
    """

    name: str = ""
    steps_per_epoch: int = 0
    epochs: int = 0
    step: Column = field(default_factory=Column)
    loss: Column = field(default_factory=Column)
    seconds: Column = field(default_factory=Column)
    epoch: Column = field(default_factory=lambda: Column(64))
    epoch_step: Column = field(default_factory=lambda: Column(64))
    epoch_seconds: Column = field(default_factory=lambda: Column(64))
    train_loss: Column = field(default_factory=lambda: Column(64))
    train_accuracy: Column = field(default_factory=lambda: Column(64))
    test_loss: Column = field(default_factory=lambda: Column(64))
    test_accuracy: Column = field(default_factory=lambda: Column(64))

    @property
    def is_empty(self) -> bool:
        return not len(self.step) and not len(self.epoch)

    def add_steps(self, steps: Sequence[int] | Floats, losses: Sequence[float] | Floats, seconds: float) -> None:
        """Steps up to now; those before `seconds` are spread evenly since the last ones."""
        before = float(self.seconds.values[-1]) if len(self.seconds) else 0.0
        self.step.extend(np.asarray(steps, dtype=float))
        self.loss.extend(np.asarray(losses, dtype=float))
        self.seconds.extend(np.linspace(min(before, seconds), seconds, len(steps) + 1)[1:])

    def add_epoch(
        self,
        epoch: int,
        step: int,
        seconds: float,
        *,
        train_loss: float,
        train_accuracy: float,
        test_loss: float,
        test_accuracy: float,
    ) -> None:
        for column, value in (
            (self.epoch, epoch),
            (self.epoch_step, step),
            (self.epoch_seconds, seconds),
            (self.train_loss, train_loss),
            (self.train_accuracy, train_accuracy),
            (self.test_loss, test_loss),
            (self.test_accuracy, test_accuracy),
        ):
            column.extend((value,))

    def before(self, step: int) -> RunCurves:
        """The part up to and without `step`: what a resumed run keeps of its earlier sittings."""
        steps = self.step.values < step
        epochs = self.epoch_step.values < step
        kept = RunCurves(self.name, self.steps_per_epoch, self.epochs)
        for name in ("step", "loss", "seconds"):
            getattr(kept, name).extend(getattr(self, name).values[steps])
        for name in _EPOCH_COLUMNS:
            getattr(kept, name).extend(getattr(self, name).values[epochs])
        return kept

    def extend(self, later: RunCurves) -> None:
        """Appends the curves of a later sitting."""
        for name in ("step", "loss", "seconds", *_EPOCH_COLUMNS):
            getattr(self, name).extend(getattr(later, name).values)

    def best(self) -> Best | None:
        accuracy = self.test_accuracy.values
        if not np.isfinite(accuracy).any():
            return None
        index = int(np.nanargmax(np.where(np.isfinite(accuracy), accuracy, np.nan)))
        return Best(int(self.epoch.values[index]), float(accuracy[index]))

    def step_positions(self, axis: Axis) -> Floats:
        """Where each step lies on the axis; a step counts when it is done, so an epoch's last one lies on the epoch."""
        if axis == "seconds":
            return self.seconds.values
        if axis == "epoch":
            return self.step.values / max(self._steps_per_epoch(), 1)
        return self.step.values

    def epoch_positions(self, axis: Axis) -> Floats:
        return {"epoch": self.epoch, "step": self.epoch_step, "seconds": self.epoch_seconds}[axis].values

    def extent(self, axis: Axis) -> float:
        """How far the axis goes: to the planned end, or to the newest figure where none is planned."""
        newest = 0.0
        for positions in (self.step_positions(axis), self.epoch_positions(axis)):
            if len(positions):
                newest = max(newest, float(positions[-1]))
        planned = {"epoch": self.epochs, "step": self.epochs * self._steps_per_epoch(), "seconds": 0}[axis]
        return max(newest, planned)

    def _steps_per_epoch(self) -> float:
        if self.steps_per_epoch:
            return self.steps_per_epoch
        if len(self.epoch):
            return float(self.epoch_step.values[-1] / max(self.epoch.values[-1], 1))
        return 0.0


_EPOCH_COLUMNS = (
    "epoch",
    "epoch_step",
    "epoch_seconds",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)


class Smoother:
    """An exponential mean with bias correction, which takes values as they come.

    After t values the mean is sum(w^(t-i) x_i) / sum(w^(t-i)), so that the first values are not pulled to zero.
    (D. Kingma and J. Ba, Adam, arXiv:1412.6980, section 3, derive the correction.) Non-finite values are left out and
    have NaN in their place.
    """

    def __init__(self, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"a smoothing weight is 0 to 1 and less than 1, not {weight}")
        self._weight = weight
        self._sum = 0.0  # of w^(t-i) x_i
        self._total = 0.0  # of w^(t-i)

    def smooth(self, values: Floats) -> Floats:
        """The mean after each of the next values."""
        finite = np.isfinite(values)
        result = np.full(len(values), np.nan)
        result[finite] = self._smooth_finite(values[finite])
        return result

    def _smooth_finite(self, values: Floats) -> Floats:
        if self._weight == 0:
            return values
        length = max(1, int(math.log(_LARGEST_WEIGHT) / -math.log(self._weight)))
        result = np.empty(len(values))
        for begin in range(0, len(values), length):
            block = values[begin : begin + length]
            powers = self._weight ** np.arange(1, len(block) + 1)
            # With s the sum before the block, the sum after k values is w^k (s + x_1/w + x_2/w^2 + ... + x_k/w^k).
            sums = powers * (self._sum + np.cumsum(block / powers))
            totals = powers * (self._total + np.cumsum(1 / powers))
            # A large weight makes sum / total a ratio of nearly equal growth; both stay exact to rounding.
            result[begin : begin + length] = sums / totals
            self._sum, self._total = float(sums[-1]), float(totals[-1])
        return result


class Smoothed:
    """The smoothed losses of a run, continued as it grows; `reach` is how many steps the mean goes back."""

    def __init__(self, reach: float) -> None:
        self._smoother = Smoother(weight_over(reach))
        self._column = Column()

    def of(self, losses: Floats) -> Floats:
        """As many means as there are losses; these must be those of the last call, and perhaps more."""
        done = len(self._column)
        if done < len(losses):
            self._column.extend(self._smoother.smooth(losses[done:]))
        return self._column.values


def weight_over(steps: float) -> float:
    """The weight whose mean reaches back over about that many steps: 1 - 1/steps; no smoothing for 1."""
    return 1 - 1 / max(1.0, steps)


def thinned(x: Floats, y: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """What of a raw curve is worth drawing on `columns` pixels between `low` and `high`.

    `x` must not fall. Every column keeps its smallest and its largest value in their order, and the newest point
    stays; one point on each side of the view stays too, so that lines leave it at the right slope. Returns the
    points themselves where there are no more than the columns can show.
    """
    x, y = _in_view(x, y, low, high)
    columns = max(columns, 1)
    if len(x) <= 2 * columns:
        return x, y
    size = -(-len(x) // columns)
    whole = len(x) // size * size
    rows = y[:whole].reshape(-1, size)
    finite = np.isfinite(rows)
    smallest = np.where(finite, rows, np.inf).argmin(axis=1)
    largest = np.where(finite, rows, -np.inf).argmax(axis=1)
    offsets = np.arange(0, whole, size)
    chosen = np.sort(np.stack([offsets + smallest, offsets + largest], axis=1), axis=1).ravel()
    # The last, incomplete column is kept as it is, and with it the newest point.
    chosen = np.concatenate([chosen, np.arange(whole, len(x))])
    if chosen[-1] != len(x) - 1:
        chosen = np.append(chosen, len(x) - 1)
    return x[chosen], y[chosen]


def sampled(x: Floats, y: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """What of a smooth curve is worth drawing: one point for each of the columns, and the newest."""
    x, y = _in_view(x, y, low, high)
    size = max(1, -(-len(x) // max(columns, 1)))
    if size == 1:
        return x, y
    chosen = np.arange(0, len(x), size)
    if chosen[-1] != len(x) - 1:
        chosen = np.append(chosen, len(x) - 1)
    return x[chosen], y[chosen]


def _in_view(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    begin = max(int(np.searchsorted(x, low, side="left")) - 1, 0)
    end = min(int(np.searchsorted(x, high, side="right")) + 1, len(x))
    return x[begin:end], y[begin:end]


def for_log(values: Floats) -> Floats:
    """Base-10 logarithms with zero and below shown at `LOG_FLOOR`; non-finite values stay gaps (NaN)."""
    result = np.full(len(values), np.nan)
    finite = np.isfinite(values)
    result[finite] = np.log10(np.maximum(values[finite], LOG_FLOOR))
    return result


def without_gaps(values: Floats) -> tuple[Floats, NDArray[np.uint8] | None]:
    """Values with gaps filled, and for each point whether a line leads on from it; None where there is no gap.

    The painting library may crash on NaN in a curve; a filled value is never drawn, since no line touches it.
    """
    finite = np.isfinite(values)
    if finite.all():
        return values, None
    filled = np.where(finite, values, values[finite][0] if finite.any() else 0.0)
    leads_on = np.zeros(len(values), dtype=np.uint8)
    leads_on[:-1] = finite[:-1] & finite[1:]
    return filled, leads_on


def value_range(series: Sequence[Floats], *, is_log: bool) -> tuple[float, float] | None:
    """A calm range that holds all finite values: steps of 1, 2, 5 so that it changes seldom; None without values.

    On a logarithmic axis (values are logarithms) the ends are logarithms of 1, 2 or 5 times a power of ten.
    """
    finite = [values[np.isfinite(values)] for values in series]
    finite = [values for values in finite if len(values)]
    if not finite:
        return None
    low = min(float(values.min()) for values in finite)
    high = max(float(values.max()) for values in finite)
    if is_log:
        return _round_log(low, down=True), _round_log(high, down=False)
    span = high - low
    if span <= 1e-12 * max(abs(high), 1):
        span = max(abs(high), 1e-6) * 0.2
    unit = _nice(span / 8)
    return math.floor(low / unit - 0.2) * unit, math.ceil(high / unit + 0.2) * unit


def _round_log(value: float, *, down: bool) -> float:
    whole = math.floor(value)
    marks = [whole, whole + math.log10(2), whole + math.log10(5), whole + 1.0]
    # A value on a mark keeps a little distance, or its line would lie on the frame.
    if down:
        below = [mark for mark in (whole - 1 + math.log10(5), *marks) if mark <= value - 0.01]
        return below[-1]
    return next(mark for mark in (*marks, whole + 1 + math.log10(2)) if mark >= value + 0.01)


def _nice(span: float) -> float:
    power = 10.0 ** math.floor(math.log10(span))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= span * 0.999)
