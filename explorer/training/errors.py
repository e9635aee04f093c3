"""What ends a training that cannot go on."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """Training cannot go on; one sentence says why and what to do."""


def in_a_line(error: BaseException) -> str:
    """What libraries say in many lines, for a warning: the first one, cut."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


class MemoryShortageError(TrainingError):
    """Memory ran out. `batch_size` is a smaller one to offer, 0 where none would do."""

    def __init__(self, message: str, batch_size: int) -> None:
        super().__init__(message)
        self.batch_size = batch_size
