"""Accuracy class by class of two runs: a dot each on a line a class."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme

Accuracies = Sequence[tuple[str, float, float]]


class ClassAccuracies(QWidget):
    """A row a class: its name, where both runs lie between the worst and 100 %, and the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparison_classes")
        self.setAccessibleName("Accuracy of each class")
        self._rows: Accuracies = ()
        explain_all("side by side", {"classes": self})
        theme().changed.connect(self._measure)

    def show_accuracies(self, rows: Accuracies) -> None:
        """Each class with both accuracies, 0 to 1; NaN for a class without images."""
        self._rows = tuple(rows)
        said = [f"{name}: {_percent(one)} against {_percent(other)}" for name, one, other in self._rows]
        self.setAccessibleDescription("; ".join(said))
        self._measure()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), (len(self._rows) + 1) * self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(secondary=True))
        metrics, line = QFontMetrics(painter.font()), self._line()
        known = [value for _, one, other in self._rows for value in (one, other) if math.isfinite(value)]
        if not known:
            return
        least = max(0.0, math.floor(min(known) * 20 - 0.5) / 20)
        names = min(
            max(metrics.horizontalAdvance(name) for name, _, _ in self._rows), round(self.width() * 0.35)
        ) + look.px(8)
        figures = metrics.horizontalAdvance("100.0 %  100.0 %") + look.px(12)
        track = QRectF(names, 0, max(look.px(20), self.width() - names - figures), line)
        radius = look.px(4)

        def place(share: float) -> float:
            return track.left() + radius + (track.width() - 2 * radius) * (share - least) / max(1e-9, 1 - least)

        painter.setPen(look.colour("secondary"))
        head = QRectF(track.left(), 0, track.width(), line)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, f"{100 * least:.0f} %")
        painter.drawText(head, Qt.AlignmentFlag.AlignRight, "100 %")
        first = max(0, event.rect().top() // line - 1)
        last = min(len(self._rows), event.rect().bottom() // line + 1)
        for number in range(first, last):
            name, one, other = self._rows[number]
            y = (number + 1) * line
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(names - look.px(8)))
            painter.setPen(look.colour("text"))
            painter.drawText(QRectF(0, y, names, line), Qt.AlignmentFlag.AlignVCenter, shown)
            middle = y + line / 2
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(track.left(), middle), QPointF(track.right(), middle))
            if math.isfinite(one) and math.isfinite(other):
                painter.setPen(QPen(look.colour("edge"), look.px(2)))
                painter.drawLine(QPointF(place(one), middle), QPointF(place(other), middle))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("series_train"))
                painter.drawEllipse(QPointF(place(one), middle), radius, radius)
                painter.setBrush(look.colour("series_test"))
                corner = QRectF(place(other) - radius, middle - radius, 2 * radius, 2 * radius)
                painter.drawRect(corner.adjusted(1, 1, -1, -1))
            painter.setPen(look.colour("secondary"))
            painter.drawText(
                QRectF(track.right(), y, figures, line),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                f"{_percent(one)}  {_percent(other)}",
            )

    def _line(self) -> int:
        return QFontMetrics(theme().font(secondary=True)).height() + theme().px(4)

    def _measure(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.update()


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if math.isfinite(share) else "no image"
