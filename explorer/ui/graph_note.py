"""A small note on the graph: that it is being laid out, with a way to stop it, or what one should know about it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from explorer.ui.theme import theme

_WIDEST = 460


class GraphNote(QWidget):
    """One plain sentence on a card, with a button that emits `cancelled` where there is something to cancel."""

    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget, *, cancel: str = "") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        row = self._row = QHBoxLayout(self)
        row.addWidget(self._label, 1)
        if cancel:
            button = QPushButton(cancel)
            button.setAccessibleName(f"{cancel} laying out the graph")
            button.setToolTip("Keep the graph as it is")
            button.clicked.connect(self.cancelled)
            row.addWidget(button)
        theme().changed.connect(self._measure)
        self._measure()
        self.hide()

    def say(self, text: str) -> None:
        """Shows a sentence; an empty one hides the note."""
        self._label.setText(text)
        self._label.setAccessibleName(text)
        self.setVisible(bool(text))
        self.fit()

    @property
    def text(self) -> str:
        return self._label.text()

    def fit(self) -> None:
        """Takes the size that its words need within the parent."""
        parent = self.parentWidget()
        room = parent.width() - 2 * theme().px(12) if parent else theme().px(_WIDEST)
        metrics = self._label.fontMetrics()
        margins = self._row.contentsMargins()
        extra = self.sizeHint().width() - self._label.sizeHint().width() + theme().px(4)
        width = min(metrics.horizontalAdvance(self._label.text()) + extra, theme().px(_WIDEST), max(room, 80))
        text = metrics.boundingRect(
            0, 0, max(20, width - extra), 10_000, Qt.TextFlag.TextWordWrap.value, self._label.text()
        )
        height = max(text.height() + margins.top() + margins.bottom(), self.minimumSizeHint().height())
        self.resize(width, height)

    def _measure(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(12), px(6), px(8), px(6))
        self._row.setSpacing(px(8))
        self._label.setFont(theme().font(secondary=True))
        self.fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("panel"))
        corner = theme().px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
