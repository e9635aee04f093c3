"""What the window has around "why": edits of a copy of the network, the panel, the menus and the marks in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from explorer.ui.lazy_panel import LazyPanel
from explorer.ui.surgery import Surgery
from explorer.ui.surgery_menu import SurgeryMenu

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.ui.why_panel import WhyPanel
    from explorer.ui.window import Window
    from explorer.ui.window_parts import WindowParts


class WhyTools(QObject):
    """Makes them, and joins them with the window once it is whole."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        self._remembered: dict[str, Any] = {}
        self.surgery = Surgery(window.session, self)
        self.panel = LazyPanel(self._make, window)
        self._menu = SurgeryMenu(window.session, self.surgery, window)

    def join(self, window: Window) -> None:
        """Connects menus and marks."""
        window.graph_view.menu_wanted.connect(self._menu.fill)
        window.layers.menu_wanted.connect(self._menu.fill)
        self.surgery.changed.connect(self._on_edits)

    def show(self, page: str) -> None:
        """Brings the panel into sight with its page "Explain" or "Surgery"."""
        self._window.docks["why"].show()
        self._window.docks["why"].raise_()
        self.panel.build().show_page(page)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return dict(self._remembered) if self.panel.panel is None else self.panel.panel.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Takes back what `state` gave."""
        self._remembered = dict(state)
        if self.panel.panel is not None:
            self.panel.panel.restore(self._remembered)

    def _make(self) -> WhyPanel:
        from explorer.ui.why_panel import WhyPanel  # noqa: PLC0415 - built when it is first in sight

        window = self._window
        pane = window.input

        def source() -> Any:
            return pane.sections.adjusted(pane.pad.source)

        service = window.service
        panel = WhyPanel(window.session, window.look_inside, self.surgery, pane.view, source, lambda: service.title)
        service.weights_changed.connect(panel.follow_answer)
        panel.restore(self._remembered)
        return panel

    def _on_edits(self) -> None:
        """Marks what is edited, and has outputs shown with it; an edit made in a menu is seen where its effect is."""
        self._window.graph_view.mark_edited(self.surgery.paths)
        self._window.look_inside.set_edits(self.surgery.edits)
        if self.surgery.edits and not (self.panel.panel is not None and self.panel.panel.isVisible()):
            self.show("Surgery")
