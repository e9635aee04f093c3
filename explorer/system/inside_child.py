"""The inside of a child process that `child.run_child` started: its way to answer, and its limits."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

# What a child sends when its limits begin to hold.
LIMITED = {"limited": True}


class Channel:
    """The child's side: what it was asked, and the way to answer. Made by `begin`."""

    def __init__(self, answers: int, first: dict[str, Any]) -> None:
        self.request: Any = first["request"]
        self.seconds: float = first["seconds"]
        self._memory: int = first["memory"]
        self._answers = answers
        self._exit = os._exit

    def send(self, message: Any) -> None:
        """Sends one line. Text that is no Unicode (half a surrogate pair) travels escaped."""
        content = memoryview(json.dumps(message, allow_nan=False, separators=(",", ":")).encode() + b"\n")
        while content:
            content = content[os.write(self._answers, content) :]

    def limit(self) -> None:
        """From here on time runs, and memory beyond the limit is refused; call it when all that is ours is loaded."""
        self.send(LIMITED)
        # The process says where it was before it ends.
        faulthandler.dump_traceback_later(self.seconds, exit=True)
        with contextlib.suppress(ImportError, OSError, ValueError):
            import resource  # noqa: PLC0415 - POSIX has it

            used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (used + self._memory, used + self._memory))

    def end(self, code: int = 0) -> None:
        """Ends the process at once, whatever threads and exit handlers there are."""
        self._exit(code)


def begin() -> Channel:
    """Sets the child process up: its own pipes are hidden from print and input, and it ends when the parent does."""
    answers = os.dup(1)
    requests = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    stream = os.fdopen(requests, "rb", buffering=0)
    channel = Channel(answers, json.loads(_first_line(stream)))
    _end_with(stream)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - POSIX has it

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A crash names the line that it happened at.
    faulthandler.enable()
    return channel


def _first_line(stream: IO[bytes]) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        more = stream.read(65536)
        if not more:
            os._exit(1)
        line += more
    return bytes(line)


def _end_with(parent: IO[bytes]) -> None:
    """Ends this process and what it started when the parent's end of the pipe closes, as it does when it dies."""
    leave = os._exit

    def watch() -> None:
        with contextlib.suppress(OSError):
            while parent.read(1024):
                pass
        if sys.platform != "win32":
            os.killpg(0, signal.SIGKILL)
        leave(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
    if sys.platform.startswith("linux"):
        # For a child that never lets another thread run. The signal comes when the thread that started the child ends,
        # and that thread waits for it.
        kill_with_parent = 1  # PR_SET_PDEATHSIG of prctl(2)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(kill_with_parent, int(signal.SIGKILL), 0, 0, 0)
