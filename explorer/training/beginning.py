"""Where a training begins or goes on, known to one process and told to its team."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.runs.checkpoint import Checkpoint, decode, generation, load_checkpoint
from explorer.runs.run_folder import Run, RunRecord
from explorer.training.config import TrainingConfig
from explorer.training.team import Team


@dataclass(frozen=True)
class Beginning:
    """The config and the device; for a run that goes on, also the run and its newest state, if it has one."""

    config: TrainingConfig
    device: str
    run: Run | None = None
    checkpoint: Checkpoint | None = None

    @property
    def record(self) -> RunRecord | None:
        return None if self.run is None else self.run.record


def beginning(config: TrainingConfig, device: str, run: Run | None) -> Beginning:
    """Where this process begins.

    Raises:
        CheckpointError: everything that is saved of the run is damaged.
    """
    return Beginning(config, device, run, None if run is None else load_checkpoint(run.folder))


def told(team: Team, find: Callable[[], Beginning]) -> Beginning:
    """What `find` gives in the leading process, in all of them; a run folder that one of them sees is enough."""
    if team.is_alone:
        return find()
    if not team.leads:
        return _heard(team)
    found = find()
    values: dict[str, Any] = {"config": found.config.to_json(), "device": found.device}
    files = (b"", b"")
    if found.run is not None and found.record is not None:
        values |= {"folder": str(found.run.folder), "record": found.record.to_json(), "status": found.run.status}
        if found.checkpoint is not None:
            files = generation(found.run.folder, found.checkpoint.position.epoch)
    team.told(json.dumps(values).encode())
    for content in files:
        team.told(content)
    return found


def _heard(team: Team) -> Beginning:
    values = json.loads(team.told())
    manifest, tensors = team.told(), team.told()
    run = None
    if "record" in values:
        run = Run(Path(values["folder"]), RunRecord.from_json(values["record"]), values["status"])
    return Beginning(
        TrainingConfig.from_json(values["config"]),
        values["device"],
        run,
        decode(manifest, tensors) if manifest else None,
    )
