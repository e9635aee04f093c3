"""What was changed while a run was trained, and where it was paused. Free of torch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from explorer.runs.run_folder import RESUME_FOLDER, Run

_COMMAND = re.compile(r"epoch \d+, step (\d+): pause")
_LARGEST = 50_000_000


@dataclass(frozen=True)
class Mark:
    """Something that happened after `step` steps: "paused", "learning rate 0.01 → 0.003"."""

    step: int
    text: str


def marks_of(commands: tuple[str, ...]) -> tuple[Mark, ...]:
    """The pauses among the commands of a checkpoint's position: "epoch 3, step 1200: pause"."""
    matches = [_COMMAND.fullmatch(command) for command in commands]
    return tuple(Mark(int(match.group(1)), "paused") for match in matches if match)


def read_marks(run: Run) -> tuple[Mark, ...]:
    """The changes in a run's record, and the pauses in the newest of its checkpoints that can be read, in order."""
    changes = () if run.record is None else run.record.changes
    # A change is in force before its step: it lies on the end of the one before.
    found = [Mark(change.step - 1, change.text) for change in changes]
    found += _pauses(run.folder)
    return tuple(sorted(found, key=lambda mark: mark.step))


def _pauses(folder: Path) -> tuple[Mark, ...]:
    manifests = sorted((folder / RESUME_FOLDER).glob("epoch-*.json"), key=lambda path: (len(path.name), path.name))
    for manifest in reversed(manifests):
        try:
            with manifest.open("rb") as stream:
                stored = json.loads(stream.read(_LARGEST))
            commands = json.loads(stored["body"])["position"]["commands"]
            return marks_of(tuple(str(command) for command in commands))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            # The next older one says nearly as much.
            continue
    return ()
