"""Values made fit for an axis: logarithms, gaps, and a calm range."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.ui.curve_column import Floats

# What a logarithmic axis shows for a loss of zero: below every loss that float32 training reaches above zero.
LOG_FLOOR = 1e-8


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
