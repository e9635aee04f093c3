"""Edges, shortcuts, arcs and buses as they are drawn: rounded lines with arrow heads, and the words beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import hypot, sqrt

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from explorer.structure.fold import Box, Face, FoldedGraph, Style
from explorer.structure.layout import Bus, Direction, Layout, PlacedBox, PlacedFrame, Route
from explorer.structure.node_labels import shape_text
from explorer.ui.graph_faces import Faces
from explorer.ui.graph_index import GraphIndex, Rect
from explorer.ui.graph_look import Look

ARROW = 8
_CURVE = 7
_ARC = 14
_WIDTH = 1.3
_DASHES = [5.0, 3.5]


@dataclass(frozen=True)
class Label:
    """Words beside a line; `on_line` covers the line behind them with the ground."""

    text: str
    middle: QPointF
    on_line: bool = False


@dataclass(frozen=True)
class Line:
    """One route as it is drawn: `rects` are where it is looked for, `head` is its arrow's length.

    What the painter needs of it is made when it is first seen: most lines of a large network never are.
    """

    points: tuple[QPointF, ...]
    radius: float
    head: float
    rects: tuple[Rect, ...]
    style: Style
    labels: tuple[Label, ...] = ()

    @cached_property
    def path(self) -> QPainterPath:
        return _rounded(self.points, self.radius, self.head)

    @cached_property
    def arrow(self) -> QPolygonF:
        return _arrow(self.points, self.head)

    @cached_property
    def pieces(self) -> tuple[QLineF, ...]:
        """Its straight parts, for a view from afar."""
        return tuple(QLineF(start, end) for start, end in pairwise(self.points))


def make_lines(folded: FoldedGraph, layout: Layout, faces: Faces) -> list[Line]:
    """All routes and arcs of a layout; skips come first, so that the trunk's colour is on top where both leave."""
    counts = _counts(folded, layout, faces)
    taken = _taken(layout)
    labelled: set[str] = set()
    trunks: dict[str, list[Route]] = {}
    for route in layout.routes:
        if _style(route, folded) is Style.TRUNK:
            trunks.setdefault(route.link.source, []).append(route)
    found = []
    for number, route in enumerate(layout.routes):
        style = _style(route, folded)
        points = _reaching(route, folded, layout, faces)
        shared = 0
        if style is not Style.TRUNK:
            shared = max((_shared(trunk, route) for trunk in trunks.get(route.link.source, ())), default=0)
            points = points[shared:]
        labels = list(counts.get(number, ()))
        if route.link.source not in labelled and (label := _shape_label(route, shared, style, folded, faces, taken)):
            labels.append(label)
            labelled.add(route.link.source)
        if style is not Style.TRUNK and any(
            _covers(trunk, route, shared) for trunk in trunks.get(route.link.source, ())
        ):
            # Where a skip leaves together with the trunk, two colours on top of each other would blur.
            length = min(faces.look.px(_CURVE), _distance(points[0], points[1]))
            points[0] = _towards(points[1], points[0], length)
        found.append(_line(points, style, faces.look, faces.look.px(_CURVE), labels))
    found += [
        _line([QPointF(x, y) for x, y in arc.points], arc.style, faces.look, faces.look.px(_ARC), ())
        for arc in layout.arcs
    ]
    return sorted(found, key=lambda line: line.style is Style.TRUNK)


def paint_lines(painter: QPainter, lines: Iterable[Line], look: Look, zoom: float) -> None:
    """Paints lines near enough to see their arrows and words."""
    width = max(look.px(_WIDTH), 1 / zoom)
    lines = list(lines)
    for line in lines:
        painter.setPen(_pen(line.style, look, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(_colour(line.style)))
        painter.drawPolygon(line.arrow)
    painter.setFont(look.small_font)
    for line in lines:
        for label in line.labels:
            _paint_label(painter, label, look)


def paint_lines_far(painter: QPainter, lines: Iterable[Line], look: Look, zoom: float) -> None:
    """Paints lines as seen from afar: straight pieces, all of one style at once."""
    pieces: dict[Style, list[QLineF]] = {}
    for line in lines:
        pieces.setdefault(line.style, []).extend(line.pieces)
    for style in (Style.PROJECTION, Style.SKIP, Style.TRUNK):
        if found := pieces.get(style):
            # Dashes a pixel apart cannot be told from a line, and take long to draw.
            painter.setPen(QPen(look.colour(_colour(style)), max(look.px(_WIDTH), 1 / zoom)))
            painter.drawLines(found)


def paint_buses(painter: QPainter, buses: Iterable[Bus], look: Look, *, words: bool) -> None:
    """Paints the thick lines of dense blocks, with their channel counts where `words` are wanted."""
    for bus in buses:
        rect = QRectF(bus.x, bus.y, bus.width, bus.height)
        radius = min(rect.width(), rect.height()) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("secondary"))
        painter.drawRoundedRect(rect, radius, radius)
        if words:
            painter.setFont(look.small_font)
            for (x, y), text in bus.labels:
                _paint_label(painter, Label(text, QPointF(x, y)), look)


def bus_rect(bus: Bus, look: Look) -> Rect:
    """Where a bus and its words are."""
    reach = look.small.height() + look.px(4)
    return (bus.x - reach, bus.y - reach, bus.x + bus.width + reach, bus.y + bus.height + reach)


def _pen(style: Style, look: Look, width: float) -> QPen:
    pen = QPen(look.colour(_colour(style)), width)
    if style is Style.PROJECTION:
        pen.setDashPattern(_DASHES)
    return pen


def _colour(style: Style) -> str:
    return "edge" if style is Style.TRUNK else "accent"


def _style(route: Route, folded: FoldedGraph) -> Style:
    link = route.link
    if link.skip and folded.box_by_path[link.target].face is Face.KNOT:
        # It runs on the bus.
        return Style.TRUNK
    return Style.SKIP if link.skip and link.style is Style.TRUNK else link.style


def _line(points: list[QPointF], style: Style, look: Look, radius: float, labels: Iterable[Label]) -> Line:
    head = look.px(ARROW)
    ends = [(point.x(), point.y()) for point in points]
    rects: list[Rect] = [
        (
            min(x, to_x) - head,
            min(y, to_y) - head,
            max(x, to_x) + head,
            max(y, to_y) + head,
        )
        for (x, y), (to_x, to_y) in pairwise(ends)
    ]
    labels = tuple(labels)
    for label in labels:
        width, height = look.small.horizontalAdvance(label.text) / 2 + look.px(5), look.small.height() / 2
        x, y = label.middle.x(), label.middle.y()
        rects.append((x - width, y - height, x + width, y + height))
    return Line(tuple(points), radius, head, tuple(rects), style, labels)


def _paint_label(painter: QPainter, label: Label, look: Look) -> None:
    width = look.small.horizontalAdvance(label.text)
    if label.on_line:
        rect = QRectF(0, 0, width + look.px(10), look.small.height())
        rect.moveCenter(label.middle)
        painter.fillRect(rect, look.colour("ground"))
    painter.setPen(look.colour("secondary"))
    y = label.middle.y() + (look.small.ascent() - look.small.descent()) / 2
    painter.drawText(QPointF(label.middle.x() - width / 2, y), label.text)


def _shape_label(
    route: Route, first: int, style: Style, folded: FoldedGraph, faces: Faces, taken: GraphIndex
) -> Label | None:
    """The shape that flows along a route from its point `first` on, where it has room and nothing else says it."""
    if folded.box_by_path[route.link.target].face is Face.KNOT:
        # Beside the bus stand its channels.
        return None
    look = faces.look
    text = shape_text(route.link.shape)
    width, height = look.small.horizontalAdvance(text), look.small.height()
    if style is not Style.TRUNK:
        left, right, y = _longest(route, first)
        fits = right - left >= width + look.px(48)
        return Label(text, QPointF((left + right) / 2, y), on_line=True) if fits else None
    if faces.shows_shape(folded.box_by_path[route.link.source]):
        return None
    left, right, y = _longest(route, first)
    # Before the arrow head and above the line, in the widest gap between the borders that it crosses.
    crossed = sorted({left, right, *taken.edges_in((left, y - height, right, y - 1))})
    start, end = max(pairwise(crossed), key=lambda ends: ends[1] - ends[0], default=(left, left))
    middle = QPointF((start + end - look.px(ARROW)) / 2, y - height / 2 - look.px(1))
    area = (middle.x() - width / 2, middle.y() - height / 2, middle.x() + width / 2, middle.y() + height / 2 - 1)
    if end - start < width + look.px(ARROW + 6) or taken.within(area):
        return None
    return Label(text, middle)


def _longest(route: Route, first: int) -> tuple[float, float, float]:
    """Left, right and height of a route's longest horizontal piece; no length where it has none."""
    level = [(start, end) for start, end in pairwise(route.points[first:]) if start[1] == end[1]]
    (x, y), (other_x, _) = max(level, key=lambda ends: abs(ends[0][0] - ends[1][0]), default=(route.points[0],) * 2)
    return min(x, other_x), max(x, other_x), y


def _taken(layout: Layout) -> GraphIndex:
    """Where no words may stand: boxes, and the borders and titles of frames."""
    boxes = [[(box.x, box.y, box.x + box.width, box.y + box.height + box.below)] for box in layout.boxes]
    return GraphIndex([*boxes, *(frame_rects(frame, 0) for frame in layout.frames)])


def frame_rects(frame: PlacedFrame, reach: float) -> list[Rect]:
    """The four sides of a frame, the upper one with its title: what is inside is nothing of the frame's own."""
    left, top, right, bottom = frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
    return [
        (left - reach, top - frame.title - reach, right + reach, top + reach),
        (left - reach, bottom - reach, right + reach, bottom + reach),
        (left - reach, top, left + reach, bottom),
        (right - reach, top, right + reach, bottom),
    ]


def _counts(folded: FoldedGraph, layout: Layout, faces: Faces) -> dict[int, list[Label]]:
    """By a route's number, how many channels it brings to the bar that it ends on."""
    found: dict[int, list[Label]] = {}
    if layout.direction is Direction.DOWN:
        return found
    look = faces.look
    ends: dict[str, list[tuple[float, int]]] = {}
    for number, route in enumerate(layout.routes):
        if folded.box_by_path[route.link.target].face is Face.BAR and route.link.shape:
            ends.setdefault(route.link.target, []).append((route.points[-1][1], number))
    for path, arrivals in ends.items():
        placed = layout.box_by_path[path]
        body = faces.body(folded.box_by_path[path], placed)
        heights = sorted(y for y, _ in arrivals)
        if any(after - before < look.small.height() + look.px(1) for before, after in pairwise(heights)):
            continue
        for y, number in arrivals:
            route = layout.routes[number]
            x = (placed.x + body.left() - look.px(ARROW)) / 2
            text = f"{route.link.shape[0]:,}"
            if abs(route.points[-1][0] - placed.x) <= 1 and body.left() - placed.x >= look.small.horizontalAdvance(
                text
            ):
                found[number] = [Label(text, QPointF(x, y - look.small.height() / 2 - look.px(1)))]
    return found


def _reaching(route: Route, folded: FoldedGraph, layout: Layout, faces: Faces) -> list[QPointF]:
    """The points of a route, drawn on to what circles and bars fill of their places."""
    points = [QPointF(x, y) for x, y in route.points]
    for path, end, before in ((route.link.source, 0, 1), (route.link.target, -1, -2)):
        box, placed = folded.box_by_path[path], layout.box_by_path[path]
        if box.face in {Face.JOIN, Face.BAR} and _is_on(points[end], placed):
            points[end] = _on_body(points[end], points[before], box, faces.body(box, placed))
    return points


def _is_on(point: QPointF, placed: PlacedBox) -> bool:
    rect = QRectF(placed.x, placed.y, placed.width, placed.height)
    return rect.adjusted(-1, -1, 1, 1 + placed.below).contains(point)


def _on_body(end: QPointF, before: QPointF, box: Box, body: QRectF) -> QPointF:
    centre, radius = body.center(), body.width() / 2
    if abs(end.y() - before.y()) < abs(end.x() - before.x()):
        across = end.y() - centre.y()
        inset = radius - sqrt(max(0.0, radius**2 - across**2)) if box.face is Face.JOIN else 0.0
        x = body.left() + inset if before.x() < end.x() else body.right() - inset
        return QPointF(x, end.y())
    across = end.x() - centre.x()
    inset = radius - sqrt(max(0.0, radius**2 - across**2)) if box.face is Face.JOIN else 0.0
    y = body.top() + inset if before.y() < end.y() else body.bottom() - inset
    return QPointF(end.x(), y)


def _shared(trunk: Route, skip: Route) -> int:
    """How many whole pieces a skip has in common with a trunk from where both leave their box."""
    same = 0
    for mine, other in zip(skip.points[:-1], trunk.points, strict=False):
        if mine != other:
            break
        same += 1
    return max(0, same - 1)


def _covers(trunk: Route, skip: Route, first: int) -> bool:
    """Whether a trunk runs along the whole piece of a skip that begins at its point `first`."""
    (start_x, start_y), (end_x, end_y) = skip.points[first : first + 2]
    if len(trunk.points) < first + 2 or trunk.points[first] != skip.points[first]:
        return False
    after_x, after_y = trunk.points[first + 1]
    if start_y == end_y:
        return after_y == start_y and after_x >= end_x > start_x
    return after_x == start_x and after_y >= end_y > start_y


def _rounded(points: Sequence[QPointF], radius: float, arrow: float) -> QPainterPath:
    """A line through the points with rounded corners, ending inside its arrow head."""
    points = [*points[:-1], _towards(points[-1], points[-2], arrow * 0.7)]
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        path.lineTo(_towards(corner, before, reach))
        path.quadTo(corner, _towards(corner, after, reach))
    path.lineTo(points[-1])
    return path


def _arrow(points: Sequence[QPointF], length: float) -> QPolygonF:
    tip, before = points[-1], points[-2]
    base = _towards(tip, before, length)
    across = QPointF(-(base - tip).y(), (base - tip).x()) * 0.5
    return QPolygonF([tip, base + across, base - across])


def _distance(first: QPointF, second: QPointF) -> float:
    return hypot(first.x() - second.x(), first.y() - second.y())


def _towards(point: QPointF, other: QPointF, length: float) -> QPointF:
    distance = _distance(point, other)
    return point + (other - point) * (length / distance) if distance > 0 else point
