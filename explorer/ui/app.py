"""The application object, the window, and the event loop."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

import explorer
from explorer.system import desktop_entry, garbage, log, paths, settings
from explorer.ui import qt_messages
from explorer.ui.theme import theme
from explorer.ui.window import Window

_log = logging.getLogger(__name__)


def create_application() -> QApplication:
    """The one QApplication, made if there is none, with the program's name, icon and look."""
    QCoreApplication.setApplicationName("CNN Explorer")
    QCoreApplication.setOrganizationName("CNN Explorer")
    QCoreApplication.setApplicationVersion(explorer.__version__)
    existing = QApplication.instance()
    if not isinstance(existing, QApplication):
        # Factors such as 1.25 and 1.5 are taken as they are: text is as large as the system says.
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    # Wayland and X11 find the icon and the name in the menu by it (`desktop_entry`).
    application.setDesktopFileName(desktop_entry.NAME)
    application.setApplicationDisplayName("CNN Explorer")
    application.setWindowIcon(program_icon())
    return application


def program_icon() -> QIcon:
    """The program's icon in all sizes that systems ask for, and as a drawing for larger ones."""
    icon = QIcon()
    for size in desktop_entry.ICON_SIZES:
        file = desktop_entry.icon_resource(size)
        if file.is_file():
            icon.addFile(str(file), QSize(size, size))
    drawing = paths.resource("icons", f"{desktop_entry.NAME}.svg")
    if drawing.is_file():
        icon.addFile(str(drawing))
    return icon


def create_window() -> Window:
    """The main window with every named widget in it, LeNet-5 on its way onto the screen, the event loop not started."""
    create_application()
    chosen = settings.load()
    theme().use(chosen.theme, chosen.scale)
    return Window(chosen)


def main(files: Sequence[Path] = ()) -> int:
    """Opens the window and runs until it is closed; returns the exit code."""
    log.to_file()
    qt_messages.to_log()
    _dump_crashes()
    application = create_application()
    with garbage.left_alone(keep=True):
        window = create_window()
        window.show()
    window.open_files(files)
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
