"""The window's menus: every command with its shortcut, in the places where each system expects it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from explorer.system import settings
from explorer.ui import panel_walk
from explorer.ui.file_menu import FileMenu
from explorer.ui.help_menu import HelpMenu
from explorer.ui.workspaces import WORKSPACES

if TYPE_CHECKING:
    from explorer.ui.window import Window

_log = logging.getLogger(__name__)

_SCALE_STEP = 1.1
_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}

Shortcut = QKeySequence.StandardKey | str | None


class Commands(QObject):
    """Builds the menus of `window` and carries out what belongs to no panel."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._is_trainable = True
        self.export = self.action(
            "&Export…", "Ctrl+E", window.graph_view.export.choose_file, "Save the graph as SVG, PDF, PNG or DOT"
        )
        self.file = FileMenu(self, window)
        self._edit_menu()
        self._view_menu()
        self._graph_menu()
        self._train_menu()
        self.help = HelpMenu(self, window)

    def _edit_menu(self) -> None:
        menu = self.menu("&Edit")
        pad = self._window.input.pad
        undo = self.action("&Undo drawing", QKeySequence.StandardKey.Undo, pad.undo, "Take back the last stroke")
        redo = self.action("&Redo drawing", QKeySequence.StandardKey.Redo, pad.redo, "Bring back the last stroke")
        clear = self.action("C&lear drawing", "Ctrl+Backspace", pad.clear, "Take a fresh sheet")
        paste = self.action(
            "&Paste picture", QKeySequence.StandardKey.Paste, self._paste, "A picture, or the file of one, for the pad"
        )

        def enable() -> None:
            undo.setEnabled(pad.can_undo)
            redo.setEnabled(pad.can_redo)

        pad.history_changed.connect(enable)
        enable()
        preferences = self.action(
            "&Settings…", QKeySequence.StandardKey.Preferences, self._open_settings, "Folders, theme, device, threads"
        )
        if preferences.shortcut().isEmpty():
            preferences.setShortcut("Ctrl+,")
        preferences.setMenuRole(QAction.MenuRole.PreferencesRole)
        menu.addActions([undo, redo, clear, paste])
        menu.addSeparator()
        menu.addAction(preferences)

    def _view_menu(self) -> None:
        keys = QKeySequence.StandardKey
        menu = self.menu("&View")
        window = self._window
        for number, name in enumerate(WORKSPACES, start=1):
            menu.addAction(
                self.action(f"&{name}", f"Ctrl+{number}", partial(window.workspaces.enter, name), f"{name} workspace")
            )
        menu.addAction(self.action("&Reset arrangement", None, window.workspaces.arrange, "Panels as at first"))
        menu.addSeparator()
        menu.addActions(
            [
                self.action(
                    "C&onfusion matrix",
                    "Ctrl+Shift+K",
                    lambda: window.show_panel("confusion"),
                    "Which class was taken for which, and the images behind it",
                ),
                self.action(
                    "&Data browser",
                    "Ctrl+Shift+D",
                    lambda: window.show_panel("data"),
                    "Classes and samples of the data sets, and what augmentation makes of them",
                ),
                self.action(
                    "Co&mparison", "Ctrl+Shift+M", lambda: window.show_panel("comparison"), "All networks side by side"
                ),
                self.action(
                    "E&xperiments",
                    "Ctrl+Shift+X",
                    window.experiments.show,
                    "Claims of the textbooks, answered by training and computing",
                ),
                self.action(
                    "Receptive-&field explorer",
                    "Ctrl+Shift+F",
                    lambda: window.show_panel("field"),
                    "Stack small windows, and see field, weights and MACs against one large kernel",
                ),
            ]
        )
        menu.addActions(
            [
                self.action(
                    "&Why",
                    "Ctrl+Shift+W",
                    lambda: window.why_tools.show("Explain"),
                    "What speaks for the answer: Grad-CAM, saliency, occlusion, integrated gradients",
                ),
                self.action(
                    "S&urgery and temperature",
                    "Ctrl+Shift+U",
                    lambda: window.why_tools.show("Surgery"),
                    "Silence channels and layers, skip branches, cool or heat the softmax, and see the answer change",
                ),
            ]
        )
        menu.addActions(window.answer_tools.actions())
        menu.addAction(window.graph_view.commands.maps)
        menu.addSeparator()
        panels = menu.addMenu("&Panels")
        for dock in window.docks.values():
            panels.addAction(dock.toggleViewAction())
        themes = menu.addMenu("&Theme")
        group = QActionGroup(self)
        for name, title in _THEMES.items():
            action = self.action(title, None, partial(self.change, theme=name), f"{title} theme")
            action.setCheckable(True)
            action.setChecked(window.settings.theme == name)
            group.addAction(action)
            themes.addAction(action)
        self._themes = group
        menu.addSeparator()
        menu.addActions(
            [
                self.action("&Larger text", keys.ZoomIn, lambda: self._zoom(_SCALE_STEP), "Everything larger"),
                self.action("&Smaller text", keys.ZoomOut, lambda: self._zoom(1 / _SCALE_STEP), "Everything smaller"),
                self.action("&Normal text", "Ctrl+Alt+0", lambda: self.change(scale=1.0), "The system's text size"),
                self.action("&Full screen", keys.FullScreen, self._toggle_full_screen, "Without frame and taskbar"),
                self.action(
                    "L&ecture mode",
                    "Ctrl+Shift+L",
                    window.lecture.toggle,
                    "Full screen and large type, curves and pad only; Page Up and Page Down change the experiment",
                ),
            ]
        )
        menu.addSeparator()
        menu.addActions(
            [
                self.action("Ne&xt panel", "F6", lambda: panel_walk.step(window, 1), "The keyboard to the next panel"),
                self.action(
                    "Pre&vious panel", "Shift+F6", lambda: panel_walk.step(window, -1), "The keyboard to the one before"
                ),
            ]
        )

    def _graph_menu(self) -> None:
        menu = self.menu("&Graph")
        view = self._window.graph_view
        menu.addActions([view.fit_action, view.zoom_in_action, view.zoom_out_action, view.zoom_selection_action])
        menu.addSeparator()
        menu.addActions([view.fold_all_action, view.unfold_all_action])
        menu.addSeparator()
        menu.addActions([view.commands.vertical, view.commands.rows, view.commands.maps])
        menu.addSeparator()
        menu.addActions([view.copy_image_action, self.export])
        menu.addSeparator()
        menu.addAction(self._window.comparison_tools.action)

    def _train_menu(self) -> None:
        menu = self.menu("&Train")
        training, trainer = self._window.training, self._window.trainer
        self._train = self.action("&Train", "Ctrl+Return", training.train, "Train this network by the settings shown")
        self._pause = self.action("&Pause or continue", "Ctrl+P", training.pause_or_continue, "Hold training, or go on")
        self._stops = [
            self.action("&Stop", "Ctrl+.", training.stop, "Stop at once, keeping the last complete epoch"),
            self.action("Stop after this &epoch", None, training.stop_after_epoch, "Finish the epoch first"),
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

    def menu(self, title: str) -> QMenu:
        """A menu of the menu bar."""
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        return menu

    def action(self, text: str, shortcut: Shortcut, work: Callable[[], object], tip: str) -> QAction:
        """A command of a menu; `work` is called without arguments."""
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

    def _paste(self) -> None:
        self._window.show_panel("input")
        self._window.input.paste()

    def _open_settings(self) -> None:
        from explorer.ui.settings_dialog import SettingsDialog  # noqa: PLC0415 - the window is up before it

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
