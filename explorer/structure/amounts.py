"""Amounts as people read them: separators, units, shapes, shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

_POWERS_OF_1000 = ("", "k", "M", "G", "T", "P")
_POWERS_OF_1024 = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def count(number: int) -> str:
    """A whole number with thousands separators: "61,706"."""
    return f"{number:,}"


def short_count(number: float) -> str:
    """A count in at most three figures and a unit: "850", "61.7 k", "138 M"."""
    if number < 1000:
        return f"{number:,.0f}"
    return _with_unit(number, 1000, _POWERS_OF_1000)


def size(number_of_bytes: int) -> str:
    """An amount of memory in binary units: "480 B", "18.4 KiB"."""
    if number_of_bytes < 1024:
        return f"{number_of_bytes} B"
    return _with_unit(number_of_bytes, 1024, _POWERS_OF_1024)


def shape(sizes: Sequence[int]) -> str:
    """The shape of one image's tensor: "6 × 28 × 28", "" for no shape."""
    return " × ".join(f"{length:,}" for length in sizes)


def percent(share: float, decimals: int = 1) -> str:
    """A share between 0 and 1: "99.2 %"; "" where it is not a number."""
    return f"{100 * share:.{decimals}f} %" if math.isfinite(share) else ""


def share(part: float, whole: float) -> str:
    """What part of a whole something is: "78.0 %", "< 0.1 %" rather than a zero that is none, "" of nothing."""
    if not whole:
        return ""
    exact = part / whole
    if 0 < exact < 0.0005:
        return "< 0.1 %"
    return percent(exact)


def _with_unit(number: float, step: int, units: tuple[str, ...]) -> str:
    power = 0
    scaled = float(number)
    # 999.95 k would print as "1000.0 k", so the step is taken where rounding reaches it.
    while power + 1 < len(units) and (scaled >= step or _figures(scaled) == f"{step}"):
        scaled /= step
        power += 1
    return f"{_figures(scaled)} {units[power]}"


def _figures(scaled: float) -> str:
    # Half a unit goes up, as readers do it: 6,400 bytes are 6.25 KiB and read 6.3.
    tenths = math.floor(scaled * 10 + 0.5)
    return f"{tenths // 10}.{tenths % 10}" if tenths < 1000 else f"{math.floor(scaled + 0.5)}"
