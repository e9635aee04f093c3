"""The box in the corner of the plot that names its curves."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui.theme import theme

# Names of runs are as long as folders' names may be; the box stays a corner.
_WIDEST = 150
# More names than this cover the curves that they name.
_MOST = 5


@dataclass(frozen=True)
class LegendEntry:
    """A name and the colour of its line, as "#rrggbb"."""

    text: str
    colour: str


class Legend(QWidget):
    """Names beside short lines in their colours; `is_low` says that it belongs in the lower corner.

    Of more than five the first four stand there, and how many more there are; a click, or `toggle`, shows all of them.
    `resized` comes when it takes another room by that.
    """

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_low = False
        self._is_unfolded = False
        self._entries: tuple[LegendEntry, ...] = ()
        self._take_clicks()

    def show_entries(self, entries: tuple[LegendEntry, ...]) -> None:
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName("Legend: " + ", ".join(entry.text for entry in entries))
            self._take_clicks()
            self.updateGeometry()
            self.update()
        self.setVisible(bool(entries))

    @property
    def lines(self) -> tuple[LegendEntry, ...]:
        """What stands there, from above; a line without a colour counts the names that are folded away."""
        if not self._is_foldable:
            return self._entries
        if self._is_unfolded:
            return (*self._entries, LegendEntry("show fewer", ""))
        return (*self._entries[: _MOST - 1], LegendEntry(f"and {len(self._entries) - _MOST + 1} more", ""))

    def toggle(self) -> None:
        """Shows all names, or the first ones again."""
        if self._is_foldable:
            self._is_unfolded = not self._is_unfolded
            self.updateGeometry()
            self.update()
            self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle()
        event.accept()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(theme().font(secondary=True))
        px = theme().px
        text = max((metrics.horizontalAdvance(self._shown(entry.text)) for entry in self.lines), default=0.0)
        return QSize(round(text) + px(44), round(metrics.height() * 1.25 * len(self.lines)) + px(10))

    def paintEvent(self, _event: QPaintEvent) -> None:
        px = theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        painter.setFont(theme().font(secondary=True))
        height = QFontMetricsF(painter.font()).height() * 1.25
        for index, entry in enumerate(self.lines):
            top = px(5) + index * height
            middle = top + height / 2
            if entry.colour:
                painter.setPen(QPen(QColor(entry.colour), 2))
                painter.drawLine(QPointF(px(8), middle), QPointF(px(26), middle))
            painter.setPen(theme().colour("text" if entry.colour else "accent"))
            area = QRectF(px(34), top, self.width() - px(38), height)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shown(entry.text))
        painter.end()

    @property
    def _is_foldable(self) -> bool:
        return len(self._entries) > _MOST

    def _take_clicks(self) -> None:
        # A legend with nothing to unfold leaves the pointer to the curves below it.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not self._is_foldable)
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._is_foldable else Qt.CursorShape.ArrowCursor)
        self.setToolTip("All names, or the first ones (L on the curves)" if self._is_foldable else "")

    @staticmethod
    def _shown(text: str) -> str:
        metrics = QFontMetricsF(theme().font(secondary=True))
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, theme().px(_WIDEST))
