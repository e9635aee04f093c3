"""What can go wrong with a data set."""

from __future__ import annotations


class DataError(RuntimeError):
    """A data set could not be had; one sentence that says what failed and what to do."""
