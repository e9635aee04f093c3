"""The compact toolbar on the graph's upper right corner."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from explorer.ui.graph_actions import GraphActions
from explorer.ui.theme import theme


class GraphToolbar(QWidget):
    """Buttons for the graph's actions; everything in it is in the context menu as well."""

    def __init__(self, actions: GraphActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("graph_toolbar")
        self.setAccessibleName("Graph tools")
        self._row = QHBoxLayout(self)
        self._menus: list[tuple[QToolButton, str]] = []
        for action in (actions.back, actions.forward, actions.find):
            self._add(action)
        self._add_menu("fold", "Fold blocks", actions.fold_menu)
        self._add(actions.vertical)
        self._add(actions.rows)
        self._add(actions.maps)
        self._add_menu("quantity", "Colour boxes by a quantity", actions.quantity_menu)
        for action in (actions.zoom_out, actions.zoom_in, actions.fit):
            self._add(action)
        self._add_menu("save", "Copy or save the graph", actions.save_menu)
        theme().changed.connect(self._measure)
        self._measure()

    def _add(self, action: QAction) -> None:
        button = self._button()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text().replace("&", ""))

    def _add_menu(self, icon: str, name: str, fill: Callable[[QMenu], None]) -> None:
        button = self._button()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        fill(menu)
        button.setMenu(menu)
        self._menus.append((button, icon))

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setProperty("small", "true")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    def _measure(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(4), px(3), px(4), px(3))
        self._row.setSpacing(px(1))
        for button in self.findChildren(QToolButton):
            button.setIconSize(QSize(px(16), px(16)))
        for button, icon in self._menus:
            button.setIcon(theme().icon(icon))
        self.adjustSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("panel"))
        corner = theme().px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
