"""A large picture painted once, piece by piece between events, and shown from memory while it is moved and zoomed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from explorer.ui.graph_picture import FAR, VERY_FAR, GraphPicture, Painted

# Small enough that one tile of a crowded picture takes a few milliseconds.
_SIDE = 256
_MOST_TILES = 160
# One slice of painting between two events; a frame at 30 a second has 33 ms.
_SLICE_S = 0.008
# After the last change of the zoom, before its tiles are painted.
_SETTLE_MS = 60
_OVERVIEW = 2048
# Of a strip of the overview, in milliseconds as below; what crosses several strips is painted in each.
_STRIP_COST = 4.0
# What painting costs, measured in milliseconds: a box, a line and a frame near, far, and as mere colour.
_NEAR, _FAR, _COLOUR = (0.3, 0.05, 0.05), (0.1, 0.003, 0.1), (0.012, 0.002, 0.1)
_MOST_DIRECT = 9.0

_Key = tuple[int, int]


@dataclass
class _Level:
    """Tiles at one zoom, those last used at the end."""

    zoom: float
    ratio: float
    tiles: OrderedDict[_Key, QImage] = field(default_factory=OrderedDict)


class GraphTiles(QObject):
    """Keeps tiles of a picture; `refined` says that more of it can be shown. Lives in the UI thread."""

    refined = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picture: GraphPicture | None = None
        self._level: _Level | None = None
        self._older: _Level | None = None
        self._overview = QImage()
        self._overview_scale = 1.0
        self._overview_work: Iterator[None] | None = None
        self._wanted: list[_Key] = []
        self._wanted_zoom = (1.0, 1.0)
        self.painted_tiles = 0
        self._slices = QTimer(self)
        self._slices.setSingleShot(True)
        self._slices.timeout.connect(self._paint_slice)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._settle)

    def set_picture(self, picture: GraphPicture | None) -> None:
        """Forgets all that was painted, of this or another picture."""
        self.rest()
        self._picture = picture
        self._level = self._older = None
        self._overview = QImage()
        self._overview_work = None
        self._wanted = []

    def rest(self) -> None:
        """Paints nothing more until it is asked for again."""
        self._slices.stop()
        self._settling.stop()
        self._wanted = []

    @property
    def is_complete(self) -> bool:
        """Whether all that was last asked for is painted."""
        return not self._wanted and not self._settling.isActive()

    @property
    def has_overview(self) -> bool:
        """Whether there is something to show at every zoom."""
        return not self._overview.isNull() and self._overview_work is None

    def is_needed(self, exposed: QRectF, zoom: float) -> bool:
        """Whether a part of the picture is too crowded to be painted afresh in every frame."""
        if self._picture is None:
            return False
        layout = self._picture.layout
        most = Painted(len(layout.boxes), len(layout.routes), len(layout.frames))
        return _cost(most, zoom) > _MOST_DIRECT and _cost(self._picture.count_in(exposed), zoom) > _MOST_DIRECT

    def paint(self, painter: QPainter, area: QRect, scrolled: QPoint, zoom: float) -> None:
        """Paints what is there for the part `area` of the viewport, and sees to it that the rest comes.

        `scrolled` is where the viewport's corner lies in the picture's pixels.
        """
        if self._picture is None:
            return
        ratio = painter.device().devicePixelRatio()
        shown = area.translated(scrolled)
        level = self._at(zoom, ratio)
        keys = _keys(shown)
        missing = [key for key in keys if level is None or key not in level.tiles]
        if missing:
            self._paint_stand_in(painter, shown, scrolled, zoom)
        if level is not None:
            for key in keys:
                if key in level.tiles:
                    level.tiles.move_to_end(key)
                    painter.drawImage(QPoint(key[0] * _SIDE, key[1] * _SIDE) - scrolled, level.tiles[key])
        middle = QPointF(shown.center())
        self._wanted = sorted(missing, key=lambda key: (_middle(key) - middle).manhattanLength())
        if (zoom, ratio) != self._wanted_zoom:
            self._wanted_zoom = (zoom, ratio)
            if level is None and self._level is not None:
                # While the zoom still changes, what is there is shown larger or smaller.
                self._settling.start(_SETTLE_MS)
        if not missing:
            self._settling.stop()
        elif not self._settling.isActive() and not self._slices.isActive():
            self._slices.start(0)

    def _at(self, zoom: float, ratio: float) -> _Level | None:
        for level in (self._level, self._older):
            if level is not None and (level.zoom, level.ratio) == (zoom, ratio):
                return level
        return None

    def _settle(self) -> None:
        self._slices.start(0)

    def _paint_slice(self) -> None:
        picture = self._picture
        if picture is None or not self._wanted:
            return
        deadline = time.perf_counter() + _SLICE_S
        if self._overview.isNull():
            self._begin_overview(picture)
        while self._overview_work is not None and time.perf_counter() < deadline:
            if next(self._overview_work, self) is self:
                self._overview_work = None
        zoom, ratio = self._wanted_zoom
        level = self._at(zoom, ratio)
        if level is None:
            level = _Level(zoom, ratio)
            self._older, self._level = self._level, level
        elif level is self._older:
            self._older, self._level = self._level, level
        while self._wanted and time.perf_counter() < deadline:
            key = self._wanted.pop(0)
            level.tiles[key] = _painted(picture, key, zoom, ratio)
            self.painted_tiles += 1
            if len(level.tiles) > _MOST_TILES:
                level.tiles.popitem(last=False)
        if self._wanted or self._overview_work is not None:
            self._slices.start(1)
        self.refined.emit()

    def _begin_overview(self, picture: GraphPicture) -> None:
        bounds = picture.bounds
        self._overview_scale = min(1.0, _OVERVIEW / max(1.0, bounds.width(), bounds.height()))
        size = bounds.size() * self._overview_scale
        self._overview = QImage(max(1, ceil(size.width())), max(1, ceil(size.height())), QImage.Format.Format_RGB32)
        self._overview.fill(picture.look.colour("ground"))
        self._overview_work = self._overview_strips(picture)

    def _overview_strips(self, picture: GraphPicture) -> Iterator[None]:
        """Paints the overview strip by strip, each in about half the time that a slice has."""
        bounds, scale = picture.bounds, self._overview_scale
        strips = max(1, ceil(_cost(picture.count_in(bounds), scale) / _STRIP_COST))
        wide = bounds.width() >= bounds.height()
        for number in range(strips):
            part = QRectF(bounds)
            if wide:
                part.setLeft(bounds.left() + bounds.width() * number / strips)
                part.setWidth(bounds.width() / strips)
            else:
                part.setTop(bounds.top() + bounds.height() * number / strips)
                part.setHeight(bounds.height() / strips)
            painter = QPainter(self._overview)
            painter.scale(scale, scale)
            painter.setClipRect(part)
            picture.paint(painter, part, zoom=scale)
            painter.end()
            yield

    def _paint_stand_in(self, painter: QPainter, shown: QRect, scrolled: QPoint, zoom: float) -> None:
        """What there is at other zooms, stretched: first the whole from afar, then what was last seen near."""
        if not self._overview.isNull():
            per_pixel = self._overview_scale / zoom
            source = QRectF(
                shown.x() * per_pixel, shown.y() * per_pixel, shown.width() * per_pixel, shown.height() * per_pixel
            )
            painter.drawImage(QRectF(shown.translated(-scrolled)), self._overview, source)
        for level in (self._older, self._level):
            if level is None or level.zoom == zoom:
                continue
            factor = zoom / level.zoom
            if factor < 0.2:
                continue
            side = _SIDE * factor
            for key, image in level.tiles.items():
                target = QRectF(key[0] * side, key[1] * side, side, side)
                if target.intersects(QRectF(shown)):
                    # To whole pixels, or seams show between the tiles.
                    left, top = floor(target.left()), floor(target.top())
                    target = QRectF(left, top, ceil(target.right()) - left, ceil(target.bottom()) - top)
                    painter.drawImage(target.translated(-QPointF(scrolled)), image)


def _cost(held: Painted, zoom: float) -> float:
    box, line, frame = _NEAR if zoom >= FAR else _FAR if zoom >= VERY_FAR else _COLOUR
    return held.boxes * box + held.lines * line + held.frames * frame


def _keys(shown: QRect) -> list[_Key]:
    columns = range(shown.left() // _SIDE, shown.right() // _SIDE + 1)
    rows = range(shown.top() // _SIDE, shown.bottom() // _SIDE + 1)
    return [(column, row) for column in columns for row in rows]


def _middle(key: _Key) -> QPointF:
    return QPointF((key[0] + 0.5) * _SIDE, (key[1] + 0.5) * _SIDE)


def _painted(picture: GraphPicture, key: _Key, zoom: float, ratio: float) -> QImage:
    side = ceil(_SIDE * ratio)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(picture.look.colour("ground"))
    exposed = QRectF(key[0] * _SIDE / zoom, key[1] * _SIDE / zoom, _SIDE / zoom, _SIDE / zoom)
    if not exposed.intersects(picture.bounds.adjusted(-1, -1, 1, 1)):
        return image
    painter = QPainter(image)
    painter.translate(-key[0] * _SIDE, -key[1] * _SIDE)
    painter.scale(zoom, zoom)
    picture.paint(painter, exposed, zoom=zoom)
    painter.end()
    return image
