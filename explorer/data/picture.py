"""A picture of a digit, of any size, colour and polarity, made into the 28x28 that MNIST has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data import pen
from explorer.data.photo import flattened, is_uneven
from explorer.data.watching import ALL_ON, Off, Watch, unwatched

_FAINT = 0.04  # of the range from black to white: less contrast than that is an empty sheet
_LARGEST = 1024  # longer sides are averaged down first; the result has 20 pixels
_THIN = 1.1  # pixels of the 28x28 grid: thinner lines than all but the thinnest of MNIST's are thickened ...
_THICKENED = 2.0  # ... to about this
_MANY_LONE = 20  # pixels of ink that touch no other: a digit has none, paper made of black and white alone has many
_EDGE = 0.06  # of the ink's full strength: where the box begins in a picture with noise


def digit_of_picture(picture: NDArray[Any], off: Off = ALL_ON, watch: Watch = unwatched) -> NDArray[np.uint8] | None:
    """The digit, uint8 [28, 28], ink 255 on 0; None where the picture is empty.

    The background is what the border shows, and ink is what differs from it most, darker or lighter. Uneven paper is
    flattened and specks are dropped. An image of MNIST comes back as it was. Steps named in `off` (see `steps`) are
    left out, and `watch` is told what each step made.

    Raises:
        ValueError: not a grayscale, RGB or RGBA picture (see `sketch.as_digit`).
    """
    light, alpha, white = _as_light(picture)
    watch("gray", light / np.float32(white))
    strength = _ink(light, white, off, watch)
    if strength is None and alpha is not None:
        strength = _ink(alpha, white, off, watch)  # white on transparent: only the opacity shows the digit
    return None if strength is None or not strength.any() else _fitted(strength, off, watch)


def _as_light(picture: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, float]:
    """The picture's lightness [H, W] on white paper, its opacity where it has one, and the level of white in both."""
    channels = picture.shape[2] if picture.ndim == 3 else 1
    if picture.ndim not in {2, 3} or channels not in {1, 2, 3, 4} or picture.size == 0:
        raise ValueError(f"a picture is [height, width] or [height, width, 1 to 4 channels], not {list(picture.shape)}")
    if picture.dtype.kind not in "buif":
        raise ValueError(f"a picture holds whole numbers or fractions, not {picture.dtype}")
    stacked = picture.reshape(*picture.shape[:2], channels)
    white = _white_of(stacked)
    values = _averaged(stacked, max(1, max(stacked.shape[:2]) // _LARGEST))
    if not np.isfinite(values).all():
        raise ValueError("a picture's values are finite numbers")
    colours = values[..., : 3 if channels >= 3 else 1]
    # ITU-R BT.601, as Pillow weighs colours for its grayscale.
    light = colours @ np.array([0.299, 0.587, 0.114], np.float32) if channels >= 3 else colours[..., 0]
    if channels in {1, 3}:
        return light, None, white
    alpha = values[..., -1]
    return light * (alpha / white) + (white - alpha), alpha, white


def _white_of(picture: NDArray[Any]) -> float:
    """The value that stands for white."""
    if picture.dtype == bool or picture.dtype.kind == "f":
        # Fractions are 0 to 1 by convention; 0 to 255 is seen often enough to be understood.
        return 255.0 if picture.dtype.kind == "f" and picture.max() > 1.5 else 1.0
    if picture.dtype.itemsize <= 2:
        return float(np.iinfo(picture.dtype).max)
    return 65535.0 if picture.max() > 255 else 255.0


def _averaged(picture: NDArray[Any], block: int) -> NDArray[np.float32]:
    """The means of blocks of so many pixels each way, or of a whole side where that is shorter."""
    if block == 1:
        return picture.astype(np.float32)
    down, across = (min(block, side) for side in picture.shape[:2])
    rows, columns = picture.shape[0] // down, picture.shape[1] // across
    blocks = picture[: rows * down, : columns * across].reshape(rows, down, columns, across, picture.shape[2])
    averaged: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return averaged


def _ink(light: NDArray[np.float32], white: float, off: Off, watch: Watch) -> NDArray[np.float32] | None:
    """How strongly each pixel is inked, 0 to 1; None for an empty sheet.

    Differences are taken before anything is divided, so that a picture and its negative give the same bits.
    """
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    paper = float(np.median(border))
    if is_uneven(border / np.float32(white)) and "flattened" not in off:
        return flattened(light / np.float32(white), paper / white, off, watch)
    noise = float(np.quantile(np.abs(border - paper), 0.9)) / white
    dark = np.maximum(np.float32(paper) - light, 0) / np.float32(white)
    bright = np.maximum(light - np.float32(paper), 0) / np.float32(white)
    ink = dark if dark.sum() > bright.sum() else bright
    if "ink" in off:
        ink = light / np.float32(white)
    watch("ink", ink)
    peak = float(ink.max())
    if peak < max(_FAINT, 4 * noise):
        return None
    specked = _with_lone_pixels(ink, peak)
    if "specks" not in off:
        if noise > 0:
            ink = np.where(ink > max(3 * noise, _EDGE * peak), ink, 0)
        if specked is not None:
            ink = np.where(specked, 0, ink)
    # Full ink is left as it is, so that a clean picture keeps its levels exactly.
    full: NDArray[np.float32] = ink if peak > 0.9 else ink / np.float32(peak)
    if noise > 0 or specked is not None:
        watch("specks", full)
    return full


def _with_lone_pixels(ink: NDArray[np.float32], peak: float) -> NDArray[np.bool_] | None:
    """Where pixels of ink have none around them; None where there are few: such many are a fax's or dithered paper."""
    if max(ink.shape) <= 2 * pen.BOX:
        return None
    inked = np.pad(ink > peak / 2, 1)
    height, width = ink.shape
    shifts = [(down, across) for down in range(3) for across in range(3) if (down, across) != (1, 1)]
    beside = np.logical_or.reduce([inked[down : down + height, across : across + width] for down, across in shifts])
    lone: NDArray[np.bool_] = inked[1:-1, 1:-1] & ~beside
    return lone if int(lone.sum()) >= _MANY_LONE else None


def _fitted(ink: NDArray[np.float32], off: Off, watch: Watch) -> NDArray[np.uint8]:
    if "thickened" not in off:
        thick = _thickened(ink)
        if thick is not ink:
            watch("thickened", thick)
        ink = thick
    small = _in_box(ink) if "fitted" not in off else _whole(ink)
    watch("fitted", small)
    images = small[None].astype(np.float32)
    digit: NDArray[np.uint8] = (pen.centred_by_box(images) if "centred" in off else pen.centred(images))[0]
    return digit


def _whole(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The whole picture, its longer side as many pixels as the result has."""
    scale = pen.SIDE / max(ink.shape)
    return _rescaled(_rescaled(ink, 0, ink.shape[0], scale).T, 0, ink.shape[1], scale).T


def _in_box(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    top, bottom = _extent(ink.max(axis=1))
    left, right = _extent(ink.max(axis=0))
    scale = pen.BOX / max(bottom - top, right - left)
    small = _rescaled(_rescaled(ink, top, bottom, scale).T, left, right, scale).T
    peak = float(small.max())
    return small / np.float32(peak) if 0 < peak < 0.9 else small


def _extent(profile: NDArray[np.float32]) -> tuple[float, float]:
    """Where ink begins and ends along one side of a picture, in pixels and parts of them."""
    inked = np.flatnonzero(profile > 0)
    first, after = int(inked[0]), int(inked[-1]) + 1
    if after - first <= 2 * pen.BOX:
        # So small a picture can be MNIST's own: each of its pixels counts, however faint.
        return first, after
    return _edge(profile), len(profile) - _edge(profile[::-1])


def _edge(profile: NDArray[np.float32]) -> float:
    """Where ink begins in an enlarged picture: half-way up the first slope, so that soft edges add nothing to a box."""
    # Lanczos and JPEG leave faint rings around ink, up to a tenth of it.
    first = int(np.argmax(profile > 0.1 * profile.max()))
    foot = float(profile[first - 1]) if first else 0.0
    top, steepest = first, float(profile[first]) - foot
    while top + 1 < len(profile):
        rise = float(profile[top + 1] - profile[top])
        if rise < steepest / 2:
            break
        steepest = max(steepest, rise)
        top += 1
    half = float(profile[top]) / 2
    above = int(np.argmax(profile[: top + 1] >= half))
    before = float(profile[above - 1]) if above else 0.0
    # Values stand for the centres of pixels; an edge without a slope lies between two of them.
    share = (half - before) / max(float(profile[above]) - before, 1e-6)
    return max(0.0, above - 0.5 + share)


def _rescaled(image: NDArray[np.float32], start: float, end: float, scale: float) -> NDArray[np.float32]:
    """Rows `start` to `end`, area-averaged (or, where there are too few, interpolated) to `scale` times as many."""
    after = max(1, int(np.ceil((end - start) * scale - 1e-6)))
    low = start + np.arange(after)[:, None] / scale
    at = np.arange(len(image))[None, :]
    if scale <= 1:
        weights = np.clip(np.minimum(low + 1 / scale, at + 1) - np.maximum(low, at), 0, None) * scale
    else:
        centre = np.clip(low + 0.5 / scale - 0.5, 0, len(image) - 1)
        weights = np.clip(1 - np.abs(centre - at), 0, None)
    rescaled: NDArray[np.float32] = weights.astype(np.float32) @ image
    return rescaled


def _thickened(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lines too thin to survive the scaling, made thicker; others untouched."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    scale = pen.BOX / float(max(np.ptp(rows), np.ptp(columns)) + 1)
    if scale > 0.5:
        return ink
    inside = ink > 0.5
    area = int(inside.sum())
    edges = np.pad(inside, 1)
    rim = int((edges[1:] != edges[:-1]).sum() + (edges[:, 1:] != edges[:, :-1]).sum())
    # A long line of width w has an outline of twice its length; city-block counting makes it 4/pi longer in the mean.
    width = 2 * area / max(rim * np.pi / 4, 1) * scale
    if width >= _THIN:
        return ink
    radius = int(np.ceil((_THICKENED - width) / 2 / scale))
    grown = np.pad(ink, radius)
    # A cross and a square in turn approach an octagon.
    for index in range(radius):
        wide = np.pad(grown, 1)
        across = [wide[1:-1, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:], wide[:-2, 1:-1], wide[2:, 1:-1]]
        corners = [wide[:-2, :-2], wide[:-2, 2:], wide[2:, :-2], wide[2:, 2:]]
        grown = np.maximum.reduce(across if index % 2 == 0 else across + corners)
    return grown
