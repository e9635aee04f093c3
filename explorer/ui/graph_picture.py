"""A whole graph as a picture: made once for a graph and its folding, painted on any device, asked what is where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPolygonF

from explorer.structure.fold import Box, FoldedGraph, Frame, fold
from explorer.structure.graph import Graph
from explorer.structure.layout import Layout, PlacedFrame, Route, Size, lay_out
from explorer.structure.node_labels import one_line, shape_text
from explorer.ui.graph_faces import badge_rects, measure_box, paint_block, paint_box, paint_thumbnail, toggle_rect
from explorer.ui.graph_look import Look
from explorer.ui.naming import display_name

# From farther away than this, boxes are blocks of colour with a title.
FAR = 0.4
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_ARROW = 8
_CURVE = 7


class Part(Enum):
    """What kind of place a point of the picture is."""

    BOX = "box"
    BADGE = "badge"
    TITLE = "title"  # of an unfolded block
    TOGGLE = "toggle"  # the triangle that folds and unfolds


@dataclass(frozen=True)
class Hit:
    """What is at a point: `path` is a node's or block's."""

    part: Part
    path: str


@dataclass(frozen=True)
class _Line:
    path: QPainterPath
    arrow: QPolygonF
    bounds: QRectF
    skip: bool
    label: str
    label_at: QPointF


class GraphPicture:
    """The folded graph, its layout and what is painted of it."""

    def __init__(self, graph: Graph, folded: FoldedGraph, layout: Layout, look: Look) -> None:
        self.graph = graph
        self.folded = folded
        self.layout = layout
        self.look = look
        self._lines = _lines(layout, look)

    def moved(self, dx: float, dy: float) -> Layout:
        """The layout with every box and frame moved; without its routes."""
        boxes = tuple(replace(box, x=box.x + dx, y=box.y + dy) for box in self.layout.boxes)
        frames = tuple(replace(frame, x=frame.x + dx, y=frame.y + dy) for frame in self.layout.frames)
        return replace(self.layout, boxes=boxes, frames=frames, routes=())

    @property
    def bounds(self) -> QRectF:
        return QRectF(0, 0, self.layout.width, self.layout.height)

    def rect(self, path: str) -> QRectF:
        """Where a box or a frame with its title is; empty where the path is not visible."""
        placed = self.layout.box_by_path.get(path)
        if placed:
            return QRectF(placed.x, placed.y, placed.width, placed.height)
        frame = self.layout.frame_by_path.get(path)
        if frame:
            return QRectF(frame.x, frame.y - frame.title, frame.width, frame.height + frame.title)
        return QRectF()

    def anchor(self, path: str) -> QPointF:
        """The middle of the triangle that folds or unfolds a block: what stays in place while it does."""
        placed = self.layout.box_by_path.get(path)
        if placed:
            return toggle_rect(self.folded.box_by_path[path], placed, self.look).center()
        frame = self.layout.frame_by_path[path]
        return QPointF(frame.x + self.look.px(4) + self.look.small.height() / 2, frame.y - frame.title / 2)

    def hit(self, point: QPointF) -> Hit | None:
        """What is at a point; None for the ground."""
        for placed in self.layout.boxes:
            reach = QRectF(placed.x, placed.y, placed.width, placed.height + self.look.small.height())
            if not reach.contains(point):
                continue
            box = self.folded.box_by_path[placed.path]
            for node, rect in badge_rects(box, placed, self.look):
                if rect.contains(point):
                    return Hit(Part.BADGE, node.path)
            if toggle_rect(box, placed, self.look).contains(point):
                return Hit(Part.TOGGLE, box.path)
            if point.y() <= placed.y + placed.height:
                return Hit(Part.BOX, box.path)
        for frame in self.layout.frames:
            title = self.title_rect(frame)
            if title.contains(point):
                near = point.x() - title.left() < self.look.small.height() + self.look.px(4)
                return Hit(Part.TOGGLE if near else Part.TITLE, frame.path)
        return None

    def title_rect(self, frame: PlacedFrame) -> QRectF:
        width = _title_width(self.folded.frame_by_path[frame.path], self.look)
        return QRectF(frame.x, frame.y - frame.title, min(width, frame.width), frame.title)

    def paint(
        self,
        painter: QPainter,
        exposed: QRectF,
        *,
        zoom: float = 1.0,
        selected: str = "",
        hovered: str = "",
        thumbnails: Mapping[str, QImage] | None = None,
        before: Layout | None = None,
        share: float = 1.0,
    ) -> None:
        """Paints what lies in `exposed`.

        `selected` and `hovered` are paths; `zoom` says how many pixels of the screen a unit takes. While blocks fold,
        `before` is the layout that the picture comes from and `share` says how much of the way is done.
        """
        look = self.look
        layout = blended(before, self.layout, share) if before else self.layout
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._shown(selected)
        for frame in layout.frames:
            border = QRectF(frame.x, frame.y, frame.width, frame.height)
            if border.adjusted(0, -frame.title, 0, 0).intersects(exposed):
                self._paint_frame(painter, frame, border, zoom, shown == frame.path, hovered == frame.path)
        self._paint_lines(painter, exposed, zoom, share)
        for placed in layout.boxes:
            reach = QRectF(placed.x, placed.y, placed.width, placed.height + placed.below)
            if not reach.adjusted(-4, -4, 4, 4).intersects(exposed):
                continue
            box = self.folded.box_by_path[placed.path]
            appears = before is not None and placed.path not in before.box_by_path
            painter.setOpacity(share if appears else 1.0)
            if zoom < FAR:
                paint_block(painter, box, placed, look, zoom, selected=shown in {box.path, *_badge_paths(box)})
            else:
                paint_box(painter, box, placed, look, selected=shown, hovered=hovered)
            image = _thumbnail(box, thumbnails or {})
            if image is not None:
                paint_thumbnail(painter, image, placed, look)
        painter.setOpacity(1.0)

    def _shown(self, path: str) -> str:
        """A badge's own path, otherwise the box or frame that shows a path."""
        where = self.folded.where(path)
        box = self.folded.box_by_path.get(where)
        return path if box and path in _badge_paths(box) else where

    def _paint_frame(
        self, painter: QPainter, frame: PlacedFrame, border: QRectF, zoom: float, selected: bool, hovered: bool
    ) -> None:
        look = self.look
        colour = "accent" if selected else "edge" if hovered else "line"
        painter.setPen(QPen(look.colour(colour), look.px(2) if selected else max(look.px(1), 1 / zoom)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(border, look.px(8), look.px(8))
        if zoom < FAR:
            return
        painter.setFont(look.small_font)
        painter.setPen(look.colour("text" if selected or hovered else "secondary"))
        text = frame_title(self.folded.frame_by_path[frame.path])
        text = look.small.elidedText(text, Qt.TextElideMode.ElideRight, frame.width)
        painter.drawText(QPointF(frame.x + look.px(4), frame.y - look.px(5) - look.small.descent()), text)

    def _paint_lines(self, painter: QPainter, exposed: QRectF, zoom: float, share: float) -> None:
        look = self.look
        opacity = painter.opacity()
        painter.setOpacity(opacity * share * share)
        # Skips first: where they leave together with the trunk, the trunk's colour is on top.
        for line in sorted(self._lines, key=lambda line: not line.skip):
            if not line.bounds.intersects(exposed):
                continue
            colour = look.colour("accent" if line.skip else "edge")
            painter.setPen(QPen(colour, max(look.px(1.3), 1 / zoom)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(line.path)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(line.arrow)
        if zoom >= FAR:
            for line in self._lines:
                if line.label and line.bounds.intersects(exposed):
                    self._paint_label(painter, line)
        painter.setOpacity(opacity)

    def _paint_label(self, painter: QPainter, line: _Line) -> None:
        look = self.look
        width = look.small.horizontalAdvance(line.label)
        rect = QRectF(0, 0, width + look.px(10), look.small.height())
        rect.moveCenter(line.label_at)
        painter.fillRect(rect, look.colour("ground"))
        painter.setFont(look.small_font)
        painter.setPen(look.colour("secondary"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, line.label)


def make_picture(
    graph: Graph, folding: frozenset[str], look: Look, thumbnails: Mapping[str, QImage] | None = None
) -> GraphPicture:
    """Folds a graph, measures its boxes with the look's fonts and lays it out."""
    folded = fold(graph, folding)
    images = thumbnails or {}
    layout = lay_out(
        folded,
        lambda box: measure_box(box, look, _thumbnail(box, images)),
        lambda frame: Size(_title_width(frame, look), look.small.height() + look.px(6)),
        look.spacing,
    )
    return GraphPicture(graph, folded, layout, look)


def frame_title(frame: Frame) -> str:
    """An unfolded block's title: its name and, unless it is a mere container, its type."""
    name = one_line(display_name(frame.path))
    if frame.block.type_name in _CONTAINERS:
        return f"▾ {name}"
    return f"▾ {name} · {one_line(frame.block.type_name)}"


def blended(old: Layout, new: Layout, share: float) -> Layout:
    """The layout on its way from one to another; what the old one lacks grows out of the nearest thing it had."""

    def between(before: float, after: float) -> float:
        return before + (after - before) * share

    boxes = []
    for box in new.boxes:
        start = old.box_by_path.get(box.path) or _ancestor(old, box.path)
        if start is None:
            boxes.append(box)
            continue
        boxes.append(
            replace(
                box,
                x=between(start.x, box.x),
                y=between(start.y, box.y),
            )
        )
    frames = []
    for frame in new.frames:
        begin = old.frame_by_path.get(frame.path) or _ancestor(old, frame.path)
        if begin is None:
            frames.append(frame)
            continue
        frames.append(
            replace(
                frame,
                x=between(begin.x, frame.x),
                y=between(begin.y, frame.y),
                width=between(begin.width, frame.width),
                height=between(begin.height, frame.height),
            )
        )
    return replace(new, boxes=tuple(boxes), frames=tuple(frames))


def _ancestor(layout: Layout, path: str) -> PlacedFrame | None:
    """The box or frame of the block around a path, as a frame."""
    while "." in path:
        path = path.rpartition(".")[0]
        box = layout.box_by_path.get(path)
        if box:
            return PlacedFrame(box.path, box.x, box.y, box.width, box.height, 0)
    return None


def _badge_paths(box: Box) -> frozenset[str]:
    return frozenset(node.path for node in box.badges)


def _thumbnail(box: Box, thumbnails: Mapping[str, QImage]) -> QImage | None:
    """The picture of a box, or of the last badge on it that has one."""
    for path in (box.path, *(node.path for node in reversed(box.badges))):
        if path in thumbnails and not thumbnails[path].isNull():
            return thumbnails[path]
    return None


def _title_width(frame: Frame, look: Look) -> float:
    return look.small.horizontalAdvance(frame_title(frame)) + look.px(12)


def _lines(layout: Layout, look: Look) -> list[_Line]:
    found = []
    labelled: set[str] = set()
    trunks = [route for route in layout.routes if not route.link.skip]
    for route in layout.routes:
        label, place = "", QPointF()
        if route.link.skip and route.link.source not in labelled:
            label, place = _label(route, look)
            labelled.add(route.link.source if label else "")
        points = [QPointF(x, y) for x, y in route.points]
        if route.link.skip and any(_covers(trunk, route) for trunk in trunks if trunk.link.source == route.link.source):
            # Where a skip leaves together with the trunk, two colours on top of each other would blur.
            points[0] = _towards(points[1], points[0], min(look.px(_CURVE), _distance(points[0], points[1])))
        path = _rounded(points, look.px(_CURVE), look.px(_ARROW))
        reach = look.px(10)
        found.append(
            _Line(
                path,
                _arrow(route, look.px(_ARROW)),
                path.boundingRect().adjusted(-reach, -reach, reach, reach),
                route.link.skip,
                label,
                place,
            )
        )
    return found


def _label(route: Route, look: Look) -> tuple[str, QPointF]:
    """A skip's shape and the middle of its longest horizontal piece, where it has room."""
    text = shape_text(route.link.shape)
    (x, y), (other_x, _) = max(
        ((start, end) for start, end in pairwise(route.points)), key=lambda ends: abs(ends[0][0] - ends[1][0])
    )
    if abs(other_x - x) < look.small.horizontalAdvance(text) + look.px(48):
        return "", QPointF()
    return text, QPointF((x + other_x) / 2, y)


def _covers(trunk: Route, skip: Route) -> bool:
    """Whether a trunk leaves its box along the whole first piece of a skip."""
    (start, level), (end, other) = skip.points[:2]
    return trunk.points[0] == skip.points[0] and level == other and trunk.points[1][0] >= end > start


def _rounded(points: list[QPointF], radius: float, arrow: float) -> QPainterPath:
    """A line through the points with rounded corners, ending inside its arrow head."""
    points[-1] = _towards(points[-1], points[-2], arrow * 0.7)
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        path.lineTo(_towards(corner, before, reach))
        path.quadTo(corner, _towards(corner, after, reach))
    path.lineTo(points[-1])
    return path


def _arrow(route: Route, length: float) -> QPolygonF:
    (before_x, before_y), (x, y) = route.points[-2:]
    tip, before = QPointF(x, y), QPointF(before_x, before_y)
    base = _towards(tip, before, length)
    across = QPointF(-(base - tip).y(), (base - tip).x()) * 0.5
    return QPolygonF([tip, base + across, base - across])


def _distance(first: QPointF, second: QPointF) -> float:
    return hypot(first.x() - second.x(), first.y() - second.y())


def _towards(point: QPointF, other: QPointF, length: float) -> QPointF:
    distance = _distance(point, other)
    return point + (other - point) * (length / distance) if distance > 0 else point
