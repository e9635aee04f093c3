"""The Help menu: finding commands, the tour, the keys, what a number means, and what this program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMessageBox, QWhatsThis

import explorer
from explorer.system import desktop_entry, diagnostics, paths
from explorer.ui.explained_focus import explain_focus
from explorer.ui.palette import Palette
from explorer.ui.shortcuts_sheet import ShortcutsSheet

if TYPE_CHECKING:
    from explorer.ui.commands import Commands
    from explorer.ui.window import Window


class HelpMenu(QObject):
    """Fills the menu; `palette` is the list of commands."""

    def __init__(self, commands: Commands, window: Window) -> None:
        super().__init__(commands)
        self._window = window
        self.palette = Palette(window)
        self._sheet: ShortcutsSheet | None = None
        menu = commands.menu("&Help")
        make = commands.action
        self.whats_this = QWhatsThis.createAction(self)
        self.whats_this.setText("&What is this?")
        self.whats_this.setToolTip(
            "Then click a number, a column or a field: what it is, and its formula. Again: what has the keyboard"
        )
        self.whats_this.triggered.connect(self._on_whats_this)
        menu.addActions(
            [
                make("&Find a command…", "Ctrl+K", self.palette.open, "Commands, networks, panels, data, experiments"),
                make(
                    "&Keyboard shortcuts", QKeySequence.StandardKey.HelpContents, self.show_keys, "All keys on a sheet"
                ),
                self.whats_this,
            ]
        )
        menu.addSeparator()
        menu.addActions(
            [
                make("&Tour", None, window.first_minute.start_tour, "Seven short steps that you do yourself"),
                make(
                    "&Draw by itself",
                    None,
                    window.first_minute.draw,
                    "A digit draws itself on the pad; the first touch hands you the pen",
                ),
            ]
        )
        menu.addSeparator()
        menu.addActions(
            [
                make("&Copy diagnostics", None, self._copy_diagnostics, "Versions, device and last messages"),
                make("Open the &log", None, self._open_log, "The log file in the system's viewer"),
            ]
        )
        if desktop_entry.is_supported():
            self._entry = make("", None, self._turn_entry, "An entry and icons for you alone, below ~/.local/share")
            menu.addAction(self._entry)
            menu.aboutToShow.connect(self._name_entry)
            self._name_entry()
        about = make("&About CNN Explorer", None, self._about, "Version and licence")
        about.setMenuRole(QAction.MenuRole.AboutRole)
        menu.addAction(about)

    def show_keys(self) -> None:
        """Opens the sheet of keys, made anew: what there is may have changed."""
        if self._sheet is not None:
            self._sheet.close()
        sheet = self._sheet = ShortcutsSheet(self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.destroyed.connect(self._forget_sheet)
        sheet.show()

    def _on_whats_this(self, is_asking: bool) -> None:
        if is_asking:
            said = "click what you would like explained, or press Shift+F1 again for what the keyboard is at"
            self._window.session.message.emit(said)
            return
        QWhatsThis.leaveWhatsThisMode()
        if not explain_focus(QApplication.focusWidget()):
            self._window.session.message.emit("no number has the keyboard; Tab goes on to the next field")

    def _forget_sheet(self) -> None:
        self._sheet = None

    def _name_entry(self) -> None:
        self._entry.setText(
            "&Remove from the desktop's menu" if desktop_entry.is_installed() else "&Add to the desktop's menu"
        )

    def _turn_entry(self) -> None:
        try:
            if desktop_entry.is_installed():
                desktop_entry.remove()
                said = "CNN Explorer is no longer in the desktop's menu"
            else:
                desktop_entry.install()
                said = "CNN Explorer is in the desktop's menu"
        except OSError as error:
            said = str(error)
        self._window.session.message.emit(said)

    def _copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(diagnostics.report(self._window.session.device))
        self._window.session.message.emit("diagnostics are on the clipboard")

    def _open_log(self) -> None:
        path = paths.log_file()
        if not path.exists():
            self._window.session.message.emit(f"there is no log yet; it will be {path}")
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _about(self) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About CNN Explorer")
        box.setText(f"CNN Explorer {explorer.__version__}")
        box.setInformativeText(
            "See a convolutional network, train it live, and try it.\n"
            "MIT licence; built on Qt (LGPL), PyTorch and pyqtgraph."
        )
        box.open()
