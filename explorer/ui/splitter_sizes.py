"""Where the user put the handle of a splitter, from one start to the next."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QSplitter


def kept_sizes(splitter: QSplitter) -> list[int] | None:
    """The sizes of its parts, fit for JSON; None while it has none, or where a part is closed."""
    sizes = splitter.sizes()
    return sizes if sizes and all(size > 0 for size in sizes) else None


def take_sizes(splitter: QSplitter, sizes: Any) -> None:
    """Takes back what `kept_sizes` gave; what does not fit is left out."""
    fits = isinstance(sizes, list) and len(sizes) == splitter.count()
    if fits and all(isinstance(size, int) and 0 < size < 2**16 for size in sizes):
        splitter.setSizes(sizes)
