"""Progress and cancelling of work that may take seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.system.download import Cancelled

Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Watch:
    """What a caller hears of and may stop: `progress(words, share or None)` and `cancelled()`."""

    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None
    cancelled_error: type[Exception] = Cancelled

    def report(self, words: str, share: float | None) -> None:
        """Says how far the work has come.

        Raises:
            Cancelled: the user no longer wants it.
        """
        if self.cancelled is not None and self.cancelled():
            raise Cancelled
        if self.progress is not None:
            self.progress(words, share)
