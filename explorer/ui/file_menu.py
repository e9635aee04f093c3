"""The File menu: what can be opened, what was opened lately, saving, and the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from explorer.ui import file_dialogs
from explorer.ui.own_networks import PATTERNS
from explorer.ui.plain_text import tooltip

if TYPE_CHECKING:
    from explorer.ui.commands import Commands
    from explorer.ui.window import Window

_ALL = "All files (*)"
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.pgm *.ppm)"


class FileMenu(QObject):
    """Fills the menu, and carries out what belongs to no panel."""

    def __init__(self, commands: Commands, window: Window) -> None:
        super().__init__(commands)
        self._window = window
        menu = commands.menu("&File")
        make = commands.action
        menu.addActions(
            [
                make(
                    "&Open…",
                    QKeySequence.StandardKey.Open,
                    self._open_file,
                    "A network of your own (Python file, exported program, weights), a picture or a run",
                ),
                make("Open &images…", "Ctrl+Shift+O", window.input.choose_image, "Open pictures on the pad"),
                make(
                    "Open &folder of images…", None, window.input.choose_folder, "All pictures of a folder, as a strip"
                ),
                make("Open r&un…", None, self._open_run, "The folder of a run, to answer what is drawn"),
            ]
        )
        self.recent = menu.addMenu("Open &recent")
        self.recent.setToolTipsVisible(True)
        self.recent.aboutToShow.connect(self.fill_recent)
        menu.addAction(commands.export)
        menu.addSeparator()
        leave = make("&Quit", QKeySequence.StandardKey.Quit, window.close, "Save and close")
        leave.setMenuRole(QAction.MenuRole.QuitRole)
        menu.addAction(leave)

    def fill_recent(self) -> None:
        """Lists what was opened lately: networks, pictures, runs."""
        menu, window = self.recent, self._window
        menu.clear()
        for spec, title in window.own.recent:
            self._add(menu, title, spec, lambda spec=spec: window.own.open(spec))
        for kind, heading in (("picture", "Pictures"), ("run", "Runs")):
            found = window.recent.of(kind)  # type: ignore[arg-type]
            if found:
                menu.addSection(heading)
            for each in found:
                self._add(menu, each.title, str(each.path), lambda path=each.path: self._open_recent(path))
        if menu.isEmpty():
            menu.addAction("Nothing was opened yet").setEnabled(False)
            return
        menu.addSeparator()
        self._add(menu, "Clear this list", "Networks stay in the catalogue until they are taken off there", self._clear)

    def _add(self, menu: QMenu, title: str, tip: str, work: object) -> None:
        action = menu.addAction(title.replace("&", "&&"))
        action.setToolTip(tooltip(tip))
        action.triggered.connect(lambda _checked=False: work())  # type: ignore[operator]

    def _open_file(self) -> None:
        name = file_dialogs.open_file(self._window, "any", "Open", f"{_ALL};;{PATTERNS};;{_PICTURES}")
        if name:
            self._window.open_file(Path(name))

    def _open_run(self) -> None:
        name = file_dialogs.open_folder(self._window, "run", "Open the folder of a run")
        if name:
            self._window.open_file(Path(name))

    def _open_recent(self, path: Path) -> None:
        if path.exists():
            self._window.open_file(path)
        else:
            self._window.recent.forget(path)
            self._window.session.message.emit(f"{path.name} is no longer there")

    def _clear(self) -> None:
        self._window.recent.clear()
        for spec, _ in self._window.own.recent:
            self._window.own.forget(spec)
