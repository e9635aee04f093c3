"""Lecture mode: full screen, large type, curves and pad only, and experiments by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolBar, QVBoxLayout

from explorer.experiments import EXPERIMENTS
from explorer.networks.catalogue import get
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.claims.claim import Experiment
    from explorer.ui.window import Window

# Read from the last row of a lecture hall.
_LARGER = 1.45
_LARGEST = 3.0
# Curves and pad: those of a training, or of the experiment that is shown.
_TRAINING, _EXPERIMENT, _PAD = "training", "experiments", "input"
# Arrangements of another kind than those of the workspaces.
_VERSION = 1005
_ARRIVES_MS = 150


@dataclass(frozen=True)
class _Before:
    """How the window was."""

    docks: QByteArray
    geometry: QByteArray
    state: Qt.WindowState
    bars: tuple[bool, ...]
    network: tuple[Any, Any, Any]


class Banner(QToolBar):
    """The line at the top: which claim, and its question; or, at first, the keys."""

    def __init__(self) -> None:
        super().__init__("Experiment")
        self.setObjectName("lecture_banner")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._page = page = QFrame()
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.title, self.question = QLabel(), QLabel()
        for label, role in ((self.title, "title"), (self.question, "")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            if role:
                label.setProperty("role", role)
        self.title.setAccessibleName("Experiment")
        self.question.setAccessibleName("Its question")
        column = QVBoxLayout(page)
        column.setContentsMargins(theme().px(12), theme().px(8), theme().px(12), theme().px(8))
        column.setSpacing(theme().px(2))
        column.addWidget(self.title)
        column.addWidget(self.question)
        self.addWidget(page)

    def say(self, title: str, question: str) -> None:
        self.title.setText(title)
        self.question.setText(question)
        self.question.setVisible(bool(question))
        self.fit()

    def fit(self) -> None:
        """Takes as many lines as the words need in the width of the window."""
        window, column = self.parentWidget(), self._page.layout()
        if window is not None and column is not None:
            height = column.heightForWidth(max(window.width(), 200))
            self._page.setFixedHeight(max(height, column.minimumSize().height()))


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
        self._curves = _TRAINING
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
        # A card would lie over what the hall is to see.
        window.first_minute.be_quiet()
        window.first_minute.tour.end()
        bars = (window.menuBar(), window.top_bar, window.status)
        self._before = _Before(
            window.saveState(_VERSION),
            window.saveGeometry(),
            window.windowState(),
            tuple(not bar.isHidden() for bar in bars),
            (window.session.architecture, window.session.options, window.session.input_shape),
        )
        for bar in bars:
            bar.hide()
        self._curves = _TRAINING
        self._show_panels()
        self._shows_graph, self.experiment = False, None
        window.graph_view.hide()
        theme().use(theme().name, min(_LARGEST, window.settings.scale * _LARGER))
        self._banner = Banner()
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._banner)
        self._say()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(True)
        window.showFullScreen()
        # Once now, and once the screen's size has arrived.
        for wait in (0, _ARRIVES_MS):
            QTimer.singleShot(wait, self, self._share_out)
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
        theme().use(theme().name, window.settings.scale)
        window.experiments.show_list(shown=True)
        window.graph_view.show()
        if before.network[0] is not None and self.experiment is not None:
            window.session.show(*before.network)
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
            self._curves = _EXPERIMENT
            self._show_panels()
            # Page Up and Page Down choose here.
            self._window.experiments.show_list(shown=False)
            QTimer.singleShot(0, self, self._share_out)
        self._say()
        self.experiment_changed.emit(found)

    def turn_graph(self) -> None:
        """Shows the graph above curves and pad, or them alone again."""
        self._shows_graph = not self._shows_graph
        self._window.graph_view.setVisible(self._shows_graph)
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

    def _show_panels(self) -> None:
        for name, dock in self._window.docks.items():
            dock.setVisible(name in {self._curves, _PAD})

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
        if self._banner is not None:
            self._banner.fit()
        width, height = window.width(), window.height()
        pad = min(round(width * 0.36), round(height * 0.66))
        if self._shows_graph:
            window.resizeDocks([docks[_PAD]], [pad], Qt.Orientation.Horizontal)
        else:
            both = [docks[self._curves], docks[_PAD]]
            window.resizeDocks(both, [width - pad, pad], Qt.Orientation.Horizontal)
        if self._shows_graph:
            window.resizeDocks([docks[self._curves]], [round(height * 0.5)], Qt.Orientation.Vertical)

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
        if self.is_on and isinstance(event, QKeyEvent) and _is_escape(event):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _is_escape(event: QKeyEvent) -> bool:
    return event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape
