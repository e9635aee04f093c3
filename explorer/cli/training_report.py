"""What the terminal says of a training: lines, a progress bar, or JSON."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from explorer.cli.printing import console, write_json_line
from explorer.training.events import Changed, EpochFinished, Event, RunEnded, RunStarted, StepsTrained, Warned


class Report:
    """What the terminal says of a training."""

    def __init__(self) -> None:
        self.folder = Path()
        self.more_epochs: int | None = None  # what a run goes on with that is finished
        self._told = ""
        self._has_saved = False

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_details: object) -> None:
        pass

    def preparing(self, text: str, _share: float | None) -> None:
        """Says what is being prepared, once."""
        if text != self._told:
            self._told = text
            complain(text)

    def note_folder(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.folder = event.folder

    def take(self, event: Event) -> None:
        self.note_folder(event)
        if isinstance(event, EpochFinished):
            self._has_saved = self._has_saved or event.saved
        if isinstance(event, Warned):
            complain(event.message)
        elif isinstance(event, RunEnded) and event.advice:
            complain(event.advice)

    def interrupted(self) -> None:
        from explorer.runs.run_folder import has_state  # noqa: PLC0415 - only a training that is interrupted needs it

        if self._has_saved and not has_state(self.folder):
            complain(f"interrupted; {self.folder} does not hold the run any more, put it back to go on")
        elif self.folder.name:
            more = "" if self.more_epochs is None else f" --epochs {self.more_epochs}"
            complain(f"interrupted; go on with: cnn-explorer train --resume {self.folder.name}{more}")
        else:
            complain("interrupted before the first step; nothing is kept")


class JsonReport(Report):
    """One object a line for each epoch, then the result."""

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, EpochFinished):
            write_json_line(dataclasses.asdict(event))
        elif isinstance(event, RunEnded):
            write_json_line(
                {
                    "run": str(event.folder),
                    "epochs": event.epochs,
                    "test_accuracy": event.test_accuracy,
                    "test_loss": event.test_loss,
                    "images_per_second": event.images_per_second,
                    "seconds": event.seconds,
                }
            )


class LineReport(Report):
    """One line for each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.console = console()
        self._last: EpochFinished | None = None

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, RunStarted):
            threads = f"{event.threads} thread{'' if event.threads == 1 else 's'}"
            how = "" if event.precision == "float32" else f", {event.precision}"
            self._say(f"run {event.folder} on {event.device}, {threads}{how}")
        elif isinstance(event, EpochFinished):
            self._last = event
            self._say(
                f"epoch {event.epoch:>3}  loss {_loss(event.train_loss)}, {_figures(event)}  "
                f"{event.images_per_second:,.0f} images/s  {event.seconds:.0f} s"
            )
        elif isinstance(event, Changed):
            self._say(f"from step {event.step:,}: {event.text}")
        elif isinstance(event, RunEnded):
            epochs = f"{event.epochs} epoch{'' if event.epochs == 1 else 's'}"
            result = (
                f"{self._test(event)}, best in epoch {event.best_epoch}" if event.epochs else "no epoch was finished"
            )
            self._say(f"{event.outcome.value} after {epochs} in {event.seconds:,.0f} s: {result}")

    def _test(self, event: RunEnded) -> str:
        last = self._last
        if last is not None and last.test_mean_iou is not None:
            return f"test mean IoU {last.test_mean_iou:.4f}, {last.test_accuracy:.2%} of pixels right"
        top5 = "" if last is None or last.test_top5 is None else f" (top 5 {last.test_top5:.2%})"
        return f"test accuracy {event.test_accuracy or 0:.2%}{top5}"

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


class BarReport(LineReport):
    """A progress bar below the lines."""

    def __init__(self) -> None:
        super().__init__()
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - only terminals need it

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[pace]}"),
            console=self.console,
            # Warnings above the bar where both are on a terminal; a file that collects them gets them all.
            redirect_stderr=sys.stderr.isatty(),
        )
        self.task = self.bar.add_task("Preparing", total=None, pace="")
        self.epochs = 0

    def __enter__(self) -> Report:
        self.bar.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self.bar.stop()

    def preparing(self, text: str, share: float | None) -> None:
        self.bar.update(self.task, description=text, total=None if share is None else 1.0, completed=share or 0.0)

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, RunStarted):
            self.epochs = event.epochs
            done = (event.first_epoch - 1) * event.steps_per_epoch
            self.bar.update(self.task, total=event.epochs * event.steps_per_epoch, completed=done)
        elif isinstance(event, StepsTrained):
            left = "" if event.seconds_left is None else f" · {event.seconds_left:,.0f} s left"
            self.bar.update(
                self.task,
                completed=event.steps[-1],
                description=f"epoch {event.epoch} of {self.epochs}",
                pace=f"{event.images_per_second:,.0f} images/s{left}",
            )
        elif isinstance(event, RunEnded):
            self.bar.update(self.task, visible=False)


def _figures(event: EpochFinished) -> str:
    """The figures of an evaluation, short enough for a terminal; the star is at what the best epoch is chosen by."""
    star = " *" if event.best else "  "
    test = _score(event.test_accuracy, event.test_mean_iou)
    if event.validation_accuracy is not None:
        return f"held out {_score(event.validation_accuracy, event.validation_mean_iou)}{star}  test {test}"
    return f"test {_loss(event.test_loss)}  {'accuracy' if event.test_mean_iou is None else 'mean IoU'} {test}{star}"


def _score(accuracy: float, mean_iou: float | None) -> str:
    return f"{accuracy:6.2%}" if mean_iou is None else f"{mean_iou:.4f}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 10 else f"{value:.4g}"


def complain(sentence: str) -> None:
    print(f"cnn-explorer: {sentence}", file=sys.stderr)  # noqa: T201
