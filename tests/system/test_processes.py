import os
import subprocess
import sys

from explorer.system import processes


def test_a_process_keeps_its_mark_while_it_lives() -> None:
    assert processes.start_mark(os.getpid()) == processes.start_mark(os.getpid()) != ""


def test_two_processes_have_different_marks() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert processes.start_mark(child.pid) not in {None, processes.start_mark(os.getpid())}
        child.communicate(b"\n")


def test_a_process_that_ended_has_no_mark() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
    assert processes.start_mark(child.pid) is None
