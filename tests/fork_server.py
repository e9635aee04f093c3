"""Children that need no second to start: a server imports torch once, never starts a thread, and forks them.

Run as a script it is the server; its only argument is the descriptor of a socket.
"""

from __future__ import annotations

import array
import atexit
import ctypes
import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent
# Where the functions are that children call.
_PLACES = (HERE.parent, HERE, HERE / "training", HERE / "runs")
_PR_SET_CHILD_SUBREAPER = 36
# What its children call, and what the child that reads a user's network loads before anything of the user's.
_CALLED = ("small_data", "team_script", "killed_script", "limited_script", "followed_script")
_READING = (
    "explorer.foreign.blame", "explorer.foreign.python_file", "explorer.foreign.arguments",
    "explorer.foreign.input_shape", "explorer.foreign.recognising", "explorer.foreign.state_dict",
    "explorer.structure.trace", "explorer.structure.graph_json", "torch.fx.experimental.symbolic_shapes",
)  # fmt: skip
_LARGEST = 65_536
_READY = b"ready"


class Child:
    """A forked process; what it prints can be read line by line, or as a whole at its end."""

    def __init__(self, server: ForkServer, pid: int, out: int, err: int) -> None:
        self._server = server
        self.pid = pid
        self._pipes = {"out": out, "err": err}
        self._texts = {"out": b"", "err": b""}
        self.code: int | None = None

    def send_signal(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def line(self, seconds: float, number: int = 0) -> str:
        """One of the lines that it printed, by default the first; "" where it has not come in so many seconds."""
        deadline = time.monotonic() + seconds
        while self._texts["out"].count(b"\n") <= number and self._pipes and time.monotonic() < deadline:
            self._read(deadline)
        return (self._texts["out"].decode().split("\n") + [""] * number)[number]

    def ended(self, seconds: float) -> bool:
        """Waits so long for its end, which its pipes tell: `code` is then its exit code, negative for a signal."""
        deadline = time.monotonic() + seconds
        while self._pipes and time.monotonic() < deadline:
            self._read(deadline)
        if self._pipes:
            return False
        if self.code is None:
            self.code = self._server.ask({"wait": self.pid})
        return True

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
        assert self.ended(30)

    @property
    def printed(self) -> str:
        return self._texts["out"].decode()

    @property
    def complained(self) -> str:
        return self._texts["err"].decode()

    def _read(self, deadline: float) -> None:
        left = max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(list(self._pipes.values()), [], [], left)
        for name, pipe in list(self._pipes.items()):
            if pipe not in ready:
                continue
            content = os.read(pipe, _LARGEST)
            self._texts[name] += content
            if not content:
                os.close(self._pipes.pop(name))


class ForkServer:
    """Starts children that call `module:function`, and Python programs; they end with the server."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        inherited = {name: value for name, value in os.environ.items() if name != "CNN_EXPLORER_DATA"}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**inherited, "PYTHONPATH": os.pathsep.join(map(str, _PLACES))},
        )
        theirs.close()
        self._children: list[Child] = []
        assert self._socket.recv(_LARGEST) == _READY

    def end_children(self) -> None:
        while self._children:
            self._children.pop().kill()

    def close(self) -> None:
        self.end_children()
        self._socket.close()
        self._process.wait(30)

    def start(self, call: str, *arguments: Any, **environment: str) -> Child:
        """A child that calls `call` with arguments that JSON knows; what it returns is its exit code."""
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        question = {"call": call, "arguments": arguments, "environment": environment}
        pid = self.ask(question, [out_end, err_end])
        os.close(out_end)
        os.close(err_end)
        child = Child(self, pid, out, err)
        self._children.append(child)
        return child

    @contextmanager
    def as_popen(self) -> Iterator[type[Program]]:
        """What stands for `subprocess.Popen` where Python programs are started; Linux alone has it.

        They become children of this process, as those of Popen are.
        """
        started: list[Program] = []

        class Started(Program):
            server = self

            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                super().__init__(*arguments, **keywords)
                started.append(self)

        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            yield Started
        finally:
            for program in started:
                program.kill()
                program.wait()
            prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)

    def ask(self, question: dict[str, Any], descriptors: list[int] | None = None) -> int:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        self._socket.sendmsg([json.dumps(question).encode()], rights)
        return int(self._socket.recv(_LARGEST))


class Program:
    """As much of `subprocess.Popen` as `explorer.system.child` asks for, of a `python -c` in a session of its own."""

    server: ForkServer

    def __init__(self, command: list[str], *, env: dict[str, str], **_as_always: Any) -> None:
        self.returncode: int | None = None
        given, asking = os.pipe()
        answered, out = os.pipe()
        printed, err = os.pipe()
        theirs = [given, out, err]
        self.stdin: IO[bytes] = os.fdopen(asking, "wb", buffering=0)
        self.stdout: IO[bytes] = os.fdopen(answered, "rb", buffering=0)
        self.stderr: IO[bytes] = os.fdopen(printed, "rb", buffering=0)
        question = {"program": command[2], "arguments": command[3:], "environment": env}
        self.pid = self.server.ask(question, theirs)
        for descriptor in theirs:
            os.close(descriptor)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)


@functools.cache
def shared_server() -> ForkServer:
    """The one server of this process, started when it is first asked for."""
    server = ForkServer()
    atexit.register(server.close)
    return server


def serve(descriptor: int) -> None:
    server = socket.socket(fileno=descriptor)
    for module in ("explorer.cli.train", "explorer.training.fit", "explorer.foreign.child", *_READING, *_CALLED):
        importlib.import_module(module)
    _warm_up()
    if Path("/proc/self/task").is_dir():
        assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot be forked"
    server.send(_READY)
    while True:
        question, rights, _, _ = server.recvmsg(_LARGEST, socket.CMSG_SPACE(3 * array.array("i").itemsize))
        if not question:
            return
        asked = json.loads(question)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            server.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pipes = array.array("i", rights[0][2])
        child = _fork_away() if "program" in asked else os.fork()
        if child == 0:
            server.close()
            _be(asked, pipes)
        for pipe in pipes:
            os.close(pipe)
        server.send(str(child).encode())


def _fork_away() -> int:
    """As `os.fork`, for a child that goes to whoever reaps for this process: the one between them ends at once."""
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child == 0:
            os.close(read)
            os.close(write)
            os.setsid()
            return 0
        os.write(write, str(child).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(between, 0)
    number = int(os.read(read, _LARGEST))
    os.close(read)
    return number


def _warm_up() -> None:
    """Trains a little, so that what is loaded or made at the first time is there in all children: 0.5 s for each."""
    preparation = importlib.import_module("explorer.training.preparation")
    small = importlib.import_module("small_data")
    # A killed process takes nothing with it that the system has been handed; the disk is not waited for.
    os.fsync = lambda _descriptor: None
    preparation.datasets.load = small.load_small
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNN_EXPLORER_HOME"] = home
        for _ in importlib.import_module("explorer.training.fit").fit(small.small_config(epochs=1)):
            pass


def _be(asked: dict[str, Any], pipes: array.array[int]) -> None:
    """What a child is from its first moment to its last."""
    code = 1
    # A shell that runs the suite in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for pipe, place in zip(reversed(pipes), (2, 1, 0), strict=False):
            os.dup2(pipe, place)
            os.close(pipe)
        if "program" in asked:
            os.environ.clear()
        os.environ.update(asked["environment"])
        if "program" in asked:
            sys.argv = ["-c", *asked["arguments"]]
            sys.path.insert(0, "")
            exec(asked["program"], {"__name__": "__main__"})  # noqa: S102 - as Python's -c does
            code = 0
        else:
            module, _, function = asked["call"].partition(":")
            code = getattr(importlib.import_module(module), function)(*asked["arguments"]) or 0
    except BaseException:  # noqa: BLE001 - the test reads it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
