"""How the weights of a layer are spread, as a histogram with zero in the middle."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.inference.weight_statistics import WeightStatistics
from explorer.ui.figures_in_words import figure
from explorer.ui.theme import theme


class WeightHistogram(QWidget):
    """`pointed` carries in words what the bin under the mouse holds, "" for none."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histogram of the weights")
        self.setToolTip("How many weights have which value; Left and Right walk along the bins")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._statistics: WeightStatistics | None = None
        self._at = -1
        theme().changed.connect(self.updateGeometry)

    def show_statistics(self, statistics: WeightStatistics) -> None:
        self._statistics = statistics
        self._at = -1
        self.update()

    def words(self, number: int) -> str:
        """What a bin holds."""
        statistics = self._statistics
        if statistics is None or not 0 <= number < len(statistics.counts):
            return ""
        low, high = statistics.edges[number], statistics.edges[number + 1]
        count = int(statistics.counts[number])
        share = 100 * count / statistics.count if statistics.count else 0.0
        return f"{count:,} weights ({share:.1f} %) from {figure(low, 3)} to {figure(high, 3)}"

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(96))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(96))

    def _plot(self) -> QRectF:
        metrics = QFontMetricsF(theme().font(secondary=True))
        return QRectF(0, theme().px(2), self.width(), self.height() - metrics.height() - theme().px(6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, statistics, plot = theme(), self._statistics, self._plot()
        painter = QPainter(self)
        painter.setFont(look.font(secondary=True))
        painter.fillRect(plot, look.colour("raised"))
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(plot.adjusted(0.5, 0.5, -0.5, -0.5))
        if statistics is not None and statistics.count:
            counts = statistics.counts
            most = max(1, int(counts.max()))
            step = plot.width() / len(counts)
            room = plot.height() - look.px(4)
            for number, count in enumerate(counts):
                height = room * int(count) / most
                if count:
                    height = max(1.0, height)  # even a single weight leaves a trace
                colour = look.colour("text" if number == self._at else "accent")
                left = plot.left() + number * step
                painter.fillRect(QRectF(left + 0.5, plot.bottom() - height, max(1.0, step - 1), height), colour)
            painter.setPen(QPen(look.colour("edge"), 1))
            middle = plot.center().x()
            painter.drawLine(QPointF(middle, plot.top()), QPointF(middle, plot.bottom()))
            painter.setPen(look.colour("secondary"))
            below = QRectF(0, plot.bottom() + look.px(2), self.width(), self.height() - plot.bottom() - look.px(2))
            reach = float(statistics.edges[-1])
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, figure(-reach, 2))
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "0")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, figure(reach, 2))
        painter.end()

    def _point(self, number: int) -> None:
        if number != self._at:
            self._at = number
            words = self.words(number)
            self.setAccessibleDescription(words)
            self.pointed.emit(words)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._statistics is not None:
            count = len(self._statistics.counts)
            self._point(min(count - 1, max(0, int(event.position().x() / max(1, self.width()) * count))))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self._statistics is not None:
            count = len(self._statistics.counts)
            place = count // 2 if self._at < 0 else self._at + steps[Qt.Key(event.key())]
            self._point(min(max(place, 0), count - 1))
        else:
            super().keyPressEvent(event)
