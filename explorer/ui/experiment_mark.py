"""The mark of a verdict: a shape and a word, so that it is never told by colour alone."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.claims.verdict import Outcome
from explorer.ui.theme import Colours, theme


class State(str, Enum):
    """How things are with an experiment, in the words that stand beside its mark."""

    NOT_RUN = "not run"
    WAITING = "waiting"
    RUNNING = "running"
    SEEN = Outcome.SEEN.value
    PARTLY = Outcome.PARTLY.value
    NOT_SEEN = Outcome.NOT_SEEN.value
    CONTRADICTED = Outcome.CONTRADICTED.value


def colour_of(state: State, colours: Colours) -> QColor:
    """The colour of a mark and of its words."""
    return QColor(
        {
            State.SEEN: colours.good,
            State.PARTLY: colours.good,
            State.CONTRADICTED: colours.bad,
            State.RUNNING: colours.accent,
        }.get(state, colours.secondary)
    )


def paint_mark(painter: QPainter, box: QRectF, state: State, colours: Colours) -> None:
    """Paints a tick, half a disc, a ring, a cross, a triangle or a dot into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = colour_of(state, colours)
    side = box.width()
    pen = QPen(colour, max(1.2, side * 0.14))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    inner = box.adjusted(side * 0.12, side * 0.12, -side * 0.12, -side * 0.12)

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.left() + x * side, box.top() + y * side)

    if state is State.SEEN:
        painter.drawPolyline([at(0.14, 0.55), at(0.4, 0.8), at(0.88, 0.2)])
    elif state is State.CONTRADICTED:
        painter.drawLine(at(0.2, 0.2), at(0.8, 0.8))
        painter.drawLine(at(0.8, 0.2), at(0.2, 0.8))
    elif state is State.NOT_SEEN:
        painter.drawEllipse(inner)
    elif state is State.PARTLY:
        painter.drawEllipse(inner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPie(inner, 90 * 16, 180 * 16)
    elif state is State.RUNNING:
        painter.setBrush(colour)
        painter.drawPolygon([at(0.28, 0.18), at(0.28, 0.82), at(0.82, 0.5)])
    elif state is State.WAITING:
        painter.drawLine(at(0.33, 0.22), at(0.33, 0.78))
        painter.drawLine(at(0.67, 0.22), at(0.67, 0.78))
    else:
        painter.setPen(QPen(colour, side * 0.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoint(at(0.5, 0.5))
    painter.restore()


class Mark(QWidget):
    """The mark by itself, as high as a line of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = State.NOT_RUN
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.update()
        self.setAccessibleName(state.value)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(16), theme().px(16))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height())
        paint_mark(painter, QRectF(0, 0, side, side), self._state, theme().colours)
        painter.end()
