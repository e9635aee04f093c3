"""How the process handles memory that it frees, where the system lets it choose (glibc on Linux)."""

from __future__ import annotations

import ctypes
import functools
import os
import sys

# From malloc.h of glibc.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_LIMIT = 2**29


@functools.cache
def keep_freed() -> None:
    """Keeps freed memory, up to half a gigabyte, for the next allocation, from now on in the whole process.

    A training step frees and takes megabytes again and again. By default glibc hands them back to the system in
    between, and every page of 4 kB is faulted in anew: 1,500 to 3,000 page faults a step of LeNet-5 with batch 128,
    a tenth of its time and more on a virtual machine. Elsewhere this does nothing.
    """
    library = _glibc()
    if library is not None:
        # Older versions refuse more than 32 MB.
        library.mallopt(_M_MMAP_THRESHOLD, _LIMIT) or library.mallopt(_M_MMAP_THRESHOLD, 2**25)
        library.mallopt(_M_TRIM_THRESHOLD, _LIMIT)


def give_back() -> None:
    """Hands freed memory back to the system: for when heavy work is over."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def installed_bytes() -> int:
    """The machine's memory; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


@functools.cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    # Another C library (musl) has neither.
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
