"""The built-in data set with masks: digits in clutter, drawn from the same stroke skeletons; needs no file.

One to three digits of any size and place are written over an uneven background with textures, blobs, lines and dashes,
which are as bright, as dark and as thick as the digits' ink, and under noise. Ink is brighter or darker than what lies
around it. So neither brightness nor edges tell a digit's pixels: only its shape does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.data import digits, pen
from explorer.data.split import Split

SIDE = 64
TRAIN_COUNT = 4_000
TEST_COUNT = 1_000
TRAIN_SEED = 2015
TEST_SEED = 1505

_AT_ONCE = 100  # images made together stay in the processor's cache
_EDGE = 1.2  # pixels over which a shape fades at its edge, as ink does
_SHARES = (0.4, 0.35, 0.25)  # of images with one, two and three digits
_HEIGHTS = ((24, 52), (22, 38), (19, 30))  # pixels, where there are one, two and three digits
_TRIES = 8  # places looked at for each digit: the one that is least in the way of the others is taken

_Pictures = NDArray[np.float32]


def make_segments(count: int, seed: int) -> Split:
    """`count` images uint8 [count, 1, 64, 64] and masks uint8 [count, 64, 64]: 0 background, 1 a digit's ink.

    The same count and seed give the same images.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count is 0 or more, not {count}")
    random = np.random.default_rng([seed, SIDE])
    images = np.zeros((count, 1, SIDE, SIDE), np.uint8)
    masks = np.zeros((count, SIDE, SIDE), np.uint8)
    written = _Written(count, random)
    for start in range(0, count, _AT_ONCE):
        part = slice(start, min(start + _AT_ONCE, count))
        pictures, masks[part] = _made(part, written, random)
        images[part, 0] = np.rint(np.clip(pictures, 0, 1) * 255)
    return Split(images, masks)


def _made(part: slice, written: _Written, random: np.random.Generator) -> tuple[_Pictures, NDArray[np.bool_]]:
    count = part.stop - part.start
    pictures = _background(count, random)
    for _ in range(2):
        _add_texture(pictures, random)
    for _ in range(3):
        _add_blob(pictures, random)
    for _ in range(3):
        _add_line(pictures, random, share=0.5)
    for _ in range(4):
        _add_dash(pictures, random)
    masks = written.add_to(pictures, part, random)
    _add_line(pictures, random, share=0.2)
    deviation = random.uniform(0.01, 0.04, (count, 1, 1)).astype(np.float32)
    pictures += deviation * random.standard_normal(pictures.shape, np.float32)
    return pictures, masks


_Y, _X = ((axis + np.float32(0.5)).astype(np.float32) for axis in np.mgrid[:SIDE, :SIDE])


def _drawn(random: np.random.Generator, low: float, high: float, count: int) -> _Pictures:
    """`count` numbers from low to high, each for one image [count, 1, 1]."""
    return random.uniform(low, high, (count, 1, 1)).astype(np.float32)


def _background(count: int, random: np.random.Generator) -> _Pictures:
    """Uneven light: a level, a slope and a slow wave."""
    angle = _drawn(random, 0, 2 * np.pi, count)
    slope = _drawn(random, 0, 0.3, count) / SIDE
    level = _drawn(random, 0.25, 0.75, count)
    waves = _drawn(random, 0.5, 1.5, count) * np.float32(2 * np.pi / SIDE)
    phase = waves * _along(_drawn(random, 0, 2 * np.pi, count)) + _drawn(random, 0, 2 * np.pi, count)
    pictures: _Pictures = level + slope * _along(angle) + _drawn(random, 0, 0.12, count) * np.sin(phase)
    return pictures


def _along(angle: _Pictures) -> _Pictures:
    """How far each pixel lies from the middle, in pixels, in a direction of each image's own."""
    along: _Pictures = np.cos(angle) * (_X - SIDE / 2) + np.sin(angle) * (_Y - SIDE / 2)
    return along


def _chosen(count: int, share: float, random: np.random.Generator) -> NDArray[np.intp]:
    return np.flatnonzero(random.uniform(size=count) < share)


def _contrasting(here: _Pictures, random: np.random.Generator, low: float, high: float) -> _Pictures:
    """Levels 0 to 1 that differ from those `here` [N, 1, 1] by `low` to `high`: up or down, as there is room."""
    upwards = random.uniform(size=here.shape) < np.clip((1 - here - low) / (1 - 2 * low), 0, 1)
    difference = _drawn(random, low, high, len(here))
    level: _Pictures = np.clip(np.where(upwards, here + difference, here - difference), 0, 1)
    return level


def _paint(
    pictures: _Pictures, where: tuple[NDArray[np.intp], ...], depth: _Pictures, random: np.random.Generator
) -> None:
    """Shapes on some of the pictures, each in one level; `depth` is how far inside a shape a pixel lies, in pixels."""
    covered = np.clip(depth / np.float32(_EDGE) + np.float32(0.5), 0, 1)
    below = pictures[where]
    here = below.mean(axis=(1, 2), keepdims=True)
    below += covered * (_contrasting(here, random, 0.2, 0.6) - below)
    pictures[where] = below


def _window(
    chosen: NDArray[np.intp], side: int, random: np.random.Generator
) -> tuple[tuple[NDArray[np.intp], ...], _Pictures, _Pictures]:
    """The pixels of a square around a random place in each chosen picture, and how far they lie from it in x and y."""
    place = random.uniform(0, SIDE, (2, len(chosen), 1, 1)).astype(np.float32)
    corner = np.clip(place - side / 2, 0, SIDE - side).astype(np.intp)
    columns, rows = corner[0] + np.arange(side), corner[1] + np.arange(side)[:, None]
    where = (chosen[:, None, None], rows, columns)
    half = np.float32(0.5)
    return where, columns.astype(np.float32) + half - place[0], rows.astype(np.float32) + half - place[1]


def _add_texture(pictures: _Pictures, random: np.random.Generator) -> None:
    """Stripes or, where two of them are multiplied, checks, on one side of a line."""
    chosen = _chosen(len(pictures), 0.3, random)
    count = len(chosen)
    angle = _drawn(random, 0, 2 * np.pi, count)
    pattern = np.sin(_along(angle) * (2 * np.pi / _drawn(random, 3, 10, count)))
    checked = random.uniform(size=(count, 1, 1)) < 0.4
    across = np.sin(_along(angle + np.float32(np.pi / 2)) * (2 * np.pi / _drawn(random, 3, 10, count)))
    pattern *= np.where(checked, across, np.float32(1))
    place = _along(_drawn(random, 0, 2 * np.pi, count)) + _drawn(random, -24, 24, count)
    pictures[chosen] += _drawn(random, 0.05, 0.25, count) * pattern * np.clip(place / 4, 0, 1)


def _add_blob(pictures: _Pictures, random: np.random.Generator) -> None:
    """An ellipse or a rectangle, thicker than a stroke."""
    chosen = _chosen(len(pictures), 0.5, random)
    count = len(chosen)
    angle = _drawn(random, 0, np.pi, count)
    sides = _drawn(random, 4, 13, count), _drawn(random, 4, 13, count)
    cosine, sine = np.cos(angle), np.sin(angle)
    where, x, y = _window(chosen, 38, random)
    u = np.abs(cosine * x + sine * y)
    v = np.abs(cosine * y - sine * x)
    round_ = (1 - np.sqrt((u / sides[0]) ** 2 + (v / sides[1]) ** 2)) * np.minimum(*sides)
    box = np.minimum(sides[0] - u, sides[1] - v)
    _paint(pictures, where, np.where(random.uniform(size=(count, 1, 1)) < 0.6, round_, box), random)


def _add_line(pictures: _Pictures, random: np.random.Generator, share: float) -> None:
    """A line from edge to edge, straight or a little bent, thin or as thick as a pen."""
    chosen = _chosen(len(pictures), share, random)
    count = len(chosen)
    angle = _drawn(random, 0, 2 * np.pi, count)
    across = _along(angle) - _drawn(random, -26, 26, count)
    along = _along(angle + np.float32(np.pi / 2))
    across -= _drawn(random, -0.006, 0.006, count) * along**2
    _paint(pictures, (chosen,), _drawn(random, 0.4, 2, count) - np.abs(across), random)


def _add_dash(pictures: _Pictures, random: np.random.Generator) -> None:
    """A stroke as thick as a pen's, much shorter than any digit."""
    chosen = _chosen(len(pictures), 0.5, random)
    count = len(chosen)
    angle = _drawn(random, 0, np.pi, count)
    where, x, y = _window(chosen, 14, random)
    cosine, sine = np.cos(angle), np.sin(angle)
    beyond = np.maximum(np.abs(cosine * x + sine * y) - _drawn(random, 0, 3.5, count), 0)
    distance = np.sqrt(beyond**2 + (cosine * y - sine * x) ** 2)
    _paint(pictures, where, _drawn(random, 0.9, 2.2, count) - distance, random)


class _Written:
    """The digits of all images, one to three in each, sized, placed and inked."""

    def __init__(self, count: int, random: np.random.Generator) -> None:
        numbers = random.choice(3, size=count, p=_SHARES)
        slots = [np.flatnonzero(numbers >= slot) for slot in range(3)]
        ends = np.cumsum([len(images) for images in slots])
        whose = np.concatenate(slots)
        labels = random.integers(0, 10, len(whose))
        pieces, boxes = [], np.zeros((len(whose), 2), np.float32)
        for rows, paths in digits.written(labels, random):
            points, radii = _sized(paths, numbers[whose[rows]], random)
            boxes[rows] = points.max(axis=1) + radii.max(axis=1, keepdims=True)
            pieces.append((rows, points, radii))
        corners = _places(slots, boxes, random)
        # Where ink is, as bytes: [slot, image, H, W].
        self._ink = np.zeros((3, count, SIDE, SIDE), np.uint8)
        slot_of = np.searchsorted(ends, np.arange(len(whose)), side="right")
        for rows, points, radii in pieces:
            covered = pen.ink(points + corners[rows, None], radii, SIDE)
            self._ink[slot_of[rows], whose[rows]] = np.rint(covered * 255)

    def add_to(self, pictures: _Pictures, part: slice, random: np.random.Generator) -> NDArray[np.bool_]:
        """Writes the digits of these images, and gives their masks."""
        for ink in self._ink[:, part]:
            covered = ink * np.float32(1 / 255)
            within = np.maximum(covered.sum(axis=(1, 2), keepdims=True), 1)
            here = (covered * pictures).sum(axis=(1, 2), keepdims=True) / within
            pictures += covered * (_contrasting(here, random, 0.4, 0.75) - pictures)
        masks: NDArray[np.bool_] = self._ink[:, part].max(axis=0) >= 128
        return masks


def _sized(
    paths: digits.Paths, numbers: NDArray[np.intp], random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Paths and radii in pixels of the image, the box of the ink beginning at (0, 0)."""
    low, high = np.array(_HEIGHTS, np.float32)[numbers].T
    height = random.uniform(low, high).astype(np.float32)[:, None]
    # A pen does not grow as the digit does.
    radii = paths.radii * np.sqrt(height / 20) * _drawn(random, 1, 1.4, len(height))[:, 0]
    radii = np.clip(radii, 1.4, 3).astype(np.float32)
    thickest = radii.max(axis=1, keepdims=True)
    start = paths.points.min(axis=1, keepdims=True)
    extent = (paths.points - start).max(axis=(1, 2))[:, None]
    size = (height - 2 * thickest) / extent
    return (paths.points - start) * size[..., None] + thickest[..., None], radii


def _places(
    slots: list[NDArray[np.intp]], boxes: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.float32]:
    """The upper left corner of each digit, [N, 2], slot after slot, where its box is least in the way of others."""
    corners = np.zeros_like(boxes)
    taken = np.zeros((len(slots[0]), 3, 4), np.float32)  # left, top, right, bottom of those placed so far
    start = 0
    for slot, images in enumerate(slots):
        rows = slice(start, start + len(images))
        start = rows.stop
        free = np.maximum(SIDE - boxes[rows], 0)
        tried = random.uniform(0, 1, (_TRIES, len(images), 2)).astype(np.float32) * free
        others = taken[images, :slot]
        low = np.maximum(tried[:, :, None], others[..., :2])
        high = np.minimum((tried + boxes[rows])[:, :, None], others[..., 2:])
        overlap = np.clip(high - low, 0, None).prod(axis=3).sum(axis=2)
        corners[rows] = tried[overlap.argmin(axis=0), np.arange(len(images))]
        taken[images, slot] = np.concatenate([corners[rows], corners[rows] + boxes[rows]], axis=1)
    return corners
