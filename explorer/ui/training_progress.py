"""How far a training is: two thin bars and a line of figures that does not jump."""

from __future__ import annotations

import math
import time

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.training.events import Outcome, RunEnded, RunStarted, StepsTrained
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme

# Figures that change twenty times a second cannot be read.
_TEXT_EVERY_S = 0.4
_FIGURE_SPACE = "\N{FIGURE SPACE}"


def time_left(seconds: float | None) -> str:
    """A time as the end of a line: "17 s left", "1 min 12 s left"; "" where it cannot be told."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    whole = math.ceil(max(seconds, 0))
    if whole < 60:
        return f"{whole:{_FIGURE_SPACE}>2} s left"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:{_FIGURE_SPACE}>2} s left"
    return f"{numbers.duration(float(whole))} left"


def progress_text(epoch: int, epochs: int, speed: float, seconds_left: float | None) -> str:
    """The line of figures, padded to one width: "epoch 5 of 8 · 14,210 images/s · 17 s left"."""
    parts = [f"epoch {epoch:{_FIGURE_SPACE}>{len(f'{epochs:,}')},} of {epochs:,}"]
    if speed > 0:
        parts.append(f"{speed:{_FIGURE_SPACE}>6,.0f} images/s")
    left = time_left(seconds_left)
    if left:
        parts.append(left)
    return " · ".join(parts)


def ended_text(event: RunEnded, planned: int) -> str:
    """How a training of `planned` epochs ended: "8 epochs · 98.70 % on test · 21 s"."""
    if event.outcome is Outcome.DIVERGED:
        if not event.epochs:
            return "diverged; no epoch was finished"
        return f"diverged after {numbers.plural(event.epochs, 'epoch')}"
    done = (
        numbers.plural(event.epochs, "epoch") if event.epochs == planned else f"{event.epochs:,} of {planned:,} epochs"
    )
    if event.test_accuracy is None:
        return "stopped before the first epoch was complete"
    return f"{done} · {numbers.percent(event.test_accuracy, 2)} on test · {numbers.duration(event.seconds)}"


class TrainingProgress(QWidget):
    """Bars for the epoch (upper) and the whole run (lower), and a line of figures or words beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: RunStarted | None = None
        self._newest: StepsTrained | None = None
        self._shown_at = 0.0
        self._text = ""
        self._epoch_bar = ProgressBar("Progress of the epoch")
        self._run_bar = ProgressBar("Progress of the run")
        self._bars = QWidget()
        self._bars_layout = QVBoxLayout(self._bars)
        self._bars_layout.addStretch(1)
        self._bars_layout.addWidget(self._epoch_bar)
        self._bars_layout.addWidget(self._run_bar)
        self._bars_layout.addStretch(1)
        self._label = StillLabel("Training progress")
        explain_all("curve", {"progress": (self._label, self._epoch_bar, self._run_bar)})
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._bars)
        self._layout.addWidget(self._label, 1)
        self._bars.hide()
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def text(self) -> str:
        return self._text

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        return self._run_bar.share

    def begin(self, event: RunStarted) -> None:
        self._started = event
        self._newest = None
        self._shown_at = 0.0
        done = (event.first_epoch - 1) * event.steps_per_epoch
        self._show_bars(done)
        self._bars.show()
        self._bars.setToolTip(f"on {event.device}, {numbers.plural(event.threads, 'thread')}, {event.precision}")
        self._say(progress_text(event.first_epoch, event.epochs, 0, None))

    def plan(self, event: RunStarted) -> None:
        """The run under way goes on with other numbers: more epochs, say."""
        self._started = event

    def take(self, event: StepsTrained) -> None:
        self._newest = event

    def refresh(self) -> None:
        """Shows the newest figures."""
        if self._started is None or self._newest is None:
            return
        self._show_bars(self._newest.steps[-1])
        now = time.monotonic()
        if now - self._shown_at >= _TEXT_EVERY_S:
            self._shown_at = now
            event = self._newest
            self._say(progress_text(event.epoch, self._started.epochs, event.images_per_second, event.seconds_left))

    def say(self, text: str, *, with_bars: bool = False) -> None:
        """Shows words instead of figures until the next run or step."""
        if with_bars and self._newest is not None:
            self._show_bars(self._newest.steps[-1])
        self._newest = None
        if not with_bars:
            self._started = None
        self._bars.setVisible(with_bars)
        self._say(text)

    def show_share(self, text: str, share: float | None) -> None:
        """What is being prepared, and how much of it is done; None where that cannot be told."""
        self._bars.show()
        self._epoch_bar.show_share(share)
        self._run_bar.show_share(0)
        self._say(text)

    def _show_bars(self, step: int) -> None:
        assert self._started is not None  # noqa: S101 - callers have looked
        each = max(self._started.steps_per_epoch, 1)
        # A finished epoch is a full bar, not the empty one of the next.
        inside = (step - 1) % each + 1 if step else 0
        self._epoch_bar.show_share(inside / each)
        self._run_bar.show_share(step / (each * max(self._started.epochs, 1)))

    def _say(self, text: str) -> None:
        self._text = text
        self._label.show_text(text)

    def _measure(self) -> None:
        px = theme().px
        self._layout.setSpacing(px(12))
        self._bars_layout.setContentsMargins(0, 0, 0, 0)
        self._bars_layout.setSpacing(px(3))
        self._bars.setFixedWidth(px(56))
        self.setMinimumWidth(px(64))
