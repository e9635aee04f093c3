"""The window's menus: every command with its shortcut, in the places where each system expects it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

import explorer
from explorer.system import diagnostics, paths, settings
from explorer.ui.own_networks import PATTERNS
from explorer.ui.plain_text import tooltip
from explorer.ui.settings_dialog import SettingsDialog
from explorer.ui.workspaces import WORKSPACES

if TYPE_CHECKING:
    from explorer.ui.window import Window

_log = logging.getLogger(__name__)

_SCALE_STEP = 1.1
_ALL = "All files (*)"
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.pgm *.ppm)"
_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}

Shortcut = QKeySequence.StandardKey | str | None


class Commands(QObject):
    """Builds the menus of `window` and carries out what belongs to no panel."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._is_trainable = True
        self.export = self._action(
            "&Export…", "Ctrl+E", window.graph_view.export.choose_file, "Save the graph as SVG, PDF, PNG or DOT"
        )
        self._file_menu()
        self._edit_menu()
        self._view_menu()
        self._graph_menu()
        self._train_menu()
        self._help_menu()

    def _file_menu(self) -> None:
        menu = self._menu("&File")
        window = self._window
        menu.addActions(
            [
                self._action(
                    "&Open…",
                    QKeySequence.StandardKey.Open,
                    self._open_file,
                    "A network of your own (Python file, exported program, weights), a picture or a run",
                ),
                self._action("Open &image…", "Ctrl+Shift+O", window.input.choose_image, "Open a picture on the pad"),
            ]
        )
        self._recent = menu.addMenu("Open &recent")
        self._recent.setToolTipsVisible(True)
        self._recent.aboutToShow.connect(self._fill_recent)
        menu.addAction(self.export)
        menu.addSeparator()
        quit_action = self._action("&Quit", QKeySequence.StandardKey.Quit, window.close, "Save and close")
        quit_action.setMenuRole(QAction.MenuRole.QuitRole)
        menu.addAction(quit_action)

    def _edit_menu(self) -> None:
        menu = self._menu("&Edit")
        pad = self._window.input.pad
        undo = self._action("&Undo drawing", QKeySequence.StandardKey.Undo, pad.undo, "Take back the last stroke")
        redo = self._action("&Redo drawing", QKeySequence.StandardKey.Redo, pad.redo, "Bring back the last stroke")
        clear = self._action("C&lear drawing", "Ctrl+Backspace", pad.clear, "Take a fresh sheet")

        def enable() -> None:
            undo.setEnabled(pad.can_undo)
            redo.setEnabled(pad.can_redo)

        pad.history_changed.connect(enable)
        enable()
        preferences = self._action(
            "&Settings…", QKeySequence.StandardKey.Preferences, self._open_settings, "Folders, theme, device, threads"
        )
        if preferences.shortcut().isEmpty():
            preferences.setShortcut("Ctrl+,")
        preferences.setMenuRole(QAction.MenuRole.PreferencesRole)
        menu.addActions([undo, redo, clear])
        menu.addSeparator()
        menu.addAction(preferences)

    def _view_menu(self) -> None:
        keys = QKeySequence.StandardKey
        menu = self._menu("&View")
        window = self._window
        for number, name in enumerate(WORKSPACES, start=1):
            menu.addAction(
                self._action(
                    f"&{name}", f"Ctrl+{number}", lambda name=name: window.workspaces.enter(name), f"{name} workspace"
                )
            )
        menu.addAction(self._action("&Reset arrangement", None, window.workspaces.arrange, "Panels as at first"))
        menu.addSeparator()
        menu.addActions(
            [
                self._action(
                    "C&onfusion matrix",
                    "Ctrl+Shift+K",
                    lambda: window.show_panel("confusion"),
                    "Which class was taken for which, and the images behind it",
                ),
                self._action(
                    "&Data browser",
                    "Ctrl+Shift+D",
                    lambda: window.show_panel("data"),
                    "Classes and samples of the data sets, and what augmentation makes of them",
                ),
                self._action(
                    "Co&mparison", "Ctrl+Shift+M", lambda: window.show_panel("comparison"), "All networks side by side"
                ),
                self._action(
                    "Receptive-&field explorer",
                    "Ctrl+Shift+F",
                    lambda: window.show_panel("field"),
                    "Stack small windows, and see field, weights and MACs against one large kernel",
                ),
            ]
        )
        menu.addSeparator()
        panels = menu.addMenu("&Panels")
        for dock in window.docks.values():
            panels.addAction(dock.toggleViewAction())
        themes = menu.addMenu("&Theme")
        group = QActionGroup(self)
        for name, title in _THEMES.items():
            action = self._action(title, None, lambda name=name: self.change(theme=name), f"{title} theme")
            action.setCheckable(True)
            action.setChecked(window.settings.theme == name)
            group.addAction(action)
            themes.addAction(action)
        self._themes = group
        menu.addSeparator()
        menu.addActions(
            [
                self._action("&Larger text", keys.ZoomIn, lambda: self._zoom(_SCALE_STEP), "Everything larger"),
                self._action("&Smaller text", keys.ZoomOut, lambda: self._zoom(1 / _SCALE_STEP), "Everything smaller"),
                self._action("&Normal text", "Ctrl+Alt+0", lambda: self.change(scale=1.0), "The system's text size"),
                self._action("&Full screen", keys.FullScreen, self._toggle_full_screen, "Without frame and taskbar"),
            ]
        )

    def _graph_menu(self) -> None:
        menu = self._menu("&Graph")
        view = self._window.graph_view
        menu.addActions([view.fit_action, view.zoom_in_action, view.zoom_out_action, view.zoom_selection_action])
        menu.addSeparator()
        menu.addActions([view.fold_all_action, view.unfold_all_action])
        menu.addSeparator()
        menu.addActions([view.commands.vertical, view.commands.rows])
        menu.addSeparator()
        menu.addActions([view.copy_image_action, self.export])

    def _train_menu(self) -> None:
        menu = self._menu("&Train")
        training, trainer = self._window.training, self._window.trainer
        self._train = self._action("&Train", "Ctrl+Return", training.train, "Train this network by the settings shown")
        self._pause = self._action(
            "&Pause or continue", "Ctrl+P", training.pause_or_continue, "Hold training, or go on"
        )
        self._stops = [
            self._action("&Stop", "Ctrl+.", training.stop, "Stop at once, keeping the last complete epoch"),
            self._action("Stop after this &epoch", None, training.stop_after_epoch, "Finish the epoch first"),
        ]
        menu.addActions([self._train, self._pause, *self._stops])
        self.follow_training(trainer.state)

    def follow_training(self, state: str) -> None:
        """Offers what can be done with a training in this state."""
        # While a run is under way, another is added to the queue.
        self._train.setText("&Train" if state == "idle" else "Add &to queue")
        self._train.setEnabled(self._is_trainable)
        self._pause.setEnabled(state in {"running", "paused"})
        for action in self._stops:
            action.setEnabled(state in {"starting", "running", "paused"})

    def set_trainable(self, is_trainable: bool) -> None:
        """Says whether the network on screen can be trained."""
        self._is_trainable = is_trainable
        self.follow_training(self._window.trainer.state)

    def _help_menu(self) -> None:
        menu = self._menu("&Help")
        about = self._action("&About CNN Explorer", None, self._about, "Version and licence")
        about.setMenuRole(QAction.MenuRole.AboutRole)
        menu.addActions(
            [
                self._action("&Copy diagnostics", None, self._copy_diagnostics, "Versions, device and last messages"),
                self._action("Open the &log", None, self._open_log, "The log file in the system's viewer"),
                about,
            ]
        )

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        return menu

    def _action(self, text: str, shortcut: Shortcut, work: Callable[[], object], tip: str) -> QAction:
        action = QAction(text, self)
        if isinstance(shortcut, QKeySequence.StandardKey):
            action.setShortcuts(shortcut)
        elif shortcut:
            action.setShortcut(shortcut)
        action.setToolTip(tip)
        action.setStatusTip("")
        action.triggered.connect(lambda _checked=False: work())
        return action

    # Carrying out

    def _open_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", "", f"{_ALL};;{PATTERNS};;{_PICTURES}")
        if name:
            self._window.open_file(Path(name))

    def _fill_recent(self) -> None:
        self._recent.clear()
        recent = self._window.own.recent
        for spec, title in recent:
            action = self._recent.addAction(title.replace("&", "&&"))
            action.setToolTip(tooltip(spec))
            action.triggered.connect(lambda _checked=False, spec=spec: self._window.own.open(spec))
        if not recent:
            self._recent.addAction("No network of your own was opened yet").setEnabled(False)

    def _open_settings(self) -> None:
        dialog = SettingsDialog(self._window.settings, self._window.session.devices, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._use)
        dialog.open()

    def change(self, **values: Any) -> None:
        """Changes settings by name, keeps them, and makes them hold."""
        chosen = dataclasses.replace(self._window.settings, **values)
        try:
            settings.save(chosen)
        except OSError as error:
            self._window.session.message.emit(str(error))
        self._use(chosen)

    def _use(self, chosen: settings.Settings) -> None:
        self._window.use_settings(chosen)
        for action, name in zip(self._themes.actions(), _THEMES, strict=True):
            action.setChecked(name == chosen.theme)

    def _zoom(self, factor: float) -> None:
        self.change(scale=min(3.0, max(0.6, round(self._window.settings.scale * factor, 3))))

    def _toggle_full_screen(self) -> None:
        window = self._window
        if window.isFullScreen():
            window.showNormal()
        else:
            window.showFullScreen()

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
