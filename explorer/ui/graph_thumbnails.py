"""Thumbnails under a graph's boxes: which boxes have one, how much room it takes, and how it is painted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from explorer.inference.mosaic import Mosaic, mosaic_of, picture_of
from explorer.structure.fold import Box, Face, FoldedGraph
from explorer.structure.graph import Graph, Kind
from explorer.structure.layout import PlacedBox
from explorer.ui.graph_look import Look

_HEIGHT = 84
_GAP = 8
# Boxes of these kinds are drawn small and hand on what they get.
_WITHOUT = frozenset({Kind.JOIN, Kind.RESHAPE, Kind.DROPOUT})
# Narrower on the screen, a thumbnail tells nothing.
LEAST_WIDTH = 16


def mosaic_for(box: Box) -> Mosaic | None:
    """How a box's output is shown below it; None for boxes that have no thumbnail."""
    if box.face is not Face.BOX or box.training_only or (box.node is not None and box.kind in _WITHOUT):
        return None
    if box.node is not None and box.node.failed:
        return None
    return picture_of(box.output_shape) if box.kind is Kind.INPUT else mosaic_of(box.output_shape)


def size_within(picture: tuple[int, int], width: float, look: Look) -> tuple[float, float]:
    """How large a picture of so many pixels is drawn below a box of that width."""
    scale = min((width - look.px(6)) / picture[0], look.px(_HEIGHT) / picture[1])
    return picture[0] * scale, picture[1] * scale


def room_for(picture: tuple[int, int], width: float, below: float, look: Look) -> float:
    """The room that a thumbnail needs below a box, under the badges' `below`."""
    return max(below, look.px(2)) + look.px(_GAP) + size_within(picture, width, look)[1]


def thumbnail_rect(picture: tuple[int, int], placed: PlacedBox, look: Look) -> QRectF:
    """Where a picture of so many pixels lies below its box."""
    width, height = size_within(picture, placed.width, look)
    bottom = placed.y + placed.height + placed.below
    return QRectF(placed.x + (placed.width - width) / 2, bottom - height, width, height)


def thumbnail_of(box: Box, thumbnails: Mapping[str, QImage]) -> QImage | None:
    """The picture of a box, or of the last badge on it that has one."""
    for path in (box.path, *(node.path for node in reversed(box.badges))):
        if path in thumbnails and not thumbnails[path].isNull():
            return thumbnails[path]
    return None


def paint_thumbnail(painter: QPainter, image: QImage, placed: PlacedBox, look: Look) -> None:
    """Paints a box's picture under it; pixels of small feature maps stay square."""
    rect = thumbnail_rect((image.width(), image.height()), placed, look)
    shrinks = image.width() > rect.width() * painter.deviceTransform().m11()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
    painter.drawImage(rect, image)


def paint_empty(painter: QPainter, mosaic: Mosaic, placed: PlacedBox, look: Look, zoom: float) -> None:
    """Paints where a picture will be, if it will be large enough."""
    place = thumbnail_rect(mosaic.size, placed, look)
    if place.width() * zoom >= LEAST_WIDTH:
        painter.fillRect(place, look.colour("grid"))


def output_of(box: Box, graph: Graph, folded: FoldedGraph) -> str:
    """The path of the node whose output leaves a box: its last badge, or of a folded block what others read last."""
    if box.node is not None:
        return box.badges[-1].path if box.badges else box.path
    inside = {path for path, where in folded.shown_by.items() if where == box.path}
    leaving = {edge.source for edge in graph.edges if edge.source in inside and edge.target not in inside}
    order = [node.path for node in graph.nodes if node.path in inside and not node.training_only]
    return next((path for path in reversed(order) if path in leaving), order[-1] if order else "")
