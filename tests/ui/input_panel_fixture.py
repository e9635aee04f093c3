"""An input panel in a window of its own, with the service that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.input_panel import InputPanel
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session


@contextmanager
def input_panel(qtbot: QtBot, height: int) -> Iterator[InputPanel]:
    service = PredictionService()
    window = QWidget()
    qtbot.addWidget(window)
    panel = InputPanel(Session(), service, window)
    panel.resize(320, height)
    window.resize(400, height + 60)
    window.show()
    qtbot.waitExposed(window)
    try:
        yield panel
    finally:
        service.shutdown()
        panel.shutdown()
