"""What must hold for every layout: nothing overlaps, no edge runs through a box, every edge ends where it should."""

from __future__ import annotations

import itertools

import numpy as np

from explorer.structure.fold import FoldedGraph
from explorer.structure.layout import Direction, Layout

_TOLERANCE = 1e-6


def check(visible: FoldedGraph, layout: Layout) -> None:
    """Asserts that a layout is one of `visible` in which everything has a place of its own."""
    assert [box.path for box in layout.boxes] == [box.path for box in visible.boxes]
    assert {frame.path for frame in layout.frames} == {frame.path for frame in visible.frames}
    boxes = _rects([(box.x, box.y, box.width, box.height) for box in layout.boxes])
    rooms = _rects([(box.x, box.y, box.width, box.height + box.below) for box in layout.boxes])
    frames = _rects([(frame.x, frame.y, frame.width, frame.height) for frame in layout.frames])
    strips = _rects([(f.x, f.y - f.title, f.width, f.height + f.title) for f in layout.frames])
    buses = _rects([(bus.x, bus.y, bus.width, bus.height) for bus in layout.buses])
    whole = np.array([0, 0, layout.width, layout.height])
    for rects in (rooms, strips, buses):
        assert _inside(rects, whole).all(), "something lies outside the layout"
    _check_boxes(layout, rooms, buses)
    around = _around(visible)
    _check_frames(visible, layout, rooms, strips, around)
    _check_arcs(visible, layout, boxes, whole)
    _check_routes(visible, layout, boxes, rooms, frames, around, whole)
    _check_links(visible, layout)


def _rects(entries) -> np.ndarray:
    rects = np.array(entries, float).reshape(-1, 4)
    rects[:, 2:] += rects[:, :2]
    return rects


def _inside(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    return np.all(inner[..., :2] >= outer[..., :2] - _TOLERANCE, -1) & np.all(
        inner[..., 2:] <= outer[..., 2:] + _TOLERANCE, -1
    )


def _meet(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For each of the first whether its inside meets that of each of the second; lines have no thickness."""
    return np.all(
        (first[:, None, :2] < second[None, :, 2:] - _TOLERANCE)
        & (second[None, :, :2] < first[:, None, 2:] - _TOLERANCE),
        -1,
    )


def _crossed(lines: np.ndarray, rects: np.ndarray) -> np.ndarray:
    """For each line which rectangles' insides it runs through."""
    return np.all(
        (lines[:, None, :2] < rects[None, :, 2:] - _TOLERANCE) & (rects[None, :, :2] + _TOLERANCE < lines[:, None, 2:]),
        -1,
    )


def _check_boxes(layout: Layout, rooms: np.ndarray, buses: np.ndarray) -> None:
    paths = [box.path for box in layout.boxes]
    for first in range(0, len(rooms), 512):
        overlap = _meet(rooms[first : first + 512], rooms)
        rows = np.arange(len(overlap))
        overlap[rows, rows + first] = False
        for one, other in np.argwhere(overlap)[:1]:
            raise AssertionError(f"boxes {paths[first + one]} and {paths[other]} overlap")
    assert not _meet(buses, rooms).any(), "a bus covers a box"


def _around(visible: FoldedGraph) -> dict[str, set[str]]:
    """For each frame, itself and those around it."""
    around: dict[str, set[str]] = {"": set()}
    for frame in visible.frames:
        around[frame.path] = {frame.path, *around[frame.frame]}
    return around


def _check_frames(visible, layout, rooms, strips, around) -> None:
    if not visible.frames:
        return
    holds = _inside(rooms[:, None], strips[None])
    meets = _meet(rooms, strips)
    expected = np.array([[f.path in around[box.frame] for f in visible.frames] for box in visible.boxes])
    assert holds[expected].all(), "a frame does not hold its member"
    assert not meets[~expected].any(), "a frame covers a box that is not its member"
    related = np.array(
        [[b.path in around[a.path] or a.path in around[b.path] for b in visible.frames] for a in visible.frames]
    )
    assert not _meet(strips, strips)[~related].any(), "two frames overlap"


def _pieces(points) -> list[tuple[float, float, float, float]]:
    return [
        (min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))
        for (x, y), (other_x, other_y) in itertools.pairwise(points)
    ]


def _check_arcs(visible, layout, boxes, whole) -> None:
    assert {arc.path for arc in layout.arcs} == {box.path for box in visible.boxes if box.arc}
    pieces = np.array([piece for arc in layout.arcs for piece in _pieces(arc.points)]).reshape(-1, 4)
    assert _inside(pieces, whole).all(), "an arc leaves the layout"
    assert not _crossed(pieces, boxes).any(), "an arc runs through a box"


def _check_routes(visible, layout, boxes, rooms, frames, around, whole) -> None:
    number = {box.path: index for index, box in enumerate(visible.boxes)}
    frame_number = {frame.path: index for index, frame in enumerate(visible.frames)}
    pieces, owners = [], []
    for index, route in enumerate(layout.routes):
        assert len(route.points) >= 2, f"{route.link} has no way"
        found = _pieces(route.points)
        pieces += found
        owners += [index] * len(found)
    lines = np.array(pieces).reshape(-1, 4)
    assert _inside(lines, whole).all(), "an edge leaves the layout"
    assert (np.minimum(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) < 1e-3).all(), "an edge is not straight"
    sources = np.array([number[route.link.source] for route in layout.routes], int)
    targets = np.array([number[route.link.target] for route in layout.routes], int)
    _check_ends(layout, boxes, rooms, sources, targets)
    of = np.array(owners, int)
    for first in range(0, len(lines), 512):
        part, whose = lines[first : first + 512], of[first : first + 512]
        crossed = _crossed(part, rooms)
        rows = np.arange(len(part))
        for ends in (sources[whose], targets[whose]):
            crossed[rows, ends] = _crosses_one(part, boxes[ends])
        for line, box in np.argwhere(crossed)[:1]:
            link = layout.routes[whose[line]].link
            raise AssertionError(f"{link.source}→{link.target} runs through {visible.boxes[box].path}")
        if not len(frames):
            continue
        through = _crossed(part, frames)
        for row, owner in enumerate(whose):
            link = layout.routes[owner].link
            for end in (link.source, link.target):
                for path in around[visible.box_by_path[end].frame]:
                    through[row, frame_number[path]] = False
        for line, frame in np.argwhere(through)[:1]:
            link = layout.routes[whose[line]].link
            raise AssertionError(f"{link.source}→{link.target} runs through frame {visible.frames[frame].path}")


def _crosses_one(lines: np.ndarray, rects: np.ndarray) -> np.ndarray:
    return np.all((lines[:, :2] < rects[:, 2:] - _TOLERANCE) & (rects[:, :2] + _TOLERANCE < lines[:, 2:]), -1)


def _on_border(points: np.ndarray, rects: np.ndarray) -> np.ndarray:
    inside = np.all((points >= rects[..., :2] - _TOLERANCE) & (points <= rects[..., 2:] + _TOLERANCE), -1)
    distance = np.minimum(np.abs(points - rects[..., :2]), np.abs(points - rects[..., 2:])).min(-1)
    return inside & (distance < _TOLERANCE)


def _check_ends(layout, boxes, rooms, sources, targets) -> None:
    if not layout.routes:
        return
    buses = _rects([(bus.x, bus.y, bus.width, bus.height) for bus in layout.buses])
    for place, ends, word in ((0, sources, "start"), (-1, targets, "end")):
        points = np.array([route.points[place] for route in layout.routes])
        at = _on_border(points, boxes[ends])
        if layout.direction is Direction.DOWN:
            at |= _on_border(points, rooms[ends])
        if len(buses):
            at |= _on_border(points[:, None], buses[None]).any(1)
        for index in np.flatnonzero(~at)[:1]:
            raise AssertionError(f"{layout.routes[index].link} does not {word} at its box")


def _check_links(visible: FoldedGraph, layout: Layout) -> None:
    """Every link has a route, or goes to a bus by one and from it by another."""
    drawn = {(route.link.source, route.link.target) for route in layout.routes}
    links = {(link.source, link.target) for link in visible.links}
    assert drawn <= links
    if not layout.buses:
        assert len(layout.routes) == len(links)
    sources, targets = {source for source, _ in drawn}, {target for _, target in drawn}
    for source, target in links - drawn:
        assert layout.buses, f"{source}→{target} has no route"
        assert source in sources, f"{source} does not lead to its bus"
        assert target in targets, f"no bus leads to {target}"
