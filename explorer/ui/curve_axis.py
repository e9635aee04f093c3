"""The axes of the plot. Import it late: pyqtgraph costs some 0.4 s."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from explorer.ui.theme import theme


class CurveAxis(pg.AxisItem):
    """An axis with one level of ticks, as many as its texts leave room for."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.whole_numbers = False
        self.setStyle(tickLength=0, tickAlpha=255, autoReduceTextSpace=False, hideOverlappingLabels=False)
        self.enableAutoSIPrefix(False)
        self.setGrid(255)

    def boundingRect(self) -> QRectF:
        # The library cuts this to the plot when a grid is drawn, and leaves out labels that stick out at its corners.
        room = theme().px(24)
        return super().boundingRect().adjusted(-room, -room, room, room)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        low, high = sorted((low, high))
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        if self.logMode:
            return [(1.0, _log_ticks(low, high))]
        metrics = QFontMetricsF(self.style["tickFont"] or QFont())
        is_across = self.orientation in {"top", "bottom"}
        room = metrics.horizontalAdvance("00,000") if is_across else metrics.height() * 2.4
        unit = _round_up((high - low) / max(2.0, min(size / max(room, 1.0), 10.0)))
        if self.whole_numbers:
            unit = max(unit, 1.0)
        first = math.ceil(low / unit - 1e-6)
        last = math.floor(high / unit + 1e-6)
        return [(unit, [number * unit for number in range(first, last + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002 - Qt graph's own
        if self.logMode:
            return [_power_text(10.0**value) for value in values]
        places = max(0, math.ceil(-math.log10(spacing) - 1e-9)) if spacing > 0 else 0
        return [f"{value + 0.0:,.{places}f}" for value in values]


def _log_ticks(low: float, high: float) -> list[float]:
    steps = (1.0, 2.0, 5.0) if high - low < 1.5 else (1.0,)
    every = max(1, math.ceil((high - low) / 8))
    ticks = [
        power + math.log10(step)
        for power in range(math.floor(low) - 1, math.ceil(high) + 1)
        if power % every == 0
        for step in steps
    ]
    inside = [tick for tick in ticks if low - 1e-6 <= tick <= high + 1e-6]
    if len(inside) >= 2:
        return inside
    # Zoomed in deep: even steps between the ends, told apart by their digits.
    return [low + (high - low) * part for part in (0.1, 0.5, 0.9)]


def _power_text(value: float) -> str:
    return f"{value:.0e}" if value < 1e-4 or value >= 1e5 else f"{value:,.4g}"


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value * 0.999)
