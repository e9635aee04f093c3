"""Panels are built when they come into sight, and not before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from explorer.ui.lazy_panel import LazyPanel


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QMainWindow]:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.setCentralWidget(QLabel("Graph"))
    yield window
    window.close()


def _docked(window: QMainWindow) -> tuple[LazyPanel[QLabel], QDockWidget, QDockWidget]:
    """A lazy panel in a dock behind another's tab."""
    front, behind = QDockWidget("Front", window), QDockWidget("Behind", window)
    front.setWidget(QLabel("front"))
    panel = LazyPanel(lambda: QLabel("built"), window)
    behind.setWidget(panel)
    for dock in (front, behind):
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.tabifyDockWidget(behind, front)
    return panel, front, behind


def test_a_panel_behind_a_tab_is_not_built_with_the_window(window: QMainWindow, qtbot: QtBot) -> None:
    panel, front, _ = _docked(window)
    window.show()
    front.raise_()
    qtbot.waitUntil(lambda: not front.visibleRegion().isEmpty())
    assert panel.panel is None


def test_a_panel_brought_to_the_front_is_built(window: QMainWindow, qtbot: QtBot) -> None:
    panel, _, behind = _docked(window)
    window.show()
    behind.raise_()
    qtbot.waitUntil(lambda: panel.panel is not None and panel.panel.isVisible())


def test_a_panel_in_sight_is_built_before_it_is_first_painted(window: QMainWindow) -> None:
    panel, front, behind = _docked(window)
    front.hide()
    behind.show()
    window.show()
    assert panel.panel is not None
