"""Work that comes in pieces, run in one go."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from explorer.structure.watch import Watch

T = TypeVar("T")


def to_the_end(work: Generator[float, None, T], words: str, watch: Watch | None = None) -> T:
    """The result of work that yields the share it has done; `watch` hears of each piece, and may stop between two.

    Raises:
        Cancelled: `watch` said so.
    """
    heard = watch or Watch()
    try:
        while True:
            heard.report(words, next(work))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        work.close()
