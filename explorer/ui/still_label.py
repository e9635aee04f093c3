"""A line of text that changes often and moves nothing."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

_BETWEEN = " · "


class StillLabel(QWidget):
    """One line in the secondary font and colour, cut off with an ellipsis, between two of its parts if it can be.

    A QLabel asks every layout around it for another size with each text: in the window that is as dear as painting the
    curves. This one keeps its place whatever it says. The whole text is its tooltip.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setToolTip(tooltip(text))
            self.update()

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        line = round(QFontMetricsF(theme().font(secondary=True)).height()) + theme().px(2)
        return QSize(0, line + margins.top() + margins.bottom())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme().font(secondary=True))
        painter.setPen(theme().colour("secondary"))
        metrics = QFontMetricsF(painter.font())
        place = self.contentsRect()
        shown = metrics.elidedText(
            shortened(self._text, metrics, place.width()), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()


def shortened(text: str, metrics: QFontMetricsF, width: float) -> str:
    """As many of a text's parts, with dots between them, as fit; what is left out is an ellipsis."""
    parts = text.split(_BETWEEN)
    while len(parts) > 1 and metrics.horizontalAdvance(text) > width:
        parts.pop()
        text = f"{_BETWEEN.join(parts)} …"
    return text
