"""A progress bar that is told of progress many times a second and costs little."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QProgressBar

STEPS = 1000


class ProgressBar(QProgressBar):
    """Shows a share of 0 to 1, or that work is under way where the share is None."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setRange(0, STEPS)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setToolTip(name)

    @property
    def share(self) -> float:
        return max(self.value(), 0) / STEPS

    def show_share(self, share: float | None) -> None:
        if share is not None and self._is_same_pixel(round(share * STEPS)):
            return
        # Qt paints a bar within `setValue`, and with it whatever else of the window waits to be painted. With updates
        # held back the bar is painted in the window's next frame, together with the rest.
        self.setUpdatesEnabled(False)
        self.setRange(0, 0 if share is None else STEPS)
        if share is not None:
            self.setValue(round(share * STEPS))
        self.setUpdatesEnabled(True)

    def event(self, event: QEvent) -> bool:
        # A style goes on animating, thirty frames of the window a second, until it paints the first of a share: an
        # animation ends where its update is refused.
        if event.type() == QEvent.Type.StyleAnimationUpdate and self.maximum() > 0:
            event.ignore()
            return True
        return super().event(event)

    def _is_same_pixel(self, value: int) -> bool:
        """Whether a value would not change the picture: each painting of a styled bar costs as much as a curve."""
        is_end = value in {0, STEPS}
        moved = abs(value - self.value()) * max(self.width(), 1)
        return self.maximum() == STEPS and not is_end and self.value() > 0 and moved < STEPS
