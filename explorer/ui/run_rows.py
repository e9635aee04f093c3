"""What a row of the runs table stands for, and its columns."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from explorer.data.datasets import DATASETS
from explorer.networks import catalogue
from explorer.networks.options import changed_options
from explorer.runs.comparing import seed_groups
from explorer.runs.notes import RunNotes
from explorer.runs.run_folder import Run, in_force
from explorer.ui import numbers


@dataclass(frozen=True)
class RunRow:
    """A run with what was said of it and the bytes it takes (None: not counted yet).

    `members` are the runs that a row stands for, which differ by their seed alone; the first of them is `run`.
    """

    run: Run
    notes: RunNotes = field(default_factory=RunNotes)
    size: int | None = None
    members: tuple[RunRow, ...] = ()

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The rows of single runs that it stands for."""
        return self.members or (self,)

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(row.run for row in self.rows)


def grouped(rows: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """Rows with the seeds of one configuration as one row, in the place of the first of them."""
    by_folder = {row.run.folder: row for row in rows}
    groups = seed_groups([row.run for row in rows])
    return tuple(_group([by_folder[run.folder] for run in group]) for group in groups)


def _group(members: list[RunRow]) -> RunRow:
    if len(members) == 1:
        return members[0]
    sizes = [member.size for member in members if member.size is not None]
    notes = RunNotes().with_tags(tag for member in members for tag in member.notes.tags)
    return RunRow(members[0].run, notes, sum(sizes) if sizes else None, tuple(members))


@dataclass(frozen=True)
class Column:
    """A column: its title, a text for each row, what it is sorted by, and whether it holds figures.

    `is_shown` says whether it is there before the user has chosen.
    """

    title: str
    help: str
    text: Callable[[RunRow], str]
    key: Callable[[RunRow], Any]
    is_figure: bool = False
    is_shown: bool = True


def data_text(row: RunRow) -> str:
    """The data set by its title: "Built-in digits"."""
    record = row.run.record
    if record is None:
        return ""
    titles = {entry.name: entry.title for entry in DATASETS}
    return titles.get(record.dataset, record.dataset)


def network_text(run: Run) -> str:
    """The network with those of its options that differ from the defaults: "LeNet-5, tanh, max"."""
    if run.record is None:
        return ""
    try:
        architecture = catalogue.get(run.record.architecture)
        changed = changed_options(architecture.options_type(**run.record.options))
    except (ValueError, TypeError):
        return run.record.architecture
    parts = [architecture.title]
    for name, value in changed.items():
        label = name.replace("_", " ")
        parts.append((label if value else f"no {label}") if isinstance(value, bool) else numbers.choice(value))
    return ", ".join(parts)


def accuracies_of(row: RunRow) -> list[float]:
    """The newest test accuracies of the runs that have one."""
    found = [run.record.summary.test_accuracy for run in row.runs if run.record is not None]
    return [accuracy for accuracy in found if accuracy is not None]


def title_text(row: RunRow) -> str:
    """The title that was given, or for several seeds how many there are."""
    return f"{len(row.members)} seeds" if row.members else row.notes.title


def _seed_text(row: RunRow) -> str:
    return ", ".join(str(run.record.seed) for run in row.runs if run.record is not None)


def _epochs_text(row: RunRow) -> str:
    record = row.run.record
    if record is None:
        return ""
    planned = in_force(record).get("epochs")
    done = record.summary.epochs
    return f"{done:,} of {planned:,}" if isinstance(planned, int) else f"{done:,}"


def _accuracy_key(row: RunRow) -> float:
    """The mean test accuracy, -1 where there is none: it sorts below all others."""
    found = accuracies_of(row)
    return statistics.fmean(found) if found else -1.0


def _accuracy_text(row: RunRow) -> str:
    found = accuracies_of(row)
    if not found:
        return ""
    text = numbers.percent(statistics.fmean(found), 2)
    # The spread of several seeds, in percentage points.
    return f"{text} ± {100 * statistics.stdev(found):.2f}" if len(found) > 1 else text


def _best_key(row: RunRow) -> float:
    found = [run.record.summary.best_accuracy for run in row.runs if run.record is not None]
    return max((accuracy for accuracy in found if accuracy is not None), default=-1.0)


def _best_text(row: RunRow) -> str:
    return "" if _best_key(row) < 0 else numbers.percent(_best_key(row), 2)


def _speed(row: RunRow) -> float:
    return row.run.record.summary.images_per_second if row.run.record else 0.0


def _seconds(row: RunRow) -> float:
    return sum(run.record.summary.seconds for run in row.runs if run.record is not None)


def _started_text(row: RunRow) -> str:
    if row.run.record is None:
        return ""
    try:
        return f"{datetime.fromisoformat(row.run.record.created):%Y-%m-%d %H:%M}"
    except ValueError:
        return row.run.record.created


def _status_text(row: RunRow) -> str:
    statuses = list(dict.fromkeys(run.status for run in row.runs))
    return ", ".join(statuses)


COLUMNS = (
    Column("Title", "What you call it (F2)", title_text, lambda row: title_text(row).lower()),
    Column(
        "Network",
        "The network, with the options that differ from its defaults",
        lambda row: network_text(row.run),
        lambda row: network_text(row.run),
    ),
    Column("Data set", "What it was trained on", data_text, data_text),
    Column(
        "Epochs",
        "Complete epochs, of those planned",
        _epochs_text,
        lambda row: row.run.record.summary.epochs if row.run.record else -1,
        is_figure=True,
    ),
    Column(
        "Test accuracy",
        "After the last complete epoch; of several seeds the mean and the standard deviation",
        _accuracy_text,
        _accuracy_key,
        is_figure=True,
    ),
    Column("Best", "The accuracy of the best epoch", _best_text, _best_key, is_figure=True, is_shown=False),
    Column(
        "Images/s",
        "Images trained in a second, without evaluation and pauses",
        lambda row: f"{_speed(row):,.0f}" if _speed(row) else "",
        _speed,
        is_figure=True,
    ),
    Column(
        "Time",
        "How long it was trained, without pauses",
        lambda row: numbers.duration(_seconds(row)) if _seconds(row) else "",
        _seconds,
        is_figure=True,
        is_shown=False,
    ),
    Column("Started", "When, by this computer's clock", _started_text, lambda row: row.run.name),
    Column("Status", "How it ended", _status_text, _status_text),
    Column("Tags", "What you tagged it with (F2)", lambda row: ", ".join(row.notes.tags), lambda row: row.notes.tags),
    Column(
        "Notes",
        "What you wrote about it (F2)",
        lambda row: " ".join(row.notes.notes.split()),
        lambda row: row.notes.notes.lower(),
        is_shown=False,
    ),
    Column("Seed", "What its random numbers follow from", _seed_text, _seed_text, is_figure=True, is_shown=False),
    Column(
        "Size",
        "Room on the disk: weights, states to resume from, figures",
        lambda row: "" if row.size is None else numbers.size(row.size),
        lambda row: -1 if row.size is None else row.size,
        is_figure=True,
    ),
    Column("Run", "The name of its folder", lambda row: row.run.name, lambda row: row.run.name),
)
