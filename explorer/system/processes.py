"""What the system knows of a process: which one it is, and what memory it holds."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from pathlib import Path


def start_mark(pid: int) -> str | None:
    """A text that changes when a process number is given to another process; None if no such process lives.

    "" where the system does not tell: then only the number itself can be compared.
    """
    if sys.platform.startswith("linux"):
        return _linux(pid)
    if sys.platform == "win32":
        return _windows(pid)
    return _posix(pid)


def _linux(pid: int) -> str | None:
    try:
        # Field 22 of proc(5) is the start in clock ticks since boot. The second field, the command, may hold spaces
        # and brackets, so fields are counted from the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None
    except OSError:
        return _posix(pid)
    if fields[0] in {"Z", "X"}:
        return None
    boot = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[19]}"


def _posix(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program and a number
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def _windows(pid: int) -> str | None:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    query_limited_information, still_active, access_denied = 0x1000, 259, 5
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return "" if ctypes.get_last_error() == access_denied else None  # type: ignore[attr-defined,unused-ignore]
    handle = ctypes.c_void_p(handle)
    try:
        code = ctypes.c_ulong()
        if kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value != still_active:
            return None
        times = [ctypes.c_ulonglong() for _ in range(4)]
        if kernel.GetProcessTimes(handle, *(ctypes.byref(time) for time in times)):
            return str(times[0].value)
        return ""
    finally:
        kernel.CloseHandle(handle)


def resident_bytes(pid: int) -> int:
    """The memory that a process holds now; 0 where the system does not tell or the process is gone."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        return 0
    if sys.platform == "win32":
        return _windows_resident_bytes(pid)
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        answer = subprocess.run(  # noqa: S603 - a fixed program and a number
            ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
        return int(answer.stdout) * 1024
    return 0


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of psapi.h."""

    _fields_ = (
        ("size", ctypes.c_ulong),
        ("page_faults", ctypes.c_ulong),
        *(
            (name, ctypes.c_size_t)
            for name in ("peak", "resident", "pool_1", "pool_2", "pool_3", "pool_4", "paged", "peak_paged")
        ),
    )


def _windows_resident_bytes(pid: int) -> int:
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    query_limited_information = 0x1000
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return 0
    try:
        counters = _MemoryCounters(size=ctypes.sizeof(_MemoryCounters))
        answered = kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(handle), ctypes.byref(counters), counters.size)
        return int(counters.resident) if answered else 0
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
