"""The sheet under the pen: paper, picture and ink painted once and kept, so that a new piece of ink costs little."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.data.sketch import Stroke

Point = tuple[float, float]

# The side of the paper in the unit of its strokes, whatever its size on the screen.
SIDE = 280.0
PEN_WIDTH = 18.0
# Paper and ink are the same in both themes: the pad is a picture of what was drawn.
_PAPER = QColor("#ffffff")
_INK = QColor("#14171c")


class Paper:
    """A painted sheet at the resolution of the screen.

    It is made afresh after `forget`, and where it is painted at another size or on another screen; `add` only paints
    one more piece of ink on it.
    """

    def __init__(self) -> None:
        self._sheet = QPixmap()

    def forget(self) -> None:
        """The drawing changed in another way than by new ink: the next painting starts from its strokes."""
        self._sheet = QPixmap()

    def paint(
        self, painter: QPainter, square: QRect, dirty: QRect, strokes: tuple[Stroke, ...], picture: QImage
    ) -> None:
        """Paints the part `dirty` of the sheet that fills `square`; both in the painter's coordinates."""
        ratio = painter.device().devicePixelRatio()
        if self._sheet.size() != square.size() * ratio or self._sheet.devicePixelRatio() != ratio:
            self._make(square.width(), ratio, strokes, picture)
        shown = dirty.intersected(square)
        moved = shown.translated(-square.topLeft())
        part = QRectF(moved.x() * ratio, moved.y() * ratio, moved.width() * ratio, moved.height() * ratio)
        painter.drawPixmap(QRectF(shown), self._sheet, part)

    def add(self, start: Point, end: Point, width: float) -> None:
        """Inks one piece of a stroke; nothing to do where the sheet is made afresh anyway."""
        if not self._sheet.isNull():
            painter = self._painter()
            _draw_segment(painter, start, end, width)
            painter.end()

    def _painter(self) -> QPainter:
        painter = QPainter(self._sheet)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = self._sheet.width() / self._sheet.devicePixelRatio()
        painter.setClipPath(outline(QRectF(0, 0, side, side), 0.5))
        painter.scale(side / SIDE, side / SIDE)
        return painter

    def _make(self, side: int, ratio: float, strokes: tuple[Stroke, ...], picture: QImage) -> None:
        self._sheet = QPixmap(QSize(side, side) * ratio)
        self._sheet.setDevicePixelRatio(ratio)
        self._sheet.fill(Qt.GlobalColor.transparent)
        ground = QPainter(self._sheet)
        ground.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground.fillPath(outline(QRectF(0, 0, side, side), 0.5), _PAPER)
        ground.end()
        painter = self._painter()
        if not picture.isNull():
            size = picture.size().scaled(int(SIDE), int(SIDE), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRectF((SIDE - size.width()) / 2, (SIDE - size.height()) / 2, size.width(), size.height())
            painter.drawImage(where, picture)
        for stroke in strokes:
            pressures = stroke.pressure or (None,) * len(stroke.points)
            inked = list(zip(stroke.points, (pen_width(pressure) for pressure in pressures), strict=True))
            _draw_segment(painter, inked[0][0], inked[0][0], inked[0][1])
            for (start, first), (end, last) in pairwise(inked):
                _draw_segment(painter, start, end, (first + last) / 2)
        painter.end()


def outline(square: QRectF, inset: float) -> QPainterPath:
    """The rounded edge of the paper, `inset` pixels inside `square`."""
    path = QPainterPath()
    radius = theme().px(8)
    path.addRoundedRect(square.adjusted(inset, inset, -inset, -inset), radius, radius)
    return path


def pen_width(pressure: float | None) -> float:
    """The pen's width on the paper, by the rule that `as_digit` inks with."""
    return PEN_WIDTH if pressure is None else PEN_WIDTH * (0.5 + min(1.0, max(0.0, pressure)))


def on_paper(place: Point) -> bool:
    return 0 <= place[0] <= SIDE and 0 <= place[1] <= SIDE


def part_on_paper(start: Point, end: Point) -> tuple[Point, Point] | None:
    """The part of a line that lies on the paper; None where none of it does.

    The parametric clipping of Liang and Barsky (1984), for a square.
    """
    first, last = 0.0, 1.0
    for origin, step in ((start[0], end[0] - start[0]), (start[1], end[1] - start[1])):
        if step == 0:
            if not 0 <= origin <= SIDE:
                return None
            continue
        near, far = sorted((-origin / step, (SIDE - origin) / step))
        first, last = max(first, near), min(last, far)
    if first > last:
        return None
    dx, dy = end[0] - start[0], end[1] - start[1]
    entry = start if first == 0 else (start[0] + dx * first, start[1] + dy * first)
    leave = end if last == 1 else (start[0] + dx * last, start[1] + dy * last)
    return entry, leave


def _draw_segment(painter: QPainter, start: Point, end: Point, width: float) -> None:
    painter.setPen(QPen(_INK, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if start == end:
        painter.drawPoint(QPointF(*start))
    else:
        painter.drawLine(QPointF(*start), QPointF(*end))
