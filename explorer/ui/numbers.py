"""Numbers as people read them: separators, units, shapes, durations."""

from __future__ import annotations

import math
import re

from explorer.structure.amounts import count, percent, shape, share, short_count, size

__all__ = ["choice", "count", "duration", "percent", "plural", "shape", "share", "short_count", "size"]

_SIZES = re.compile(r"(?<=\d)x(?=\d)")


def duration(seconds: float) -> str:
    """A time as a person waits for it: "0.4 s", "17 s", "1 min 12 s", "2 h 5 min", "3 d 4 h"; "" where unknown."""
    if not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "d", hours % 24, "h")


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number of things: "1 epoch", "2 epochs"; `nouns` where the plural is not the noun and an "s"."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def choice(value: object) -> str:
    """The value of an option as a form says it: True is "on", "28x28" is "28 × 28", "zero_pad" is "zero pad"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return _SIZES.sub(" × ", str(value)).replace("_", " ")


def _two(larger: int, larger_unit: str, smaller: int, smaller_unit: str) -> str:
    first = f"{larger} {larger_unit}"
    return f"{first} {smaller} {smaller_unit}" if smaller else first
