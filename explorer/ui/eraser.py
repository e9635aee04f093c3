"""Rubbing out: cutting strokes where an eraser passes over them."""

from __future__ import annotations

import math

from explorer.data.sketch import Stroke

Point = tuple[float, float]

# A crumb shorter than this, in canvas units of 1/280 of the pad, is no longer a stroke a person would have drawn.
_CRUMB = 1.0


def erase(strokes: tuple[Stroke, ...], start: Point, end: Point, radius: float) -> tuple[Stroke, ...]:
    """The strokes without what a round eraser covers on its way from `start` to `end`.

    A stroke is cut where its centre line enters and leaves the disc, so one stroke can become several; a dot under
    the disc goes. Strokes that are not touched are the same objects as before, and if none is, so is the tuple.
    All lengths are in the strokes' unit. The way is walked in steps of half a radius, which leaves ridges of at most
    4 % of the radius at its sides.
    """
    steps = max(1, math.ceil(math.dist(start, end) / (radius / 2)))
    kept = strokes
    for step in range(steps + 1):
        share = step / steps
        centre = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
        kept = _erase_disc(kept, centre, radius)
    return kept


def _erase_disc(strokes: tuple[Stroke, ...], centre: Point, radius: float) -> tuple[Stroke, ...]:
    kept: list[Stroke] = []
    touched = False
    for stroke in strokes:
        pieces = _cut(stroke, centre, radius)
        if pieces is None:
            kept.append(stroke)
        else:
            touched = True
            kept.extend(pieces)
    return tuple(kept) if touched else strokes


def _cut(stroke: Stroke, centre: Point, radius: float) -> list[Stroke] | None:
    """What is left of a stroke outside a disc; None where the disc does not reach it."""
    points = stroke.points
    if len(points) == 1:
        return [] if math.dist(points[0], centre) < radius else None
    covered = [_covered(a, b, centre, radius) for a, b in zip(points, points[1:], strict=False)]
    if not any(covered):
        return None
    pressure = stroke.pressure
    pieces: list[Stroke] = []
    piece: list[tuple[Point, float]] = []

    def at(index: int, share: float) -> tuple[Point, float]:
        (ax, ay), (bx, by) = points[index], points[index + 1]
        pressed = 0.0
        if pressure is not None:
            pressed = pressure[index] + (pressure[index + 1] - pressure[index]) * share
        return (ax + (bx - ax) * share, ay + (by - ay) * share), pressed

    def finish() -> None:
        places = tuple(point for point, _ in piece)
        if sum(math.dist(a, b) for a, b in zip(places, places[1:], strict=False)) >= _CRUMB:
            pressed = None if pressure is None else tuple(value for _, value in piece)
            pieces.append(Stroke(places, pressed))
        piece.clear()

    for index, span in enumerate(covered):
        first, last = span if span is not None else (1.0, 1.0)
        if first > 0:
            if not piece:
                piece.append(at(index, 0.0))
            piece.append(at(index, first))
        if span is not None:
            finish()
            if last < 1:
                piece.extend((at(index, last), at(index, 1.0)))
    finish()
    return pieces


def _covered(a: Point, b: Point, centre: Point, radius: float) -> tuple[float, float] | None:
    """The share of the way from `a` to `b` (0 to 1) at which the line enters the disc, and at which it leaves it."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    fx, fy = a[0] - centre[0], a[1] - centre[1]
    length = dx * dx + dy * dy
    outside = fx * fx + fy * fy - radius * radius
    if length == 0:
        return (0.0, 1.0) if outside < 0 else None
    middle = -(fx * dx + fy * dy) / length
    square = middle * middle - outside / length
    if square <= 0:
        return None
    reach = math.sqrt(square)
    first, last = max(0.0, middle - reach), min(1.0, middle + reach)
    return (first, last) if first < last else None
