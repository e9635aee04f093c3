from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_data import load_small, small_config

from explorer.training import preparation
from explorer.training.config import TrainingConfig


@pytest.fixture(autouse=True)
def small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation.datasets, "load", load_small)


@pytest.fixture
def config() -> Callable[..., TrainingConfig]:
    return small_config


@pytest.fixture
def runs(own_home: Path) -> Path:
    return own_home / "runs"
