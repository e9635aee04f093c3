"""What two runs have in common: and in which settings they differ. Free of torch."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.runs.run_folder import Run, RunRecord, in_force

# What says where a run was computed, or with which random numbers, and not what was trained.
_NOT_WHAT = ("seed", "device", "threads")


@dataclasses.dataclass(frozen=True)
class Difference:
    """A setting that differs, by its dotted name ("augmentation.rotation"); "" stands for one that a run lacks."""

    name: str
    first: str
    second: str


def seed_key(record: RunRecord) -> str:
    """A text that two runs share where they are trainings of the same configuration with perhaps other seeds."""
    config = {name: value for name, value in record.config.items() if name not in _NOT_WHAT}
    changes = [[change.step, change.values] for change in record.changes]
    what = [record.architecture, record.options, record.dataset, record.data_checksum, config, changes]
    return json.dumps(what, sort_keys=True, default=str)


def seed_groups(runs: Sequence[Run]) -> tuple[tuple[Run, ...], ...]:
    """Runs of one configuration with different seeds together, in the place of the first of them.

    A run that repeats a seed stands beside the group: it adds nothing to a mean.
    """
    groups: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        if run.record is None:
            groups[str(run.folder), 0] = [run]
            continue
        key, number = seed_key(run.record), 0
        while any(run.record.seed == other.record.seed for other in groups.get((key, number), ()) if other.record):
            number += 1
        groups.setdefault((key, number), []).append(run)
    return tuple(tuple(group) for group in groups.values())


def differences(first: RunRecord, second: RunRecord) -> tuple[Difference, ...]:
    """The settings in which two runs differ: architecture, options, data, configuration, machine and versions.

    Of what was changed in mid-run the last value counts.
    """
    one, other = _settings(first), _settings(second)
    names = [*one, *(name for name in other if name not in one)]
    return tuple(
        Difference(name, one.get(name, ""), other.get(name, "")) for name in names if one.get(name) != other.get(name)
    )


def _settings(record: RunRecord) -> dict[str, str]:
    found = {"network": record.architecture}
    _flatten(record.options, "options", found)
    found["data"] = record.dataset
    # What the record says itself is not said again by its config.
    config = {
        name: value for name, value in in_force(record).items() if name not in {"architecture", "dataset", "options"}
    }
    _flatten(config, "", found)
    found["data checksum"] = record.data_checksum[:12]
    found["computed on"] = record.device_title
    found["computed with threads"] = str(record.threads)
    for name, version in record.versions.items():
        found[f"version of {name}"] = version
    return found


def _flatten(values: Mapping[str, Any], prefix: str, found: dict[str, str]) -> None:
    for name, value in values.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Mapping):
            _flatten(value, path, found)
        else:
            found[path] = str(value).lower() if isinstance(value, bool) else str(value)
