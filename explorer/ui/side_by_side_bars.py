"""What networks cost at each size of their maps, as pairs of small bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.structure.alignment_stages import Stage
from explorer.ui import numbers
from explorer.ui.theme import theme

QUANTITIES = {"MACs": "macs", "Parameters": "parameters", "Activations": "activation_bytes"}
# The left network's bars, the right one's.
_COLOURS = ("series_train", "series_test")


class StageBars(QWidget):
    """A group of bars a stage, all to one scale; figures stand beside the bars."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side_by_side_bars")
        self.setAccessibleName("Cost of each stage")
        self._stages: tuple[Stage, ...] = ()
        self._titles: tuple[str, ...] = ()
        self._quantity = "MACs"
        theme().changed.connect(self._measure)
        self._measure()

    def show_stages(self, stages: Sequence[Stage], titles: Sequence[str]) -> None:
        """Shows what two networks of those titles cost."""
        self._stages, self._titles = tuple(stages), tuple(titles)
        self._describe()

    def show_quantity(self, name: str) -> None:
        """Shows one of `QUANTITIES`."""
        self._quantity = name if name in QUANTITIES else "MACs"
        self._describe()

    def texts(self) -> list[tuple[str, ...]]:
        """Each stage's title and figures, as they are painted."""
        return [(stage.title, *(self._figure(value) for value in self._values(stage))) for stage in self._stages]

    def sizeHint(self) -> QSize:
        return QSize(theme().px(260), self._line() * (len(self._titles) + len(self._stages) * 2) + self._gaps())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(180), theme().px(60))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a few bars: all of them are painted
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = look.font(secondary=True)
        painter.setFont(font)
        metrics, line, y = QFontMetrics(font), self._line(), 0.0
        left = max((metrics.horizontalAdvance(stage.title) for stage in self._stages), default=0) + look.px(8)
        right = max(
            (metrics.horizontalAdvance(text) for texts in self.texts() for text in texts[1:]), default=0
        ) + look.px(8)
        most = max((value for stage in self._stages for value in self._values(stage)), default=0) or 1
        room = max(look.px(20), self.width() - left - right)
        for colour, title in zip(_COLOURS, self._titles, strict=False):
            dot = look.px(8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(colour))
            painter.drawRect(QRectF(0, y + (line - dot) / 2, dot, dot))
            painter.setPen(look.colour("secondary"))
            place = QRectF(dot + look.px(6), y, self.width() - dot - look.px(6), line)
            shown = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, round(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
            y += line
        y += look.px(4)
        for stage, texts in zip(self._stages, self.texts(), strict=True):
            painter.setPen(look.colour("text"))
            painter.drawText(QRectF(0, y, left, 2 * line), Qt.AlignmentFlag.AlignVCenter, stage.title)
            for colour, value, text in zip(_COLOURS, self._values(stage), texts[1:], strict=False):
                bar = QRectF(left, y + look.px(2), room * value / most, line - look.px(4))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour(colour))
                if value:
                    bar.setWidth(max(bar.width(), look.px(1)))
                    painter.drawRoundedRect(bar, look.px(2), look.px(2))
                painter.setPen(look.colour("secondary"))
                painter.drawText(
                    QRectF(bar.right() + look.px(6), y, right + room, line), Qt.AlignmentFlag.AlignVCenter, text
                )
                y += line
            y += look.px(6)

    def _values(self, stage: Stage) -> list[int]:
        return [int(getattr(cost, QUANTITIES[self._quantity])) for cost in stage.costs]

    def _figure(self, value: int) -> str:
        return numbers.size(value) if self._quantity == "Activations" else numbers.short_count(value)

    def _line(self) -> int:
        return QFontMetrics(theme().font(secondary=True)).height()

    def _gaps(self) -> int:
        return theme().px(4) + theme().px(6) * len(self._stages)

    def _describe(self) -> None:
        said = [f"{texts[0]}: {' against '.join(texts[1:])}" for texts in self.texts()]
        self.setAccessibleDescription(f"{self._quantity} of {' and '.join(self._titles)}; {'; '.join(said)}")
        self._measure()

    def _measure(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()
