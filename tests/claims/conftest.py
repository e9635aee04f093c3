from __future__ import annotations

from pathlib import Path

import pytest
from tiny import load_made

from explorer.claims import weight_measures
from explorer.system import files
from explorer.training import preparation


@pytest.fixture(autouse=True)
def made_data(monkeypatch: pytest.MonkeyPatch) -> None:
    weight_measures._test_set.cache_clear()
    monkeypatch.setattr(preparation.datasets, "load", load_made)
    # Waiting for the disk is a third of a short training.
    monkeypatch.setattr(files.os, "fsync", lambda _descriptor: None)


@pytest.fixture
def runs(own_home: Path) -> Path:
    return own_home / "runs"
