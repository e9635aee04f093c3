"""Python's search for garbage, held back where it would find none."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# The collector is the interpreter's, one for all threads.
_lock = threading.Lock()
_inside = 0
_was_enabled = False
_aside = 0


@contextmanager
def left_alone(*, keep: bool = False) -> Iterator[None]:
    """No search for garbage while thousands of objects are made that all stay: it would take a third of the time.

    With `keep` they are handed to the oldest generation without being looked through, which would stop all threads,
    0.2 s for 5,000 laid-out nodes: `gc.freeze` sets everything aside, `gc.unfreeze` puts "the objects in the permanent
    generation … back into the oldest generation" (documentation of Python's gc module). What a training has set aside
    stays so, and these objects with it.
    """
    global _inside, _was_enabled  # noqa: PLW0603
    with _lock:
        if _inside == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            if keep:
                gc.freeze()
                if _aside == 0:
                    gc.unfreeze()
            _inside -= 1
            if _inside == 0 and _was_enabled:
                gc.enable()


@contextmanager
def left_alone_at_first(module: str) -> Iterator[None]:
    """No search for garbage while `module` is imported for the first time with all it needs, and one search after it.

    Python looks through everything again when a quarter as much has come since the last time; torch leaves some 400,000
    objects behind, and a first look at them later, 250 ms long, would fall into somebody's drawing.
    """
    if module in sys.modules:
        yield
        return
    with left_alone():
        yield
        gc.collect()


@contextmanager
def set_aside() -> Iterator[None]:
    """What there is now is not looked through.

    Torch alone leaves some 400,000 objects behind; looking at all of them holds up every thread for 250 ms and more.
    """
    global _aside  # noqa: PLW0603
    with _lock:
        if _aside == 0:
            gc.freeze()
        _aside += 1
    try:
        yield
    finally:
        with _lock:
            _aside -= 1
            if _aside == 0:
                gc.unfreeze()
