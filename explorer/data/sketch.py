"""What was drawn, as strokes, and the one function that makes of it, or of any picture, the 28x28 that MNIST has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data import pen
from explorer.data.picture import digit_of_picture


@dataclass(frozen=True)
class Stroke:
    """One stroke of the pen: points (x, y) in the canvas's unit, y down; a single point is a dot.

    `pressure` is a tablet's, 0 to 1 for each point, 0.5 an ordinary one; None for a mouse.

    Raises:
        ValueError: there is no point, or not one pressure for each.
    """

    points: tuple[tuple[float, float], ...]
    pressure: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("a stroke has at least one point")
        if self.pressure is not None and len(self.pressure) != len(self.points):
            raise ValueError(f"{len(self.points)} points need as many pressures, not {len(self.pressure)}")


@dataclass(frozen=True)
class Sketch:
    """All strokes on the pad, in the order in which they were drawn; an eraser takes strokes out."""

    strokes: tuple[Stroke, ...] = ()


def as_digit(source: Sketch | NDArray[Any]) -> NDArray[np.uint8] | None:
    """The digit as MNIST's makers would have prepared it: uint8 [28, 28], ink 255 on 0; None where nothing is drawn.

    The longer side of the ink becomes 20 pixels, keeping the aspect, and the centre of mass is moved by whole pixels
    to index 14. Strokes are scaled first and inked afterwards, so that the pen is as thick in a small drawing as in a
    large one. A picture is grayscale [H, W], or [H, W, C] with C of 1, 2 (alpha), 3 or 4 (alpha); uint8, uint16, bool
    or float of 0 to 1; dark on light or light on dark.

    Raises:
        ValueError: an array is not such a picture.
    """
    return _digit_of_sketch(source) if isinstance(source, Sketch) else digit_of_picture(np.asarray(source))


def paths_of(sketch: Sketch) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """A sketch's paths as `pen.digits_from_paths` takes them: points [1, P, 2] from the first on, and radii [1, P].

    None where nothing is drawn, or a point is no finite number.
    """
    strokes = [np.asarray(stroke.points, np.float64) for stroke in sketch.strokes]
    if not strokes:
        return None
    everything = np.concatenate(strokes)
    if not np.isfinite(everything).all():
        return None
    spacing = pen.line_spacing(float(np.ptp(everything, axis=0).max()))
    paths, radii = [], []
    for stroke, points in zip(sketch.strokes, strokes, strict=True):
        if stroke.pressure is None:
            (path,) = pen.resampled(points, spacing)
            radius = np.full(len(path), pen.PEN_RADIUS)
        else:
            path, pressed = pen.resampled(points, spacing, np.asarray(stroke.pressure, np.float64))
            # Half as thick again at full pressure, half as thick at none.
            radius = pen.PEN_RADIUS * (0.5 + np.clip(pressed, 0, 1))
        paths.append(path - everything[0])
        radii.append(radius)
    return np.concatenate(paths).astype(np.float32)[None], np.concatenate(radii).astype(np.float32)[None]


def _digit_of_sketch(sketch: Sketch) -> NDArray[np.uint8] | None:
    paths = paths_of(sketch)
    if paths is None:
        return None
    digit: NDArray[np.uint8] = pen.digits_from_paths(*paths)[0]
    return digit
