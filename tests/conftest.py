"""Fixtures that keep tests apart from the machine and from each other."""

from __future__ import annotations

import atexit
import functools
import gc
import itertools
import os
import socket
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

if "--headed" not in sys.argv:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The networks of the tests are too small to gain from threads; on a busy machine a second one even costs time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
if sys.platform == "win32":
    # Since torch 2.9 its libraries do not load after Qt's on Windows (pytorch#166628).
    import torch  # noqa: F401

from PySide6.QtCore import QPropertyAnimation, Qt, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from explorer.data.split import Split
from explorer.system import garbage

_HOMES = itertools.count()
_GIVEN_DATA = os.environ.get("CNN_EXPLORER_DATA", "")


# Nearly all that is made while the tests are collected stays: looking for garbage in it would take a fifth of the time.
gc.disable()


_ASIDE = garbage.set_aside()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        _ASIDE.__enter__()
        gc.enable()


# What was set aside is looked after again, so that libraries find nothing left over when the interpreter ends.
atexit.register(gc.unfreeze)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a sixth of the time the tests wait for timers, or for another process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--headed", action="store_true", help="show the windows instead of drawing them offscreen")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has its own folder for runs, settings and downloads, with a space and a letter beyond ASCII.

    It is that of a program that was started before: a first start would draw on the pad.
    """
    # Counted here: `mktemp` looks through all the folders that there are, for each test once.
    folder = tmp_path_factory.getbasetemp() / f"cnn höme {next(_HOMES)}"
    folder.mkdir()
    (folder / "window.json").write_text('{"first_minute": {}}', encoding="utf-8")
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(folder))
    # What is there must not decide how a test goes; `real_data` gives it back to those that ask.
    monkeypatch.delenv("CNN_EXPLORER_DATA", raising=False)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only loopback can be reached."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != getattr(socket, "AF_UNIX", None):
            host = address[0] if isinstance(address, tuple) else address
            if host not in {"127.0.0.1", "localhost", "::1"}:
                raise OSError(f"tests reach no network, and this one tried {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data sets; tests that need it are skipped where it is missing."""
    if not _GIVEN_DATA or not (Path(_GIVEN_DATA) / "MNIST").is_dir():
        pytest.skip("CNN_EXPLORER_DATA holds no MNIST")
    monkeypatch.setenv("CNN_EXPLORER_DATA", _GIVEN_DATA)
    return Path(_GIVEN_DATA)


@pytest.fixture
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in data set with 400 images to train on and 100 to test with."""
    from explorer.data import datasets

    monkeypatch.setattr(datasets, "_drawn_digits", _few_digits)


@functools.cache
def _few_digits() -> tuple[Split, Split, str]:
    from explorer.data import datasets, digits

    train, test = digits.make_digits(400, digits.TRAIN_SEED), digits.make_digits(100, digits.TEST_SEED)
    return train, test, datasets._checksum(train, test)


@pytest.fixture(autouse=True)
def leaves_no_thread() -> Iterator[None]:
    """A test that leaves a thread behind fails: threads must be told to stop and be waited for."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    left = _new_threads(before)
    while left and time.monotonic() < deadline:
        left[0].join(timeout=0.1)
        left = _new_threads(before)
    assert not left, f"threads left running: {[thread.name for thread in left]}"


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    # A foreign thread that Python merely looked into (Qt's, torch's) is a "Dummy" and cannot be joined.
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.name.startswith(("Dummy", "pydevd"))
    ]


@pytest.fixture(autouse=True)
def leaves_nothing_of_qt(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Qt test that leaves a window, an active timer, an animation or a QThread behind fails."""
    if not {"qtbot", "qapp"} & set(request.fixturenames):
        yield
        return
    application = request.getfixturevalue("qapp")
    before = set(application.topLevelWidgets())
    started: list[object] = []
    for kind in (QTimer, QThread, QPropertyAnimation):
        _record_starts(monkeypatch, kind, started)
    yield
    for widget in set(application.topLevelWidgets()) - before:
        widget.close()
    _delete_what_is_closed()
    left = [widget for widget in application.topLevelWidgets() if widget not in before and not _is_deleted(widget)]
    visible = [type(widget).__name__ for widget in left if widget.isVisible()]
    active = [thing for thing in started if not _is_deleted(thing) and _is_active(thing)]
    for thing in active:
        if hasattr(thing, "stop"):
            thing.stop()
    # A closed window that somebody still refers to would be restyled with every later one.
    for widget in left:
        if isinstance(widget, QMainWindow):
            widget.deleteLater()
    _flush_deletions()
    assert not visible, f"windows left open: {visible}"
    assert not active, f"timers, animations or threads left running: {active}"


def _record_starts(monkeypatch: pytest.MonkeyPatch, kind: type, started: list[object]) -> None:
    start = kind.start

    def recording(self: object, *arguments: object) -> None:
        started.append(self)
        start(self, *arguments)

    monkeypatch.setattr(kind, "start", recording)


def _is_deleted(thing: object) -> bool:
    import shiboken6

    return not shiboken6.isValid(thing)


def _is_active(thing: object) -> bool:
    if isinstance(thing, QTimer):
        return thing.isActive()
    if isinstance(thing, QThread):
        return thing.isRunning()
    return thing.state() == QPropertyAnimation.State.Running


def _delete_what_is_closed() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _flush_deletions() -> None:
    _delete_what_is_closed()
    gc.collect()
    # What is alive now is set aside: torch alone leaves 400,000 objects, which cost each collection 0.4 s.
    gc.freeze()


class Heartbeat:
    """Measures how late the event loop is: a 5 ms timer in the UI thread notes each delay beyond its period."""

    def __init__(self) -> None:
        self.lags: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.lags.append(max(0.0, (now - self._last) * 1000 - 5))
        self._last = now

    def percentile(self, share: float) -> float:
        """The lag in milliseconds that `share` (0 to 1) of the beats stay under."""
        ordered = sorted(self.lags)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@pytest.fixture
def heartbeat(qapp: QApplication) -> Iterator[Heartbeat]:
    """Event-loop lag over the test: `heartbeat.percentile(0.99)` in milliseconds."""
    beat = Heartbeat()
    beat.start()
    yield beat
    beat.stop()
