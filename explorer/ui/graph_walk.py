"""Where an arrow key leads from a box or frame of the graph."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF

from explorer.structure.fold import Link
from explorer.structure.layout import Direction
from explorer.ui.graph_picture import GraphPicture


class Step(Enum):
    """A key that walks through the graph: along the edges, across them, or to an end."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    FIRST = "first"
    LAST = "last"


# Where a network runs downwards, the keys that follow its edges are those that look along them.
_TURNED = {Step.DOWN: Step.RIGHT, Step.UP: Step.LEFT, Step.RIGHT: Step.DOWN, Step.LEFT: Step.UP}


def walked(picture: GraphPicture, path: str, step: Step) -> str:
    """The path that a step leads to; the same path where there is nothing in that direction.

    In a network that runs to the right, left and right follow the edges, the trunk before skips; up and down go to
    the nearest box above or below, and where there is none, out to the frame around or into it. In one that runs
    downwards the two pairs change places.
    """
    boxes = picture.folded.boxes
    if not boxes:
        return path
    if picture.layout.direction is Direction.DOWN:
        step = _TURNED.get(step, step)
    here = picture.folded.where(path)
    if step is Step.LAST:
        return boxes[-1].path
    if step is Step.FIRST or not here:
        return boxes[0].path
    if here in picture.folded.frame_by_path:
        return _from_frame(picture, here, step)
    if step in {Step.LEFT, Step.RIGHT}:
        return _along(picture, here, step) or path
    return _across(picture, here, step) or path


def _place(picture: GraphPicture, path: str) -> QRectF:
    """Where a box or frame is, turned so that the network runs to the right."""
    rect = picture.rect(path)
    if picture.layout.direction is Direction.DOWN:
        return QRectF(rect.y(), rect.x(), rect.height(), rect.width())
    return rect


def _along(picture: GraphPicture, here: str, step: Step) -> str:
    level = _place(picture, here).center().y()

    def cost(link: Link) -> tuple[bool, float]:
        end = link.target if step is Step.RIGHT else link.source
        return link.skip, abs(_place(picture, end).center().y() - level)

    links = [link for link in picture.folded.links if here == (link.source if step is Step.RIGHT else link.target)]
    if not links:
        return ""
    link = min(links, key=cost)
    return link.target if step is Step.RIGHT else link.source


def _across(picture: GraphPicture, here: str, step: Step) -> str:
    rect = _place(picture, here)
    found: list[tuple[float, float, str]] = []
    for box in picture.folded.boxes:
        other = _place(picture, box.path)
        distance = rect.top() - other.bottom() if step is Step.UP else other.top() - rect.bottom()
        if box.path != here and distance >= 0 and _share_column(rect, other):
            found.append((distance, abs(other.center().x() - rect.center().x()), box.path))
    if found:
        return min(found)[2]
    return picture.folded.box_by_path[here].frame if step is Step.UP else ""


def _share_column(first: QRectF, second: QRectF) -> bool:
    return first.left() < second.right() and second.left() < first.right()


def _from_frame(picture: GraphPicture, frame: str, step: Step) -> str:
    inside = [box.path for box in picture.folded.boxes if _is_inside(picture, box.frame, frame)]
    if step is Step.UP:
        return picture.folded.frame_by_path[frame].frame or frame
    if step is Step.LEFT:
        return _along(picture, inside[0], step) or frame
    return inside[0]


def _is_inside(picture: GraphPicture, inner: str, outer: str) -> bool:
    while inner:
        if inner == outer:
            return True
        inner = picture.folded.frame_by_path[inner].frame
    return False
