"""Whether the system wants things to move."""

from __future__ import annotations

from PySide6.QtWidgets import QStyle, QWidget


def is_wanted(widget: QWidget) -> bool:
    """False where the system is set to reduced motion: then things are simply there."""
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) > 0
