"""`cnn-explorer experiment`: what textbooks claim, trained or computed here, with a verdict."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from explorer import experiments
from explorer.claims.claim import Experiment, Size
from explorer.cli.arguments import UsageError, add_json
from explorer.cli.printing import cells, console, print_table, table, write_json, write_json_line
from explorer.system import settings as stored_settings

if TYPE_CHECKING:
    from explorer.claims.events import ExperimentEvent
    from explorer.claims.results import Result

NAME = "experiment"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="a claim of the textbooks, answered by training or computing; Ctrl-C keeps what was trained",
        description=(
            "Trains what a claim compares, with the same seeds, batches and first weights on both sides, and says "
            "whether it was seen, with its figures and their spread. The short form is a demonstration of up to two "
            "minutes; --full is the setting of the paper, for a graphics card. Runs are kept like any others, and "
            "taken over when the experiment is called again."
        ),
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="an experiment, by its name or number; see --list")
    parser.add_argument("--list", action="store_true", help="list the experiments and what they ask")
    parser.add_argument("--all", action="store_true", help="run them all, one after the other, and print the verdicts")
    parser.add_argument("--full", action="store_true", help="in the setting of the paper; takes hours")
    parser.add_argument("--seeds", type=int, metavar="N", help="how often each training is repeated")
    parser.add_argument("--anew", action="store_true", help="train everything again, whatever there is already")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="save question, curves, verdict and configuration as PDF, SVG or PNG"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.list:
        return _list(as_json=arguments.json)
    if arguments.all == (arguments.name is not None):
        raise UsageError("which experiment? for example: cnn-explorer experiment plain-depth; or --all, or --list")
    if arguments.seeds is not None and arguments.seeds < 1:
        raise UsageError(f"--seeds is 1 or more, not {arguments.seeds}")
    if arguments.page is not None and arguments.all:
        raise UsageError("--page is for one experiment; with --all there would be many")
    if arguments.page is not None and arguments.page.suffix.lower() not in {".pdf", ".svg", ".png"}:
        raise UsageError(f"--page is a file that ends in .pdf, .svg or .png, not {arguments.page.name}")
    try:
        chosen = experiments.EXPERIMENTS if arguments.all else (experiments.get(arguments.name),)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return _conduct_all(chosen, "full" if arguments.full else "short", arguments)


def _conduct_all(chosen: tuple[Experiment, ...], size: Size, arguments: argparse.Namespace) -> int:
    results, code = [], 0
    for experiment in chosen:
        try:
            result = _conduct(experiment, size, arguments)
        except (KeyboardInterrupt, BrokenPipeError):
            _complain(f"interrupted; what was trained is kept: call experiment {experiment.name} again to go on")
            code = 130
            break
        except (ValueError, OSError, RuntimeError) as error:
            if len(chosen) == 1:
                raise
            # One that fails does not cost the others.
            _complain(f"{experiment.name}: {' '.join(str(error).split())}")
            code = 1
            continue
        results.append(result)
        if arguments.page is not None:
            _save_page(result, arguments.page)
        if arguments.json:
            write_json_line(result.to_json())
        elif not arguments.all:
            _report(result)
    if arguments.all and not arguments.json and results:
        _table(results)
    return code


def _save_page(result: Result, path: Path) -> None:
    from explorer.ui.experiment_findings import of_result  # noqa: PLC0415 - Qt is imported only where it is needed
    from explorer.ui.experiment_sheet import save_page  # noqa: PLC0415

    save_page(of_result(result), path)
    _complain(f"page saved as {path}")


def _conduct(experiment: Experiment, size: Size, arguments: argparse.Namespace) -> Result:
    from explorer.claims.events import Judged  # noqa: PLC0415 - with the runner
    from explorer.claims.runner import conduct  # noqa: PLC0415 - torch is imported only where it is needed

    events = conduct(experiment, size, seeds=arguments.seeds, reuse=not arguments.anew, settings=stored_settings.load())
    with contextlib.closing(events), _Progress(experiment) as progress:
        for event in events:
            progress.take(event)
            if isinstance(event, Judged):
                return event.result
    raise RuntimeError(f"{experiment.name} ended without a verdict")


class _Progress:
    """What standard error is told while an experiment runs: a line a run, and on a terminal a bar."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - only terminals need it
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

            self._bar = Progress(
                TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task(self._experiment.name, total=1.0)
        return self

    def __exit__(self, *_details: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def take(self, event: ExperimentEvent) -> None:
        _TOLD.get(type(event).__name__, _nothing)(self, event)

    def started(self, event: Any) -> None:
        on = f" on {event.dataset}" if event.dataset else ""
        self.say(f"{event.experiment.name}: {event.experiment.question}")
        if event.runs:
            self.say(f"  {event.size} form: {_counted(event.runs, 'run')}{on}, {_counted(event.seeds, 'seed')}")

    def remarked(self, event: Any) -> None:
        self.say(f"  {event.message}")

    def done(self, event: Any) -> None:
        run = event.run
        how = "taken over" if run.reused else run.outcome
        self.say(f"  {event.number}/{event.runs} {run.arm}, seed {run.seed}: {how} ({run.folder.name})")

    def progress(self, event: Any) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=event.share, description=f"{self._experiment.name}: {event.words}")

    def say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            _complain(line)


_TOLD: dict[str, Callable[[_Progress, Any], None]] = {
    "ExperimentStarted": _Progress.started,
    "Remarked": _Progress.remarked,
    "RunDone": _Progress.done,
    "Progress": _Progress.progress,
}


def _nothing(_progress: _Progress, _event: Any) -> None:
    pass


def _report(result: Result) -> None:
    out = console()

    def say(text: str, style: str = "") -> None:
        out.print(Text(text, style=style), soft_wrap=True)

    form = result.experiment.form(result.size)
    say(f"{result.verdict.outcome.value.upper()}  {result.experiment.title}", "bold")
    say(f"{result.experiment.question} ({result.experiment.source})")
    for part in result.verdict.parts:
        say(f"  {'' if part.main else 'beside it, '}{part.outcome.value}: {part.sentence}")
    for shown in result.tables:
        say(shown.title, "bold")
        rows = table(shown.columns, right=shown.columns[1:])
        for row in shown.rows:
            rows.add_row(*cells(*row))
        print_table(rows)
    say(f"Setting: {form.setting}.")
    for remark in result.remarks:
        say(f"Note: {remark}")
    if form.cannot:
        say(f"What this cannot show: {form.cannot}")
    say(f"{result.seconds:,.0f} s here, {result.processor_seconds:,.0f} s of processor time.")


def _table(results: list[Result]) -> None:
    listing = table(["No.", "Experiment", "Verdict", "Figures", "Seconds"], right=["No.", "Seconds"])
    for result in results:
        listing.add_row(
            *cells(
                result.experiment.number,
                result.experiment.name,
                result.verdict.outcome.value,
                result.verdict.sentence,
                f"{result.seconds:,.0f}",
            )
        )
    print_table(listing)


def _list(*, as_json: bool) -> int:
    if as_json:
        write_json([_record(each) for each in experiments.EXPERIMENTS])
        return 0
    listing = table(["No.", "Name", "Question", "Source", "Short form"], right=["No."])
    for each in experiments.EXPERIMENTS:
        runs = len(each.short.arms) * each.short.seeds if each.short.arms else 0
        how = f"{_counted(runs, 'run')}, about {each.short.seconds} s" if runs else "computed"
        listing.add_row(*cells(each.number, each.name, each.question, each.source, how))
    print_table(listing)
    return 0


def _record(experiment: Experiment) -> dict[str, Any]:
    sizes: tuple[Size, ...] = ("short", "full")
    return {
        "name": experiment.name,
        "number": experiment.number,
        "title": experiment.title,
        "question": experiment.question,
        "source": str(experiment.source),
        "networks": list(experiment.networks),
        **{
            size: {
                "data": list(form.datasets),
                "arms": [arm.name for arm in form.arms],
                "seeds": form.seeds,
                "seconds": form.seconds,
                "setting": form.setting,
                "cannot_show": form.cannot,
            }
            for size in sizes
            for form in [experiment.form(size)]
        },
    }


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
