"""A training panel in a window, with trainings that are made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.networks import catalogue
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.ui.session import Session
from explorer.ui.training_panel import TrainingPanel
from explorer.ui.training_thread import Trainer


@contextmanager
def training_panel(qtbot: QtBot, width: int = 1200) -> Iterator[TrainingPanel]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(width, 700)
    session = Session()
    session.architecture = catalogue.get("lenet5")
    session.options = session.architecture.options_type()
    panel = TrainingPanel(session, Trainer(), Settings, window)
    panel.resize(width, 700)
    window.show()
    try:
        yield panel
    finally:
        panel.shutdown()
        session.shutdown()


def button(panel: QWidget, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def press(qtbot: QtBot, panel: QWidget, name: str) -> None:
    qtbot.mouseClick(button(panel, name), Qt.MouseButton.LeftButton)


def starts(panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch, source: Callable) -> list[TrainingConfig]:
    """Makes the trainer run `source` whatever it is asked to train; returns the configs it is asked for."""
    configs: list[TrainingConfig] = []
    monkeypatch.setattr(panel._trainer, "start", lambda config: (configs.append(config), panel._trainer.run(source)))
    return configs


def until(qtbot: QtBot, panel: TrainingPanel, state: str) -> None:
    qtbot.waitUntil(lambda: panel._trainer.state == state, timeout=5000)
