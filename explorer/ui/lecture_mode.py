"""Lecture mode: full screen, large type, curves and pad only, and experiments by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLabel, QToolBar, QVBoxLayout

from explorer.experiments import EXPERIMENTS
from explorer.networks.catalogue import get
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.claims.claim import Experiment
    from explorer.ui.window import Window

# Read from the last row of a lecture hall.
_LARGER = 1.45
_LARGEST = 3.0
_PANELS = ("training", "input")
# Arrangements of another kind than those of the workspaces.
_VERSION = 1005


@dataclass(frozen=True)
class _Before:
    """How the window was."""

    docks: QByteArray
    geometry: QByteArray
    state: Qt.WindowState
    bars: tuple[bool, ...]


class Banner(QToolBar):
    """The line at the top: which claim, and its question; or, at first, the keys."""

    def __init__(self) -> None:
        super().__init__("Experiment")
        self.setObjectName("lecture_banner")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        page = QFrame()
        self.title, self.question = QLabel(), QLabel()
        for label, role in ((self.title, "title"), (self.question, "")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            if role:
                label.setProperty("role", role)
        self.title.setAccessibleName("Experiment")
        self.question.setAccessibleName("Its question")
        column = QVBoxLayout(page)
        column.setContentsMargins(theme().px(12), theme().px(8), theme().px(12), theme().px(8))
        column.addWidget(self.title)
        column.addWidget(self.question)
        self.addWidget(page)

    def say(self, title: str, question: str) -> None:
        self.title.setText(title)
        self.question.setText(question)
        self.question.setVisible(bool(question))


class LectureMode(QObject):
    """Enters and leaves it; `experiment` is the one on screen. Call `leave` before the window is remembered."""

    changed = Signal(bool)
    experiment_changed = Signal(object)  # Experiment

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._before: _Before | None = None
        self._banner: Banner | None = None
        self._shows_graph = False
        self.experiment: Experiment | None = None
        keys = Qt.Key
        self._shortcuts = [
            self._key(QKeySequence(key), work)
            for key, work in (
                (keys.Key_PageDown, lambda: self.step(1)),
                (keys.Key_PageUp, lambda: self.step(-1)),
                (keys.Key_G, self.turn_graph),
                (keys.Key_Escape, self.leave),
            )
        ]
        window.input.pad.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        return self._before is not None

    def toggle(self) -> None:
        if self.is_on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Takes the whole screen for curves and pad."""
        window = self._window
        if self.is_on:
            return
        bars = (window.menuBar(), window.top_bar, window.status)
        self._before = _Before(
            window.saveState(_VERSION),
            window.saveGeometry(),
            window.windowState(),
            tuple(not bar.isHidden() for bar in bars),
        )
        for bar in bars:
            bar.hide()
        for name, dock in window.docks.items():
            dock.setVisible(name in _PANELS)
        self._shows_graph = False
        window.centralWidget().hide()
        theme().use(window.settings.theme, min(_LARGEST, window.settings.scale * _LARGER))
        self._banner = Banner()
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._banner)
        self._say()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(True)
        window.showFullScreen()
        QTimer.singleShot(0, self, self._share_out)
        window.input.pad.setFocus()
        self.changed.emit(True)

    def leave(self) -> None:
        """Puts everything back as it was."""
        before, window = self._before, self._window
        if before is None:
            return
        self._before = None
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
        if self._banner is not None:
            window.removeToolBar(self._banner)
            self._banner.deleteLater()
            self._banner = None
        theme().use(window.settings.theme, window.settings.scale)
        window.centralWidget().show()
        for bar, was_shown in zip((window.menuBar(), window.top_bar, window.status), before.bars, strict=True):
            bar.setVisible(was_shown)
        window.setWindowState(before.state)
        window.restoreGeometry(before.geometry)
        window.restoreState(before.docks, _VERSION)
        # Once the window has its size again: docks share what there is.
        QTimer.singleShot(0, self, lambda: self._restore(before))
        self.changed.emit(False)

    def step(self, by: int) -> None:
        """Shows the next experiment (`by` 1) or the one before (-1), with its first network."""
        if not EXPERIMENTS:
            return
        place = EXPERIMENTS.index(self.experiment) + by if self.experiment in EXPERIMENTS else 0 if by > 0 else -1
        found = self.experiment = EXPERIMENTS[place % len(EXPERIMENTS)]
        self._show_network(found)
        if self._window.links.opens_experiment is not None:
            self._window.links.opens_experiment(found.number)
            self._only_panels()
        self._say()
        self.experiment_changed.emit(found)

    def turn_graph(self) -> None:
        """Shows the graph above curves and pad, or them alone again."""
        self._shows_graph = not self._shows_graph
        self._window.centralWidget().setVisible(self._shows_graph)
        QTimer.singleShot(0, self, self._share_out)

    def _show_network(self, experiment: Experiment) -> None:
        arms = experiment.short.arms
        name = arms[0].architecture if arms else next(iter(experiment.networks), "")
        try:
            architecture = get(name)
            options = architecture.options_type(**dict(arms[0].options)) if arms else None
        except (ValueError, TypeError):
            return
        self._window.session.show(architecture, options)

    def _only_panels(self) -> None:
        shown = {*_PANELS, "experiments"}
        for name, dock in self._window.docks.items():
            dock.setVisible(name in shown and not dock.isHidden())

    def _say(self) -> None:
        if self._banner is None:
            return
        if self.experiment is None:
            self._banner.say("Lecture mode", "Page Down: the first experiment    G: graph    Esc: leave")
        else:
            found = self.experiment
            self._banner.say(f"Claim {found.number} of {len(EXPERIMENTS)}: {found.title}", found.question)

    def _share_out(self) -> None:
        if not self.is_on:
            return
        window = self._window
        docks = window.docks
        width, height = window.width(), window.height()
        pad = min(round(width * 0.34), round(height * 0.62))
        window.resizeDocks([docks["input"]], [pad], Qt.Orientation.Horizontal)
        if self._shows_graph:
            window.resizeDocks([docks["training"]], [round(height * 0.5)], Qt.Orientation.Vertical)

    def _restore(self, before: _Before) -> None:
        if not self.is_on:
            self._window.restoreState(before.docks, _VERSION)

    def _key(self, keys: QKeySequence, work: object) -> QShortcut:
        shortcut = QShortcut(keys, self._window)
        shortcut.setEnabled(False)
        shortcut.activated.connect(work)
        return shortcut

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The pad takes Esc for itself, to clear the sheet; here it leaves.
        is_asked = self.is_on and event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_asked and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined] - a QKeyEvent by now
            event.ignore()
            return True
        return super().eventFilter(watched, event)
