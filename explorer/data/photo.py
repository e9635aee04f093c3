"""Photographs of paper: uneven light taken out, specks dropped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.watching import ALL_ON, Off, Watch, unwatched

_EVEN = 0.06  # of the range from black to white: a border that varies less is a clean sheet or a screen
_WORKING_SIDE = 256
_TILES = 8


def is_uneven(border: NDArray[np.floating[Any]]) -> bool:
    """Whether a picture's border pixels are those of a photograph rather than of a plain background."""
    low, high = np.quantile(border, (0.1, 0.9))
    return bool(high - low > _EVEN)


def flattened(
    light: NDArray[np.float32], paper: float, off: Off = ALL_ON, watch: Watch = unwatched
) -> NDArray[np.float32] | None:
    """How strongly each pixel is inked, 0 to 1, with the paper's shading taken out; None where nothing stands out.

    The longer side of the result is 256 at most. Paper is the median of each of 8x8 tiles, smoothed; ink is told from
    it by Otsu's threshold (1979); pieces with less than a tenth of the largest one's pixels are dropped. Steps named in
    `off` are left out, and `watch` is told what each step made.
    """
    block = max(1, -(-max(light.shape) // _WORKING_SIDE))
    height, width = (max(1, side // block) for side in light.shape)
    small = light[: height * block, : width * block].reshape(height, -1, width, min(block, light.shape[1]))
    image = small.mean(axis=(1, 3))
    difference = _paper(image) - image
    watch("flattened", 1 - difference)
    if "ink" in off or (paper < 0.5 and -difference.min() > difference.max()):
        difference = -difference
    ink = np.maximum(difference, 0)
    watch("ink", ink)
    threshold = _otsu(ink)
    inked = ink > threshold
    mask = inked if "pieces" in off else _large_pieces(inked)
    if threshold < 0.04 or not mask.any():
        return None
    full = float(np.quantile(ink[mask], 0.9))
    if "specks" in off:
        everything: NDArray[np.float32] = np.clip(ink / np.float32(full), 0, 1)
        return everything
    strength = np.clip((ink - threshold / 2) / (full - threshold / 2), 0, 1)
    watch("specks", strength * _grown(inked))
    kept: NDArray[np.float32] = np.where(_grown(mask), strength, 0).astype(np.float32)
    watch("pieces", kept)
    return kept


def _paper(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sheet's lightness at each pixel."""
    rows = np.array_split(np.arange(image.shape[0]), min(_TILES, image.shape[0]))
    columns = np.array_split(np.arange(image.shape[1]), min(_TILES, image.shape[1]))
    tiles = np.array([[np.median(image[np.ix_(r, c)]) for c in columns] for r in rows])
    padded = np.pad(tiles, 1, mode="edge")
    # The median of each tile and its neighbours: a tile that the digit fills does not pass for paper.
    views = [padded[i : i + tiles.shape[0], j : j + tiles.shape[1]] for i in range(3) for j in range(3)]
    smooth = np.median(np.stack(views), axis=0)
    at_rows = np.interp(np.arange(image.shape[0]), [r.mean() for r in rows], np.arange(len(rows)))
    at_columns = np.interp(np.arange(image.shape[1]), [c.mean() for c in columns], np.arange(len(columns)))
    down = np.stack([np.interp(at_rows, np.arange(len(rows)), smooth[:, c]) for c in range(len(columns))], axis=1)
    sheet = np.stack([np.interp(at_columns, np.arange(len(columns)), line) for line in down])
    return sheet.astype(np.float32)


def _otsu(values: NDArray[np.float32]) -> float:
    counts, edges = np.histogram(values, bins=128)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mass = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return float(edges[1 + int(np.nanargmax(np.where(np.isfinite(between), between, 0)))])


def _large_pieces(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its specks: each connected piece takes its largest label, row by row and column by column."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        before = labels
        for axis in (0, 1):
            for direction in (1, -1):
                labels = _swept(labels, axis, direction)
        if np.array_equal(labels, before):
            break
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    sizes[0] = 0 if not mask.all() else sizes[0]
    large = sizes >= max(1, sizes.max() / 10)
    if not mask.all():
        large[0] = False
    kept: NDArray[np.bool_] = large[inverse.reshape(mask.shape)]
    return kept


def _swept(labels: NDArray[np.intp], axis: int, direction: int) -> NDArray[np.intp]:
    """Labels carried along one direction through neighbouring pixels of a piece."""
    lines = np.moveaxis(labels, axis, 0)[::direction].copy()
    for index in range(1, len(lines)):
        previous, line = lines[index - 1], lines[index]
        around = np.maximum(previous, 0)
        around[1:] = np.maximum(around[1:], previous[:-1])
        around[:-1] = np.maximum(around[:-1], previous[1:])
        lines[index] = np.where(line > 0, np.maximum(line, around), 0)
    return np.moveaxis(lines[::direction], 0, axis)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wide = np.pad(mask, 1)
    shifted = [wide[i : i + mask.shape[0], j : j + mask.shape[1]] for i in range(3) for j in range(3)]
    grown: NDArray[np.bool_] = np.logical_or.reduce(shifted)
    return grown
