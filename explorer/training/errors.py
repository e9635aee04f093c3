"""What ends a training that cannot go on."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """Training cannot go on; one sentence says why and what to do."""
