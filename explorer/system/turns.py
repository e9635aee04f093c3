"""How long a thread may hold Python's interpreter before it gives another its turn."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Python's own is 5 ms: a painting call that lets go of the interpreter, and an answer to the pen at each of its steps,
# would wait that long. Measured in turn, three rounds: 99 of 100 answers within 13 to 16 ms in place of 15 to 16.5,
# 95 of 100 within 7.5 to 12.7 in place of 8 to 14.5.
_SHORT_S = 0.0005

_lock = threading.Lock()
_asking = 0
_usual_s = 0.0


@contextmanager
def short() -> Iterator[None]:
    """Lets threads take turns every half millisecond until the last that asked for it is done."""
    global _asking, _usual_s  # noqa: PLW0603 - the interval is the interpreter's, one for all threads
    with _lock:
        if _asking == 0:
            _usual_s = sys.getswitchinterval()
            sys.setswitchinterval(_SHORT_S)
        _asking += 1
    try:
        yield
    finally:
        with _lock:
            _asking -= 1
            if _asking == 0:
                sys.setswitchinterval(_usual_s)
