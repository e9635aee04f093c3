"""What is on this machine before a training: data sets, folders of images, runs that were interrupted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.data import datasets
from explorer.data.datasets import DataError, DatasetEntry
from explorer.networks import catalogue
from explorer.runs.run_folder import Run, in_force, list_runs, read_run
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.ui import numbers

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """`is_here` says of each data set by name whether it needs no download; `runs` are the newest first."""

    is_here: dict[str, bool]
    runs: tuple[Run, ...]
    folders: tuple[DatasetEntry, ...]


def found_here(settings: Settings, folders: Sequence[str]) -> Found:
    """Looks around on the disk: call it off the UI thread. Folders of images that are gone are left out."""
    is_here = {entry.name: datasets.is_available(entry.name, settings) for entry in datasets.DATASETS}
    entries = []
    for folder in folders:
        try:
            entries.append(datasets.get(folder))
        except (ValueError, DataError, OSError) as error:
            _log.info("the folder of images %s is not offered: %s", folder, error)
    return Found(is_here, list_runs(settings.runs()), tuple(entries))


def interrupted(runs: Sequence[Run], dismissed: Sequence[str]) -> list[Run]:
    """The runs that died and can go on, the newest first, without those that the user has waved away."""
    return [run for run in runs if run.status == "interrupted" and run.name not in dismissed]


def interrupted_sentence(runs: Sequence[Run], dataset: str) -> str:
    """What is said of the first of some interrupted runs; `dataset` is the title of its data."""
    run = runs[0]
    if run.record is None:
        return f"The run {run.name} was interrupted."
    try:
        title = catalogue.get(run.record.architecture).title
    except ValueError:
        title = run.record.architecture
    planned = in_force(run.record).get("epochs")
    done = run.record.summary.epochs
    after = f"{done:,} of {planned:,} epochs" if isinstance(planned, int) else numbers.plural(done, "epoch")
    others = f" See Runs for {numbers.plural(len(runs) - 1, 'other')}." if len(runs) > 1 else ""
    return f"{title} on {dataset} was interrupted after {after} ({run.name}).{others}"


def config_of(folder: Path) -> TrainingConfig | None:
    """The configuration that a run goes on with, its changes in mid-run included.

    None where it cannot be read or does not fit this version.
    """
    record = read_run(folder).record
    if record is None:
        return None
    try:
        return TrainingConfig.from_json(in_force(record))
    except ValueError:
        return None
