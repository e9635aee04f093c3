"""Workspaces: the same docks in another arrangement, each remembered as the user left it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QTabBar, QTabWidget

from explorer.ui.dock_title import DockTitle
from explorer.ui.theme import theme

WORKSPACES = ("Explore", "Train", "Predict", "Compare")
# What a workspace leaves out, and which of the tabs below the graph is in front.
_HIDDEN: dict[str, set[str]] = {
    "Explore": {"comparison", "experiments", "field", "confusion", "data", "several", "personal"},
    "Train": {"comparison", "experiments", "field", "why", "several", "personal"},
    "Predict": {"layers", "runs", "training", "comparison", "experiments", "field", "confusion", "data"},
    "Compare": {
        "why",
        "training",
        "runs",
        "field",
        "input",
        "inspector",
        "about",
        "confusion",
        "data",
        "several",
        "personal",
    },
}
_RAISED = {"Train": "runs", "Predict": "why", "Compare": "comparison"}
# Raised when docks are added or renamed, so that an older remembered arrangement is not forced on them.
_VERSION = 6


class Workspaces(QObject):
    """Arranges the docks of a window; `changed` carries the name of the workspace entered."""

    changed = Signal(str)

    def __init__(self, window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._kept: dict[str, QByteArray] = {}
        self._sizes: dict[str, QSize] = {}  # of the window, when each arrangement was kept
        self.current = WORKSPACES[0]
        self._is_closing = False
        # Once the docks have taken their places.
        self._tidy = QTimer(self)
        self._tidy.setSingleShot(True)
        self._tidy.timeout.connect(self._hide_stray_tab_bars)
        for dock in docks.values():
            dock.visibilityChanged.connect(self._look_again)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def shutdown(self) -> None:
        """Looks after the docks no longer: the window goes."""
        self._is_closing = True
        self._tidy.stop()

    def _look_again(self) -> None:
        if not self._is_closing:
            self._tidy.start(0)

    def enter(self, name: str) -> None:
        """Keeps the present arrangement and shows that of workspace `name`."""
        if name == self.current:
            return
        self._keep()
        self.current = name
        kept = self._kept.get(name)
        if kept is None or not self._window.restoreState(kept, _VERSION):
            self.arrange()
        elif self._sizes.get(name) != self._window.size():
            # The kept sizes are pixels of another window.
            self.share_out()
        self._tidy.start(0)
        self.changed.emit(name)

    def _keep(self) -> None:
        self._kept[self.current] = self._window.saveState(_VERSION)
        self._sizes[self.current] = self._window.size()

    def arrange(self) -> None:
        """The default arrangement of the current workspace."""
        window, docks = self._window, self._docks
        for dock in docks.values():
            window.removeDockWidget(dock)
            dock.setFloating(False)
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        for name, area in (
            ("catalogue", left),
            ("options", left),
            ("layers", bottom),
            ("runs", bottom),
            ("why", bottom),
            ("confusion", bottom),
            ("data", bottom),
            ("comparison", bottom),
            ("experiments", bottom),
            ("field", bottom),
            ("several", bottom),
            ("personal", bottom),
            ("training", bottom),
            ("input", right),
            ("inspector", right),
            ("about", right),
        ):
            window.addDockWidget(area, docks[name])
        window.splitDockWidget(docks["catalogue"], docks["options"], Qt.Orientation.Vertical)
        window.splitDockWidget(docks["layers"], docks["training"], Qt.Orientation.Horizontal)
        for name in ("runs", "why", "confusion", "data", "comparison", "experiments", "field", "several", "personal"):
            window.tabifyDockWidget(docks["layers"], docks[name])
        window.splitDockWidget(docks["input"], docks["inspector"], Qt.Orientation.Vertical)
        window.tabifyDockWidget(docks["inspector"], docks["about"])
        hidden = _HIDDEN[self.current]
        for name, dock in docks.items():
            dock.setVisible(name not in hidden)
        docks[_RAISED.get(self.current, "layers")].raise_()
        docks["inspector"].raise_()
        self.share_out()
        self._tidy.start(0)

    def _hide_stray_tab_bars(self) -> None:
        """Hides the tab bars that Qt leaves behind when tabbed docks are arranged anew (seen with 6.8 to 6.11).

        The newest bar with a dock's title is the one in use.
        """
        shown = {dock.windowTitle() for dock in self._docks.values() if not dock.isHidden()}
        named: set[str] = set()
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for bar in reversed(bars):
            titles = {bar.tabText(index) for index in range(bar.count())}
            bar.setAccessibleName(f"Panels: {', '.join(sorted(titles))}")
            bar.setVisible(bool(titles & shown) and not titles & named)
            named |= titles
        for dock in self._docks.values():
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.refresh()
        self._hide_what_is_behind()

    def _hide_what_is_behind(self) -> None:
        """Hides the panels behind other tabs: Qt moves their docks out of the window, and calls them visible still.

        So a panel that computes only while it is visible does so only while it is in sight.
        """
        for dock in self._docks.values():
            panel = dock.widget()
            if panel is not None and dock.isVisible():
                policy = panel.sizePolicy()
                if not policy.retainSizeWhenHidden():
                    # Else the docks would be given other sizes whenever a tab is chosen.
                    policy.setRetainSizeWhenHidden(True)
                    panel.setSizePolicy(policy)
                place = dock.geometry()
                panel.setVisible(dock.isFloating() or (place.right() >= 0 and place.bottom() >= 0))

    def share_out_anew(self) -> None:
        """Shares the window out once its size is known, unless the user's own arrangement came back."""
        if self.current not in self._kept:
            self.share_out()
            self._docks[_RAISED.get(self.current, "layers")].raise_()

    def share_out(self) -> None:
        """Gives each panel its share of the window: what it needs where it says so, the measures of look.md else."""
        window, docks, px = self._window, self._docks, theme().px
        width, height = window.width(), window.height()
        side = {"Explore": 300, "Train": 300, "Predict": 430, "Compare": 300}[self.current]
        lower = {"Explore": 0.42, "Train": 0.62, "Predict": 0.4, "Compare": 0.6}[self.current]
        window.resizeDocks([docks["catalogue"], docks["input"]], [px(232), px(side)], Qt.Orientation.Horizontal)
        below = docks["why" if self.current == "Predict" else "layers"]
        window.resizeDocks([below], [round(height * lower)], Qt.Orientation.Vertical)
        middle = max(px(400), width - px(232) - px(side))
        share = 0.36 if self.current == "Train" else 0.6
        window.resizeDocks(
            [docks["layers"], docks["training"]],
            [round(middle * share), round(middle * (1 - share))],
            Qt.Orientation.Horizontal,
        )
        needed = px(300)  # five options, as LeNet-5 has, and the size of the input
        window.resizeDocks([docks["catalogue"], docks["options"]], [height - needed, needed], Qt.Orientation.Vertical)
        area = docks["input"].widget()
        panel = area.widget() if isinstance(area, QScrollArea) else area
        needed = max(panel.heightForWidth(px(side)), panel.sizeHint().height()) + px(72)
        # The input scrolls; the inspector below it shows maps, filters and numbers.
        needed = min(needed, round(height * (0.72 if self.current == "Predict" else 0.55)))
        window.resizeDocks([docks["input"], docks["inspector"]], [needed, height - needed], Qt.Orientation.Vertical)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        self._keep()
        kept = {name: base64.b64encode(bytes(state.data())).decode("ascii") for name, state in self._kept.items()}
        return {"current": self.current, "arrangements": kept}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what does not fit this version is left out."""
        arrangements = state.get("arrangements")
        for name, text in (arrangements if isinstance(arrangements, dict) else {}).items():
            try:
                self._kept[name] = QByteArray(base64.b64decode(text))
            except (binascii.Error, TypeError, ValueError):
                continue
        self.current = state.get("current") if state.get("current") in WORKSPACES else WORKSPACES[0]
        kept = self._kept.get(self.current)
        if kept is None or not self._window.restoreState(kept, _VERSION):
            self._kept.pop(self.current, None)
            self.arrange()
        self._sizes = dict.fromkeys(self._kept, self._window.size())
        self._tidy.start(0)
        self.changed.emit(self.current)
