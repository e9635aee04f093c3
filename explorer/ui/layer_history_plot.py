"""The plot of layers' figures over steps in pyqtgraph. Import it late: pyqtgraph costs some 0.4 s."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui.curve_axis import CurveAxis
from explorer.ui.curve_column import Floats
from explorer.ui.curve_values import without_gaps
from explorer.ui.theme import theme

# More layers than this are a haze: their median and the one pointed at are what can be read.
MOST_LINES = 24
_PALE = 80


@dataclass(frozen=True)
class LayerLine:
    """One layer's curve in axis units (logarithms where the axis is logarithmic); NaN is a gap."""

    path: str
    x: Floats
    y: Floats


class LayerHistoryPlot(pg.PlotWidget):
    """One curve for one layer; of several, each pale, and `middle` strong. `pointed` carries a step, or None."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bottom, self._left = CurveAxis("bottom"), CurveAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left}, enableMenu=False)
        self.setAccessibleName("Curves of the layer over steps")
        self.setToolTip("What was measured in the layer while it was trained; Left and Right walk along the steps")
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(0, 0)
        self.setAntialiasing(False)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.getViewBox().setDefaultPadding(0)
        item.disableAutoRange()
        self._bottom.whole_numbers = True
        for axis in (self._bottom, self._left):
            axis.setZValue(-200)
        self._pale = [pg.PlotCurveItem(skipFiniteCheck=True) for _ in range(MOST_LINES)]
        self._strong = pg.PlotCurveItem(skipFiniteCheck=True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        for curve in (*self._pale, self._strong, self._cross):
            curve.hide()
            self.addItem(curve, ignoreBounds=True)
        self._extent = (0.0, 1.0)
        self.scene().sigMouseMoved.connect(self._on_moved)
        theme().changed.connect(self.restyle)
        self.restyle()

    def wheelEvent(self, event: object) -> None:
        # The page around the plot scrolls.
        event.ignore()  # type: ignore[attr-defined]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # nothing in a plot of fixed range can be dragged

    def draw(
        self,
        lines: list[LayerLine],
        middle: LayerLine | None,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        is_log: bool,
    ) -> None:
        """Draws the curves of several layers pale and `middle` over them, between the given ends of the axes."""
        if is_log != self._left.logMode:
            self._left.setLogMode(is_log)
        for number, curve in enumerate(self._pale):
            self._set(curve, lines[number] if number < len(lines) else None)
        self._set(self._strong, middle)
        self._extent = x
        self.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def restyle(self) -> None:
        """Takes colours, fonts and measures from the theme."""
        look = theme()
        self.setBackground(look.colour("panel"))
        font = look.font(secondary=True)
        metrics = QFontMetricsF(font)
        for axis in (self._left, self._bottom):
            axis.setPen(QPen(look.colour("grid"), 1))
            axis.setTickPen(QPen(look.colour("grid"), 1))
            axis.setTextPen(look.colour("secondary"))
            axis.setTickFont(font)
            axis.setStyle(tickTextOffset=look.px(4), tickTextHeight=int(metrics.height()) + 1)
        self._left.setWidth(int(metrics.horizontalAdvance("0e-00")) + look.px(8))
        self._bottom.setHeight(int(metrics.height()) + look.px(6))
        self.getPlotItem().layout.setContentsMargins(0, look.px(6), look.px(12), 0)
        accent = look.colour("accent")
        pale = QColor(accent)
        pale.setAlpha(_PALE)
        for curve in self._pale:
            curve.setPen(_cosmetic(pale, 1))
        self._strong.setPen(_cosmetic(accent, 2))
        self._cross.setPen(_cosmetic(look.colour("secondary"), 1))
        self.setFixedHeight(look.px(132))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            low, high = self._extent
            place = float(self._cross.value()) if self._cross.isVisible() else high
            step = (high - low) / 50 * (1 if event.key() == Qt.Key.Key_Right else -1)
            self._point_at(min(max(place + step, low), high))
        elif event.key() == Qt.Key.Key_Escape and self._cross.isVisible():
            self._point_at(None)
        else:
            event.ignore()

    def leaveEvent(self, event: object) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    @staticmethod
    def _set(curve: pg.PlotCurveItem, line: LayerLine | None) -> None:
        shown = line is not None and bool(np.isfinite(line.y).any())
        curve.setVisible(shown)
        if line is not None and shown:
            y, leads_on = without_gaps(line.y)
            curve.setData(line.x, y, connect="all" if leads_on is None else leads_on)

    def _on_moved(self, place: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(place)
        self._point_at(float(box.mapSceneToView(place).x()) if inside else None)

    def _point_at(self, place: float | None) -> None:
        if place is None and not self._cross.isVisible():
            return
        self._cross.setVisible(place is not None)
        if place is not None:
            self._cross.setValue(place)
        self.pointed.emit(place)


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
