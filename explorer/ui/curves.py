"""Live curves of training and test loss or accuracy, with earlier runs behind them."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from explorer.training.events import EpochFinished, RunEnded, RunStarted, StepsTrained
from explorer.ui.curve_controls import CurveControls, CurveView
from explorer.ui.curve_data import (
    Best,
    Floats,
    Quantity,
    RunCurves,
    Smoothed,
    for_log,
    sampled,
    thinned,
    value_range,
)
from explorer.ui.curve_legend import LegendEntry
from explorer.ui.empty_note import EmptyNote
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.ui.curve_plot import CurvePlot, Line, Picture
    from explorer.ui.training_thread import Trainer

# Of the raw losses, the range shown leaves out the wildest in a hundred at each end.
_SHOWN_SHARE = (1, 99)
_SAMPLED = 2000
# Figures that change twenty times a second cannot be read.
_READ_EVERY_S = 0.25
# More points than this make no difference to a smooth curve, not even on the widest screen.
_SMOOTH_POINTS = 400


class Curves(QWidget):
    """The curves of the run that trains or was chosen.

    `follow` connects it to a trainer; `show_run` shows a run from disk, `set_overlays` others behind it. It paints
    when `refresh` is called: by the trainer's `updated`, at most 20 times a second.
    """

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.setAccessibleName("Curves")
        self._plot: CurvePlot | None = None
        self._front = RunCurves()
        self._front_smooth = Smoothed(CurveView().reach)
        self._is_live = False
        self._is_front_chosen = False  # by `set_overlays`, which may then choose another
        self._overlays: list[tuple[RunCurves, Smoothed]] = []
        self._place: float | None = None
        self._read_out_at = 0.0
        self._build()
        theme().changed.connect(self._restyle)
        self._restyle()
        self._show_page()

    # What it shows

    def follow(self, trainer: Trainer) -> None:
        """Shows each run of `trainer` as it goes."""
        trainer.started.connect(self.begin)
        trainer.steps.connect(self.add_steps)
        trainer.epoch_finished.connect(self.add_epoch)
        trainer.ended.connect(self.end)
        trainer.updated.connect(self.refresh)
        trainer.state_changed.connect(self._on_state)

    def begin(self, event: RunStarted) -> None:
        """Clears the front for a new run; a resumed one gets its past by `set_history`."""
        self._replace_front(RunCurves(event.folder.name, event.steps_per_epoch, event.epochs))
        self._is_live = True

    def add_steps(self, event: StepsTrained) -> None:
        self._front.add_steps(event.steps, event.losses, event.seconds)

    def add_epoch(self, event: EpochFinished) -> None:
        self._front.add_epoch(
            event.epoch,
            event.step,
            event.seconds,
            train_loss=event.train_loss,
            train_accuracy=event.train_accuracy,
            test_loss=event.test_loss,
            test_accuracy=event.test_accuracy,
        )

    def end(self, _event: RunEnded) -> None:
        self._is_live = False

    def set_history(self, history: RunCurves) -> None:
        """Puts the earlier sittings of the run in front before what came since it was resumed."""
        later = self._front
        if len(later.step):
            history = history.before(int(later.step.values[0]))
        history.name = later.name or history.name
        history.epochs = later.epochs or history.epochs
        history.steps_per_epoch = later.steps_per_epoch or history.steps_per_epoch
        history.extend(later)
        self._replace_front(history)
        self.refresh()

    def show_run(self, run: RunCurves) -> None:
        """Shows a run in front; does nothing while a training is shown live."""
        if not self._is_live:
            self._replace_front(run)
            self.refresh()

    def set_overlays(self, runs: Sequence[RunCurves]) -> None:
        """Earlier runs, pale behind the one in front; where none was trained here, the first of them is in front."""
        waiting = list(runs)
        if waiting and (self._front.is_empty or self._is_front_chosen) and not self._is_live:
            self._replace_front(waiting.pop(0))
            self._is_front_chosen = True
        self._overlays = [(run, Smoothed(self._view.reach)) for run in waiting if run.name != self._front.name]
        self.refresh()

    @property
    def run_name(self) -> str:
        """The folder's name of the run in front, "" for none."""
        return self._front.name

    @property
    def best(self) -> Best | None:
        return self._front.best()

    def say_empty(self, sentence: str, *, offers_training: bool = True) -> None:
        """What stands here while there is no curve, with or without a button that trains."""
        self._empty.say(sentence)
        self._empty.offer(offers_training)

    def clear(self) -> None:
        self._replace_front(RunCurves())
        self._overlays = []
        self._is_live = False
        self.refresh()

    # How it shows it

    def state(self) -> dict[str, Any]:
        """What the user has chosen about the view, for JSON."""
        return self._controls.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        self._controls.restore(state)

    def show_quantity(self, quantity: Quantity) -> None:
        """Shows "loss" or "accuracy"."""
        self._controls.show_quantity(quantity)

    def prepare(self) -> CurvePlot:
        """Builds the plot, which costs some 0.4 s the first time; call it once the window is on screen."""
        if self._plot is None:
            from explorer.ui.curve_plot import CurvePlot  # noqa: PLC0415 - pyqtgraph is imported late

            self._plot = CurvePlot()
            self._plot.pointed.connect(self._on_pointed)
            self._plot.moved.connect(self.refresh)
            self._plot_place.addWidget(self._plot, 1)
            # At once, not with the next event: what is drawn is thinned to the plot's width.
            self._plot.show()
            self._page.activate()
        return self._plot

    def refresh(self) -> None:
        """Paints what is there now."""
        self._show_page()
        if self._has_nothing() or not self.isVisible():
            return
        plot = self.prepare()
        view = self._view
        plot.set_axes(view.x_label, view.y_label, whole_x=view.axis != "seconds", is_log=view.is_log_loss)
        self._show_range(plot)
        plot.legend.is_low = self._view.quantity == "accuracy"
        plot.draw(self._picture(plot))
        now = time.monotonic()
        if not self._is_live or now - self._read_out_at >= _READ_EVERY_S:
            self._read_out_at = now
            self._show_readout()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # Making the picture

    def _picture(self, plot: CurvePlot) -> Picture:
        from explorer.ui.curve_plot import EMPTY, OVERLAYS, Picture, overlay_colours  # noqa: PLC0415 - see `prepare`

        colours = theme().colours
        legend = []
        if self._view.quantity == "loss":
            raw = self._step_line(plot, self._front, self._front.loss.values)
            smooth = self._smooth_line(plot, self._front, self._front_smooth)
            test = self._epoch_line(self._front, self._front.test_loss.values)
            legend.append(
                LegendEntry("training, smoothed" if self._view.reach > 1 else "training", colours.series_train)
            )
        else:
            raw = EMPTY
            smooth = self._epoch_line(self._front, self._front.train_accuracy.values)
            test = self._epoch_line(self._front, self._front.test_accuracy.values)
            legend.append(LegendEntry("training", colours.series_train))
        legend.append(LegendEntry("test", colours.series_test))
        overlays = []
        for (run, smoothed), colour in zip(self._overlays[:OVERLAYS], overlay_colours(), strict=False):
            if self._view.quantity == "loss":
                train = self._smooth_line(plot, run, smoothed)
                overlays.append((train, self._epoch_line(run, run.test_loss.values)))
            else:
                train = self._epoch_line(run, run.train_accuracy.values)
                overlays.append((train, self._epoch_line(run, run.test_accuracy.values)))
            legend.append(LegendEntry(run.name, colour.name()))
        return Picture(raw, smooth, test, tuple(overlays), self._best_mark(), tuple(legend))

    def _step_line(self, plot: CurvePlot, run: RunCurves, values: Floats) -> Line:
        from explorer.ui.curve_plot import Line  # noqa: PLC0415 - see `prepare`

        x, y = thinned(run.step_positions(self._view.axis), values, *plot.x_range(), plot.columns())
        return Line(x, self._scaled(y))

    def _smooth_line(self, plot: CurvePlot, run: RunCurves, smoothed: Smoothed) -> Line:
        from explorer.ui.curve_plot import Line  # noqa: PLC0415 - see `prepare`

        values = self._smooth_of(run, smoothed)
        x, y = sampled(
            run.step_positions(self._view.axis), values, *plot.x_range(), min(plot.columns() // 2, _SMOOTH_POINTS)
        )
        return Line(x, self._scaled(y))

    def _epoch_line(self, run: RunCurves, values: Floats) -> Line:
        from explorer.ui.curve_plot import Line  # noqa: PLC0415 - see `prepare`

        return Line(run.epoch_positions(self._view.axis).copy(), self._scaled(values))

    def _scaled(self, values: Floats) -> Floats:
        if self._view.quantity == "accuracy":
            return np.where(np.isfinite(values), 100 * values, np.nan)
        return for_log(values) if self._view.is_log_loss else np.where(np.isfinite(values), values, np.nan)

    def _best_mark(self) -> tuple[float, str] | None:
        best = self._front.best()
        if best is None:
            return None
        index = int(np.flatnonzero(self._front.epoch.values == best.epoch)[-1])
        return float(self._front.epoch_positions(self._view.axis)[index]), best.text

    def _show_range(self, plot: CurvePlot) -> None:
        runs = [self._front, *(run for run, _ in self._overlays)]
        extent = max(run.extent(self._view.axis) for run in runs)
        if self._view.axis == "seconds":
            extent = _rounded_seconds(extent)
        values: list[Floats] = []
        for run, smoothed in [(self._front, self._front_smooth), *self._overlays]:
            if self._view.quantity == "loss":
                values += [self._scaled(run.test_loss.values), self._scaled(_sample(self._smooth_of(run, smoothed)))]
            else:
                values += [self._scaled(run.test_accuracy.values), self._scaled(run.train_accuracy.values)]
        if self._view.quantity == "loss":
            values.append(_without_the_wildest(self._scaled(_sample(self._front.loss.values))))
        is_log = self._view.is_log_loss
        y = value_range(values, is_log=is_log) or ((-1.0, 1.0) if is_log else (0.0, 1.0))
        floor = None if is_log else 0.0
        if self._view.quantity == "accuracy":
            y = (max(y[0], 0.0), min(y[1], 100.0)) if y[0] < 100 else y
        elif not is_log:
            # Losses are not negative, and room below zero would say that they may be.
            y = (max(y[0], 0.0), y[1]) if y[1] > 0 else y
        plot.show_range((0.0, extent or 1.0), y, floor=floor)

    def _smooth_of(self, run: RunCurves, smoothed: Smoothed) -> Floats:
        return smoothed.of(run.loss.values)

    # Readout

    def _show_readout(self) -> None:
        text = self._readout_text()
        metrics = QFontMetricsF(self._readout.font())
        self._readout.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, self._readout.width()))

    def _readout_text(self) -> str:
        run = self._front
        steps = run.step_positions(self._view.axis)
        epochs = run.epoch_positions(self._view.axis)
        parts: list[str] = []
        if len(steps):
            index = len(steps) - 1 if self._place is None else int(np.argmin(np.abs(steps - self._place)))
            parts.append(f"step {int(run.step.values[index]):,}")
            text = f"training {_figure(run.loss.values[index])}"
            if self._view.reach > 1:
                text += f" (smoothed {_figure(self._smooth_of(run, self._front_smooth)[index])})"
            parts.append(text)
        if len(epochs):
            index = len(epochs) - 1 if self._place is None else int(np.argmin(np.abs(epochs - self._place)))
            test = f"epoch {int(run.epoch.values[index]):,}: test {_figure(run.test_loss.values[index])}"
            parts.append(f"{test}, {100 * run.test_accuracy.values[index]:.2f} %")
        return " · ".join(parts)

    # Building and reacting

    def _build(self) -> None:
        self._controls = CurveControls()
        self._controls.changed.connect(self._on_view_changed)
        self._view = self._controls.view
        self._controls.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._plot_place = QVBoxLayout()
        self._readout = QLabel()
        self._readout.setTextFormat(Qt.TextFormat.PlainText)
        self._readout.setProperty("role", "secondary")
        self._readout.setAccessibleName("Values at the crosshair, or the newest")
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._controls)
        layout.addLayout(self._plot_place, 1)
        self._page = layout
        layout.addWidget(self._readout)
        self._empty = EmptyNote("No runs yet. Train this network.", "Train")
        self._empty.pressed.connect(self.train_requested)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)

    def _restyle(self) -> None:
        self._readout.setContentsMargins(theme().px(4), theme().px(2), 0, 0)
        if self._plot is not None:
            self.refresh()

    def _show_page(self) -> None:
        self._stack.setCurrentIndex(0 if self._has_nothing() else 1)

    def _has_nothing(self) -> bool:
        return self._front.is_empty and not self._overlays and not self._is_live

    def _replace_front(self, run: RunCurves) -> None:
        self._front = run
        self._front_smooth = Smoothed(self._view.reach)
        self._is_front_chosen = False
        self._overlays = [(other, smoothed) for other, smoothed in self._overlays if other.name != run.name]

    def _on_state(self, state: str) -> None:
        self._empty.setEnabled(state == "idle")
        if state == "idle":
            self._is_live = False

    def _on_view_changed(self) -> None:
        before, self._view = self._view, self._controls.view
        if before.reach != self._view.reach:
            self._front_smooth = Smoothed(self._view.reach)
            self._overlays = [(run, Smoothed(self._view.reach)) for run, _ in self._overlays]
        elif self._plot is not None:
            # What was zoomed into is not there on other axes.
            self._plot.is_following = True
        self.refresh()

    def _on_pointed(self, place: float | None) -> None:
        self._place = place
        self._show_readout()


def _figure(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not finite"


def _sample(values: Floats) -> Floats:
    """Every so manieth value and the newest: enough to know the range by."""
    every = max(1, len(values) // _SAMPLED)
    return np.append(values[::every], values[-1:]) if every > 1 else values


def _without_the_wildest(values: Floats) -> Floats:
    finite = values[np.isfinite(values)]
    return np.percentile(finite, _SHOWN_SHARE) if len(finite) else finite


def _rounded_seconds(seconds: float) -> float:
    """The next round number of seconds: an axis that follows the clock would jump with every update."""
    for mark in (10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600):
        if seconds <= mark:
            return float(mark)
    return math.ceil(seconds / 3600) * 3600.0
