"""How much of a run is done, as its events tell."""

from __future__ import annotations

from explorer.training.config import TrainingConfig
from explorer.training.events import Event, StepsTrained


def share_of(event: Event, config: TrainingConfig) -> float | None:
    """The share of a run, 0 to 1, that is done at an event; None where the event does not say."""
    if not isinstance(event, StepsTrained):
        return None
    if event.seconds_left is None:
        return float((event.epoch - 1) / config.epochs)
    whole = event.seconds + event.seconds_left
    return min(event.seconds / whole, 1.0) if whole > 0 else None
