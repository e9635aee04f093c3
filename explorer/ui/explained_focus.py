"""The explanation of what the keyboard is at: asking what something is without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView, QTreeView, QWhatsThis, QWidget


def explain_focus(widget: QWidget | None) -> bool:
    """Shows the explanation of a widget, of a table's that of the current column; False where there is none."""
    while widget is not None and not widget.isWindow():
        text = _of_column(widget) if isinstance(widget, QAbstractItemView) else ""
        text = text or widget.whatsThis()
        if text:
            QWhatsThis.showText(widget.mapToGlobal(widget.rect().center()), text, widget)
            return True
        widget = widget.parentWidget()
    return False


def _of_column(view: QAbstractItemView) -> str:
    index, model = view.currentIndex(), view.model()
    if model is None or not index.isValid() or not isinstance(view, QTableView | QTreeView):
        return ""
    said = model.headerData(index.column(), Qt.Orientation.Horizontal, Qt.ItemDataRole.WhatsThisRole)
    return said if isinstance(said, str) else ""
