"""Python's search for garbage, held back where it would find none."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_was_enabled = False


@contextmanager
def left_alone() -> Iterator[None]:
    """No search for garbage while thousands of objects are made that all stay: it would take a third of the time."""
    global _inside, _was_enabled  # noqa: PLW0603 - the collector is the interpreter's, one for all threads
    with _lock:
        if _inside == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _was_enabled:
                gc.enable()
