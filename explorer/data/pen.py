"""The pen: paths inked, fitted and centred as MNIST's digits are, many at a time.

MNIST's makers scaled each digit to fit a box of 20x20 keeping its aspect, anti-aliased, and moved its centre of mass
to the centre of a 28x28 field (LeCun, Bottou, Bengio, Haffner 1998, section III.A). In the 60,000 training images the
longer side of the ink is 20 pixels in all but 13, and the centre of mass lies within half a pixel of index (14, 14):
the shift is by whole pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 28
BOX = 20
CENTRE = 14  # the pixel index that the centre of mass comes nearest to

PEN_RADIUS = 1.25
"""Pixels of the 28x28 grid: upright ones of MNIST, 20 pixels long, hold 59.6 pixels of ink in the mean."""

_SPACING = 0.5  # between the discs that make up a line: its edge then waves by 0.03 pixels at most
_SOFTNESS = 1.2  # pixels over which ink fades at an edge: what an area filter leaves of a sharp one
_MARGIN = 4  # pixels around the box, for paths that leave it a little
FIELD = BOX + 2 * _MARGIN
"""The side of the square that `fitted` places paths in."""
_VALUES_AT_ONCE = 1 << 18  # stays in the processor's cache


def digits_from_paths(points: NDArray[np.float32], radii: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Inked digits, uint8 [N, 28, 28], ink 255 on 0.

    `points` [N, P, 2] are (x, y) in any unit, at most half a pixel apart once fitted (see `resampled`); `radii` [N, P]
    are the pen's, in pixels of the result, 0 or less where a path has ended.
    """
    return centred(ink(fitted(points, radii), radii, FIELD))


def fitted(points: NDArray[np.float32], radii: NDArray[np.float32]) -> NDArray[np.float32]:
    """Paths scaled so that, inked, they fill the box on its longer side; (0, 0) is the corner of the margin."""
    rims = np.maximum(radii, 0)[..., None] + np.float32((_SOFTNESS - 1) / 2)
    bare, _ = _extent(points, np.zeros_like(rims), radii)
    # A dot has no extent: any scale leaves it a dot.
    stretch = np.where(bare > 0, bare, 1)
    scale = (BOX - 2 * rims.mean(axis=1, keepdims=True)) / stretch
    # The pen does not grow with the path, and where it is thick it reaches further: two steps of Newton's method.
    for _ in range(2):
        extent, _ = _extent(points * scale, rims, radii)
        scale = scale + (BOX - extent) / stretch
    _, low = _extent(points * scale, rims, radii)
    placed: NDArray[np.float32] = (points * scale - low + _MARGIN).astype(np.float32)
    return placed


def _extent(
    points: NDArray[np.float32], rims: NDArray[np.float32], radii: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The longer side [N, 1, 1] and the upper left corner [N, 1, 2] of the box around discs."""
    low, high = points - rims, points + rims
    if not (radii > 0).all():
        present = (radii > 0)[..., None]
        low, high = np.where(present, low, np.inf), np.where(present, high, -np.inf)
    corner = low.min(axis=1, keepdims=True)
    return (high.max(axis=1, keepdims=True) - corner).max(axis=2, keepdims=True), corner


def ink(points: NDArray[np.float32], radii: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """What a round pen leaves on a square of `side` pixels: float32 [N, side, side], 0 to 1.

    `points` [N, P, 2] in pixels, (0, 0) the outer corner of the first; `radii` [N, P], 0 or less where there is none.
    """
    count = len(points)
    canvas = np.empty((count, side, side), np.float32)
    # Images with pens of like size go together, so that few pixels are looked at in vain.
    order = np.argsort(radii.max(axis=1), kind="stable")
    start = 0
    while start < count:
        reach = float(radii[order[start]].max()) + _SOFTNESS / 2
        span = int(2 * reach) + 1
        chunk = order[start : start + max(1, _VALUES_AT_ONCE // (span * span * points.shape[1]))]
        canvas[chunk] = _inked(points[chunk], radii[chunk], side)
        start += len(chunk)
    return canvas


def centred(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Images [N, h, w] of ink, 0 to 1, moved by whole pixels into uint8 [N, 28, 28] with the centre of mass at 14."""
    levels = _levels(images)
    y, x = _mass_centres(levels)
    # Half a pixel rounds up: in MNIST the centre of mass is from 13.5, included, to 14.5.
    return _moved(levels, CENTRE - np.floor(y + 0.5).astype(np.intp), CENTRE - np.floor(x + 0.5).astype(np.intp))


def centred_by_box(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Likewise with the middle of the ink's box in the middle of the field: what `centred` improves on."""
    levels = _levels(images)
    tops: list[int] = []
    lefts: list[int] = []
    for level in levels:
        for starts, axis in ((tops, 1), (lefts, 0)):
            inked = np.flatnonzero(level.any(axis=axis))
            first, last = (int(inked[0]), int(inked[-1])) if len(inked) else (0, SIDE - 1)
            starts.append((SIDE - (last - first + 1)) // 2 - first)
    return _moved(levels, np.array(tops, np.intp), np.array(lefts, np.intp))


def mass_centre(image: NDArray[np.float32]) -> tuple[float, float]:
    """The centre of mass (x, y) of ink [h, w], in pixels from the centre of the first; of none, (0, 0)."""
    y, x = _mass_centres(_levels(image[None]))
    return float(x[0]), float(y[0])


def _levels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    count, height, width = images.shape
    levels = np.zeros((count, height + 1, width + 1), np.uint8)  # one more, always blank: where nothing comes from
    levels[:, :height, :width] = np.rint(np.clip(images, 0, 1) * 255)
    return levels


def _mass_centres(levels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = levels.sum(axis=2, dtype=np.float64), levels.sum(axis=1, dtype=np.float64)
    mass = np.maximum(rows.sum(axis=1), 1)
    return rows @ np.arange(rows.shape[1]) / mass, columns @ np.arange(columns.shape[1]) / mass


def _moved(levels: NDArray[np.uint8], top: NDArray[np.intp], left: NDArray[np.intp]) -> NDArray[np.uint8]:
    """What lies from (0, 0) on, laid into the field from (top, left) on."""
    count, height, width = levels.shape[0], levels.shape[1] - 1, levels.shape[2] - 1
    from_row = np.arange(SIDE) - top[:, None]
    from_column = np.arange(SIDE) - left[:, None]
    from_row = np.where((from_row >= 0) & (from_row < height), from_row, height)
    from_column = np.where((from_column >= 0) & (from_column < width), from_column, width)
    moved: NDArray[np.uint8] = levels[np.arange(count)[:, None, None], from_row[:, :, None], from_column[:, None, :]]
    return moved


def resampled(
    path: NDArray[np.float64], spacing: float, *along: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """A path [P, 2] with points at most `spacing` apart, and what else varies `along` it [P], interpolated likewise."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    where = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(2, int(np.ceil(where[-1] / spacing)) + 1) if where[-1] > 0 else 1
    at = np.linspace(0, where[-1], count)
    points = np.stack([np.interp(at, where, path[:, axis]) for axis in (0, 1)], axis=1)
    return (points, *(np.interp(at, where, values) for values in along))


def line_spacing(extent: float) -> float:
    """How far apart points may lie, in the unit of paths whose larger extent is `extent`."""
    return _SPACING * max(extent, 1e-12) / BOX


def _inked(points: NDArray[np.float32], radii: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    count = len(radii)
    reach = float(radii.max(initial=0)) + _SOFTNESS / 2
    span = int(2 * reach) + 1
    padded = side + 2 * span
    # Each disc touches at most span x span pixels; those off the canvas fall on the padding.
    inside = np.clip(points, -reach, side + reach)
    first = np.ceil(inside - (reach + 0.5))
    nearest = (first + 0.5 - inside).astype(np.float32)  # from a point to the centre of the first of its pixels
    corner = (np.arange(count)[:, None] * padded + first[..., 1].astype(np.intp) + span) * padded
    corner += first[..., 0].astype(np.intp) + span
    drawn = radii > 0
    across, down, radius, corner = nearest[..., 0][drawn], nearest[..., 1][drawn], radii[drawn], corner[drawn]
    deepest = np.full(count * padded * padded, -1e3, np.float32)
    for row in range(span):
        squared = (down + np.float32(row)) ** 2
        for column in range(span):
            depth = radius - np.sqrt(squared + (across + np.float32(column)) ** 2)
            np.maximum.at(deepest, corner + (row * padded + column), depth)
    field = deepest.reshape(count, padded, padded)[:, span : span + side, span : span + side]
    covered: NDArray[np.float32] = np.clip(field / _SOFTNESS + 0.5, 0, 1)
    return covered
