"""`cnn-explorer train`: a network learns, in the terminal, in the same run folders as in the window."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, get_args

from explorer.cli import team_member
from explorer.cli.arguments import UsageError, add_json, add_options, architecture_and_options, options_help
from explorer.cli.training_report import BarReport, JsonReport, LineReport, Report
from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.networks.architecture import Architecture, Task
from explorer.system import settings as stored_settings
from explorer.system.settings import Settings
from explorer.training import recipes
from explorer.training.config import Device, Optimiser, Precision, Schedule, TrainingConfig
from explorer.training.events import Change, Event, Order, Outcome, RunEnded

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
            "the window uses. Ctrl-C ends the run with its last complete epoch saved; --resume goes on from there. "
            "A run can be given other --epochs, --lr and --augment as it goes on, a finished one more epochs. "
            "Several processes share each batch, on one machine or many, as in: "
            "torchrun --nproc-per-node 2 -m explorer train lenet5"
        ),
        epilog=options_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a network of the catalogue, e.g. lenet5")
    parser.add_argument(
        "--data",
        metavar="DATA",
        help=f"{_data_names()}, or a folder with a sub-folder of images for each class (default: what the network "
        "learns from: mnist where it is there, else digits; segments for masks)",
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
    parser.add_argument(
        "--nesterov",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=f"look ahead with SGD's momentum {recipe}",
    )
    parser.add_argument(
        "--warm-up", type=float, metavar="EPOCHS", help=f"epochs in which the rate rises to --lr first {recipe}"
    )
    parser.add_argument(
        "--clip", type=float, metavar="NORM", help=f"largest norm of all gradients together; 0: not clipped {recipe}"
    )
    parser.add_argument(
        "--averaging",
        type=float,
        metavar="DECAY",
        help=f"evaluate and save an exponential moving average of the weights, e.g. 0.999; 0: none {recipe}",
    )
    parser.add_argument(
        "--precision",
        choices=get_args(Precision),
        help=f"bfloat16 is mixed precision; auto takes it for large steps on a processor that has it {recipe}",
    )
    parser.add_argument(
        "--validation",
        type=float,
        metavar="SHARE",
        help=f"hold out that share of the training images, 0 to 0.5, and choose the best epoch by them {recipe}",
    )
    parser.add_argument(
        "--compile", action=argparse.BooleanOptionalAction, default=None, help=f"use torch.compile {recipe}"
    )
    parser.add_argument(
        "--cuda-graphs",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=f"on an NVIDIA card, record a step once and replay it {recipe}",
    )
    parser.add_argument(
        "--augment",
        metavar="HOW",
        help=f"{', '.join(AUGMENTATIONS)}, or changes such as crop=4,mirror,cutout=8, also after one of those names: "
        f"{', '.join(field.name for field in dataclasses.fields(Augmentation))} {recipe}",
    )
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
    parser.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with an interrupted run, or with --epochs N with a finished one: its name, folder, or 'latest'",
    )
    add_options(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = stored_settings.load()
    if team_member.follows():
        # The leading process tells this one what to train.
        return _train(None, None, settings, as_json=False)
    if arguments.resume is not None:
        return _go_on(arguments, settings)
    if not arguments.name:
        raise UsageError("which network? for example: cnn-explorer train lenet5 --data mnist")
    return _train(config_from(arguments, settings), None, settings, as_json=arguments.json)


def _go_on(arguments: argparse.Namespace, settings: Settings) -> int:
    beside = _beside_resume(arguments)
    if beside:
        raise UsageError(
            "a resumed run goes on as it was begun, but for --epochs, --lr and --augment; "
            f"leave out {', '.join(beside)}"
        )
    from explorer.runs.run_folder import RESUMABLE, find_run, read_run  # noqa: PLC0415 - only a resumed run needs it

    augmentation = None if arguments.augment is None else augmentation_from(arguments.augment)
    change = Change(arguments.lr, arguments.epochs, augmentation)
    if arguments.epochs is None:
        run = find_run(arguments.resume, settings.runs(), statuses=RESUMABLE)
    else:
        # A finished run can have more epochs. Which one is meant must be plain: what it was before does not come back.
        run = find_run(arguments.resume, settings.runs())
        if arguments.resume.strip() == "latest" and read_run(run).status == "running":
            raise UsageError(f"the newest run, {run.name}, is being trained; name the one that is to have more epochs")
    return _train(None, run, settings, as_json=arguments.json, change=None if change == Change() else change)


def _beside_resume(arguments: argparse.Namespace) -> list[str]:
    """What was given beside --resume that cannot be changed any more, as written on the command line."""
    written = {"name": "NAME", "options": "-o"}
    ours = {"resume", "json", "run", "epochs", "lr", "augment"}
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
    data = arguments.data or _usual_data(architecture, settings)
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
        "augmentation": None if arguments.augment is None else augmentation_from(arguments.augment),
        "nesterov": arguments.nesterov,
        "warm_up_epochs": arguments.warm_up,
        "gradient_clipping": arguments.clip,
        "averaging": arguments.averaging,
        "precision": arguments.precision,
        "validation_share": arguments.validation,
        "compiled": arguments.compile,
        "captured": arguments.cuda_graphs,
        "extra_digits": arguments.extra_digits,
        "seed": arguments.seed,
        "device": arguments.device or settings.device,
        "threads": settings.threads if arguments.threads is None else arguments.threads,
    }
    try:
        # A folder by its whole path: the run may be resumed, or looked at, from elsewhere.
        data = datasets.get(data).name
        recipe = recipes.default_config(architecture.name, options, data)
        config = dataclasses.replace(recipe, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        raise UsageError(f"{_OPTION_OF.get(name, name)} {rest}") from error
    _refuse_what_has_no_effect(arguments, config)
    return config


# What a configuration calls otherwise than the command line.
_OPTION_OF = {
    "batch_size": "--batch-size",
    "learning_rate": "--lr",
    "weight_decay": "--weight-decay",
    "label_smoothing": "--label-smoothing",
    "warm_up_epochs": "--warm-up",
    "gradient_clipping": "--clip",
    "validation_share": "--validation",
    "extra_digits": "--extra-digits",
}


def _refuse_what_has_no_effect(arguments: argparse.Namespace, config: TrainingConfig) -> None:
    if arguments.label_smoothing and config.loss != "cross_entropy":
        raise UsageError(f"--label-smoothing is for the loss cross_entropy; this run has {config.loss}")
    if arguments.nesterov and config.optimiser != "sgd":
        raise UsageError(f"--nesterov is for the optimiser sgd; this run has {config.optimiser}")
    if arguments.nesterov and not config.momentum:
        raise UsageError("--nesterov looks ahead with a momentum; this run has none")


def augmentation_from(text: str) -> Augmentation:
    """An augmentation as the command line writes it: "photos", "crop=4,mirror", "light,noise=0.1".

    Raises:
        UsageError: a name or a value does not fit; the message says what would.
    """
    made = Augmentation.NONE
    kinds: dict[str, type] = {field.name: type(field.default) for field in dataclasses.fields(Augmentation)}
    for position, part in enumerate(text.split(",")):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if position == 0 and not sign and name in AUGMENTATIONS:
            made = AUGMENTATIONS[name]
            continue
        if name not in kinds:
            raise UsageError(
                f"--augment knows no {name!r}; it takes {', '.join(AUGMENTATIONS)}, or {', '.join(kinds)} with values"
            )
        if kinds[name] is bool:
            if value not in {"", "true", "false"}:
                raise UsageError(f"--augment: {name} is true or false, not {value!r}")
            number: Any = value != "false"
        else:
            try:
                number = kinds[name](value)
            except ValueError:
                wanted = "a whole number" if kinds[name] is int else "a number"
                raise UsageError(f"--augment: {name} takes {wanted}, such as {name}=4; got {part!r}") from None
        try:
            made = dataclasses.replace(made, **{name: number})
        except ValueError as error:
            raise UsageError(str(error)) from error
    return made


def _data_names() -> str:
    return ", ".join(entry.name for entry in datasets.DATASETS)


def _usual_data(architecture: Architecture, settings: Settings) -> str:
    if architecture.task is Task.SEGMENTATION:
        return "segments"
    return "mnist" if datasets.is_available("mnist", settings) else "digits"


def _train(
    config: TrainingConfig | None,
    resume: Path | None,
    settings: Settings,
    *,
    as_json: bool,
    change: Change | None = None,
) -> int:
    report: Report = JsonReport() if as_json else BarReport() if sys.stdout.isatty() else LineReport()
    if team_member.follows():
        report = team_member.QuietReport()
    report.folder = resume or Path()
    report.more_epochs = change.epochs if change is not None else None

    def events(**team: Any) -> Generator[Event, Order | None, None]:
        from explorer.training.fit import fit  # noqa: PLC0415 - torch is imported only where it is needed

        return fit(config, resume, change=change, settings=settings, progress=report.preparing, **team)

    if team_member.is_one():
        return team_member.train_together(lambda team: _follow(lambda: events(team=team), report), report)
    return _follow(events, report)


def _follow(start: Callable[[], Generator[Event, Order | None, None]], report: Report) -> int:
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
