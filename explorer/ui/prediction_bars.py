"""The answer as bars: one row a class, the winner in the accent colour."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = tuple("0123456789")
MOST_ROWS = 10
# A share that would be written as 0.0 % has no bar; any larger one has at least this many pixels.
_SMALLEST_SHARE = 0.0005
_SMALLEST_BAR = 2.0


class Shares(Protocol):
    """What the bars need of a prediction: the classes and their probabilities, 0 to 1, in the same order."""

    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def probabilities(self) -> Sequence[float]: ...


@dataclass(frozen=True)
class _Row:
    label: str
    share: float
    best: bool

    def looks_like(self, other: _Row) -> bool:
        """Whether nothing of it has to be painted again where the other one stands."""
        return self.best is other.best and percent(self.share) == percent(other.share)


@dataclass(frozen=True)
class _Columns:
    """Where a row's parts stand in a widget of one width: `names` fit into `labels` pixels."""

    names: tuple[str, ...]
    labels: int
    left: int
    track: int
    figures: int


def percent(share: float) -> str:
    """A share of 0 to 1 as text, for example "98.2 %"."""
    return f"{share * 100:.1f} %"


class PredictionBars(QWidget):
    """Rows of label, bar and percentage, painted in one piece.

    Up to ten classes keep their order; of more, the `most` probable are shown, the best first. `painted` tells, at
    the end of the first painting of each answer, the seconds since that answer was asked for. Where classes can be
    corrected, a row's menu says that the input was of its class, and `class_meant` tells it.
    """

    painted = Signal(float)
    class_meant = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prediction_bars")
        self.setAccessibleName("Answer, class by class")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows = tuple(_Row(label, 0.0, best=False) for label in DIGITS)
        self._blank = True
        self._requested_at: float | None = None
        self._shown: Shares | None = None
        self.most = MOST_ROWS
        self.is_correctable = False
        self._row_height = _row_height()
        self._columns: _Columns | None = None  # as last painted, until they would be others
        self.setAccessibleDescription("no answer yet")
        theme().changed.connect(self._on_theme)

    @property
    def rows(self) -> tuple[tuple[str, float], ...]:
        """What is shown, from the top: label and probability."""
        return tuple((row.label, row.share) for row in self._rows)

    def show_prediction(self, prediction: Shares | None, requested_at: float | None = None) -> None:
        """Shows an answer, or empty tracks for None.

        `requested_at` is the `time.perf_counter()` at which it was asked for.
        """
        before, was_blank = self._rows, self._blank
        self._shown = prediction
        if prediction is None:
            self._rows = tuple(_Row(row.label, 0.0, best=False) for row in self._rows)
            self.setAccessibleDescription("no answer yet")
        else:
            shares = [float(share) for share in prediction.probabilities]
            order = sorted(range(len(shares)), key=lambda index: -shares[index])
            shown = range(len(shares)) if len(shares) <= MOST_ROWS else order[: self.most]
            self._rows = tuple(
                _Row(str(prediction.labels[index]), shares[index], best=index == order[0]) for index in shown
            )
            self.setAccessibleDescription(
                ", ".join(
                    f"{prediction.labels[index]}: {shares[index] * 100:.1f} percent"
                    for rank, index in enumerate(order[:3])
                    if rank == 0 or shares[index] >= _SMALLEST_SHARE
                )
            )
        self._blank = prediction is None
        self._requested_at = requested_at
        if [row.label for row in before] != [row.label for row in self._rows]:
            self._columns = None
        if self._columns is None or was_blank is not self._blank:
            if len(before) != len(self._rows):
                self.updateGeometry()
            self.update()
            return
        # Most rows say 0.0 % before and after; a tenth of a percent is less than a pixel of a bar. The corner is
        # repainted always, so that `painted` tells of each answer.
        self.update(0, 0, 1, 1)
        for index, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if not new.looks_like(old):
                self.update(0, index * self._row_height, self.width(), self._row_height)

    def show_most(self, count: int) -> None:
        """Shows so many of more than ten classes, 1 to 10."""
        self.most = min(MOST_ROWS, max(1, count))
        if self._shown is not None:
            self.show_prediction(self._shown)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = event.pos().y() // self._row_height
        if self._blank or not self.is_correctable or not 0 <= index < len(self._rows):
            return
        label = self._rows[index].label
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"This was a {label}".replace("&", "&&"), lambda: self.class_meant.emit(label))
        menu.popup(event.globalPos())

    def sizeHint(self) -> QSize:
        return QSize(theme().px(256), self._row_height * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(theme().font(secondary=True))
        return QSize(metrics.horizontalAdvance("0 100.0 %") + theme().px(44), self._row_height * len(self._rows))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = event.pos().y() // self._row_height
            if 0 <= index < len(self._rows):
                row = self._rows[index]
                text = f"{row.label}: no answer yet" if self._blank else f"{row.label}: {row.share * 100:.2f} %"
                QToolTip.showText(event.globalPos(), tooltip(text), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme().font(secondary=True)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        self._paint_rows(painter, metrics, event.region())
        painter.end()
        if self._requested_at is not None:
            requested_at, self._requested_at = self._requested_at, None
            self.painted.emit(time.perf_counter() - requested_at)

    def _paint_rows(self, painter: QPainter, metrics: QFontMetrics, dirty: QRegion) -> None:
        columns = self._columns = self._columns or self._measured(metrics)
        height = self._row_height
        thick = min(theme().px(9), height - 2)
        text, quiet = theme().colour("text"), theme().colour("secondary")
        empty, winner, other = theme().colour("grid"), theme().colour("accent"), theme().colour("edge")
        align = Qt.AlignmentFlag.AlignVCenter
        for index, (row, name) in enumerate(zip(self._rows, columns.names, strict=True)):
            top = index * height
            if not dirty.intersects(QRect(0, top, self.width(), height)):
                continue
            painter.setPen(text)
            painter.drawText(QRect(0, top, columns.labels + 1, height), align | Qt.AlignmentFlag.AlignLeft, name)
            bar = QRectF(columns.left, top + (height - thick) / 2, columns.track, thick)
            _fill(painter, bar, empty)
            if row.share >= _SMALLEST_SHARE:
                bar.setWidth(max(_SMALLEST_BAR, min(1.0, row.share) * columns.track))
                _fill(painter, bar, winner if row.best else other)
            if not self._blank:
                painter.setPen(text if row.best else quiet)
                where = QRect(self.width() - columns.figures - 1, top, columns.figures + 1, height)
                painter.drawText(where, align | Qt.AlignmentFlag.AlignRight, percent(row.share))

    def _measured(self, metrics: QFontMetrics) -> _Columns:
        px = theme().px
        widest = max(metrics.horizontalAdvance(row.label) for row in self._rows)
        labels = min(max(widest, metrics.horizontalAdvance("0")), round(self.width() * 0.4))
        figures = metrics.horizontalAdvance("100.0 %")
        left = labels + px(10)
        return _Columns(
            names=tuple(metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, labels) for row in self._rows),
            labels=labels,
            left=left,
            track=max(1, self.width() - left - figures - px(10)),
            figures=figures,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._columns = None

    def _on_theme(self) -> None:
        self._row_height = _row_height()
        self._columns = None
        self.updateGeometry()
        self.update()


def _row_height() -> int:
    return max(theme().px(16), QFontMetrics(theme().font(secondary=True)).height() + 1)


def _fill(painter: QPainter, bar: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    radius = min(theme().px(3), bar.width() / 2)
    painter.drawRoundedRect(bar, radius, radius)
