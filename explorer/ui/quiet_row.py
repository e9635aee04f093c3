"""Words and plain widgets that stand flush with the words of quiet buttons above or below them."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.theme import theme


def quiet_inset() -> int:
    """How far a quiet button's words stand from its left edge: padding and border of the style sheet."""
    return theme().px(8) + 1


class BesideQuiet(QVBoxLayout):
    """A column that stands as far to the right as a quiet button's words do."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        for widget in widgets:
            self.addWidget(widget)
        theme().changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.setContentsMargins(quiet_inset(), 0, 0, 0)
