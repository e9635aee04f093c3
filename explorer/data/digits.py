"""The built-in data set: digits that look written by hand, drawn from stroke skeletons, for which no file is needed.

Each digit is one way of writing (see `skeletons`), with control points moved, ends drawn too long or too short, slant,
turn, width and taper of the hand, a smooth distortion, and a pen that presses unevenly. The paths then go through the
same box, pen and centring as a drawing on the pad.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.data import pen, skeletons
from explorer.data.sketch import Sketch, Stroke
from explorer.data.split import Split

TRAIN_COUNT = 20_000
TEST_COUNT = 4_000
TRAIN_SEED = 1998
TEST_SEED = 2012

_POINTS_PER_HEIGHT = 44  # less than half a pixel apart where the digit is 20 pixels high


def make_digits(count: int, seed: int) -> Split:
    """`count` images uint8 [count, 1, 28, 28], ink 255 on 0, and labels; classes differ by one image at most.

    The same count and seed give the same images.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count is 0 or more, not {count}")
    random = np.random.default_rng([seed, 28])
    labels = random.permutation(np.arange(count) % 10).astype(np.int64)
    images = np.zeros((count, 1, pen.SIDE, pen.SIDE), np.uint8)
    for chosen, paths in written(labels, random):
        images[chosen, 0] = pen.digits_from_paths(paths.points, paths.radii)
    return Split(images, labels)


def make_sketches(count: int, seed: int) -> tuple[tuple[Sketch, int], ...]:
    """`count` digits as strokes on a canvas of 280x280, of any size and anywhere on it, each with its label.

    Points lie as far apart as a mouse leaves them.
    """
    random = np.random.default_rng([seed, 280])
    labels = random.permutation(np.arange(count) % 10).astype(np.int64)
    sketches: list[Sketch | None] = [None] * count
    for chosen, paths in written(labels, random):
        for row, index in enumerate(chosen):
            sketches[index] = _on_canvas(paths.points[row].astype(np.float64), paths.strokes, random)
    return tuple((sketch, int(label)) for sketch, label in zip(sketches, labels, strict=True) if sketch is not None)


@dataclass(frozen=True)
class Paths:
    """Digits written one way, the pen's way (x, y down) at a height of 1 and its radius for a height of 20 pixels.

    `points` [N, P, 2], `radii` [N, P], and where each stroke's points are.
    """

    points: NDArray[np.float32]
    radii: NDArray[np.float32]
    strokes: tuple[slice, ...]


def written(labels: NDArray[np.int64], random: np.random.Generator) -> list[tuple[NDArray[np.intp], Paths]]:
    """The digits of `labels`, each written in one of its ways: for each way which of them are written so, and how."""
    chosen = np.zeros(len(labels), np.intp)
    for digit in range(10):
        ways = [index for index, way in enumerate(skeletons.WAYS) if way.digit == digit]
        shares = np.array([skeletons.WAYS[index].share for index in ways])
        places = np.flatnonzero(labels == digit)
        chosen[places] = random.choice(ways, size=len(places), p=shares / shares.sum())
    written = []
    for index, way in enumerate(skeletons.WAYS):
        places = np.flatnonzero(chosen == index)
        if len(places):
            written.append((places, _write(way, len(places), random)))
    return written


def _write(way: skeletons.Way, count: int, random: np.random.Generator) -> Paths:
    pieces = []
    slices = []
    start = 0
    careless = random.uniform(0.008, 0.042, (count, 1, 1))
    # Two strokes of one digit do not meet as planned: each is a little out of place as a whole.
    for stroke in way.strokes:
        points = np.repeat(stroke.points[None], count, axis=0)
        points += careless * random.standard_normal(points.shape)
        if len(way.strokes) > 1:
            points += random.normal(0, 0.025, (count, 1, 2))
        _overshoot(points, random)
        path = _curve(stroke, points)
        pieces.append(path)
        slices.append(slice(start, start + path.shape[1]))
        start += path.shape[1]
    points = _by_a_hand(np.concatenate(pieces, axis=1), random)
    radii = _pressed(count, tuple(slices), random)
    return Paths(points.astype(np.float32), radii.astype(np.float32), tuple(slices))


def _overshoot(points: NDArray[np.float64], random: np.random.Generator) -> None:
    """Ends drawn too long or too short, by up to about a third of the last piece."""
    count = len(points)
    for end, neighbour in ((0, 1), (-1, -2)):
        share = np.clip(random.normal(0, 0.12, (count, 1)), -0.35, 0.35)
        points[:, end] += share * (points[:, end] - points[:, neighbour])


def _curve(stroke: skeletons.Stroke, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Catmull-Rom curves between corners, through control points [N, K, 2]: [N, P, 2]."""
    last = len(stroke.corners) - 1
    ends = [0, *(index for index, corner in enumerate(stroke.corners) if corner and 0 < index < last), last]
    pieces = []
    for first, final in itertools.pairwise(ends):
        part = points[:, first : final + 1]
        before = 2 * part[:, :1] - part[:, 1:2]
        after = 2 * part[:, -1:] - part[:, -2:-1]
        control = np.concatenate([before, part, after], axis=1)
        planned = np.hypot(*np.diff(stroke.points[first : final + 1], axis=0).T)
        for index, length in enumerate(planned):
            t = np.linspace(0, 1, max(2, int(np.ceil(length * _POINTS_PER_HEIGHT))))
            weights = 0.5 * np.stack(
                [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
            )
            pieces.append(np.matmul(weights, control[:, index : index + 4]))
    return np.concatenate(pieces, axis=1)


def _by_a_hand(points: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Width, taper, smooth distortion, slant and turn, one of each for every digit."""
    count = len(points)

    def drawn(mean: float, deviation: float) -> NDArray[np.float64]:
        return random.normal(mean, deviation, (count, 1))

    x = points[..., 0] - 0.3
    y = points[..., 1] - 0.5
    # Taper: the upper half wider than the lower or the other way round; likewise the halves' heights.
    x *= np.exp(np.clip(drawn(0.04, 0.22), -0.5, 0.5))
    x, y = x * (1 + np.clip(drawn(0, 0.25), -0.5, 0.5) * y), y + np.clip(drawn(0, 0.18), -0.4, 0.4) * (y * y - 0.25)

    def bent(waves: float) -> NDArray[np.float64]:
        angle = random.uniform(0, 2 * np.pi, (count, 1))
        phase = random.uniform(0, 2 * np.pi, (count, 1))
        along = np.cos(angle) * x + np.sin(angle) * y
        return drawn(0, 0.045 / waves) * np.sin(2 * np.pi * waves * along + phase)

    x, y = x + bent(1) + bent(1.8), y + bent(1) + bent(1.8)
    x -= np.clip(drawn(0.18, 0.28), -0.5, 0.9) * y
    turn = np.clip(drawn(0, 0.13), -0.35, 0.35)
    return np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y], axis=2)


def _pressed(count: int, strokes: tuple[slice, ...], random: np.random.Generator) -> NDArray[np.float64]:
    """The pen's radius along each path: one pen a digit, pressed unevenly along each stroke."""
    length = strokes[-1].stop
    radii = np.empty((count, length))
    thick = pen.PEN_RADIUS * np.exp(random.normal(0, 0.26, (count, 1)))
    for stroke in strokes:
        along = np.linspace(0, 1, stroke.stop - stroke.start)
        swell = random.normal(0, 0.08, (count, 1)) * np.sin(
            2 * np.pi * (random.uniform(0.5, 1.5, (count, 1)) * along + random.uniform(0, 1, (count, 1)))
        )
        fade = random.normal(0, 0.1, (count, 1)) * (along - 0.5)
        radii[:, stroke] = thick * (1 + swell + fade)
    return np.clip(radii, 0.6, 3)


def _on_canvas(points: NDArray[np.float64], strokes: tuple[slice, ...], random: np.random.Generator) -> Sketch:
    side = 280.0
    low = points.min(axis=0)
    extent = float((points.max(axis=0) - low).max())
    height = random.uniform(60, 250)
    scaled = (points - low) * (height / extent)
    free = side - scaled.max(axis=0)
    moved = scaled + random.uniform(0, 1, 2) * free
    drawn = []
    for stroke in strokes:
        apart = random.uniform(2, 12)
        (path,) = pen.resampled(moved[stroke], apart)
        drawn.append(Stroke(tuple((float(x), float(y)) for x, y in path)))
    return Sketch(tuple(drawn))
