"""A child process that may do as it likes and harms nobody: limited in time, memory and what it says.

The parent calls `run_child`, the program in the child calls `inside_child.begin` before anything else. They talk in
lines of JSON over the child's standard input and output; what the child prints is kept apart and disturbs nobody.
The child ends with the parent: it is killed when the parent is done with it, and ends itself when the parent is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO, Any

import explorer
from explorer.system.download import Cancelled
from explorer.system.inside_child import LIMITED
from explorer.system.processes import resident_bytes

_GIGABYTE = 2**30
_TICK = 0.05
# How much of what the child printed is kept: the stacks of a crash with many threads fit.
_LAST_WORDS = 100_000
# After a child is killed its pipes close, unless a process that it started holds them open.
_PATIENCE = 2.0
# Until a child has loaded what it needs; a cold disk takes long over torch.
_START_SECONDS = 120.0


def _memory_limit() -> int:
    """Half of the machine's memory, and 8 GB at most."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return min(8 * _GIGABYTE, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return 4 * _GIGABYTE


@dataclass(frozen=True)
class Limits:
    """What a child process may use: seconds of wall time and bytes of memory beyond its start, bytes of answers."""

    seconds: float = 60
    memory: int = field(default_factory=_memory_limit)
    answer: int = 64 * 2**20


class End(Enum):
    """Why a child process is no more."""

    ENDED = "ended"  # by itself; its code tells how
    TIME = "time"
    MEMORY = "memory"
    ANSWER = "answer"  # it said more than it may, or something that is not a line of JSON


@dataclass(frozen=True)
class Ending:
    """How a child process ended: its exit code (negative: the signal), and the end of what it printed."""

    end: End
    code: int
    printed: str


def run_child(
    entry: str,
    request: Any,
    heard: Callable[[Any], None],
    *,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Ending:
    """Runs `entry` ("module:function") in a new process until it ends or passes a limit.

    `heard` gets each line that the child sends, decoded, in the caller's thread. Whatever happens, the process and its
    process group are gone when this returns or raises.

    Raises:
        Cancelled: `cancelled()` was true.
        OSError: the process could not be started.
    """
    limits = limits or Limits()
    module, function = entry.split(":")
    # A child that is started by `-m` would see the folder it is started in before our own package.
    program = f"import sys; sys.path[0] = sys.argv.pop(1); import {module} as entry; entry.{function}()"
    environment = {
        **os.environ,
        # A graphics card maps more address space than any limit leaves, and reading needs none.
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONUNBUFFERED": "1",
    }
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(Path(explorer.__file__).resolve().parent.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        bufsize=0,
        **apart,
    )
    conversation = _Conversation(process, limits, cancelled or (lambda: False))
    try:
        conversation.send({"memory": limits.memory, "seconds": limits.seconds, "request": request})
        end = conversation.follow(heard)
    finally:
        conversation.close()
    if end is End.ENDED and not conversation.ended_itself_in_time():
        end = End.TIME
    return Ending(end, process.returncode, conversation.printed())


class _Conversation:
    """The parent's side of one child process."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, cancelled: Callable[[], bool]) -> None:
        self._process = process
        self._limits = limits
        self._cancelled = cancelled
        self._began: float | None = None
        self._last_seen = time.monotonic()
        self._deadline = time.monotonic() + _START_SECONDS
        # None: the pipe has closed. A few chunks at most wait here, so that a flood stays in the pipe.
        self._chunks: queue.Queue[bytes | None] = queue.Queue(maxsize=16)
        self._printed = bytearray()
        self._closing = threading.Event()
        self._readers = [
            threading.Thread(target=self._listen, name="child answers", daemon=True),
            threading.Thread(target=self._overhear, name="child prints", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, message: Any) -> None:
        # A child that is gone already is noticed by its exit code.
        with contextlib.suppress(OSError):
            _open(self._process.stdin).write(json.dumps(message).encode() + b"\n")

    def follow(self, heard: Callable[[Any], None]) -> End:
        received = 0
        silent = 0.0
        line = bytearray()
        next_look = time.monotonic()
        while True:
            if self._cancelled():
                raise Cancelled
            now = self._last_seen = time.monotonic()
            if now > self._deadline:
                return End.TIME
            if now > next_look:
                next_look = now + 0.2
                # The child itself refuses what would pass the limit, where the system lets it; this is for the others.
                if resident_bytes(self._process.pid) > self._limits.memory + _GIGABYTE:
                    return End.MEMORY
            try:
                chunk = self._chunks.get(timeout=_TICK)
            except queue.Empty:
                # A process that the child left behind may hold the pipe open.
                silent += _TICK if self._has_ended() else 0
                if silent > _PATIENCE:
                    return End.ENDED
                continue
            if chunk is None:
                return self._await_end()
            silent = 0.0
            received += len(chunk)
            first, *rest = chunk.split(b"\n")
            line += first
            for following in rest:
                if not self._hear(bytes(line), heard):
                    return End.ANSWER
                line = bytearray(following)
            if received > self._limits.answer:
                return End.ANSWER

    def _hear(self, line: bytes, heard: Callable[[Any], None]) -> bool:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if message == LIMITED and self._began is None:
            self._began = time.monotonic()
            # The child looks at its own clock, and says where it was before it ends; this is for one that cannot.
            self._deadline = self._began + self._limits.seconds + 1.5
        else:
            heard(message)
        return True

    def _await_end(self) -> End:
        while not self._has_ended():
            if self._cancelled():
                raise Cancelled
            self._last_seen = time.monotonic()
            if self._last_seen > self._deadline:
                return End.TIME
            self._closing.wait(_TICK / 5)
        return End.ENDED

    def ended_itself_in_time(self) -> bool:
        """Whether a child that has ended did so without its clock, which on a busy machine began well before ours."""
        is_late = self._began is not None and self._last_seen > self._began + 0.5 * self._limits.seconds
        return not (is_late and self._process.returncode == 1 and b"Timeout (" in self._printed)

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        # Left unreaped, the process keeps its number, and with it the number of its group, until that is killed.
        state = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return state is not None

    def close(self) -> None:
        """Kills what is left of the child and of what it started, and lets the readers end."""
        self._closing.set()
        _kill(self._process)
        with contextlib.suppress(OSError):
            _open(self._process.stdin).close()
        self._process.wait()
        for reader in self._readers:
            reader.join(_PATIENCE)
        for stream, reader in zip((self._process.stdout, self._process.stderr), self._readers, strict=True):
            if stream is not None and not reader.is_alive():
                stream.close()

    def printed(self) -> str:
        return bytes(self._printed).decode("utf-8", "replace")

    def _listen(self) -> None:
        for chunk in _chunks_of(self._process.stdout):
            self._put(chunk)
        self._put(None)

    def _put(self, chunk: bytes | None) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(queue.Full):
                self._chunks.put(chunk, timeout=_TICK)
                return

    def _overhear(self) -> None:
        for chunk in _chunks_of(self._process.stderr):
            self._printed += chunk
            del self._printed[:-_LAST_WORDS]


def _chunks_of(stream: IO[bytes] | None) -> Iterator[bytes]:
    # A pipe that breaks has nothing more to say.
    with contextlib.suppress(OSError, ValueError):
        while chunk := os.read(_open(stream).fileno(), 65536):
            yield chunk


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process was started without this pipe")
    return stream


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a child with all that it started, as far as the system knows them: also when it has ended itself."""
    if sys.platform == "win32":
        if process.poll() is None:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(  # noqa: S603 - a fixed program and a number
                    ["taskkill", "/T", "/F", "/PID", str(process.pid)],  # noqa: S607 - a part of Windows
                    capture_output=True,
                    timeout=10,
                    check=False,
                )
            process.kill()
        return
    # The child leads a process group of its own, whose number is taken while anyone in it lives.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
