from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fork_server import ForkServer, shared_server
from small_data import load_small, small_config

from explorer.system import files
from explorer.training import preparation
from explorer.training.config import TrainingConfig


@pytest.fixture(autouse=True)
def small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation.datasets, "load", load_small)


@pytest.fixture(autouse=True)
def disk_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is handed to the system; waiting until it lies on the disk is a third of a short training.

    Whether it waits at all is seen by the tests of files and of full disks.
    """
    monkeypatch.setattr(files.os, "fsync", lambda _descriptor: None)


@pytest.fixture
def config() -> Callable[..., TrainingConfig]:
    return small_config


@pytest.fixture
def runs(own_home: Path) -> Path:
    return own_home / "runs"


@pytest.fixture
def server() -> Iterator[ForkServer]:
    """Forks children; those of one test end with it."""
    yield shared_server()
    shared_server().end_children()
