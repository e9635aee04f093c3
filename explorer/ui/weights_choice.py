"""One quiet line that says which weights answer, and the menu of others, by what they are for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from explorer.inference.kinds import Takes
from explorer.networks import zoo_files
from explorer.ui import file_dialogs
from explorer.ui.answering import Choice, Weights, title_of
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.ui.prediction_service import PredictionService

Runs = tuple[tuple[str, Path], ...]  # title and run folder (or weights file), the newest first

_FILES = "Weights (*.safetensors *.pth);;All files (*)"
_GROUPS = {
    Takes.DIGITS: ("Digits", "Follow the newest digit network"),
    Takes.PHOTOGRAPHS: ("Photographs", "Follow the newest network for photographs"),
    Takes.MASKS: ("Masks over the drawing", "Follow the newest network for masks"),
}
_HOW = {Weights.NEWEST: "newest", Weights.SHIPPED: "shipped", Weights.CHOSEN: "chosen"}


class WeightsChoice(QPushButton):
    """Says what answers and opens the choice of other weights, which then answer the input at hand.

    `zoo_wanted`: the list of published weights is asked for. `network_wanted` carries the Choice whose
    network is to be shown.
    """

    zoo_wanted = Signal()
    network_wanted = Signal(object)

    def __init__(self, service: PredictionService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("weights_choice")
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._service = service
        self._runs: dict[Takes, Runs] = {}
        self._full = ""
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill)
        service.weights_changed.connect(self.show_title)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self.show_title(service.title)

    def set_runs(self, runs: Mapping[Takes, Runs]) -> None:
        """The trained networks to choose from, by what they are for."""
        self._runs = dict(runs)

    def show_title(self, title: str) -> None:
        self._full = f"{title} · {_HOW[self._service.choice]}" if title else "No weights loaded yet"
        self.setToolTip(tooltip(f"{self._full}. Click to choose the weights that answer."))
        self.setAccessibleName(f"Weights: {self._full}")
        self._elide()

    # The menu

    def _fill(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        service = self._service
        current = service.chosen(service.subject)
        shipped = _shipped()
        for kind, (heading, newest) in _GROUPS.items():
            runs = self._runs.get(kind, ())
            if kind not in shipped and not runs and kind is not Takes.DIGITS:
                continue
            # A section's text is not painted by every style.
            self._menu.addSeparator()
            self._menu.addAction(heading).setEnabled(False)
            follows = current.weights is Weights.NEWEST and current.takes is kind
            self._add(group, newest, follows, partial(service.follow_newest, kind, at_hand=True))
            if kind in shipped:
                chosen = current == Choice(Weights.SHIPPED, None, kind)
                title = f"{shipped[kind]}, shipped"
                self._add(group, title, chosen, partial(service.use_shipped, kind, at_hand=True))
            for title, path in runs:
                chosen = current.weights is Weights.CHOSEN and current.path == path
                self._add(group, title, chosen, partial(service.use_weights, path, at_hand=True))
        self._menu.addSeparator()
        for path in zoo_files.kept():
            chosen = current.weights is Weights.CHOSEN and current.path == path
            title = f"{zoo_files.network_of(path)} on ImageNet"
            self._add(group, title, chosen, partial(service.use_weights, path, at_hand=True))
        self._menu.addSeparator()
        self._menu.addAction("Show the network that answers", partial(self.network_wanted.emit, current))
        self._menu.addAction("ImageNet weights…", self.zoo_wanted.emit)
        self._menu.addAction("Open weights…", self._ask)

    def _add(self, group: QActionGroup, title: str, checked: bool, act: Callable[[], Any]) -> None:
        action = QAction(title.replace("&", "&&"), group)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda _checked: act())
        self._menu.addAction(action)

    def _ask(self) -> None:
        name = file_dialogs.open_file(self, "weights", "Open weights", _FILES)
        if name:
            self._service.use_weights(Path(name), at_hand=True)

    # The look

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(24))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(" ▾") - theme().px(4)
        shown = metrics.elidedText(self._full, Qt.TextElideMode.ElideMiddle, room)
        self.setText(shown.replace("&", "&&") + " ▾")

    def _on_theme(self) -> None:
        colours = theme().colours
        self.setFont(theme().font(secondary=True))
        self.setStyleSheet(f"""
        QPushButton {{ border: none; text-align: left; padding: 0; color: {colours.secondary}; background: none; }}
        QPushButton:hover, QPushButton:focus {{ color: {colours.accent}; }}
        QPushButton::menu-indicator {{ image: none; width: 0; }}
        """)
        self.updateGeometry()
        self._elide()


def _shipped() -> dict[Takes, str]:
    """What comes with the program, by what it is for: titles."""
    from explorer.inference import sources  # noqa: PLC0415 - it reads Pillow and all data sets, which can wait
    from explorer.runs.weights_header import WeightsError, read_weights_header  # noqa: PLC0415

    titles = {}
    for kind in Takes:
        path = sources.shipped_for(kind)
        if path is None:
            continue
        try:
            header = read_weights_header(path)
        except WeightsError:
            continue
        titles[kind] = title_of(header.architecture, header.provenance)
    return titles
