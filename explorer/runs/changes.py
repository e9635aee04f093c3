"""What was changed in mid-run, as a run's record and its saved states keep it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RunChange:
    """A change that came into force before `step` of `epoch`, both counted from 1, `seconds` after the start.

    `text` says it in words; `values` are the fields of the training configuration that changed, as that stores itself.
    """

    step: int
    epoch: int
    seconds: float
    text: str
    values: dict[str, Any]

    @classmethod
    def from_json(cls, stored: Any) -> RunChange:
        """The change that `dataclasses.asdict` gave.

        Raises:
            ValueError: something is missing or of another type.
        """
        if not isinstance(stored, Mapping):
            raise ValueError("a change is not a JSON object")  # noqa: TRY004 - a file is wrong, not a caller
        step, epoch, seconds = (stored.get(name) for name in ("step", "epoch", "seconds"))
        text, values = stored.get("text"), stored.get("values")
        if not isinstance(step, int) or not isinstance(epoch, int) or not (_is_count(step) and _is_count(epoch)):
            raise ValueError("a change does not say at which step of which epoch")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
            raise ValueError("the time of a change is not a finite number")
        if not isinstance(text, str) or not isinstance(values, dict):
            raise ValueError("a change does not say what was changed")  # noqa: TRY004 - as above
        return cls(step, epoch, float(seconds), text, dict(values))


def changes_from_json(stored: Iterable[Any]) -> tuple[RunChange, ...]:
    """Changes in the order of their steps.

    Raises:
        ValueError: one of them is damaged.
    """
    return tuple(sorted((RunChange.from_json(each) for each in stored), key=lambda change: change.step))


def joined(saved: Iterable[RunChange], recorded: Iterable[RunChange], after: int) -> tuple[RunChange, ...]:
    """What a run goes on with: `saved` with its state, and what its record says of steps later than `after`.

    A change is recorded at once, but saved with a state only at the end of its epoch.
    """
    kept = tuple(saved)
    return (*kept, *(change for change in recorded if change.step > after and change not in kept))


def _is_count(value: int) -> bool:
    return not isinstance(value, bool) and 1 <= value < 2**63
