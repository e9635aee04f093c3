"""Layouts on their way from one folding to another."""

from __future__ import annotations

from dataclasses import replace

from explorer.structure.layout import Layout, PlacedFrame


def moved(layout: Layout, dx: float, dy: float) -> Layout:
    """A layout with every box and frame moved; without its lines."""
    boxes = tuple(replace(box, x=box.x + dx, y=box.y + dy) for box in layout.boxes)
    frames = tuple(replace(frame, x=frame.x + dx, y=frame.y + dy) for frame in layout.frames)
    return replace(layout, boxes=boxes, frames=frames, routes=(), arcs=(), buses=())


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
        boxes.append(replace(box, x=between(start.x, box.x), y=between(start.y, box.y)))
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
