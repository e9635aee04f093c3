"""Changes of a run under way: what the configuration becomes, and how that is said."""

from __future__ import annotations

import dataclasses
from typing import Any

from explorer.data.augmentation import Augmentation
from explorer.training.config import TrainingConfig
from explorer.training.events import Change

_WORDS = {"learning_rate": "learning rate", "epochs": "epochs", "augmentation": "augmentation"}


def given(change: Change) -> dict[str, Any]:
    """The fields that a change sets."""
    return {
        field.name: value for field in dataclasses.fields(change) if (value := getattr(change, field.name)) is not None
    }


def values_of(change: Change) -> dict[str, Any]:
    """The fields that a change sets, as the configuration stores itself."""
    return {name: value for name, value in dataclasses.asdict(change).items() if value is not None}


def changed(config: TrainingConfig, values: dict[str, Any]) -> TrainingConfig:
    """The configuration with what `values_of` gave.

    Raises:
        ValueError: a value does not fit; the message says what would.
    """
    unknown = values.keys() - _WORDS.keys()
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed in mid-run")
    given = dict(values)
    try:
        if isinstance(given.get("augmentation"), dict):
            given["augmentation"] = Augmentation(**given["augmentation"])
        return dataclasses.replace(config, **given)
    except TypeError as error:
        raise ValueError(f"a stored change does not fit this version: {error}") from error


def said(before: TrainingConfig, after: TrainingConfig) -> str:
    """What differs in words: "learning rate 0.01 → 0.003, epochs 10 → 12"; "" where nothing does."""
    parts = []
    for name, words in _WORDS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if isinstance(old, Augmentation):
            parts.append(f"{words} {in_words(old)} → {in_words(new)}")
        else:
            parts.append(f"{words} {old:g} → {new:g}")
    return ", ".join(parts)


def in_words(augmentation: Augmentation) -> str:
    """What an augmentation varies: "rotation 10, mirror"; "none"."""
    parts = []
    for field in dataclasses.fields(augmentation):
        value = getattr(augmentation, field.name)
        if value:
            parts.append(field.name if value is True else f"{field.name} {value:g}")
    return ", ".join(parts).replace("_", " ") or "none"
