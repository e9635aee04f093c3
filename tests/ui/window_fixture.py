"""The whole window with LeNet-5 on screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest

from explorer.system import paths
from explorer.ui.app import create_window
from explorer.ui.window import Window


@contextmanager
def open_window() -> Iterator[Window]:
    made = create_window()
    made.resize(1280, 800)
    made.show()
    try:
        _wait_for_graph(made)
        yield made
    finally:
        made.close()


@contextmanager
def window_of_many_tests(home: Path) -> Iterator[Window]:
    """A window that outlives a test, for tests that leave it as it was; whatever else they leave fails them still."""
    (home / "window.json").write_text('{"first_minute": {}}', encoding="utf-8")
    with _at_home(home):
        made = create_window()
    try:
        with _at_home(home):
            made.resize(1280, 800)
            made.show()
            _wait_for_graph(made)
            _wait(lambda: bool(made.service.title))
        yield made
    finally:
        with _at_home(home):
            made.close()
        made.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(home))
        yield


def _wait_for_graph(window: Window) -> None:
    _wait(lambda: window.session.graph is not None)


def _wait(is_so) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline, "the window did not come to rest"
        QTest.qWait(5)
