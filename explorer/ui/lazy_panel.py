"""A panel that is built when it is first in sight, so that the window is up before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

Panel = TypeVar("Panel", bound=QWidget)


class LazyPanel(QWidget, Generic[Panel]):
    """Holds what `make` builds; `panel` is None until it was in sight or `build` asked for it."""

    def __init__(self, make: Callable[[], Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.panel: Panel | None = None
        self._has_begun = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setAutoFillBackground(True)

    def build(self) -> Panel:
        """The panel, built now if it was not before."""
        if self.panel is None:
            self._has_begun = True
            self.panel = self._make()
            self._column.addWidget(self.panel)
        return self.panel

    # Qt shows a panel behind a tab too, out of sight, before it gives it its place: that is no reason to build it.
    # Where neither of the first two events comes when it is brought to the front, it is painted.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build_in_sight()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._build_in_sight()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.panel is None:
            QTimer.singleShot(0, self, self._build_in_sight)

    def _build_in_sight(self) -> None:
        # What is built may resize what it stands in.
        if not self._has_begun and self.isVisible() and not self.visibleRegion().isEmpty():
            self.build()
