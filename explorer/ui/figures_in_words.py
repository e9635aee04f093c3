"""Measured numbers as the panels that look inside write them."""

from __future__ import annotations

import math


def figure(value: float, digits: int = 4) -> str:
    """A number with so many significant digits and a true minus: "−0.0123", "1.2e-7", "∞", "no number"."""
    if math.isnan(value):
        return "no number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    return mantissa.replace("-", "−") + (f"e{int(exponent)}" if mark else "")


def decimals_for(reach: float) -> int:
    """How many places behind the point tell numbers of up to this size apart, in few characters."""
    if not math.isfinite(reach) or reach <= 0:
        return 2
    return min(4, max(0, 2 - math.floor(math.log10(reach))))


def fixed(value: float, decimals: int) -> str:
    """A number with a fixed count of places, so that a column of them lines up: "−0.12", "0.00"."""
    if not math.isfinite(value):
        return figure(value)
    text = f"{value:.{decimals}f}"
    return text.replace("-", "") if float(text) == 0 else text.replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """As `fixed`, with the operation before it: "+ 0.12", "− 0.12"."""
    text = fixed(value, decimals)
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"
