"""The plot of the curves in pyqtgraph. Import it late: pyqtgraph costs some 0.4 s."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.ui.curve_axis import CurveAxis
from explorer.ui.curve_items import CurveItems, Flags, UprightLine
from explorer.ui.curve_legend import Legend
from explorer.ui.curve_picture import Picture
from explorer.ui.curve_values import LOG_FLOOR
from explorer.ui.theme import theme

# The closest look at a run: as if it were so many times as wide.
_DEEPEST = 2e-6


class CurvePlot(pg.PlotWidget):
    """Training, validation and test curves of one run, those of others pale behind, and what is marked.

    The view follows what `show_range` says until the user zooms or pans; "A" or a double click follows again. A click
    chooses a place, Left and Right step from epoch to epoch, Shift with them moves the crosshair. "L" unfolds a folded
    legend.
    """

    pointed = Signal(object)  # where the crosshair is on the x axis, or None
    moved = Signal()  # the user has moved the view, or its size has changed: thin the curves anew
    clicked = Signal(float)  # a place on the x axis
    taken_back = Signal()  # the click before was the first half of a double click
    stepped = Signal(int)  # 1: the next epoch, -1: the one before
    let_go = Signal()  # the newest epoch again

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bottom = CurveAxis("bottom")
        self._left = CurveAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left}, enableMenu=False)
        self.is_following = True
        self._is_log = False
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
        self.setAccessibleName("Curves of the training")
        self.setToolTip(
            "Click: show an epoch's weights everywhere. Left, Right: step through epochs. A: show all. L: all names"
        )
        self.setMinimumSize(0, 0)
        self.items_ = CurveItems(self)
        self._flags = Flags(self)
        self.best = UprightLine(self, 9)
        self.chosen = UprightLine(self, 11)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.setZValue(13)
        self._cross.hide()
        self.addItem(self._cross, ignoreBounds=True)
        self.legend = Legend(self)
        self.legend.resized.connect(self._place_legend)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        item.getViewBox().sigRangeChangedManually.connect(self._on_moved_by_hand)
        item.getViewBox().sigRangeChanged.connect(self._arrange_words)
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
            "minXRange": span * _DEEPEST,
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
        self.items_.draw(picture)
        self.best.show(picture.best)
        self.chosen.show(picture.chosen)
        self._flags.show(picture.flags)
        self._arrange_words()
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
        self.items_.restyle()
        self.best.style(colour("good"), dashes=(3, 3))
        self.chosen.style(colour("accent"))
        self._flags.restyle()
        pen = QPen(colour("secondary"), 1)
        pen.setCosmetic(True)
        self._cross.setPen(pen)
        self.legend.update()
        self._place_legend()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_A and not modifiers:
            self.follow()
        elif event.key() == Qt.Key.Key_L and not modifiers:
            self.legend.toggle()
        elif direction is not None and modifiers == Qt.KeyboardModifier.ShiftModifier:
            self._step_cross(direction)
        elif direction is not None and not modifiers:
            self.stepped.emit(direction)
        elif event.key() == Qt.Key.Key_End and not modifiers:
            self.let_go.emit()
        elif event.key() == Qt.Key.Key_Escape and self._cross.isVisible():
            self._point_at(None)
        elif event.key() == Qt.Key.Key_Escape and self.chosen.place is not None:
            self.let_go.emit()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.taken_back.emit()
        self.follow()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "legend"):
            self._place_legend()

    def _arrange_words(self) -> None:
        self.best.arrange()
        # Below the words about the best epoch, with which they may share their place.
        self.chosen.arrange(level=1)
        self._flags.arrange()

    def _place_legend(self) -> None:
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect())
        size = self.legend.sizeHint()
        inset = theme().px(8)
        # Below the lines of text that name the best epoch and the chosen one.
        lines = 1 if self.chosen.place is None else 2
        top = area.top() + lines * QFontMetricsF(theme().font(secondary=True)).height() + inset
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

    def _on_clicked(self, event: object) -> None:
        box = self.getViewBox()
        place = event.scenePos()  # type: ignore[attr-defined] # pyqtgraph's own event
        if event.button() == Qt.MouseButton.LeftButton and box.sceneBoundingRect().contains(place):  # type: ignore[attr-defined]
            self.clicked.emit(float(box.mapSceneToView(place).x()))

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
        self._arrange_words()
        self._place_legend()
        self.moved.emit()
