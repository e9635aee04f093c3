"""The application object, the window, and the event loop."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from explorer.system import log, paths, settings
from explorer.ui import qt_messages
from explorer.ui.theme import theme
from explorer.ui.window import Window

_log = logging.getLogger(__name__)


def create_application() -> QApplication:
    """The one QApplication, made if there is none, with the program's name, icon and look."""
    QCoreApplication.setApplicationName("CNN Explorer")
    QCoreApplication.setOrganizationName("CNN Explorer")
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setDesktopFileName("cnn-explorer")
    icon = paths.resource("icons", "cnn-explorer.svg")
    if icon.is_file():
        application.setWindowIcon(QIcon(str(icon)))
    return application


def create_window() -> Window:
    """The main window with every named widget in it, LeNet-5 on its way onto the screen, the event loop not started."""
    create_application()
    chosen = settings.load()
    theme().use(chosen.theme, chosen.scale)
    return Window(chosen)


def main(file: Path | None = None) -> int:
    """Opens the window and runs until it is closed; returns the exit code."""
    log.to_file()
    qt_messages.to_log()
    _dump_crashes()
    application = create_application()
    window = create_window()
    window.show()
    if file is not None:
        window.open_file(file)
    # Ctrl-C in the terminal closes the window as its cross does, so that training is saved. Python only sees the
    # signal while it runs, so a timer gives it the chance to.
    signal.signal(signal.SIGINT, lambda _number, _frame: _close(window))
    signal.signal(signal.SIGTERM, lambda _number, _frame: _close(window))
    ticker = QTimer(window)
    ticker.timeout.connect(lambda: None)
    ticker.start(200)
    code = application.exec()
    log.close()
    return code


def _close(window: Window) -> FrameType | None:
    window.close()
    return None


def _dump_crashes() -> None:
    """Leaves a trace of a crash below Python in a file beside the log."""
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        stream = (paths.home() / "crash.txt").open("a", encoding="utf-8")
    except OSError as error:
        _log.warning("crashes will leave no trace: %s", error)
        return
    faulthandler.enable(stream)
