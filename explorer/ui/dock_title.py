"""The title of a dock: a quiet line with its name, and buttons to take it out and to close it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QToolButton, QWidget

from explorer.ui.theme import theme


class DockTitle(QWidget):
    """A title bar for `dock.setTitleBarWidget`, dragged like the system's own.

    Among tabs the tab says the name, so the line is left out.
    """

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self._label = QLabel(dock.windowTitle())
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "heading")
        self._float = self._button("Take out", self._toggle_floating)
        self._close = self._button("Close", dock.close)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._label, 1)
        self._row.addWidget(self._float)
        self._row.addWidget(self._close)
        dock.windowTitleChanged.connect(self._label.setText)
        dock.featuresChanged.connect(self.refresh)
        dock.topLevelChanged.connect(self.refresh)
        dock.dockLocationChanged.connect(self.refresh)
        dock.visibilityChanged.connect(self.refresh)
        theme().changed.connect(self._dress)
        self._dress()

    @property
    def is_among_tabs(self) -> bool:
        window = self._dock.parentWidget()
        if self._dock.isFloating() or not isinstance(window, QMainWindow):
            return False
        return any(not other.isHidden() for other in window.tabifiedDockWidgets(self._dock))

    def _button(self, name: str, pressed: object) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(f"{name}: {self._dock.windowTitle()}")
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("small", True)
        button.clicked.connect(pressed)
        return button

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _dress(self) -> None:
        look = theme()
        self._float.setIcon(look.icon("float"))
        self._close.setIcon(look.icon("close"))
        for button in (self._float, self._close):
            button.setIconSize(QSize(look.px(14), look.px(14)))
        self._row.setSpacing(look.px(2))
        self.refresh()

    def refresh(self) -> None:
        """Looks anew at whether the dock is among tabs and what it may do."""
        look, features = theme(), self._dock.features()
        feature = QDockWidget.DockWidgetFeature
        shown = not self.is_among_tabs
        self._label.setVisible(shown)
        self._float.setVisible(shown and bool(features & feature.DockWidgetFloatable))
        self._close.setVisible(shown and bool(features & feature.DockWidgetClosable))
        self._float.setToolTip("Put back" if self._dock.isFloating() else "Take out")
        above = look.px(4) if shown else 0
        self._row.setContentsMargins(look.px(12) if shown else 0, above, look.px(8) if shown else 0, above)
