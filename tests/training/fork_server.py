"""Children that need no second to start: a server imports torch once, never starts a thread, and forks them.

Run as a script it is the server; its only argument is the descriptor of a socket.
"""

from __future__ import annotations

import array
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
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
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

    def line(self, seconds: float) -> str:
        """The first line that it printed."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._texts["out"] and self._pipes and time.monotonic() < deadline:
            self._read(deadline)
        return self._texts["out"].decode().partition("\n")[0]

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
    """Starts children that call `module:function`; ended with the block, and they with it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        inherited = {name: value for name, value in os.environ.items() if name != "CNN_EXPLORER_DATA"}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**inherited, "PYTHONPATH": os.pathsep.join([str(HERE.parent.parent), str(HERE)])},
        )
        theirs.close()
        self._children: list[Child] = []
        assert self._socket.recv(_LARGEST) == _READY

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_details: object) -> None:
        for child in self._children:
            child.kill()
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

    def ask(self, question: dict[str, Any], descriptors: list[int] | None = None) -> int:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        self._socket.sendmsg([json.dumps(question).encode()], rights)
        return int(self._socket.recv(_LARGEST))


def serve(descriptor: int) -> None:
    server = socket.socket(fileno=descriptor)
    for module in ("explorer.cli.train", "explorer.training.fit", "small_data", "team_script", "killed_script"):
        importlib.import_module(module)
    _warm_up()
    if Path("/proc/self/task").is_dir():
        assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot be forked"
    server.send(_READY)
    while True:
        question, rights, _, _ = server.recvmsg(_LARGEST, socket.CMSG_SPACE(2 * array.array("i").itemsize))
        if not question:
            return
        asked = json.loads(question)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            server.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pipes = array.array("i", rights[0][2])
        child = os.fork()
        if child == 0:
            server.close()
            _be(asked, pipes[0], pipes[1])
        for pipe in pipes:
            os.close(pipe)
        server.send(str(child).encode())


def _warm_up() -> None:
    """Trains a little, so that what is loaded or made at the first time is there in all children: 0.5 s for each."""
    preparation = importlib.import_module("explorer.training.preparation")
    small = importlib.import_module("small_data")
    preparation.datasets.load = small.load_small
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNN_EXPLORER_HOME"] = home
        for _ in importlib.import_module("explorer.training.fit").fit(small.small_config(epochs=1)):
            pass


def _be(asked: dict[str, Any], out: int, err: int) -> None:
    """What a child is from its first moment to its last."""
    code = 1
    # A shell that runs the suite in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        os.environ.update(asked["environment"])
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
