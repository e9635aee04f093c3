"""The plot of the curves in pyqtgraph. Import it late: pyqtgraph costs some 0.4 s."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.structure.graph import Kind
from explorer.ui.curve_axis import CurveAxis
from explorer.ui.curve_data import LOG_FLOOR, Floats, without_gaps
from explorer.ui.curve_legend import Legend, LegendEntry
from explorer.ui.theme import KIND_COLOURS, theme

# More overlaid runs than this cannot be told apart by eye; curve items are made once, for speed.
OVERLAYS = 6
# How much of its colour a raw or an overlaid curve shows.
_RAW_ALPHA = 70
_OVERLAY_TRAIN_ALPHA = 110
_OVERLAY_TEST_ALPHA = 190


@dataclass(frozen=True)
class Line:
    """A curve in axis units (logarithms where the axis is logarithmic); x does not fall, NaN in y is a gap."""

    x: Floats
    y: Floats


EMPTY = Line(np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Picture:
    """All that the plot shows at one moment. `best` is a place on the x axis and its text."""

    raw: Line
    smooth: Line
    test: Line
    overlays: tuple[tuple[Line, Line], ...]
    best: tuple[float, str] | None
    legend: tuple[LegendEntry, ...]


class CurvePlot(pg.PlotWidget):
    """Training and test curves of one run, those of others pale behind, and the best epoch.

    The view follows what `show_range` says until the user zooms or pans; "A" or a double click follows again.
    """

    pointed = Signal(object)  # where the crosshair is on the x axis, or None
    moved = Signal()  # the user has moved the view, or its size has changed: thin the curves anew

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bottom = CurveAxis("bottom")
        self._left = CurveAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left}, enableMenu=False)
        self.is_following = True
        self._is_log = False
        self._best_place: float | None = None
        self._limits: dict[str, float] = {}
        self._followed: tuple[tuple[float, float], tuple[float, float]] | None = None
        item = self.getPlotItem()
        item.hideButtons()
        for axis in (self._bottom, self._left):
            # Below the view, which lies at -100: the grid is drawn by the axes and would cut through the curves.
            axis.setZValue(-200)
        item.getViewBox().setDefaultPadding(0)
        item.disableAutoRange()
        self.setAntialiasing(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Curves of loss or accuracy")
        self.setMinimumSize(0, 0)
        self._overlays = [(self._curve(1), self._curve(2)) for _ in range(OVERLAYS)]
        self._raw = self._curve(3)
        self._smooth = self._curve(4, antialias=True)
        self._test = self._curve(5, antialias=True)
        self._points = pg.ScatterPlotItem(pxMode=True, antialias=True)
        self._spots: list[dict[str, object]] = []
        self._points.setZValue(6)
        self.addItem(self._points, ignoreBounds=True)
        self._best = pg.InfiniteLine(angle=90, movable=False)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._best_text = pg.TextItem("", anchor=(0, 0))
        for item_, z in ((self._best, 2), (self._cross, 7), (self._best_text, 8)):
            item_.setZValue(z)
            item_.hide()
            self.addItem(item_, ignoreBounds=True)
        self.legend = Legend(self)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        item.getViewBox().sigRangeChangedManually.connect(self._on_moved_by_hand)
        item.getViewBox().sigRangeChanged.connect(self._place_best_text)
        item.getViewBox().sigResized.connect(self._on_resized)
        theme().changed.connect(self.restyle)
        self.restyle()

    def columns(self) -> int:
        """How many pixels the curves have side by side."""
        return max(1, int(self.getViewBox().width()))

    def x_range(self) -> tuple[float, float]:
        low, high = self.getViewBox().viewRange()[0]
        return float(low), float(high)

    def set_axes(self, x_label: str, y_label: str, *, whole_x: bool, is_log: bool) -> None:
        """Names the axes; `whole_x` keeps ticks of x on whole numbers; `is_log` says that y comes as logarithms."""
        # Telling an axis anything makes it lay out its ticks anew.
        if is_log != self._left.logMode:
            self._left.setLogMode(is_log)
        self._is_log = is_log
        self._bottom.whole_numbers = whole_x
        self._label(self._left, y_label)
        self._label(self._bottom, x_label)

    def show_range(self, x: tuple[float, float], y: tuple[float, float], *, floor: float | None = None) -> None:
        """What the view follows: shown unless the user has moved the view; the user's view stays near it.

        `floor` is below what y can be (0 for a linear loss).
        """
        span = max(x[1] - x[0], 1e-9)
        height = max(y[1] - y[0], 1e-9)
        lowest = math.log10(LOG_FLOOR) - 1 if self._is_log else y[0] - 2 * height
        if floor is not None:
            lowest = min(floor, y[0])
        box = self.getViewBox()
        limits = {
            "xMin": x[0] - 0.05 * span,
            "xMax": x[1] + 0.05 * span,
            "yMin": min(lowest, y[0]),
            "yMax": y[1] + 2 * height,
            "minXRange": span * 1e-4,
            "minYRange": height * 1e-4,
        }
        if limits != self._limits:
            self._limits = limits
            box.setLimits(**limits)
        if self.is_following and self._followed != (x, y):
            self._followed = (x, y)
            box.setRange(xRange=x, yRange=y, padding=0, update=True, disableAutoRange=True)

    def follow(self) -> None:
        """Shows everything again."""
        if not self.is_following:
            self.is_following = True
            self.moved.emit()

    def draw(self, picture: Picture) -> None:
        self._set(self._raw, picture.raw)
        self._set(self._smooth, picture.smooth)
        self._set(self._test, picture.test)
        for index, (train, test) in enumerate(self._overlays):
            shown = picture.overlays[index] if index < len(picture.overlays) else (EMPTY, EMPTY)
            self._set(train, shown[0])
            self._set(test, shown[1])
        self._show_points(picture)
        self._show_best(picture.best)
        self.legend.show_entries(picture.legend)
        self._place_legend()

    def restyle(self) -> None:
        """Takes colours, fonts and measures from the theme."""
        colour = theme().colour
        self.setBackground(colour("panel"))
        font = theme().font(secondary=True)
        for axis in (self._left, self._bottom):
            axis.setPen(QPen(colour("grid"), 1))
            axis.setTickPen(QPen(colour("grid"), 1))
            axis.setTextPen(colour("secondary"))
            axis.setTickFont(font)
            axis.setStyle(tickTextOffset=theme().px(5), tickTextHeight=int(QFontMetricsF(font).height()) + 1)
            axis.label.setFont(font)
            axis.label.setDefaultTextColor(colour("secondary"))
            axis.setLabel(axis.labelText)
        self._bottom.setHeight(int(QFontMetricsF(font).height() * 2.1 + theme().px(6)))
        margin = theme().px(12)
        self.getPlotItem().layout.setContentsMargins(theme().px(4), theme().px(8), margin, 0)
        self._style_curves()
        self._best_text.setFont(font)
        self._best_text.setColor(colour("good"))
        self._cross.setPen(_cosmetic(colour("secondary"), 1))
        dashed = QPen(colour("good"), 1, Qt.PenStyle.CustomDashLine)
        dashed.setDashPattern([3, 3])
        dashed.setCosmetic(True)
        self._best.setPen(dashed)
        self.legend.update()
        self._place_legend()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_A and not event.modifiers():
            self.follow()
        elif event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self._step_cross(1 if event.key() == Qt.Key.Key_Right else -1)
        elif event.key() == Qt.Key.Key_Escape and self._cross.isVisible():
            self._point_at(None)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.follow()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "legend"):
            self._place_legend()

    def _curve(self, z: int, *, antialias: bool = False) -> pg.PlotCurveItem:
        curve = pg.PlotCurveItem(antialias=antialias, skipFiniteCheck=True)
        curve.setZValue(z)
        if antialias:
            # Qt paints a wide antialiased line as single segments five times faster than as one path (0.5 and 2.7 ms
            # for 300 points on a laptop's processor), and the square ends of the segments close the joints.
            curve.setSegmentedLineMode("on")
        curve.hide()
        # Bounds of curves are known to the caller, who says what to show; asking each item costs time.
        self.addItem(curve, ignoreBounds=True)
        return curve

    def _style_curves(self) -> None:
        train, test = theme().colour("series_train"), theme().colour("series_test")
        self._raw.setPen(_cosmetic(_with_alpha(train, _RAW_ALPHA), 1))
        self._smooth.setPen(_cosmetic(train, 2))
        self._test.setPen(_cosmetic(test, 2))
        self._points.setPen(QPen(Qt.PenStyle.NoPen))
        for (train_item, test_item), colour in zip(self._overlays, overlay_colours(), strict=True):
            train_item.setPen(_cosmetic(_with_alpha(colour, _OVERLAY_TRAIN_ALPHA), 1))
            test_item.setPen(_cosmetic(_with_alpha(colour, _OVERLAY_TEST_ALPHA), 1))

    @staticmethod
    def _set(curve: pg.PlotCurveItem, line: Line) -> None:
        shown = line if len(line.x) > 1 else EMPTY
        y, leads_on = without_gaps(shown.y)
        if curve.xData is not None and np.array_equal(curve.xData, shown.x) and np.array_equal(curve.yData, y):
            return
        # A hidden item costs nothing; an empty one is asked for its bounds several times a frame.
        curve.setVisible(len(shown.x) > 0)
        curve.setData(shown.x, y, connect="all" if leads_on is None else leads_on)

    def _show_points(self, picture: Picture) -> None:
        """Test figures have a point each; a training curve of a single value is a point too, or it would not show."""
        train, test = theme().colour("series_train"), theme().colour("series_test")
        spots = _spots(picture.test, test)
        if np.isfinite(picture.smooth.y).sum() == 1:
            spots += _spots(picture.smooth, train)
        for (_, line), colour in zip(picture.overlays, overlay_colours(), strict=False):
            if np.isfinite(line.y).sum() == 1:
                spots += _spots(line, colour)
        if spots != self._spots:
            self._spots = spots
            self._points.setData(spots)

    def _show_best(self, best: tuple[float, str] | None) -> None:
        self._best.setVisible(best is not None)
        self._best_text.setVisible(best is not None)
        self._best_place = best[0] if best else None
        if best is not None:
            self._best.setValue(best[0])
            if self._best_text.toPlainText() != best[1]:
                self._best_text.setText(best[1])
            self._place_best_text()

    def _place_best_text(self) -> None:
        if self._best_place is None:
            return
        (low, high), (_, top) = self.getViewBox().viewRange()
        if not low <= self._best_place <= high:
            self._best_text.hide()
            return
        self._best_text.show()
        width = self._best_text.boundingRect().width()
        room = (high - self._best_place) / max(high - low, 1e-12) * self.getViewBox().width()
        self._best_text.setAnchor(QPointF(0, 0) if room >= width else QPointF(1, 0))
        self._best_text.setPos(self._best_place, top)

    def _place_legend(self) -> None:
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect())
        size = self.legend.sizeHint()
        inset = theme().px(8)
        # Below the line of text that names the best epoch.
        top = area.top() + QFontMetricsF(theme().font(secondary=True)).height() + inset
        if self.legend.is_low:
            top = area.bottom() - size.height() - inset
        self.legend.setGeometry(
            int(area.right() - size.width() - inset), int(top), size.width(), min(size.height(), int(area.height()))
        )

    def _label(self, axis: CurveAxis, text: str) -> None:
        if axis.labelText != text or not axis.label.isVisible():
            axis.setLabel(text)

    def _on_mouse_moved(self, place: QPointF) -> None:
        box = self.getViewBox()
        if not box.sceneBoundingRect().contains(place):
            self._point_at(None)
            return
        self._point_at(float(box.mapSceneToView(place).x()))

    def _step_cross(self, direction: int) -> None:
        low, high = self.x_range()
        place = float(self._cross.value()) if self._cross.isVisible() else (low + high) / 2
        self._point_at(min(max(place + direction * (high - low) / 100, low), high))

    def _point_at(self, place: float | None) -> None:
        if place is None and not self._cross.isVisible():
            return
        self._cross.setVisible(place is not None)
        if place is not None:
            self._cross.setValue(place)
        self.pointed.emit(place)

    def _on_moved_by_hand(self) -> None:
        self.is_following = False
        self._followed = None
        self.moved.emit()

    def _on_resized(self) -> None:
        self._place_best_text()
        self._place_legend()
        self.moved.emit()


def overlay_colours() -> tuple[QColor, ...]:
    """Colours of overlaid runs, none of them those of the run in front."""
    kinds = (Kind.NORMALISATION, Kind.POOLING, Kind.ACTIVATION, Kind.JOIN)
    return (*(QColor(KIND_COLOURS[kind]) for kind in kinds), theme().colour("good"), theme().colour("edge"))


def _spots(line: Line, colour: QColor) -> list[dict[str, object]]:
    size = theme().px(7)
    return [
        {"pos": (x, y), "size": size, "brush": colour}
        for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)
        if math.isfinite(y)
    ]


def _with_alpha(colour: QColor, alpha: int) -> QColor:
    pale = QColor(colour)
    pale.setAlpha(alpha)
    return pale


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    return pen
