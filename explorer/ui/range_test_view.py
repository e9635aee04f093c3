"""The learning-rate range test: the loss while the rate rises step by step, and the rate that it suggests.

After L. Smith, Cyclical learning rates for training neural networks, arXiv:1506.01186, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.theme import theme
from explorer.ui.training_trials import RangeTrial
from explorer.ui.value_label import ValueLabel

_LOWEST, _HIGHEST = -5.0, 1.0  # logarithms of the rates that are tried


class RangeTestView(QWidget):
    """Runs a test and shows it as it goes; `used` carries the suggested rate, `closed` ends it.

    Call `shutdown` before the window goes.
    """

    used = Signal(float)
    closed = Signal()
    under_way_changed = Signal(bool)

    def __init__(self, settings: Callable[[], Settings], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trial = RangeTrial(settings, self)
        self._trial.told.connect(self.show_progress)
        self._trial.points.connect(self.add)
        self._trial.ended.connect(self.end)
        self._trial.failed.connect(self.fail)
        self.shutdown = self._trial.shutdown
        self.setObjectName("range_test")
        self.setAccessibleName("Learning-rate range test")
        self._points: list[tuple[float, float]] = []  # rate, loss
        self._suggested: float | None = None
        self._plot: Any = None
        self._title = QLabel("Learning-rate range test")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._text = ValueLabel()
        self._text.setProperty("role", "secondary")
        self._text.setAccessibleName("What the range test says")
        self._bar = ProgressBar("Progress of the range test")
        self._use = _button("Use", "range_test_use", "Set the learning rate to what the test suggests")
        self._use.setProperty("primary", True)
        self._use.clicked.connect(self._on_use)
        self._close = _button("Cancel", "range_test_close", "End the test and show the curves again")
        self._close.clicked.connect(self.closed)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._use)
        self._head.addWidget(self._close)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._bar)
        self._layout.addWidget(self._text)
        self._place = QVBoxLayout()
        self._layout.addLayout(self._place, 1)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        return self._text.value

    @property
    def is_under_way(self) -> bool:
        return self._trial.is_under_way

    def start(self, config: TrainingConfig) -> None:
        """Tests the rates for a configuration."""
        self.begin()
        self._trial.start(config)
        self.under_way_changed.emit(True)

    def cancel(self) -> None:
        """Gives the test up."""
        if self._trial.is_under_way:
            self._trial.cancel()
            self.under_way_changed.emit(False)

    def begin(self) -> None:
        """Clears what an earlier test has shown."""
        self._points.clear()
        self._suggested = None
        self._prepare()
        self._use.hide()
        self._bar.show()
        self._bar.show_share(None)
        self._close.setText("Cancel")
        self._close.setAccessibleName("Cancel the range test")
        self._text.show_value("Starting …")
        self._draw()

    def show_progress(self, text: str, share: float | None) -> None:
        self._text.show_value(text)
        self._bar.show_share(share)

    def add(self, points: Sequence[tuple[float, float]]) -> None:
        """Appends pairs of rate and loss."""
        self._points.extend(points)
        self._draw()

    def end(self, suggested: float | None) -> None:
        """The test is over; `suggested` is None where the loss fell nowhere."""
        self._bar.hide()
        self._close.setText("Close")
        self._close.setAccessibleName("Close the range test")
        self._suggested = suggested
        if suggested is None:
            self._text.show_value("The loss fell nowhere clearly: no rate can be suggested. Try another batch size.")
        else:
            self._text.show_value("The suggested rate is where the loss falls fastest, well before it explodes.")
            self._use.setText(f"Use {suggested:.2g}")
            self._use.setAccessibleName(f"Use a learning rate of {suggested:.2g}")
            self._use.show()
        self._draw()
        self.under_way_changed.emit(False)

    def fail(self, sentence: str) -> None:
        self._bar.hide()
        self._close.setText("Close")
        self._text.show_value(sentence)
        self.under_way_changed.emit(False)

    def _on_use(self) -> None:
        if self._suggested is not None:
            self.used.emit(float(f"{self._suggested:.2g}"))

    def _prepare(self) -> None:
        if self._plot is not None:
            return
        import pyqtgraph as pg  # noqa: PLC0415 - pyqtgraph costs some 0.4 s: imported when it is first needed

        from explorer.ui.curve_axis import CurveAxis  # noqa: PLC0415 - as above

        axes = {name: CurveAxis(name) for name in ("bottom", "left")}
        axes["bottom"].setLogMode(True)
        self._plot = pg.PlotWidget(axisItems=axes, enableMenu=False)
        self._plot.setAccessibleName("Loss over learning rate")
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setMinimumSize(0, 0)
        item = self._plot.getPlotItem()
        item.hideButtons()
        item.setLabel("bottom", "learning rate")
        item.setLabel("left", "loss")
        item.setMouseEnabled(x=False, y=False)
        for axis in axes.values():
            # Below the curve: the grid is drawn by the axes.
            axis.setZValue(-200)
        self._curve = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        item.addItem(self._curve, ignoreBounds=True)
        item.addItem(self._mark, ignoreBounds=True)
        self._place.addWidget(self._plot, 1)
        self._restyle()

    def _draw(self) -> None:
        if self._plot is None:
            return
        finite = [(rate, loss) for rate, loss in self._points if rate > 0 and math.isfinite(loss)]
        x = np.log10([rate for rate, _ in finite]) if finite else np.empty(0)
        y = np.array([loss for _, loss in finite])
        self._curve.setVisible(len(x) > 1)
        if len(x) > 1:
            self._curve.setData(x, y)
        # The explosion at the end would flatten everything before it.
        low, high = (float(y.min()), float(y[0])) if len(y) else (0.0, 1.0)
        span = max(high - low, 1e-3 * max(abs(high), 1.0))
        right = max(_HIGHEST if len(x) == 0 else float(x[-1]), _LOWEST + 1)
        self._plot.getViewBox().setRange(
            xRange=(_LOWEST, right), yRange=(low - 0.15 * span, high + 0.6 * span), padding=0.02
        )
        self._mark.setVisible(self._suggested is not None)
        if self._suggested is not None:
            self._mark.setValue(math.log10(self._suggested))

    def _restyle(self) -> None:
        px = theme().px
        self._title.setFont(theme().font(title=True))
        self._layout.setContentsMargins(px(8), px(4), px(8), px(4))
        self._layout.setSpacing(px(6))
        self._head.setSpacing(px(8))
        if self._plot is None:
            return
        self._plot.setBackground(theme().colour("panel"))
        for name in ("bottom", "left"):
            axis = self._plot.getPlotItem().getAxis(name)
            axis.setPen(QPen(theme().colour("grid"), 1))
            axis.setTextPen(theme().colour("secondary"))
            axis.setTickFont(theme().font(secondary=True))
            axis.label.setDefaultTextColor(theme().colour("secondary"))
            axis.label.setFont(theme().font(secondary=True))
        for target, colour in ((self._curve, "series_train"), (self._mark, "good")):
            pen = QPen(theme().colour(colour), 2)
            pen.setCosmetic(True)
            target.setPen(pen)


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
