"""When the zoos are listed: their libraries take seconds to import, which a pen or a training under way would feel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from explorer.ui.window import Window

# Whoever has just opened the window may be about to draw. Measured with a digit drawn during the import: answers came
# up to 190 ms late, where 6 are usual.
_STILL_MS = 10_000


class ZooListing(QObject):
    """Has the zoos listed once nothing was drawn or trained for a while, or as soon as somebody looks for a network."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._reader, self._trainer = window.reader, window.trainer
        self._is_listed = self._is_begun = self._is_compared = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_STILL_MS)
        self._wait.timeout.connect(self._on_still)
        self._reader.zoo_asked.connect(window.catalogue.await_zoo)
        window.input.source_changed.connect(self._on_pen)
        window.catalogue.search.textEdited.connect(self.now)
        window.catalogue.list.verticalScrollBar().actionTriggered.connect(self.now)
        window.commands.help.palette.opened.connect(self.now)
        window.docks["comparison"].visibilityChanged.connect(self._on_comparison)

    def start(self) -> None:
        """From now on nothing has to happen but a while to pass."""
        self._is_begun = True
        if self._is_compared:
            self.now()
        elif not self._is_listed:
            self._wait.start()

    def now(self, *_: object) -> None:
        if not self._is_listed:
            self._is_listed = True
            self._wait.stop()
            self._reader.list_zoos()

    def shutdown(self) -> None:
        self._is_listed = True
        self._wait.stop()

    def _on_still(self) -> None:
        if self._trainer.is_idle:
            self.now()
        else:
            self._wait.start()

    def _on_pen(self, _source: object) -> None:
        if self._wait.isActive():
            self._wait.start()

    def _on_comparison(self, is_shown: bool) -> None:
        # Docks tell of themselves before the first graph is on screen, too.
        self._is_compared = is_shown
        if is_shown and self._is_begun:
            self.now()
