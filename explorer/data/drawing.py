"""Strokes as a picture of the whole sheet: what was drawn stays where it is and as large as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.data import pen
from explorer.data.sketch import Sketch

CANVAS = 280.0
"""The side of the sheet in the unit of its strokes."""
PEN_WIDTH = 18.0
"""The pen's width on it, with ordinary pressure."""

_SPACING = 0.5  # pixels between the discs that make up a line


def as_drawing(sketch: Sketch, shape: tuple[int, int, int], *, ground: int, ink: int) -> NDArray[np.uint8]:
    """The sheet, uint8 [C, H, W] of that `shape`, with strokes of level `ink` on `ground`; centred where it is oblong.

    What lies off the sheet, or is not a finite number, is left out.
    """
    channels, height, width = shape
    side = min(height, width)
    paths, radii = [], []
    for stroke in sketch.strokes:
        points = np.asarray(stroke.points, np.float64)
        pressure = np.full(len(points), 0.5) if stroke.pressure is None else np.asarray(stroke.pressure, np.float64)
        # Far beyond the sheet there is nothing to see, and a point for each half pixel on the way there.
        kept = np.isfinite(points).all(axis=1) & (np.abs(points - CANVAS / 2) <= 4 * CANVAS).all(axis=1)
        if not kept.any():
            continue
        path, pressed = pen.resampled(points[kept] * (side / CANVAS), _SPACING, pressure[kept])
        paths.append(path)
        radii.append(PEN_WIDTH / 2 * side / CANVAS * (0.5 + np.clip(pressed, 0, 1)))
    field = np.full((height, width), ground, np.uint8)
    if paths:
        covered = pen.ink(
            np.concatenate(paths).astype(np.float32)[None], np.concatenate(radii).astype(np.float32)[None], side
        )[0]
        top, left = (height - side) // 2, (width - side) // 2
        field[top : top + side, left : left + side] = np.rint(ground + covered * (ink - ground))
    return np.repeat(field[None], channels, axis=0)
