"""The box in the corner of the plot that names its curves."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui.theme import theme

# Names of runs are as long as folders' names may be; the box stays a corner.
_WIDEST = 150


@dataclass(frozen=True)
class LegendEntry:
    """A name and the colour of its line, as "#rrggbb"."""

    text: str
    colour: str


class Legend(QWidget):
    """Names beside short lines in their colours; `is_low` says that it belongs in the lower corner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_low = False
        self._entries: tuple[LegendEntry, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_entries(self, entries: tuple[LegendEntry, ...]) -> None:
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName("Legend: " + ", ".join(entry.text for entry in entries))
            self.updateGeometry()
            self.update()
        self.setVisible(bool(entries))

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(theme().font(secondary=True))
        px = theme().px
        text = max((metrics.horizontalAdvance(self._shown(entry.text)) for entry in self._entries), default=0.0)
        return QSize(round(text) + px(44), round(metrics.height() * 1.25 * len(self._entries)) + px(10))

    def paintEvent(self, _event: QPaintEvent) -> None:
        px = theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        painter.setFont(theme().font(secondary=True))
        height = QFontMetricsF(painter.font()).height() * 1.25
        for index, entry in enumerate(self._entries):
            top = px(5) + index * height
            middle = top + height / 2
            painter.setPen(QPen(QColor(entry.colour), 2))
            painter.drawLine(QPointF(px(8), middle), QPointF(px(26), middle))
            painter.setPen(theme().colour("text"))
            area = QRectF(px(34), top, self.width() - px(38), height)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shown(entry.text))
        painter.end()

    @staticmethod
    def _shown(text: str) -> str:
        metrics = QFontMetricsF(theme().font(secondary=True))
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, theme().px(_WIDEST))
