"""Atomic writes: the old file or the new one, never less, and errors that name the path."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from pathlib import Path

import pytest

from explorer.system import files


def test_the_content_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a file"
    target.write_bytes(b"old")
    files.write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, code: int
) -> None:
    target = tmp_path / "weights"
    target.write_bytes(b"old")

    def fail(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    if failing == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(files.StorageError, match="weights") as caught:
        files.write_atomically(target, b"new" * 1000)
    assert "3,000 bytes" in str(caught.value)
    assert caught.value.errno == code
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(files.StorageError, match="the folder is gone"):
        files.write_atomically(tmp_path / "gone" / "file", b"")


def test_two_threads_do_not_ask_for_the_mask_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, both, asking, most = os.umask, threading.Barrier(2), [], []

    def slow(mask: int) -> int:
        if mask == 0o022 and threading.get_ident() not in asking:
            asking.append(threading.get_ident())
            most.append(len(asking))
            # The other thread would be here too, if it could.
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.05)
        else:
            asking.remove(threading.get_ident())
        return real(mask)

    before = real(0o077)
    try:
        monkeypatch.setattr(os, "umask", slow)
        threads = [
            threading.Thread(target=files.write_atomically, args=(tmp_path / str(number), b"x")) for number in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        found = real(before)
    assert most == [1, 1]
    assert found == 0o077
