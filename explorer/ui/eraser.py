"""Rubbing out: cutting strokes where an eraser passes over them."""

from __future__ import annotations

import math
from itertools import pairwise

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
    spans = [_covered(a, b, centre, radius) for a, b in pairwise(points)]
    if not any(spans):
        return None
    # Places along the stroke: 2.25 is a quarter of the way from its third point to its fourth.
    pieces: list[list[float]] = [[0.0]]
    for index, span in enumerate(spans):
        if span is None:
            pieces[-1].append(index + 1.0)
        else:
            pieces[-1].append(index + span[0])
            pieces.append([index + span[1]])
            if span[1] < 1:
                pieces[-1].append(index + 1.0)
    strokes = (_stroke_along(stroke, piece) for piece in pieces)
    return [left for left in strokes if sum(math.dist(a, b) for a, b in pairwise(left.points)) >= _CRUMB]


def _stroke_along(stroke: Stroke, places: list[float]) -> Stroke:
    """The stroke through some of another's places, with its pressures there."""
    points, pressures = [], []
    for place in places:
        index = min(int(place), len(stroke.points) - 2)
        share = place - index
        (ax, ay), (bx, by) = stroke.points[index], stroke.points[index + 1]
        points.append((ax + (bx - ax) * share, ay + (by - ay) * share))
        if stroke.pressure is not None:
            first, last = stroke.pressure[index], stroke.pressure[index + 1]
            pressures.append(first + (last - first) * share)
    return Stroke(tuple(points), None if stroke.pressure is None else tuple(pressures))


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
