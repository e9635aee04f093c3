"""What lies in the plot: curves, bands, points, upright lines with words. Import it late, as pyqtgraph is."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.ui.curve_column import Floats
from explorer.ui.curve_picture import EMPTY, OVERLAYS, Band, Flag, Line, Picture, overlay_colours, validation_colour
from explorer.ui.curve_values import without_gaps
from explorer.ui.theme import theme

# How much of its colour a raw or an overlaid curve shows.
_RAW_ALPHA = 70
_OVERLAY_TRAIN_ALPHA = 110
_OVERLAY_TEST_ALPHA = 190
_BAND_ALPHA = 45
# A line of more points is painted thin and without smoothed edges, which costs a tenth; nobody sees the difference.
_MOST_FINE = 320
# So many epochs in view have a dot each.
_MOST_DOTS = 100
# More words than this cannot be read side by side; the others are told by the crosshair.
_MOST_FLAGS = 12


class CurveItems:
    """All curves of a plot, made once and told anew with each picture."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self._bands = [_Shade(plot, 1), _Shade(plot, 1)]
        self._overlays = [(_Curve(plot, 2), _Curve(plot, 3)) for _ in range(OVERLAYS)]
        self.raw = _Curve(plot, 4)
        self.smooth = _Curve(plot, 5, is_fine=True)
        self.validation = _Curve(plot, 6, is_fine=True)
        self.test = _Curve(plot, 7, is_fine=True)
        self.dots = Dots(plot, 8)

    @property
    def overlays(self) -> list[tuple[_Curve, _Curve]]:
        return self._overlays

    def draw(self, picture: Picture) -> None:
        self.raw.draw(picture.raw)
        self.smooth.draw(picture.smooth)
        self.validation.draw(picture.validation)
        self.test.draw(picture.test)
        for item, band in zip(self._bands, picture.bands, strict=True):
            item.draw(band)
        for index, (train, test) in enumerate(self._overlays):
            shown = picture.overlays[index] if index < len(picture.overlays) else (EMPTY, EMPTY)
            train.draw(shown[0])
            test.draw(shown[1])
        self._draw_dots(picture)

    def restyle(self) -> None:
        train, test = theme().colour("series_train"), theme().colour("series_test")
        self.raw.style(_with_alpha(train, _RAW_ALPHA), 1)
        self.smooth.style(train, 2)
        self.validation.style(validation_colour(), 2)
        self.test.style(test, 2)
        for item, colour in zip(self._bands, (train, test), strict=True):
            item.style(_with_alpha(colour, _BAND_ALPHA))
        for (train_item, test_item), colour in zip(self._overlays, overlay_colours(), strict=True):
            train_item.style(_with_alpha(colour, _OVERLAY_TRAIN_ALPHA), 1)
            test_item.style(_with_alpha(colour, _OVERLAY_TEST_ALPHA), 1)

    def _draw_dots(self, picture: Picture) -> None:
        """Each epoch has a dot; a training curve of a single value is a dot too, or it would not show."""
        dots = [
            (line, colour)
            for line, colour in (
                (picture.validation, validation_colour()),
                (picture.test, theme().colour("series_test")),
            )
            if len(line.x) <= _MOST_DOTS
        ]
        lonely = [(picture.smooth, theme().colour("series_train"))]
        lonely += [(line, colour) for (_, line), colour in zip(picture.overlays, overlay_colours(), strict=False)]
        dots += [(line, colour) for line, colour in lonely if np.isfinite(line.y).sum() == 1]
        self.dots.draw(dots)


class Dots(pg.GraphicsObject):
    """Round dots of one size. The library's scatter plot takes 10 ms for a hundred of them."""

    def __init__(self, plot: pg.PlotWidget, z: int) -> None:
        super().__init__()
        self._bounds = QRectF()
        self._dots: list[tuple[list[QPointF], QColor]] = []
        self.setZValue(z)
        plot.addItem(self, ignoreBounds=True)

    @property
    def count(self) -> int:
        return sum(len(points) for points, _ in self._dots)

    def draw(self, lines: list[tuple[Line, QColor]]) -> None:
        self._dots = []
        for line, colour in lines:
            kept = np.isfinite(line.y)
            places = zip(line.x[kept].tolist(), line.y[kept].tolist(), strict=True)
            self._dots.append(([QPointF(x, y) for x, y in places], colour))
        self.prepareGeometryChange()
        box = self.getViewBox()
        # All that is in view: a dot is larger than its place.
        self._bounds = box.viewRect() if box is not None else QRectF()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for points, colour in self._dots:
            pen = _cosmetic(colour, theme().px(7))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(points)


class _Item(pg.PlotCurveItem):
    """A curve that knows its bounds: the library asks for them a dozen times a frame and computes them each time."""

    def __init__(self, **options: object) -> None:
        self.bounds: tuple[tuple[float, float], tuple[float, float]] | None = None
        super().__init__(**options)

    def dataBounds(
        self,
        ax: int,
        frac: float = 1.0,
        orthoRange: object = None,  # noqa: N803 - the library's own
    ) -> tuple[float, float] | tuple[None, None]:
        if frac < 1.0 or orthoRange is not None:
            return super().dataBounds(ax, frac, orthoRange)
        return (None, None) if self.bounds is None else self.bounds[ax]

    def boundingRect(self) -> QRectF:
        if self.bounds is None:
            return QRectF()
        (left, right), (bottom, top) = self.bounds
        # A share of itself is room enough for the pen.
        across, up = (right - left) * 0.02, max((top - bottom) * 0.05, 1e-9)
        return QRectF(left - across, bottom - up, right - left + 2 * across, top - bottom + 2 * up)

    def take(self, x: Floats, y: Floats, connect: object = "all") -> None:
        self.bounds = ((float(x[0]), float(x[-1])), (float(y.min()), float(y.max()))) if len(x) else None
        self.setData(x, y, connect=connect)


class _Curve:
    """A line of the plot."""

    def __init__(self, plot: pg.PlotWidget, z: int, *, is_fine: bool = False) -> None:
        self._is_fine = is_fine
        self._is_drawn_fine: bool | None = None
        self._colour, self._width = QColor(), 1.0
        self.item = _Item(skipFiniteCheck=True)
        self.item.setZValue(z)
        self.item.hide()
        # Bounds of curves are known to the caller, who says what to show; asking each item costs time.
        plot.addItem(self.item, ignoreBounds=True)

    def draw(self, line: Line) -> None:
        shown = line if len(line.x) > 1 else EMPTY
        y, leads_on = without_gaps(shown.y)
        item = self.item
        if item.xData is not None and np.array_equal(item.xData, shown.x) and np.array_equal(item.yData, y):
            return
        # A hidden item costs nothing; an empty one is asked for its bounds several times a frame.
        item.setVisible(len(shown.x) > 0)
        self._choose_look(self._is_fine and len(shown.x) <= _MOST_FINE)
        item.take(shown.x, y, "all" if leads_on is None else leads_on)

    def style(self, colour: QColor, width: float) -> None:
        self._colour, self._width = colour, width
        self._is_drawn_fine = None
        self._choose_look(self._is_fine)

    def _choose_look(self, is_fine: bool) -> None:
        if is_fine == self._is_drawn_fine:
            return
        self._is_drawn_fine = is_fine
        self.item.setPen(_cosmetic(self._colour, self._width if is_fine else 1))
        self.item.opts["antialias"] = is_fine
        # Qt paints a wide antialiased line as single segments five times faster than as one path (0.5 and 2.7 ms
        # for 300 points on a laptop's processor), and the square ends of the segments close the joints.
        self.item.setSegmentedLineMode("on" if is_fine else "auto")


class _Shade:
    """The area between two curves."""

    def __init__(self, plot: pg.PlotWidget, z: int) -> None:
        self.item = pg.PlotCurveItem(pen=QPen(Qt.PenStyle.NoPen), fillLevel="enclosed", skipFiniteCheck=True)
        self.item.setZValue(z)
        self.item.hide()
        plot.addItem(self.item, ignoreBounds=True)

    def draw(self, band: Band | None) -> None:
        self.item.setVisible(band is not None)
        if band is not None:
            x = np.concatenate([band.x, band.x[::-1]])
            self.item.setData(x, np.concatenate([band.low, band.high[::-1]]))

    def style(self, colour: QColor) -> None:
        self.item.setBrush(colour)


class UprightLine:
    """A line across the plot at one place, with words at its upper or lower end."""

    def __init__(self, plot: pg.PlotWidget, z: int, *, is_low: bool = False) -> None:
        self._box = plot.getViewBox()
        self._is_low = is_low
        self._flag: Flag | None = None
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.text = pg.TextItem("", anchor=(0, 0))
        for item, height in ((self.line, z), (self.text, z + 1)):
            item.setZValue(height)
            item.hide()
            plot.addItem(item, ignoreBounds=True)

    @property
    def place(self) -> float | None:
        return None if self._flag is None else self._flag.place

    def show(self, flag: Flag | None) -> None:
        if flag != self._flag:
            self._flag = flag
            self.line.setVisible(flag is not None)
            self.text.setVisible(flag is not None)
            if flag is not None:
                self.line.setValue(flag.place)
                self.text.setText(flag.text)
        self.arrange()

    def arrange(self, *, level: int = 0) -> None:
        """Puts the words where there is room, `level` lines away from the edge."""
        if self._flag is None:
            return
        (low, high), (bottom, top) = self._box.viewRange()
        is_in_view = low <= self._flag.place <= high
        self.text.setVisible(is_in_view)
        if not is_in_view:
            return
        bounds = self.text.boundingRect()
        room = (high - self._flag.place) / max(high - low, 1e-12) * self._box.width()
        side = 0 if room >= bounds.width() else 1
        self.text.setAnchor(QPointF(side, 1 + level if self._is_low else -level))
        self.text.setPos(self._flag.place, bottom if self._is_low else top)

    def style(self, colour: QColor, *, dashes: tuple[int, int] | None = None) -> None:
        pen = _cosmetic(colour, 1)
        if dashes is not None:
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern(list(dashes))
        self.line.setPen(pen)
        self.text.setColor(colour)
        self.text.setFont(theme().font(secondary=True))


class Flags:
    """What happened in mid-run, as upright lines with their words at the foot."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self._lines: list[UprightLine] = []
        self._shown: tuple[Flag, ...] = ()

    def show(self, flags: tuple[Flag, ...]) -> None:
        # The newest say why the curve is as it is now.
        self._shown = flags[-_MOST_FLAGS:]
        while len(self._lines) < len(self._shown):
            line = UprightLine(self._plot, 3, is_low=True)
            line.style(theme().colour("secondary"), dashes=(1, 3))
            self._lines.append(line)
        for index, line in enumerate(self._lines):
            line.show(self._shown[index] if index < len(self._shown) else None)
        self.arrange()

    def arrange(self) -> None:
        # Words on three lines in turn lie over each other less often.
        for index, line in enumerate(self._lines):
            line.arrange(level=index % 3)

    def restyle(self) -> None:
        for line in self._lines:
            line.style(theme().colour("secondary"), dashes=(1, 3))


def _with_alpha(colour: QColor, alpha: int) -> QColor:
    pale = QColor(colour)
    pale.setAlpha(alpha)
    return pale


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
