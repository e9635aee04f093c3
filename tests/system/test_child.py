"""Child processes: what they answer, what they may use, and that none of them stays."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from explorer.system.child import End, Ending, Limits, run_child
from explorer.system.download import Cancelled
from explorer.system.processes import resident_bytes, start_mark

PROGRAMS = """
import mmap, os, subprocess, sys
from explorer.system.inside_child import begin

def echo():
    channel = begin()
    print("printed", flush=True)
    os.write(1, b"written\\n")
    channel.send({"input": sys.stdin.read()})
    channel.send({"request": channel.request})
    channel.end()

def loops():
    channel = begin()
    channel.limit()
    while True:
        pass

def crashes():
    begin()
    os.abort()

def floods():
    channel = begin()
    while True:
        channel.send("x" * 100_000)

def babbles():
    begin()
    os.write(3 if os.path.exists("/dev/fd/3") else 1, b"no json\\n" * 10)

def hoards():
    channel = begin()
    channel.limit()
    try:
        mmap.mmap(-1, channel.request)
    except OSError:
        channel.send("refused")
    channel.end()

def spawns():
    channel = begin()
    other = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    channel.send([os.getpid(), other.pid])
    other.wait()

def holds_open():
    channel = begin()
    with open(channel.request, "w") as stream:
        stream.write(f"{os.getpid():10}")
        stream.flush()
        while True:
            pass
"""


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    (tmp_path / "child_programs.py").write_text(PROGRAMS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return []


def _run(program: str, heard: list, request: object = None, **keywords) -> Ending:
    return run_child(f"child_programs:{program}", request, heard.append, **keywords)


def test_answers_arrive_and_prints_are_kept_apart(heard: list) -> None:
    ending = _run("echo", heard, {"α": [1, None]})
    assert heard == [{"input": ""}, {"request": {"α": [1, None]}}]
    assert (ending.end, ending.code) == (End.ENDED, 0)
    assert ending.printed.split() == ["printed", "written"]


def test_a_loop_ends_with_its_time_and_says_where_it_was(heard: list) -> None:
    ending = _run("loops", heard, limits=Limits(seconds=1.0))
    assert ending.end is End.TIME
    assert "in loops" in ending.printed


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_crash_tells_its_signal_and_where_it_was(heard: list) -> None:
    ending = _run("crashes", heard)
    assert (ending.end, ending.code) == (End.ENDED, -6)
    assert "in crashes" in ending.printed


def test_a_flood_of_answers_is_cut_off(heard: list) -> None:
    assert _run("floods", heard, limits=Limits(answer=1_000_000)).end is End.ANSWER
    assert sum(map(len, heard)) <= 1_100_000


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="finds the pipe by its number")
def test_what_is_no_json_ends_the_conversation(heard: list) -> None:
    assert _run("babbles", heard).end is End.ANSWER
    assert heard == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system refuses memory on Linux")
def test_memory_beyond_the_limit_is_refused(heard: list) -> None:
    # Memory that is never written to is none of the machine's: without a limit, all of this would be given.
    assert _run("hoards", heard, 2**28, limits=Limits(memory=2**29)).code == 0
    assert heard == []
    assert _run("hoards", heard, 2**30, limits=Limits(memory=2**29)).code == 0
    assert heard == ["refused"]


def test_a_cancelled_child_is_gone_with_what_it_started(heard: list) -> None:
    with pytest.raises(Cancelled):
        _run("spawns", heard, cancelled=lambda: bool(heard))
    (child, other) = heard[0]
    assert start_mark(child) is None
    # The system takes down a killed process in its own time.
    for _ in range(1000):
        if start_mark(other) is None:
            break
        threading.Event().wait(0.01)
    assert start_mark(other) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a named pipe tells when the last process that holds it is gone")
def test_a_child_ends_when_its_parent_is_killed(heard: list, tmp_path: Path) -> None:
    pipe = tmp_path / "held open"
    os.mkfifo(pipe)
    program = (
        f"from explorer.system.child import run_child; run_child('child_programs:holds_open', {str(pipe)!r}, print)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    with pipe.open("rb", buffering=0) as held:
        child = int(held.read(10))
        parent.kill()
        parent.wait()
        is_closed = bool(select.select([held], [], [], 20)[0])
        if not is_closed:
            os.kill(child, signal.SIGKILL)
    assert is_closed


def test_the_memory_of_this_process_is_known() -> None:
    assert resident_bytes(os.getpid()) > 10_000_000
