"""Whether the arms of an experiment are fair twins: what differs between them is named, and nothing else differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from explorer.claims.claim import Arm, Form, config_of
from explorer.training.config import TrainingConfig

# Where something was computed, and which twin the weights come from: it is the same for all arms of a group.
_NOT_WHAT = ("device", "threads")


def pairs(form: Form) -> tuple[tuple[Arm, Arm], ...]:
    """Each arm with the first arm of its group, whose twin it is."""
    firsts: dict[str, Arm] = {}
    found = []
    for arm in form.arms:
        first = firsts.setdefault(arm.group, arm)
        if first is not arm:
            found.append((first, arm))
    return tuple(found)


def differences(one: TrainingConfig, other: TrainingConfig) -> tuple[str, ...]:
    """The names of all settings in which two trainings differ: "learning_rate", "options.shortcut", "architecture".

    Options that one architecture has and another lacks come with the difference of the architecture.
    """
    first, second = dict(_flat(one.to_json())), dict(_flat(other.to_json()))
    names = (
        [name for name in first if name in second]
        if one.architecture != other.architecture
        else [*first, *(name for name in second if name not in first)]
    )
    return tuple(name for name in names if name not in _NOT_WHAT and first.get(name) != second.get(name))


def unfairness(form: Form, dataset: str, seed: int = 0) -> tuple[str, ...]:
    """Sentences about every pair of twins whose differences are not those that are named; none where all is fair."""
    wrong = []
    for first, second in pairs(form):
        found = set(differences(config_of(form, first, dataset, seed), config_of(form, second, dataset, seed)))
        named = set(second.differs)
        if found - named:
            wrong.append(f"{second.name} differs from {first.name} in {', '.join(sorted(found - named))}, unnamed")
        if named - found:
            wrong.append(f"{second.name} should differ from {first.name} in {', '.join(sorted(named - found))}")
    return tuple(wrong)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def in_words(arm: Arm, first: Arm, form: Form, dataset: str) -> str:
    """What an arm has where the first one has something else: "options.shortcut none instead of A"."""
    ours, theirs = (dict(_flat(config_of(form, each, dataset, 0).to_json())) for each in (arm, first))
    parts = [f"{name.removeprefix('options.')} {ours.get(name)} instead of {theirs.get(name)}" for name in arm.differs]
    return ", ".join(parts)
