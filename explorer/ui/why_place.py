"""Where on the pad the picture lies that a network sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.data import pen
from explorer.data.drawing import CANVAS
from explorer.data.photograph import fitted_box
from explorer.data.sketch import Sketch
from explorer.data.steps import NORMALISED, Adjusted
from explorer.inference.kinds import Takes

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Where the ink of a fitted drawing begins, in pixels from the corner of the field that it is inked in.
_MARGIN = 4


@dataclass(frozen=True)
class Place:
    """A rectangle in shares of a square's side; it may reach beyond the square."""

    left: float
    top: float
    width: float
    height: float


WHOLE = Place(0.0, 0.0, 1.0, 1.0)


def in_square(seen: NDArray[np.uint8]) -> Place:
    """Where a picture [C, H, W] lies in a square that it just fits, in the middle."""
    height, width = seen.shape[1:]
    side = max(height, width)
    return Place((1 - width / side) / 2, (1 - height / side) / 2, width / side, height / side)


def on_pad(source: object, seen: NDArray[np.uint8], takes: Takes, *, whole: bool) -> Place | None:
    """Where what a network sees of a drawing or picture lies on the pad; None where that cannot be told.

    `takes` and `whole` are the predictor's. A picture of a digit is straightened and cut out in ways that leave no
    simple place; a drawing is only scaled and moved. Where steps of the preparation are left out, nothing is told.
    """
    if isinstance(source, Adjusted) and source.off == {NORMALISED}:
        source = source.source  # it moves nothing
    height, width = seen.shape[1:]
    if isinstance(source, Sketch):
        if takes is Takes.DIGITS:
            return _of_digit(source, seen)
        side = min(height, width)
        return Place((1 - width / side) / 2, (1 - height / side) / 2, width / side, height / side)
    if not isinstance(source, np.ndarray) or takes is Takes.DIGITS or source.ndim < 2:
        return None
    given = (source.shape[0], source.shape[1])
    longer = max(given)
    if whole:
        top, left, high, wide = fitted_box(given, (height, width))
        down, across = given[0] / longer / high, given[1] / longer / wide  # of the pad, for a pixel of the field
        corner = ((1 - given[1] / longer) / 2, (1 - given[0] / longer) / 2)
        return Place(corner[0] - left * across, corner[1] - top * down, width * across, height * down)
    scale = min(given[0] / height, given[1] / width) / longer
    return Place((1 - width * scale) / 2, (1 - height * scale) / 2, width * scale, height * scale)


def _of_digit(sketch: Sketch, seen: NDArray[np.uint8]) -> Place | None:
    """Undoes what `as_digit` does: strokes are scaled to a box of 20 pixels, inked, and moved by whole pixels."""
    strokes = [np.asarray(stroke.points, np.float64) for stroke in sketch.strokes]
    if not strokes or not seen.any():
        return None
    points = np.concatenate(strokes)
    if not np.isfinite(points).all():
        return None
    radii = []
    for stroke in sketch.strokes:
        pressure = np.full(len(stroke.points), 0.5) if stroke.pressure is None else np.asarray(stroke.pressure)
        radii.append(pen.PEN_RADIUS * (0.5 + np.clip(pressure, 0, 1)))
    origin = points[0]
    path = (points - origin).astype(np.float32)[None]
    fitted = pen.fitted(path, np.concatenate(radii).astype(np.float32)[None])[0].astype(np.float64)
    axis = int(np.ptp(points, axis=0).argmax())
    extent = float(np.ptp(points[:, axis]))
    scale = float(np.ptp(fitted[:, axis])) / extent if extent > 0 else 1.0
    if scale <= 0:
        return None
    inked = [int(np.flatnonzero(seen[0].any(axis=side))[0]) for side in (0, 1)]  # first column, first row
    shift = np.array(inked, np.float64) - _MARGIN
    # The corner of the 28 x 28 field, from the first point's place in it.
    corner = origin - (fitted[0] + shift) / scale
    side = seen.shape[1] / scale / CANVAS
    return Place(float(corner[0]) / CANVAS, float(corner[1]) / CANVAS, side, side)
