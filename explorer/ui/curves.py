"""The live curves of a training: loss, accuracy and more by epoch, step or time, with earlier runs behind them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from explorer.runs.marks import Mark
from explorer.training.events import Changed, EpochFinished, RunEnded, RunStarted, StepsTrained
from explorer.ui.curve_choice import EpochChoice
from explorer.ui.curve_controls import CurveControls
from explorer.ui.curve_data import EPOCH_CURVES, STEP_CURVES, Best, Quantity, RunCurves
from explorer.ui.curve_picture import PictureMaker
from explorer.ui.curve_range import ranges
from explorer.ui.curve_readout import readout
from explorer.ui.empty_note import EmptyNote
from explorer.ui.explanations import explain_all
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_thread import Trainer

if TYPE_CHECKING:
    from explorer.ui.curve_plot import CurvePlot

# Figures that change twenty times a second cannot be read.
_READ_EVERY_S = 0.25


class Curves(QWidget):
    """The curves of the run that trains or was chosen.

    `follow` connects it to a trainer; `show_run` shows a run from disk, `set_overlays` others behind it, `grow` a run
    that another process trains. It paints when `refresh` is called: by the trainer's `updated`, at most 20 times a
    second.
    """

    train_requested = Signal()
    epoch_chosen = Signal(object, object)  # Path of the run's folder, its epoch (int), or None: the newest again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.setAccessibleName("Curves")
        self._plot: CurvePlot | None = None
        self._front = RunCurves()
        self._is_live = False
        self._is_front_chosen = False  # by `set_overlays`, which may then choose another
        self._overlays: list[RunCurves] = []
        self._ranges: tuple[tuple[float, float], tuple[float, float], float | None] = ((0.0, 1.0), (0.0, 1.0), None)
        self._ranges_of: tuple[object, ...] = ()
        self._place: float | None = None
        self._read_out_at = 0.0
        self._choice = EpochChoice(self)
        self._choice.changed.connect(self._on_choice)
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
        # What was changed in mid-run is told by trainers that can.
        changed = getattr(trainer, "changed", None)
        if changed is not None:
            changed.connect(self.add_change)

    def begin(self, event: RunStarted) -> None:
        """Clears the front for a new run; a resumed one gets its past by `set_history`."""
        self._replace_front(RunCurves(event.folder.name, event.steps_per_epoch, event.epochs, event.folder))
        self._is_live = True

    def add_steps(self, event: StepsTrained) -> None:
        self._front.add_steps(
            event.steps, event.losses, event.seconds, event.learning_rates, event.images_per_second or float("nan")
        )

    def add_epoch(self, event: EpochFinished) -> None:
        self._front.add_epoch(
            event.epoch,
            event.step,
            event.seconds,
            train_loss=event.train_loss,
            train_accuracy=event.train_accuracy,
            validation_loss=event.validation_loss,
            validation_accuracy=event.validation_accuracy,
            validation_mean_iou=event.validation_mean_iou,
            test_loss=event.test_loss,
            test_accuracy=event.test_accuracy,
            test_top5=event.test_top5,
            test_mean_iou=event.test_mean_iou,
        )
        if event.saved:
            self._front.saved = (*self._front.saved, event.epoch)

    def add_change(self, event: Changed) -> None:
        """Marks a change of the settings in mid-run."""
        self._front.add_mark(Mark(max(event.step - 1, 0), event.text))

    def plan(self, epochs: int) -> None:
        """The run under way goes on to another number of epochs: the axis reaches as far."""
        self._front.epochs = epochs
        self._ranges_of = ()

    def end(self, _event: RunEnded) -> None:
        self._is_live = False

    def set_history(self, history: RunCurves) -> None:
        """Puts the earlier sittings of the run in front before what came since it was resumed."""
        later = self._front
        if len(later["step"]):
            history = history.before(int(later["step"].values[0]))
        history.name = later.name or history.name
        history.folder = later.folder or history.folder
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
        self._overlays = [run for run in waiting if run.name != self._front.name]
        self.refresh()

    def grow(self, before: RunCurves, after: RunCurves) -> None:
        """Shows a run that grew on disk in place of what it was; `after` may be `before` itself."""
        if before is self._front:
            self._front = after
            if after.folder is not None:
                self._choice.use(after, keep=True)
        self._overlays = [after if run is before else run for run in self._overlays]
        self.refresh()

    @property
    def live_folder(self) -> Path | None:
        """The folder of the run that this window trains and shows; None while there is none."""
        return self._front.folder if self._is_live else None

    @property
    def run_name(self) -> str:
        """The folder's name of the run in front, "" for none."""
        return self._front.name

    @property
    def best(self) -> Best | None:
        return self._front.best()

    @property
    def chosen_epoch(self) -> int | None:
        """The epoch that was chosen on the curve; None: the newest."""
        return self._choice.epoch

    @property
    def saved_epochs(self) -> tuple[int, ...]:
        """The epochs of the run in front that can be chosen."""
        return self._front.saved

    @property
    def folder(self) -> Path | None:
        """The folder of the run in front."""
        return self._front.folder

    def lose_epochs(self) -> None:
        """The weights of the run in front are gone: its curve stays, none of its epochs can be chosen."""
        self._front.folder, self._front.saved = None, ()
        self._choice.use(self._front)
        self.refresh()

    @property
    def first_epoch(self) -> tuple[float, float]:
        """What share of the first epoch of the run in front is trained, 0 to 1, and the seconds that took."""
        steps, each = self._front["step"].values, self._front.steps_per_epoch
        if not len(steps) or not each:
            return 0.0, 0.0
        return min(float(steps[-1]) / each, 1.0), float(self._front["seconds"].values[-1])

    def show_newest(self) -> None:
        """Lets go of an epoch that was chosen on the curve."""
        self._choice.let_go()

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
        """Shows "loss", "accuracy" or another quantity."""
        self._controls.show_quantity(quantity)

    def prepare(self) -> CurvePlot:
        """Builds the plot, which costs some 0.4 s the first time; call it once the window is on screen."""
        if self._plot is None:
            from explorer.ui.curve_plot import CurvePlot  # noqa: PLC0415 - pyqtgraph is imported late

            self._plot = CurvePlot()
            self._plot.pointed.connect(self._on_pointed)
            self._plot.moved.connect(self.refresh)
            self._plot.clicked.connect(self._on_clicked)
            self._plot.taken_back.connect(self._choice.take_back)
            self._plot.stepped.connect(self._choice.step)
            self._plot.let_go.connect(self._choice.let_go)
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
        plot.set_axes(view.x_label, view.y_label, whole_x=view.axis != "seconds", is_log=view.has_log_axis)
        self._show_range(plot)
        plot.legend.is_low = view.quantity in {"accuracy", "top5", "mean_iou"}
        maker = PictureMaker(view, plot.x_range(), plot.columns())
        plot.draw(maker.picture(self._front, self._overlays, self._choice.epoch))
        now = time.monotonic()
        if not self._is_live or now - self._read_out_at >= _READ_EVERY_S:
            self._read_out_at = now
            self._controls.offer(self._quantities())
            self._show_readout()

    def _show_range(self, plot: CurvePlot) -> None:
        runs = (self._front, *self._overlays)
        known = (self._view, *((id(run), len(run["step"]), len(run["epoch"])) for run in runs))
        if known != self._ranges_of:
            # While the view is moved, nothing else changes.
            self._ranges_of = known
            self._ranges = ranges(self._front, self._overlays, self._view)
        x, y, floor = self._ranges
        plot.show_range(x, y, floor=floor)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _quantities(self) -> set[Quantity]:
        """What there are figures of."""
        runs = [self._front, *self._overlays]
        names = {quantity: [*EPOCH_CURVES[quantity].values()] for quantity in EPOCH_CURVES}
        for quantity, name in STEP_CURVES.items():
            names[quantity].append(name)
        return {quantity for quantity, found in names.items() if any(run.has(name) for run in runs for name in found)}  # type: ignore[misc]

    # Readout

    def _show_readout(self) -> None:
        self._readout.show_text(self._readout_text())

    def _readout_text(self) -> str:
        place, chosen = self._place, self._choice.epoch
        if place is None and chosen is not None:
            place = self._front.place_of_epoch(chosen, self._view.axis)
        return readout(self._front, self._view, place)

    # Building and reacting

    def _build(self) -> None:
        self._controls = CurveControls()
        self._controls.changed.connect(self._on_view_changed)
        self._view = self._controls.view
        self._controls.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._plot_place = QVBoxLayout()
        self._readout = StillLabel("Values at the crosshair, at the chosen epoch, or the newest")
        explain_all("curve", {"readout": self._readout})
        self._latest = QPushButton("Latest")
        self._latest.setProperty("quiet", True)
        self._latest.setAccessibleName("Show the newest epoch")
        self._latest.setToolTip("Show the newest weights everywhere again (End)")
        self._latest.clicked.connect(self._choice.let_go)
        self._latest.hide()
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._readout, 1)
        below.addWidget(self._latest)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._controls)
        layout.addLayout(self._plot_place, 1)
        self._page = layout
        layout.addLayout(below)
        self._empty = EmptyNote("No runs yet. Train this network.", "Train")
        self._empty.pressed.connect(self.train_requested)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)

    def _restyle(self) -> None:
        self._readout.setContentsMargins(theme().px(4), theme().px(2), 0, 0)
        self._latest.setFont(theme().font(secondary=True))
        if self._plot is not None:
            self.refresh()

    def _show_page(self) -> None:
        self._stack.setCurrentIndex(0 if self._has_nothing() else 1)

    def _has_nothing(self) -> bool:
        return self._front.is_empty and not self._overlays and not self._is_live

    def _replace_front(self, run: RunCurves) -> None:
        self._choice.use(run, keep=run.folder == self._front.folder)
        self._front = run
        self._is_front_chosen = False
        self._overlays = [other for other in self._overlays if other.name != run.name]

    def _on_state(self, state: str) -> None:
        self._empty.setEnabled(state == "idle")
        if state == "idle":
            self._is_live = False
        elif state == "paused" and self._is_live and len(self._front["step"]):
            self._front.add_mark(Mark(int(self._front["step"].values[-1]), "paused"))
            self.refresh()

    def _on_view_changed(self) -> None:
        before, self._view = self._view, self._controls.view
        if before.reach == self._view.reach and self._plot is not None:
            # What was zoomed into is not there on other axes.
            self._plot.is_following = True
        self.refresh()

    def _on_pointed(self, place: float | None) -> None:
        self._place = place
        self._show_readout()

    def _on_clicked(self, place: float) -> None:
        self._choice.choose_at(place, self._view.axis)

    def _on_choice(self) -> None:
        self._latest.setVisible(self._choice.epoch is not None)
        if self._choice.folder is not None:
            self.epoch_chosen.emit(self._choice.folder, self._choice.epoch)
        self.refresh()
