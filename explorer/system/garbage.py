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
def left_alone(*, keep: bool = False) -> Iterator[None]:
    """No search for garbage while thousands of objects are made that all stay: it would take a third of the time.

    With `keep` they are handed to the oldest generation without being looked through, which would stop all threads,
    0.2 s for what torch's import makes: `gc.freeze` sets everything aside, `gc.unfreeze` puts "the objects in the
    permanent generation … back into the oldest generation" (documentation of Python's gc module). Where something
    else, such as a training, has set objects aside for a time, it is left to put them back.
    """
    global _inside, _was_enabled  # noqa: PLW0603 - the collector is the interpreter's, one for all threads
    with _lock:
        if _inside == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        if keep:
            is_held = gc.get_freeze_count() > 0
            gc.freeze()
            if not is_held:
                gc.unfreeze()
        with _lock:
            _inside -= 1
            if _inside == 0 and _was_enabled:
                gc.enable()
