import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QToolButton
from pytestqt.qtbot import QtBot

from explorer.ui.dock_title import DockTitle


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    made.setCentralWidget(QLabel("middle"))
    for name in ("One", "Two"):
        dock = QDockWidget(name, made)
        dock.setWidget(QLabel(name))
        dock.setTitleBarWidget(DockTitle(dock))
        made.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _docks(window: QMainWindow) -> list[QDockWidget]:
    return sorted(window.findChildren(QDockWidget), key=lambda dock: dock.windowTitle())


def _button(dock: QDockWidget, name: str) -> QToolButton:
    found = [b for b in dock.titleBarWidget().findChildren(QToolButton) if b.accessibleName().startswith(name)]
    return found[0]


def test_close_closes_the_dock(window: QMainWindow, qtbot: QtBot) -> None:
    one, _ = _docks(window)
    qtbot.mouseClick(_button(one, "Close"), Qt.MouseButton.LeftButton)
    assert one.isHidden()


def test_take_out_and_put_back(window: QMainWindow, qtbot: QtBot) -> None:
    one, _ = _docks(window)
    qtbot.mouseClick(_button(one, "Take out"), Qt.MouseButton.LeftButton)
    assert one.isFloating()
    assert _button(one, "Take out").toolTip() == "Put back"
    qtbot.mouseClick(_button(one, "Take out"), Qt.MouseButton.LeftButton)
    assert not one.isFloating()


def test_the_title_is_left_out_among_tabs_and_comes_back(window: QMainWindow, qtbot: QtBot) -> None:
    one, two = _docks(window)
    window.tabifyDockWidget(one, two)
    two.raise_()
    qtbot.waitUntil(lambda: not _button(two, "Close").isVisible())
    one.close()
    qtbot.waitUntil(lambda: _button(two, "Close").isVisible())
