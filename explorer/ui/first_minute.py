"""What meets a person who opens the program for the first time: a digit that draws itself, and the offer of a tour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from explorer.ui.demo_drawing import DemoDrawing
from explorer.ui.tour import Tour
from explorer.ui.tour_card import OfferCard

if TYPE_CHECKING:
    from explorer.ui.window import Window

# The window is looked at before something in it moves.
_GREET_MS = 700


class FirstMinute(QObject):
    """Greets once, when the network that answers is there; later starts are quiet.

    Call `shutdown` before the window goes.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._is_first = False
        self._offer: OfferCard | None = None
        self.demo = DemoDrawing(window.input.pad, self)
        self.tour = Tour(window)
        self._greeting = QTimer(self)
        self._greeting.setSingleShot(True)
        self._greeting.setInterval(_GREET_MS)
        self._greeting.timeout.connect(self._greet)
        window.service.weights_changed.connect(self._on_weights)
        # Who finds the way alone has no need of a guide lying over the graph; the Help menu keeps it.
        window.workspaces.changed.connect(lambda _name: self._dismiss_offer())

    @property
    def offer(self) -> OfferCard | None:
        """The card that offers the tour, while it is on screen."""
        return self._offer

    def draw(self) -> None:
        """Draws the digit on a fresh sheet, now."""
        self._window.show_panel("input")
        self.demo.begin()

    def start_tour(self) -> None:
        """Begins the tour, or goes on with it."""
        self._dismiss_offer()
        self.tour.start()

    def be_quiet(self) -> None:
        """Neither draws nor offers anything by itself."""
        self._is_first = False
        self._greeting.stop()
        self.demo.stop()
        self._dismiss_offer()

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON: that the program was greeted with, and the tour."""
        return {"tour": self.tour.state()}

    def restore(self, state: dict[str, Any], *, is_first: bool) -> None:
        """Takes back what `state` gave; `is_first` says that nothing at all is remembered."""
        self._is_first = is_first
        tour = state.get("tour")
        self.tour.restore(tour if isinstance(tour, dict) else {})

    def shutdown(self) -> None:
        self._greeting.stop()
        self.demo.stop()
        self.tour.shutdown()
        if self._offer is not None:
            self._offer.shutdown()

    def _on_weights(self, title: str) -> None:
        # Before there are weights nothing would answer the pen.
        if self._is_first and title:
            self._is_first = False
            self._greeting.start()

    def _greet(self) -> None:
        window = self._window
        if not window.isVisible():
            return
        # A sheet that somebody has drawn on already is theirs.
        if window.input.pad.is_blank:
            self.demo.begin()
        offer = self._offer = OfferCard(window)
        offer.accepted.connect(self.start_tour)
        offer.declined.connect(self._dismiss_offer)
        offer.point_at(window.graph_view, outlined=False)

    def _dismiss_offer(self) -> None:
        if self._offer is not None:
            self._offer.dismiss()
            self._offer.deleteLater()
            self._offer = None
