"""The runs that an experiment has already: those that it can take over, and those that it can go on with."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from pathlib import Path

from explorer.runs.notes import read_notes
from explorer.runs.run_folder import Run, list_runs, read_run
from explorer.training.config import TrainingConfig

# What says where a run was computed, and not what was trained.
_NOT_WHAT = ("device", "threads")


class EarlierRuns:
    """The runs in a folder that bear an experiment's tag, by what they were trained with, newest first.

    What cannot be read, and what was changed in mid-run, is passed over.
    """

    def __init__(self, tag: str, folder: Path) -> None:
        self._found: dict[str, list[Run]] = {}
        for run in list_runs(folder):
            if run.record is None or run.record.changes or tag not in read_notes(run.folder).tags:
                continue
            try:
                config = TrainingConfig.from_json(run.record.config)
            except ValueError:
                continue
            self._found.setdefault(_key(config), []).append(run)

    def best(self, config: TrainingConfig, taken: AbstractSet[Path]) -> Run | None:
        """The run to take over: one that is done, else one to go on with; none of `taken`."""
        # Somebody else may be training in it by now.
        free = [read_run(run.folder) for run in self._found.get(_key(config), []) if run.folder not in taken]
        for statuses in ({"finished", "diverged"}, {"interrupted", "stopped"}):
            for run in free:
                if run.status in statuses:
                    return run
        return None


def _key(config: TrainingConfig) -> str:
    values = config.to_json()
    return json.dumps({name: value for name, value in values.items() if name not in _NOT_WHAT}, sort_keys=True)
