"""A plot of a few curves with their range, painted alike on screen, on paper and in files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from explorer.ui.graph_look import Look

Floats = NDArray[np.float64]
NOTHING: Floats = np.empty(0)

# Told apart by colour-blind people, as the kinds of layers are; each is at least 3 : 1 on its theme's ground but amber,
# which is 2.4 : 1 on white and has a dash of its own.
_LIGHT = ("#3b74c4", "#c4572f", "#159a8c", "#8e5ea2", "#c98a00", "#6b7280")
_DARK = ("#6ea0ff", "#f0885c", "#3fbfae", "#c596d8", "#e8b84a", "#98a2b3")
_DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 3.0), (1.5, 2.5), (8.0, 3.0, 1.5, 3.0))
_BAND_ALPHA = 42
_OTHER_ALPHA = 170
_PERCENT_TOP = 100.0


@dataclass(frozen=True)
class Style:
    """How a curve is drawn: `colour` and `dash` count through the palette and the kinds of lines."""

    colour: int = 0
    dash: int = 0

    def pen(self, look: Look, width: float) -> QPen:
        pen = QPen(self.shade(look), width)
        pattern = _DASHES[self.dash % len(_DASHES)]
        if pattern:
            pen.setDashPattern(list(pattern))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

    def shade(self, look: Look) -> QColor:
        palette = _DARK if look.dark else _LIGHT
        return QColor(palette[self.colour % len(palette)])


@dataclass(frozen=True, eq=False)
class PlotLine:
    """A curve by its name; `low` and `high` are the ends of its range (empty for none), `others` are pale beside it."""

    name: str
    style: Style
    x: Floats
    y: Floats
    low: Floats = field(default_factory=lambda: NOTHING)
    high: Floats = field(default_factory=lambda: NOTHING)
    others: tuple[tuple[Floats, Floats], ...] = ()

    def value_at(self, x: float, *, is_log: bool = False) -> float:
        """The curve's height at a place; NaN where it does not reach."""
        xs, ys = (self.x, self.y) if len(self.x) else self.others[-1] if self.others else (NOTHING, NOTHING)
        if not len(xs) or not xs[0] <= x <= xs[-1]:
            return math.nan
        if is_log:
            return float(10 ** np.interp(x, xs, np.log10(np.maximum(ys, 1e-300))))
        return float(np.interp(x, xs, ys))


@dataclass(frozen=True, eq=False)
class Plot:
    """Curves with their axes. `note` says below what lines and bands are; `unit` stands behind values that are read."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[PlotLine, ...]
    x_log: bool = False
    y_log: bool = False
    whole_x: bool = False
    unit: str = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.lines


@dataclass(frozen=True)
class Frame:
    """Where the curves of a plot lie, and what the ends of its axes are (logarithms on logarithmic ones)."""

    area: QRectF
    x: tuple[float, float]
    y: tuple[float, float]
    x_log: bool
    y_log: bool

    def x_of(self, value: float) -> float:
        place = _logarithm(value) if self.x_log else value
        return self.area.left() + (place - self.x[0]) / (self.x[1] - self.x[0]) * self.area.width()

    def y_of(self, value: float) -> float:
        place = _logarithm(value) if self.y_log else value
        return self.area.bottom() - (place - self.y[0]) / (self.y[1] - self.y[0]) * self.area.height()

    def value_at(self, x: float) -> float:
        """The value on the x axis at a place on the paper."""
        place = self.x[0] + (x - self.area.left()) / max(self.area.width(), 1e-9) * (self.x[1] - self.x[0])
        return 10**place if self.x_log else place


def paint(painter: QPainter, rect: QRectF, plot: Plot, look: Look) -> Frame:
    """Paints a plot into a rectangle: what y is, the legend, the axes, the curves, the note. Gives where curves lie."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = look.small
    line_height = metrics.height()
    painter.setFont(look.small_font)
    painter.setPen(look.colour("secondary"))
    top = rect.top()
    painter.drawText(QPointF(rect.left(), top + metrics.ascent()), plot.y_label)
    top += line_height + look.px(3)
    top = _paint_legend(painter, QPointF(rect.left(), top), rect.width(), plot.lines, look) + look.px(6)
    bottom = rect.bottom()
    note = _wrapped(plot.note, metrics, rect.width())
    for number, text in enumerate(reversed(note)):
        painter.setPen(look.colour("secondary"))
        painter.drawText(QPointF(rect.left(), bottom - metrics.descent() - number * line_height), text)
    bottom -= len(note) * line_height + look.px(2)
    frame = _frame(QRectF(rect.left(), top, rect.width(), bottom - top), plot, look)
    if frame.area.height() > look.px(16) and frame.area.width() > look.px(16):
        _paint_axes(painter, frame, plot, look)
        painter.setClipRect(frame.area.adjusted(-1, -1, look.px(3), 1))
        for line in plot.lines:
            _paint_band(painter, frame, line, look)
        for line in plot.lines:
            _paint_line(painter, frame, line, look)
    painter.restore()
    return frame


def text_of(value: float, unit: str = "") -> str:
    """A value as the readout writes it: "34.1 %", "0.0123", "1.2e-07"."""
    if not math.isfinite(value):
        return "–"
    if unit == "%":
        return f"{value:.1f} %"
    text = f"{value:.3g}" if abs(value) < 1e5 else f"{value:.2e}"
    return f"{text} {unit}".rstrip()


# Axes


def _frame(rect: QRectF, plot: Plot, look: Look) -> Frame:
    x, y = _x_range(plot), _y_range(plot)
    labels = [text for _, text in _ticks(y, plot.y_log, 6)]
    left = max((look.small.horizontalAdvance(text) for text in labels), default=0.0) + look.px(8)
    foot = 2 * look.small.height() + look.px(6)
    area = QRectF(rect.left() + left, rect.top(), rect.width() - left - look.px(8), rect.height() - foot)
    return Frame(area, x, y, plot.x_log, plot.y_log)


def _paint_axes(painter: QPainter, frame: Frame, plot: Plot, look: Look) -> None:
    area, metrics = frame.area, look.small
    grid = QPen(look.colour("line"), 1)
    count = max(2, int(area.height() / (2.4 * metrics.height())))
    for value, text in _ticks(frame.y, plot.y_log, count):
        y = area.bottom() - (value - frame.y[0]) / (frame.y[1] - frame.y[0]) * area.height()
        painter.setPen(grid)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(look.colour("secondary"))
        width = metrics.horizontalAdvance(text)
        painter.drawText(QPointF(area.left() - look.px(6) - width, y + metrics.ascent() / 2 - look.px(1)), text)
    count = max(2, int(area.width() / (2.0 * metrics.horizontalAdvance("00,000"))))
    for value, text in _ticks(frame.x, plot.x_log, count, whole=plot.whole_x):
        x = area.left() + (value - frame.x[0]) / (frame.x[1] - frame.x[0]) * area.width()
        painter.setPen(grid)
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + look.px(3)))
        painter.setPen(look.colour("secondary"))
        width = metrics.horizontalAdvance(text)
        left = min(max(x - width / 2, area.left() - look.px(6)), area.right() + look.px(8) - width)
        painter.drawText(QPointF(left, area.bottom() + look.px(4) + metrics.ascent()), text)
    painter.setPen(look.colour("secondary"))
    width = metrics.horizontalAdvance(plot.x_label)
    painter.drawText(
        QPointF(area.center().x() - width / 2, area.bottom() + look.px(5) + metrics.height() + metrics.ascent()),
        plot.x_label,
    )


def _x_range(plot: Plot) -> tuple[float, float]:
    values = _finite([*(line.x for line in plot.lines), *(x for line in plot.lines for x, _ in line.others)])
    if plot.x_log:
        values = np.log10(values[values > 0])
    if not len(values):
        return (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _y_range(plot: Plot) -> tuple[float, float]:
    """From the curves and their ranges; runs beside them (those that diverge) may leave it, where there are others."""
    values = _finite([part for line in plot.lines for part in (line.y, line.low, line.high)])
    if not len(values):
        values = _finite([y for line in plot.lines for _, y in line.others])
    elif len(others := _finite([y for line in plot.lines for _, y in line.others])):
        # What is under way may still be high above what the others came to; the highest twentieth may be cut off.
        values = np.append(values, np.quantile(others, (0.0, 0.95)))
    if plot.y_log:
        values = np.log10(values[values > 0])
    if not len(values):
        return (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or (0.5 if plot.y_log else max(abs(high) * 0.1, 0.5))
    if plot.y_log:
        return low - room, high + room
    # Shares and losses are never negative, and zero is worth seeing where it is near.
    bottom = 0.0 if 0 <= low < 0.6 * high else low - room
    top = high + room
    return bottom, min(top, _PERCENT_TOP) if plot.unit == "%" and high <= _PERCENT_TOP else top


def _ticks(ends: tuple[float, float], is_log: bool, count: int, *, whole: bool = False) -> Iterator[tuple[float, str]]:
    """Places on an axis (logarithms on a logarithmic one) and their texts."""
    low, high = ends
    if is_log:
        marks = (1, 2, 5) if high - low < 2 else (1,)
        every = max(1, math.ceil((high - low) / max(count, 2)))
        for power in range(math.floor(low), math.ceil(high) + 1):
            for mark in marks:
                place = power + math.log10(mark)
                if power % every == 0 and low - 1e-9 <= place <= high + 1e-9:
                    value = mark * 10.0**power
                    yield place, f"{value:,g}" if 1e-3 <= value < 1e6 else f"{value:.0e}"
        return
    unit = _nice((high - low) / max(count, 2))
    if whole:
        unit = max(unit, 1.0)
    places = max(0, math.ceil(-math.log10(unit) - 1e-9))
    for number in range(math.ceil(low / unit - 1e-6), math.floor(high / unit + 1e-6) + 1):
        yield number * unit, f"{number * unit + 0.0:,.{places}f}"


def _nice(span: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(span, 1e-30)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= span * 0.999)


# Curves


def _paint_band(painter: QPainter, frame: Frame, line: PlotLine, look: Look) -> None:
    if len(line.low) < 2:
        return
    colour = line.style.shade(look)
    colour.setAlpha(_BAND_ALPHA)
    upper, lower = _points(frame, line.x, line.high), _points(frame, line.x, line.low)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_line(painter: QPainter, frame: Frame, line: PlotLine, look: Look) -> None:
    for x, y in line.others:
        pen = line.style.pen(look, look.px(1.2))
        if len(line.x):
            colour = pen.color()
            colour.setAlpha(_OTHER_ALPHA)
            pen.setColor(colour)
        painter.setPen(pen)
        _paint_points(painter, _points(frame, x, y), look)
    painter.setPen(line.style.pen(look, look.px(2)))
    _paint_points(painter, _points(frame, line.x, line.y), look, has_dots=len(line.x) <= 12)


def _paint_points(painter: QPainter, points: list[QPointF], look: Look, *, has_dots: bool = False) -> None:
    painter.drawPolyline(points)
    if has_dots or len(points) == 1:
        pen = painter.pen()
        painter.setPen(QPen(pen.color(), look.px(5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(points)
        painter.setPen(pen)


def _points(frame: Frame, x: Floats, y: Floats) -> list[QPointF]:
    return [
        QPointF(frame.x_of(px), frame.y_of(py))
        for px, py in zip(x.tolist(), y.tolist(), strict=True)
        if math.isfinite(py) and (not frame.y_log or py > 0) and (not frame.x_log or px > 0)
    ]


def _paint_legend(painter: QPainter, place: QPointF, width: float, lines: Sequence[PlotLine], look: Look) -> float:
    """Names behind pieces of their lines, in as many rows as they need; gives where the last row ends."""
    metrics, height = look.small, look.small.height() * 1.2
    swatch, gap = look.px(20), look.px(14)
    x, y = place.x(), place.y()
    for line in lines:
        name = metrics.elidedText(line.name, Qt.TextElideMode.ElideMiddle, width - swatch - look.px(6))
        needed = swatch + look.px(6) + metrics.horizontalAdvance(name)
        if x > place.x() and x + needed > place.x() + width:
            x, y = place.x(), y + height
        middle = y + height / 2
        painter.setPen(line.style.pen(look, look.px(2)))
        painter.drawLine(QPointF(x, middle), QPointF(x + swatch, middle))
        painter.setPen(look.colour("text"))
        painter.drawText(QPointF(x + swatch + look.px(6), middle + metrics.ascent() / 2 - look.px(1)), name)
        x += needed + gap
    return y + height if lines else y


def _wrapped(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and metrics.horizontalAdvance(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _finite(parts: Sequence[Floats]) -> Floats:
    values = np.concatenate(parts) if parts else NOTHING
    return values[np.isfinite(values)]


def _logarithm(value: float) -> float:
    return math.log10(max(value, 1e-300))
