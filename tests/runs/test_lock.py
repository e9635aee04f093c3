import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.runs import lock
from explorer.runs.lock import LockedError
from explorer.system import processes


def foreign_lock(folder: Path, **changes: object) -> None:
    owner = {"pid": os.getpid(), "started": processes.start_mark(os.getpid()), "host": platform.node(), "token": "x"}
    (folder / "lock").write_text(json.dumps({**owner, **changes}))


def test_a_lock_of_a_living_process_is_refused(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        foreign_lock(tmp_path, pid=child.pid, started=processes.start_mark(child.pid))
        assert lock.is_locked(tmp_path)
        with pytest.raises(LockedError, match=f"process {child.pid}"):
            lock.acquire(tmp_path)
        child.communicate(b"\n")


def test_a_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
    foreign_lock(tmp_path, pid=child.pid, started="anything")
    assert not lock.is_locked(tmp_path)
    held = lock.acquire(tmp_path)
    assert lock.is_locked(tmp_path)
    held.release()
    assert list(tmp_path.iterdir()) == []


def test_a_process_number_that_was_given_away_again_does_not_hold_a_lock(tmp_path: Path) -> None:
    foreign_lock(tmp_path, pid=os.getppid(), started="another boot:1")
    assert not lock.is_locked(tmp_path)
    lock.acquire(tmp_path).release()


def test_where_the_system_does_not_tell_starts_the_number_alone_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_lock(tmp_path, pid=os.getppid(), started="some time")
    monkeypatch.setattr(processes, "start_mark", lambda _pid: "")
    assert lock.is_locked(tmp_path)


def test_the_same_program_cannot_take_a_lock_twice(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path)
    with pytest.raises(LockedError, match="this program already"):
        lock.acquire(tmp_path)
    held.release()


def test_a_lock_from_another_computer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    foreign_lock(tmp_path, host="elsewhere", pid=1)
    with pytest.raises(LockedError, match=r"elsewhere.*delete"):
        lock.acquire(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"pid": "x"}', b"\xff\xfe"])
def test_an_unreadable_lock_is_refused_while_fresh_and_taken_over_later(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lock"
    path.write_bytes(content)
    with pytest.raises(LockedError, match="try again"):
        lock.acquire(tmp_path)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    lock.acquire(tmp_path).release()


def test_releasing_leaves_the_lock_of_another_alone(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path)
    foreign_lock(tmp_path, pid=1)
    held.release()
    assert (tmp_path / "lock").exists()


def test_an_unreadable_lock_from_the_future_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"{")
    os.utime(path, (4_000_000_000, 4_000_000_000))
    lock.acquire(tmp_path).release()
