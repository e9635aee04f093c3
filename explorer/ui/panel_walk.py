"""From panel to panel by key: the graph and every dock in sight, in the order of the eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from explorer.ui.window import Window


def step(window: Window, by: int) -> None:
    """Brings the keyboard to the next panel (`by` 1), or the one before (-1)."""
    panels = [window.centralWidget(), *(dock.widget() for dock in window.docks.values())]
    shown = [panel for panel in panels if panel is not None and _is_in_sight(window, panel)]
    if not shown:
        return
    shown.sort(key=lambda panel: _corner(window, panel))
    focus = QApplication.focusWidget()
    inside = [place for place, panel in enumerate(shown) if focus is panel or (focus and panel.isAncestorOf(focus))]
    at = (inside[0] + by) % len(shown) if inside else 0
    # A panel where nothing takes the keyboard is passed over.
    for further in range(len(shown)):
        target = _first(shown[(at + by * further) % len(shown)])
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
            return


def _is_in_sight(window: QWidget, panel: QWidget) -> bool:
    # A dock behind other tabs is visible to Qt, and lies outside the window. What a panel paints itself says nothing:
    # the graph's canvas covers all of its panel.
    if not panel.isVisible():
        return False
    return panel.window() is not window or window.rect().intersects(QRect(panel.mapTo(window, QPoint()), panel.size()))


def _corner(window: QWidget, panel: QWidget) -> tuple[int, int]:
    place = panel.mapTo(window, QPoint(0, 0)) if panel.window() is window else QPoint(window.width(), 0)
    return place.x(), place.y()


def _first(panel: QWidget) -> QWidget | None:
    """The first widget of a panel, in the order of Tab, that takes the keyboard."""
    widget: QWidget | None = panel
    while widget is not None:
        # The chain goes through the whole window; what stands in a panel need not follow it at once.
        is_inside = widget is panel or panel.isAncestorOf(widget)
        if is_inside and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.isVisible():
            return widget
        widget = widget.nextInFocusChain()
        if widget is panel:
            return None
    return None
