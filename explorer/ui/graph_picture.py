"""A whole graph as a picture: made once for a graph and its folding, painted on any device, asked what is where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.structure.fold import Box, FoldedGraph, Frame, fold
from explorer.structure.graph import Graph
from explorer.structure.layout import Direction, Layout, PlacedFrame, Size, lay_out
from explorer.structure.layout_page import Page, lay_out_on
from explorer.structure.node_labels import one_line
from explorer.system import garbage
from explorer.ui.graph_faces import Faces
from explorer.ui.graph_heat import Heat, Quantity, heat_of
from explorer.ui.graph_index import GraphIndex, Rect
from explorer.ui.graph_lines import bus_rect, frame_rects, make_lines, paint_buses, paint_lines, paint_lines_far
from explorer.ui.graph_look import Look
from explorer.ui.graph_motion import blended
from explorer.ui.graph_thumbnails import paint_thumbnail, thumbnail_of
from explorer.ui.graph_titles import LEAST_PIXELS, Title, paint_title, title_of_text
from explorer.ui.graph_words import words_of
from explorer.ui.naming import display_name

# From farther away than this, boxes are blocks of colour with a title.
FAR = 0.55
# From farther away than this, boxes are colour alone.
VERY_FAR = 0.12
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_REACH = 5.0
_GRAINS = 400
# The small map's pixels, across and down, and how many of them a box takes at least.
_SMALL_MAP, _LEAST_THERE = (126, 86), 1.5


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
class Painted:
    """How many boxes, lines and frames of unfolded blocks a painting touched."""

    boxes: int
    lines: int
    frames: int


class GraphPicture:
    """The folded graph, its layout and what is painted of it; whatever is looked for by place is found by an index."""

    def __init__(self, graph: Graph, folded: FoldedGraph, layout: Layout, faces: Faces) -> None:
        self.graph = graph
        self.folded = folded
        self.layout = layout
        self.faces = faces
        self.look = faces.look
        self._lines = make_lines(folded, layout, faces)
        foot = self.look.small.height()
        self._box_index = GraphIndex(
            ((b.x - _REACH, b.y - _REACH, b.x + b.width + _REACH, b.y + b.height + max(b.below, foot)),)
            for b in layout.boxes
        )
        self._frame_index = GraphIndex(frame_rects(frame, 2 * _REACH) for frame in layout.frames)
        self._line_index = GraphIndex(line.rects for line in self._lines)
        self._far_titles: dict[str, Title] = {}
        # By colour, as `QColor.rgba` gives it: the picture at its smallest.
        self.in_colours = self._in_colours()
        self._bus_index = GraphIndex((bus_rect(bus, self.look),) for bus in layout.buses)

    @property
    def bounds(self) -> QRectF:
        return QRectF(0, 0, self.layout.width, self.layout.height)

    def show_heat(self, heat: Heat | None) -> None:
        """Colours the boxes by other amounts, and leaves them where they are."""
        self.faces = replace(self.faces, heat=heat, _texts={})
        self.in_colours = self._in_colours()

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
            toggle = self.faces.toggle(self.folded.box_by_path[path], placed)
            return self.rect(path).center() if toggle.isEmpty() else toggle.center()
        frame = self.layout.frame_by_path[path]
        return QPointF(frame.x + self.look.px(4) + self.look.small.height() / 2, frame.y - frame.title / 2)

    def count_in(self, exposed: QRectF) -> Painted:
        """How much a part of the picture holds."""
        area = _area(exposed)
        return Painted(
            self._box_index.count_within(area),
            self._line_index.count_within(area),
            self._frame_index.count_within(area),
        )

    def boxes_in(self, exposed: QRectF) -> list[Box]:
        """The boxes that a part of the picture holds."""
        placed = self.layout.boxes
        return [self.folded.box_by_path[placed[number].path] for number in self._box_index.within(_area(exposed))]

    def hit(self, point: QPointF) -> Hit | None:
        """What is at a point; None for the ground."""
        area = (point.x(), point.y(), point.x(), point.y())
        for number in self._box_index.within(area):
            placed = self.layout.boxes[number]
            box = self.folded.box_by_path[placed.path]
            for node, rect in self.faces.badges(box, placed):
                if rect.contains(point):
                    return Hit(Part.BADGE, node.path)
            if self.faces.toggle(box, placed).contains(point):
                return Hit(Part.TOGGLE, box.path)
            # A box's feature maps are part of it.
            reach = placed.below if self.faces.thumbnails else 0
            if QRectF(placed.x, placed.y, placed.width, placed.height + reach).contains(point):
                return Hit(Part.BOX, box.path)
        for number in self._frame_index.within(area):
            frame = self.layout.frames[number]
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
    ) -> Painted:
        """Paints what lies in `exposed`, and says how much that was.

        `selected` and `hovered` are paths; `zoom` says how many pixels of the screen a unit takes. While blocks fold,
        `before` is the layout that the picture comes from and `share` says how much of the way is done.
        """
        look = self.look
        area = _area(exposed)
        layout = blended(before, self.layout, share) if before else self.layout
        whole = range(len(layout.boxes)) if before else self._box_index.within(area)
        frames = range(len(layout.frames)) if before else self._frame_index.within(area)
        lines = [self._lines[number] for number in self._line_index.within(area)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= VERY_FAR)
        shown = self._shown(selected)
        for number in frames:
            frame = layout.frames[number]
            self._paint_frame(painter, frame, zoom, shown == frame.path, hovered == frame.path)
        opacity = painter.opacity()
        painter.setOpacity(opacity * share * share)
        buses = [layout.buses[number] for number in self._bus_index.within(area)] if layout.buses else []
        if zoom >= FAR:
            paint_lines(painter, lines, look, zoom)
        else:
            paint_lines_far(painter, lines, look, zoom)
        paint_buses(painter, buses, look, words=zoom >= FAR)
        painter.setOpacity(opacity)
        if zoom < VERY_FAR and before is None:
            self._paint_colours(painter, whole)
        else:
            for number in whole:
                placed = layout.boxes[number]
                box = self.folded.box_by_path[placed.path]
                painter.setOpacity(share if before is not None and placed.path not in before.box_by_path else 1.0)
                if zoom < FAR:
                    chosen = shown in {box.path, *_badge_paths(box)}
                    self.faces.paint_far(painter, box, placed, zoom, selected=chosen)
                else:
                    self.faces.paint(painter, box, placed, selected=shown, hovered=hovered)
                image = thumbnail_of(box, thumbnails) if thumbnails else None
                if image is not None:
                    paint_thumbnail(painter, image, placed, look)
                elif self.faces.thumbnails:
                    self.faces.paint_no_thumbnail(painter, box, placed, zoom)
        painter.setOpacity(1.0)
        return Painted(len(whole), len(lines), len(frames))

    def paint_marks(
        self,
        painter: QPainter,
        *,
        zoom: float,
        selected: str,
        hovered: str,
        thumbnails: Mapping[str, QImage],
    ) -> None:
        """Paints only what changes from one moment to the next, over a painting without it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._shown(selected)
        for path in dict.fromkeys((self.folded.where(hovered), self.folded.where(selected))):
            placed, frame = self.layout.box_by_path.get(path), self.layout.frame_by_path.get(path)
            if placed:
                box = self.folded.box_by_path[path]
                if zoom < FAR:
                    self.faces.paint_far(painter, box, placed, zoom, selected=shown in {path, *_badge_paths(box)})
                else:
                    self.faces.paint(painter, box, placed, selected=shown, hovered=hovered)
            elif frame:
                self._paint_frame(painter, frame, zoom, shown == path, hovered == path)
        for path in {self.folded.where(path) for path in thumbnails}:
            placed = self.layout.box_by_path.get(path)
            image = thumbnail_of(self.folded.box_by_path[path], thumbnails) if placed else None
            if placed and image is not None:
                paint_thumbnail(painter, image, placed, self.look)

    def paint_found(self, painter: QPainter, exposed: QRectF, found: frozenset[str], zoom: float) -> None:
        """Rings the visible boxes whose paths are in `found`."""
        reach = max(self.look.px(3), 2.5 / zoom)
        painter.setPen(QPen(self.look.colour("accent"), max(self.look.px(1.6), 1.6 / zoom), Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in self._box_index.within(_area(exposed)):
            placed = self.layout.boxes[number]
            if placed.path in found:
                ring = self.faces.front(self.folded.box_by_path[placed.path], placed)
                ring.adjust(-reach, -reach, reach, reach)
                painter.drawRoundedRect(ring, self.look.px(9), self.look.px(9))

    def _paint_colours(self, painter: QPainter, numbers: Iterable[int]) -> None:
        """Boxes from very far away: rectangles of colour, all of one colour at once."""
        by_colour: dict[int, list[QRectF]] = {}
        for number in numbers:
            placed = self.layout.boxes[number]
            colour = self.faces.far_colour(self.folded.box_by_path[placed.path]).rgba()
            by_colour.setdefault(colour, []).append(QRectF(placed.x, placed.y, placed.width, placed.height))
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, rects in by_colour.items():
            painter.setBrush(QColor.fromRgba(colour))
            painter.drawRects(rects)

    def _in_colours(self) -> dict[int, list[QRectF]]:
        """The boxes as rectangles, by colour; of those that a small map could not tell apart, one.

        Thinner than a pixel or two, boxes would vanish there, so none is.
        """
        width, height = max(1.0, self.bounds.width()), max(1.0, self.bounds.height())
        grain = max(width, height) / _GRAINS
        least = _LEAST_THERE * max(width / _SMALL_MAP[0], height / _SMALL_MAP[1])
        found: dict[int, dict[tuple[int, int], QRectF]] = {}
        for placed in self.layout.boxes:
            colour = self.faces.far_colour(self.folded.box_by_path[placed.path]).rgba()
            place = (int(placed.x // grain), int(placed.y // grain))
            rect = QRectF(placed.x, placed.y, max(placed.width, least), max(placed.height, least))
            found.setdefault(colour, {}).setdefault(place, rect)
        return {colour: list(rects.values()) for colour, rects in found.items()}

    def _shown(self, path: str) -> str:
        """A badge's own path, otherwise the box or frame that shows a path."""
        where = self.folded.where(path)
        box = self.folded.box_by_path.get(where)
        return path if box and path in _badge_paths(box) else where

    def _paint_frame(self, painter: QPainter, frame: PlacedFrame, zoom: float, selected: bool, hovered: bool) -> None:
        look = self.look
        colour = "accent" if selected else "edge" if hovered else "line"
        painter.setPen(QPen(look.colour(colour), look.px(2) if selected else max(look.px(1), 1 / zoom)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(frame.x, frame.y, frame.width, frame.height), look.px(8), look.px(8))
        if zoom < FAR:
            self._paint_far_title(painter, frame, zoom)
            return
        painter.setFont(look.small_font)
        painter.setPen(look.colour("text" if selected or hovered else "secondary"))
        text = frame_title(self.folded.frame_by_path[frame.path])
        text = look.small.elidedText(text, Qt.TextElideMode.ElideRight, frame.width)
        painter.drawText(QPointF(frame.x + look.px(4), frame.y - look.px(5) - look.small.descent()), text)

    def _paint_far_title(self, painter: QPainter, frame: PlacedFrame, zoom: float) -> None:
        """A frame's name at a size that can be read, on top of what is in it, where there is room for it."""
        look = self.look
        title = self._far_titles.get(frame.path)
        if title is None:
            text = one_line(display_name(self.folded.frame_by_path[frame.path].path))
            title = self._far_titles[frame.path] = title_of_text(text, look)
        size = max(LEAST_PIXELS / zoom, 0.6 * frame.title)
        line, length = title.ways[0]
        width = length * size / look.title_font.pixelSize() + look.px(8)
        rect = QRectF(frame.x, frame.y - frame.title, width, 1.25 * size)
        # What would hide more of the frame than a tenth says less than it takes.
        if width <= frame.width and rect.height() <= max(frame.title + look.px(14), 0.1 * frame.height):
            painter.fillRect(rect, look.colour("ground"))
            paint_title(painter, rect, line, size, look, look.colour("secondary"))


class LayoutStopped(Exception):  # noqa: N818 - the user's wish, no error
    """Somebody wants another picture, or none."""


@garbage.left_alone()
def make_picture(
    graph: Graph,
    folding: frozenset[str],
    look: Look,
    thumbnails: Mapping[str, QImage] | None = None,
    *,
    direction: Direction = Direction.RIGHT,
    quantity: Quantity = Quantity.NONE,
    page: Page | None = None,
    room: float | None = None,
    slots: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> GraphPicture:
    """Folds a graph, measures its boxes with the look's fonts and lays it out; works in any thread.

    With `slots` room is kept for the feature maps of every layer. What is longer than `room` stands in rows; without
    it, in rows that show it well on `page`, or in one line.

    Raises:
        LayoutStopped: `stopped` said so on the way.
    """
    folded = fold(graph, folding)
    images = thumbnails or {}
    faces = Faces(look, words_of(graph, folded), direction, heat_of(folded, quantity), slots)

    sizes: dict[str, Size] = {}

    def measure(box: Box) -> Size:
        if stopped():
            raise LayoutStopped
        if box.path not in sizes:
            sizes[box.path] = faces.measure(box, thumbnail_of(box, images))
        return sizes[box.path]

    def measure_title(frame: Frame) -> Size:
        return Size(_title_width(frame, look), look.small.height() + look.px(6))

    def lay(length: float | None) -> Layout:
        return lay_out(folded, measure, measure_title, look.spacing, direction, length)

    if page is None or room is not None:
        layout = lay(room)
    else:
        layout = lay_out_on(page, lay, direction, map(measure, folded.boxes))
    if stopped():
        raise LayoutStopped
    return GraphPicture(graph, folded, layout, faces)


def frame_title(frame: Frame) -> str:
    """An unfolded block's title: its name and, unless it is a mere container, its type."""
    name = one_line(display_name(frame.path))
    if frame.block.type_name in _CONTAINERS:
        return f"▾ {name}"
    return f"▾ {name} · {one_line(frame.block.type_name)}"


def _area(exposed: QRectF) -> Rect:
    return (exposed.left(), exposed.top(), exposed.right(), exposed.bottom())


def _badge_paths(box: Box) -> frozenset[str]:
    return frozenset(node.path for node in box.badges)


def _title_width(frame: Frame, look: Look) -> float:
    return look.small.horizontalAdvance(frame_title(frame)) + look.px(12)
