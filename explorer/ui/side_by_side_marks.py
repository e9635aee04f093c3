"""Marks on the boxes of a graph that the network beside it lacks, or has in another form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.structure.alignment import Alignment, Match
from explorer.structure.fold import Box
from explorer.structure.graph import Graph
from explorer.ui.graph_look import Look, screen_look
from explorer.ui.graph_picture import GraphPicture
from explorer.ui.theme import theme

Matches = Callable[[str], Match | None]

# Orange and blue are told apart by colour-blind people; the signs say it again.
COLOURS = {Match.LEFT: "series_test", Match.RIGHT: "series_test", Match.CHANGED: "series_train"}
SIGNS = {Match.LEFT: "+", Match.RIGHT: "+", Match.CHANGED: "≠"}
_RADIUS = 8.0
_LEAST_PIXELS = 6.5  # of a sign on screen, however far away


def matches_of(alignment: Alignment, *, of_left: bool) -> Matches:
    """How each path of one of the two graphs matches."""
    return lambda path: alignment.match_of(path, of_left=of_left)


def box_match(graph: Graph, box: Box, matches: Matches) -> Match | None:
    """How what a box stands for matches: a layer, a folded block, or a stack of them."""
    if box.node is not None:
        return matches(box.node.path)
    paths = box.stack or ((box.block.path,) if box.block else ())
    found = {matches(path) for path in paths if path in graph.block_by_path}
    if len(found) == 1:
        return found.pop()
    return Match.CHANGED if found else None


def paint_matches(painter: QPainter, picture: GraphPicture, exposed: QRectF, matches: Matches, zoom: float) -> None:
    """Rings each box and badge that differs, with a sign at its corner; `zoom` is pixels of the screen a unit."""
    look = picture.look
    radius = max(look.px(_RADIUS), _LEAST_PIXELS / zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for box in picture.boxes_in(exposed):
        placed = picture.layout.box_by_path[box.path]
        match = box_match(picture.graph, box, matches)
        if match in COLOURS:
            _ring(painter, picture.faces.front(box, placed), match, look, zoom, radius)
        for node, rect in picture.faces.badges(box, placed):
            badge = matches(node.path)
            if badge in COLOURS:
                _ring(painter, rect, badge, look, zoom, 0.75 * radius)


def _ring(painter: QPainter, rect: QRectF, match: Match, look: Look, zoom: float, radius: float) -> None:
    colour = look.colour(COLOURS[match])
    width = max(look.px(2), 2 / zoom)
    style = Qt.PenStyle.DashLine if match is Match.CHANGED else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, width, style))
    corner = min(look.px(8), rect.height() / 2)
    # Beside the box's own border, which says by its colour what is selected.
    ring = rect.adjusted(-1.5 * width, -1.5 * width, 1.5 * width, 1.5 * width)
    painter.drawRoundedRect(ring, corner, corner)
    paint_sign(painter, ring.topLeft(), radius, match, colour, look.colour("panel"))


def paint_sign(painter: QPainter, centre: QPointF, radius: float, match: Match, colour: QColor, ink: QColor) -> None:
    """A disc with the sign of a match, in strokes so that it is the same on every device."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(QPen(ink, radius / 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    arm = radius * 0.48

    def line(x1: float, y1: float, x2: float, y2: float) -> None:
        painter.drawLine(centre + QPointF(x1 * arm, y1 * arm), centre + QPointF(x2 * arm, y2 * arm))

    if match is Match.CHANGED:
        line(-1, -0.45, 1, -0.45)
        line(-1, 0.45, 1, 0.45)
        line(-0.5, 1, 0.5, -1)
    else:
        line(-1, 0, 1, 0)
        line(0, -1, 0, 1)


LEGEND = ((Match.LEFT, "only in this network"), (Match.CHANGED, "in both, changed"))


def paint_match_legend(painter: QPainter, at: QPointF, look: Look) -> float:
    """Says what the signs mean, from the point `at` (left, top) on; gives how wide that is."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(look.small_font)
    radius, x, height = look.px(6.5), at.x(), look.small.height()
    for match, words in LEGEND:
        centre = QPointF(x + radius, at.y() + height / 2)
        paint_sign(painter, centre, radius, match, look.colour(COLOURS[match]), look.colour("panel"))
        painter.setPen(look.colour("secondary"))
        painter.drawText(QPointF(x + 2 * radius + look.px(5), at.y() + look.small.ascent()), words)
        x += 2 * radius + look.px(5) + look.small.horizontalAdvance(words) + look.px(16)
    return x - look.px(16) - at.x()


class MatchLegend(QWidget):
    """What the signs on the graphs mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend of the marks")
        self.setAccessibleDescription("; ".join(f"{SIGNS[match]} {words}" for match, words in LEGEND))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._measure)
        self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the legend is short: all of it is painted
        painter = QPainter(self)
        paint_match_legend(painter, QPointF(0, theme().px(3)), screen_look())

    def _measure(self) -> None:
        look = screen_look()
        wide = sum(look.px(13) + look.px(5) + look.small.horizontalAdvance(words) for _, words in LEGEND)
        self.setFixedSize(round(wide + look.px(16) * (len(LEGEND) - 1)) + 2, round(look.small.height()) + theme().px(6))
        self.update()


def in_words(alignment: Alignment, path: str, *, of_left: bool, other: str) -> Iterable[str]:
    """What a tooltip says of a path's match; nothing for what is the same or is no path of the graph."""
    match = alignment.match_of(path, of_left=of_left)
    if match is None or match is Match.SAME:
        return
    if match is not Match.CHANGED:
        yield f"+ {other} has none"
        return
    node = (alignment.left if of_left else alignment.right).by_path.get(path)
    if node is None:
        yield f"≠ something inside differs from {other}"
        return
    for pair in alignment.pairs:
        if (pair.left if of_left else pair.right) is node:
            yield f"≠ {pair.words}"
            return
