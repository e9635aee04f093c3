"""What the tour says while a step needs something that is not there yet: the first point of the curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from explorer.ui import numbers

if TYPE_CHECKING:
    from explorer.ui.window import Window

_TELL_EVERY_MS = 500
# Before this share of an epoch its end cannot be told.
_TOO_EARLY = 0.05


def until_an_epoch(window: Window, say: Callable[[str], None]) -> Callable[[], None]:
    """Says how far the first epoch is, again and again, and then that it can be clicked; gives what ends that."""
    timer = QTimer(window)
    timer.setInterval(_TELL_EVERY_MS)
    timer.timeout.connect(lambda: say(words(window)))
    timer.start()
    say(words(window))

    def end() -> None:
        timer.stop()
        timer.deleteLater()

    return end


def words(window: Window) -> str:
    """What there is to wait for, or to do now."""
    curves, trainer = window.training.curves, window.trainer
    complete = len(curves.saved_epochs)
    if complete:
        return f"{numbers.plural(complete, 'epoch')} complete: click {'its' if complete == 1 else 'a'} point now."
    if trainer.is_idle:
        return "No epoch is complete and nothing is training: go Back and press Train."
    if trainer.state == "paused":
        return "Training is paused: press Continue, and the first point comes."
    share, seconds = curves.first_epoch
    if share <= 0:
        return "Training begins; the first point comes after the first epoch."
    if share >= 1:
        return "The first epoch is trained and being tested: its point comes next."
    left = f"; its point comes in about {numbers.duration(seconds / share - seconds)}" if share >= _TOO_EARLY else ""
    return f"The first epoch is {numbers.percent(share, 0)} done{left}."
