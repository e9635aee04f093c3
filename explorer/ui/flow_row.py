"""A row of widgets that goes on in the next line where the panel is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent


class FlowRow(QWidget):
    """Places its widgets from left to right at their preferred sizes and wraps them as words are wrapped."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        """`gap` is the room between two widgets, in pixels of a screen without scaling."""
        super().__init__(parent)
        self._gap_px = gap
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._widgets: list[QWidget] = []
        theme().changed.connect(self._arrange_again)

    def add(self, widget: QWidget) -> None:
        widget.setParent(self)
        self._widgets.append(widget)
        self._arrange_again()

    def remove(self, widget: QWidget) -> None:
        """Takes a widget out of the row for good."""
        self._widgets.remove(widget)
        widget.hide()
        widget.deleteLater()
        self._arrange_again()

    def heightForWidth(self, width: int) -> int:
        return self._arrange(width, move=False)

    def sizeHint(self) -> QSize:
        widths = [widget.sizeHint().width() for widget in self._widgets if not widget.isHidden()]
        width = sum(widths) + self._gap() * max(0, len(widths) - 1)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        width = max((widget.sizeHint().width() for widget in self._widgets), default=0)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)

    def showEvent(self, event: QShowEvent) -> None:
        # A widget knows its size once the style sheet has reached it, which is when it is first shown.
        super().showEvent(event)
        self._arrange_again()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange_again()
        return super().event(event)

    def _gap(self) -> int:
        return theme().px(self._gap_px)

    def _arrange_again(self) -> None:
        self.updateGeometry()
        self._arrange(self.width(), move=True)

    def _arrange(self, width: int, *, move: bool) -> int:
        gap = self._gap()
        x = y = 0
        line: list[tuple[QWidget, int, QSize]] = []
        for widget in self._widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            if x > 0 and x + size.width() > width:
                x, y, line = 0, y + _place(line, y, move=move) + gap, []
            line.append((widget, x, size))
            x += size.width() + gap
        return y + _place(line, y, move=move)


def _place(line: list[tuple[QWidget, int, QSize]], y: int, *, move: bool) -> int:
    """Places the widgets of a line, each in the middle of its height; gives that height."""
    height = max((size.height() for _, _, size in line), default=0)
    if move:
        for widget, x, size in line:
            widget.setGeometry(x, y + (height - size.height()) // 2, size.width(), size.height())
    return height
