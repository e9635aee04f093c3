"""The tour: one step after the other, each of which the user does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.ui.tour_card import TourCard
from explorer.ui.tour_steps import STEPS

if TYPE_CHECKING:
    from explorer.ui.window import Window

# Long enough to see what happened and to read one line.
_PRAISE_MS = 2600


class Tour(QObject):
    """Leads through `STEPS`; `step` is the present one, -1 while there is no tour.

    A tour that was left in the middle goes on there. Call `shutdown` before the window goes.
    """

    ended = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._unwatch: Callable[[], None] | None = None
        self._unwait: Callable[[], None] | None = None
        self._card: TourCard | None = None
        self._left_at = 0
        self.step = -1
        self.is_done = False
        self._praising = QTimer(self)
        self._praising.setSingleShot(True)
        self._praising.setInterval(_PRAISE_MS)
        self._praising.timeout.connect(self.go_on)

    @property
    def card(self) -> TourCard:
        """Made when it is first needed."""
        if self._card is None:
            card = self._card = TourCard(self._window, len(STEPS))
            card.back.connect(self.go_back)
            card.skipped.connect(self.go_on)
            card.ended.connect(self.end)
        return self._card

    @property
    def is_under_way(self) -> bool:
        return self.step >= 0

    def start(self) -> None:
        """Begins, goes on where it was left, or brings the keyboard to the card of the tour under way."""
        if not self.is_under_way:
            self._go(self._left_at)
        self.card.skip_button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_on(self) -> None:
        """The next step; after the last one the tour is over."""
        if self.step + 1 >= len(STEPS):
            self.is_done = True
            self._left_at = 0
            self._finish()
        elif self.is_under_way:
            self._go(self.step + 1)

    def go_back(self) -> None:
        if self.step > 0:
            self._go(self.step - 1)

    def end(self) -> None:
        """Ends the tour where it is."""
        if self.is_under_way:
            self._left_at = self.step
            self._finish()

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {"step": self.step if self.is_under_way else self._left_at, "done": self.is_done}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what does not fit is left out."""
        step = state.get("step")
        self._left_at = step if isinstance(step, int) and 0 <= step < len(STEPS) else 0
        self.is_done = state.get("done") is True

    def shutdown(self) -> None:
        self._stop_watching()
        if self._card is not None:
            self._card.shutdown()

    def _finish(self) -> None:
        self._stop_watching()
        self.step = -1
        self.card.dismiss()
        self.ended.emit()

    def _go(self, number: int) -> None:
        self._stop_watching()
        self.step = number
        step = STEPS[number]
        focus = self._window.focusWidget()
        had_focus = focus is not None and self.card.isAncestorOf(focus)
        step.prepare(self._window)
        self.card.say(step.title, step.text, number, last=number == len(STEPS) - 1)
        # After what `prepare` asked for has its place: docks are laid out by the event loop.
        self.card.point_at(step.target(self._window))
        QTimer.singleShot(0, self, lambda: self._aim(number))
        if had_focus:
            self.card.skip_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._unwatch = step.watch(self._window, lambda: self._on_done(number))
        if step.wait is not None:
            self._unwait = step.wait(self._window, self.card.say_meanwhile)

    def _aim(self, number: int) -> None:
        if number == self.step:
            self.card.point_at(STEPS[number].target(self._window))

    def _on_done(self, number: int) -> None:
        # Whoever tells is in the middle of it: the watch ends afterwards.
        if number == self.step and not self._praising.isActive():
            self._stop_waiting()
            self._praising.start()
            self.card.say_done(STEPS[number].praise, last=number == len(STEPS) - 1)

    def _stop_waiting(self) -> None:
        if self._unwait is not None:
            self._unwait()
            self._unwait = None

    def _stop_watching(self) -> None:
        self._praising.stop()
        self._stop_waiting()
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
