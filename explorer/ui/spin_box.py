"""The room before the number of a spin box, which style sheets cannot give it."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox

from explorer.ui.theme import theme


def indent(box: QAbstractSpinBox) -> None:
    """Starts the number where other fields' text starts: Qt (seen with 6.11) ignores a style sheet's padding there."""
    box.lineEdit().setTextMargins(theme().px(6), 0, 0, 0)
