"""The bar at the top: workspaces, the network on screen and its paper, and what one does with a graph."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QWidget

from explorer.networks.architecture import Architecture
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme
from explorer.ui.workspaces import WORKSPACES


class TopBar(QToolBar):
    """`workspace_chosen` carries a name of `WORKSPACES`."""

    workspace_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Workspaces", parent)
        self.setObjectName("top_bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._segments = QButtonGroup(self)
        self._title = _Elided(is_title=True)
        self._title.setAccessibleName("Network on screen")
        self._paper = _Elided()
        self._paper.setAccessibleName("Its paper")
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._build_segments())
        self._row.addWidget(self._title)
        self._row.addWidget(self._paper, 1)
        self.addWidget(content)
        theme().changed.connect(self._measure)
        self._measure()

    def add_buttons(self, *actions: QAction) -> None:
        """Puts plain buttons for `actions` at the right end."""
        for action in actions:
            button = QPushButton(action.text().replace("&", ""))
            button.setToolTip(action.toolTip())
            button.setAccessibleName(action.toolTip() or action.text())
            button.clicked.connect(action.trigger)
            self._row.addWidget(button)

    def show_architecture(self, architecture: Architecture, options: Any) -> None:
        paper = architecture.paper
        self._title.show_text(architecture.title_with(options))
        if paper is None:
            # What is not from a paper has a place: a zoo's name or the user's own file.
            self._paper.show_text(architecture.source or architecture.family)
            self._paper.setToolTip(tooltip(architecture.source or architecture.family))
        else:
            self._paper.show_text(f"{paper.title}, {architecture.year}")
            self._paper.setToolTip(tooltip(f"{paper.authors}: {paper.title}, {architecture.year}"))

    def show_workspace(self, name: str) -> None:
        """Marks a workspace as the current one."""
        for button in self._segments.buttons():
            button.setChecked(button.text() == name)

    def _build_segments(self) -> QWidget:
        box = QFrame()
        box.setProperty("segments", "true")
        box.setAccessibleName("Workspace")
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, name in enumerate(WORKSPACES):
            button = QPushButton(name)
            button.setCheckable(True)
            button.setChecked(index == 0)
            button.setProperty("segment", "true")
            button.setToolTip(f"{name} workspace (Ctrl+{index + 1})")
            button.setAccessibleName(f"{name} workspace")
            button.clicked.connect(lambda _checked, name=name: self._choose(name))
            self._segments.addButton(button)
            row.addWidget(button)
        return box

    def _choose(self, name: str) -> None:
        self.workspace_chosen.emit(name)

    def _measure(self) -> None:
        self._row.setSpacing(theme().px(12))


class _Elided(QWidget):
    """Text on one line that gives way when there is no room: a title, or what is said of it."""

    def __init__(self, *, is_title: bool = False) -> None:
        super().__init__()
        self._text = ""
        self._is_title = is_title
        across = QSizePolicy.Policy.Maximum if is_title else QSizePolicy.Policy.Expanding
        self.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        theme().changed.connect(self.updateGeometry)

    def show_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleDescription(text)
        if self._is_title:
            self.setToolTip(tooltip(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        return QSize(metrics.horizontalAdvance(self._text) + 1 if self._is_title else 0, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(60) if self._is_title else 0, QFontMetrics(self._font()).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the text is short: all of it is painted
        painter = QPainter(self)
        painter.setFont(self._font())
        painter.setPen(theme().colour("text" if self._is_title else "secondary"))
        text = QFontMetrics(self._font()).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _font(self) -> QFont:
        return theme().font(title=True) if self._is_title else theme().font(secondary=True)
