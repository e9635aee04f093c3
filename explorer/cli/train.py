"""`cnn-explorer train`: a network learns, in the terminal, in the same run folders as in the window."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, get_args

from explorer.cli.arguments import UsageError, add_json, add_options, architecture_and_options, options_help
from explorer.cli.printing import console, write_json_line
from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.system import settings as stored_settings
from explorer.system.settings import Settings
from explorer.training import recipes
from explorer.training.config import Device, Optimiser, Schedule, TrainingConfig
from explorer.training.events import Command, EpochFinished, Event, Outcome, RunEnded, RunStarted, StepsTrained, Warned

NAME = "train"
AUGMENTATIONS = {
    "none": Augmentation.NONE,
    "light": Augmentation.LIGHT,
    "strong": Augmentation.STRONG,
    "photos": Augmentation.PHOTOS,
}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="train a network; Ctrl-C keeps the last complete epoch",
        description=(
            "Trains a network and keeps the run in a folder of its own. What is not given comes from the recipe that "
            "the window uses. Ctrl-C ends the run with its last complete epoch saved; --resume goes on from there."
        ),
        epilog=options_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a network of the catalogue, e.g. lenet5")
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="mnist, fashion-mnist or digits, the built-in set (default: mnist where it is there, else digits)",
    )
    recipe = "(default: the network's recipe)"
    parser.add_argument("--epochs", type=int, help=f"times that each image is seen {recipe}")
    parser.add_argument("--batch-size", type=int, help=f"images for each optimiser update {recipe}")
    parser.add_argument("--lr", type=float, help=f"learning rate, the peak of the schedule {recipe}")
    parser.add_argument("--optimiser", choices=get_args(Optimiser), help=f"what makes the updates {recipe}")
    parser.add_argument(
        "--schedule", choices=get_args(Schedule), help=f"how the learning rate moves over the run {recipe}"
    )
    parser.add_argument("--momentum", type=float, help=f"of SGD; beta1 of Adam and AdamW; 0 to 0.9999 {recipe}")
    parser.add_argument("--weight-decay", type=float, help=f"pull of the weights towards 0, 0 to 10 {recipe}")
    parser.add_argument("--label-smoothing", type=float, help=f"0 to 0.9 {recipe}")
    parser.add_argument("--loss", help=f"for networks that take several, e.g. rbf_map or rbf_mse {recipe}")
    parser.add_argument("--augment", choices=tuple(AUGMENTATIONS), help=f"distortions of the training images {recipe}")
    parser.add_argument(
        "--extra-digits",
        type=int,
        metavar="N",
        help=f"mix N built-in digits, drawn anew, into each epoch of MNIST {recipe}",
    )
    parser.add_argument("--seed", type=int, help="where all random numbers come from (default: 0)")
    parser.add_argument("--device", choices=get_args(Device), help="where to compute (default: as in the settings)")
    parser.add_argument(
        "--threads",
        type=int,
        help="processor threads; 0 lets a short measurement choose (default: as in the settings)",
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with an interrupted run: its name, folder, or 'latest'")
    add_options(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = stored_settings.load()
    if arguments.resume is not None:
        beside = _beside_resume(arguments)
        if beside:
            raise UsageError(f"a resumed run goes on as it was begun; leave out {', '.join(beside)}")
        from explorer.runs.run_folder import find_run  # noqa: PLC0415 - only a resumed run needs it

        return _train(
            None, find_run(arguments.resume, settings.runs(), resumable=True), settings, as_json=arguments.json
        )
    if not arguments.name:
        raise UsageError("which network? for example: cnn-explorer train lenet5 --data mnist")
    return _train(config_from(arguments, settings), None, settings, as_json=arguments.json)


def _beside_resume(arguments: argparse.Namespace) -> list[str]:
    """What was given beside --resume that a resumed run takes from its own record, as written on the command line."""
    written = {"name": "NAME", "options": "-o"}
    ours = {"resume", "json", "run"}
    return [
        written.get(name, f"--{name.replace('_', '-')}")
        for name, value in vars(arguments).items()
        if name not in ours and value is not None and value != []
    ]


def config_from(arguments: argparse.Namespace, settings: Settings) -> TrainingConfig:
    """The recipe of the network and data set, with what the command line says.

    Raises:
        UsageError: a value does not fit; the message says what would.
    """
    architecture, options = architecture_and_options(arguments.name, arguments.options, to_train=True)
    data = arguments.data or ("mnist" if datasets.is_available("mnist", settings) else "digits")
    given = {
        "epochs": arguments.epochs,
        "batch_size": arguments.batch_size,
        "learning_rate": arguments.lr,
        "optimiser": arguments.optimiser,
        "schedule": arguments.schedule,
        "momentum": arguments.momentum,
        "weight_decay": arguments.weight_decay,
        "label_smoothing": arguments.label_smoothing,
        "loss": arguments.loss,
        "augmentation": AUGMENTATIONS[arguments.augment] if arguments.augment else None,
        "extra_digits": arguments.extra_digits,
        "seed": arguments.seed,
        "device": arguments.device or settings.device,
        "threads": settings.threads if arguments.threads is None else arguments.threads,
    }
    try:
        datasets.get(data)
        recipe = recipes.default_config(architecture.name, options, data)
        return dataclasses.replace(recipe, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise UsageError(str(error)) from error


def _train(config: TrainingConfig | None, resume: Path | None, settings: Settings, *, as_json: bool) -> int:
    report = _JsonReport() if as_json else _BarReport() if sys.stdout.isatty() else _LineReport()
    report.folder = resume or Path()

    def events() -> Generator[Event, Command | None, None]:
        from explorer.training.fit import fit  # noqa: PLC0415 - torch is imported only where it is needed

        return fit(config, resume, settings=settings, progress=report.preparing)

    return _follow(events, report)


def _follow(start: Callable[[], Generator[Event, Command | None, None]], report: _Report) -> int:
    """Iterates a training and reports it; Ctrl-C, or a reader who has gone, ends it with the last complete epoch."""
    code = 0
    with report:
        try:
            with contextlib.closing(start()) as events:
                for event in events:
                    report.take(event)
                    if isinstance(event, RunEnded) and not _is_well(event):
                        code = 1
        except (KeyboardInterrupt, BrokenPipeError):
            report.interrupted()
            code = 130
    return code


def _is_well(ended: RunEnded) -> bool:
    return ended.outcome is not Outcome.DIVERGED and ended.saved


class _Report:
    """What the terminal says of a training."""

    def __init__(self) -> None:
        self.folder = Path()
        self._told = ""

    def __enter__(self) -> _Report:
        return self

    def __exit__(self, *_details: object) -> None:
        pass

    def preparing(self, text: str, _share: float | None) -> None:
        """Says what is being prepared, once."""
        if text != self._told:
            self._told = text
            _complain(text)

    def take(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.folder = event.folder
        elif isinstance(event, Warned):
            _complain(event.message)
        elif isinstance(event, RunEnded) and event.advice:
            _complain(event.advice)

    def interrupted(self) -> None:
        if self.folder.name:
            _complain(f"interrupted; go on with: cnn-explorer train --resume {self.folder.name}")
        else:
            _complain("interrupted before the first step; nothing is kept")


class _JsonReport(_Report):
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


class _LineReport(_Report):
    """One line for each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.console = console()

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, RunStarted):
            threads = f"{event.threads} thread{'' if event.threads == 1 else 's'}"
            self._say(f"run {event.folder} on {event.device}, {threads}")
        elif isinstance(event, EpochFinished):
            self._say(
                f"epoch {event.epoch:>3}  loss {_loss(event.train_loss)}, test {_loss(event.test_loss)}  "
                f"accuracy {event.test_accuracy:6.2%}{' *' if event.best else '  '}  "
                f"{event.images_per_second:,.0f} images/s  {event.seconds:.0f} s"
            )
        elif isinstance(event, RunEnded):
            epochs = f"{event.epochs} epoch{'' if event.epochs == 1 else 's'}"
            accuracy = event.test_accuracy
            result = (
                "no epoch was finished"
                if accuracy is None
                else f"test accuracy {accuracy:.2%}, best in epoch {event.best_epoch}"
            )
            self._say(f"{event.outcome.value} after {epochs} in {event.seconds:,.0f} s: {result}")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


class _BarReport(_LineReport):
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

    def __enter__(self) -> _Report:
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


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 10 else f"{value:.4g}"


def _complain(sentence: str) -> None:
    print(f"cnn-explorer: {sentence}", file=sys.stderr)  # noqa: T201
