"""The bar at the top: workspaces, the network on screen and its paper, and what one does with a graph."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolBar, QWidget

from explorer.networks.architecture import Architecture
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
        self.addWidget(self._build_segments())
        self._title = QLabel()
        self._paper = QLabel()
        for label, name in ((self._title, "Network on screen"), (self._paper, "Its paper")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAccessibleName(name)
        self._title.setProperty("role", "title")
        self._paper.setProperty("role", "secondary")
        # The paper gives way first when the window is narrow.
        self._paper.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.addWidget(self._title)
        self.addWidget(self._paper)

    def add_buttons(self, *actions: QAction) -> None:
        """Puts plain buttons for `actions` at the right end."""
        for action in actions:
            button = QPushButton(action.text().replace("&", ""))
            button.setToolTip(action.toolTip())
            button.setAccessibleName(action.toolTip() or action.text())
            button.clicked.connect(action.trigger)
            self.addWidget(button)

    def show_architecture(self, architecture: Architecture, _options: Any) -> None:
        self._title.setText(architecture.title)
        self._paper.setText(f"{architecture.paper.title}, {architecture.year}")
        self._paper.setToolTip(f"{architecture.paper.authors}: {architecture.paper.title}, {architecture.year}")

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
            button.clicked.connect(lambda _checked, name=name: self.workspace_chosen.emit(name))
            self._segments.addButton(button)
            row.addWidget(button)
        return box
