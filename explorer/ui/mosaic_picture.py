"""Thumbnails of feature maps as pixels: a few channels beside each other, a vector's cells, or a bar for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.ui.map_colours import coloured_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.feature_maps import Thumbnail
    from explorer.inference.mosaic import Mosaic

_FRAME = 2


def mosaic_pixels(thumbnail: Thumbnail, mosaic: Mosaic, *, dark: bool) -> NDArray[np.uint32]:
    """A thumbnail as colours 0xAARRGGBB [height, width] of its mosaic's size; gaps are transparent."""
    vector = thumbnail.tiles.shape[1:] == (1, 1)
    least, most = thumbnail.least, thumbnail.most
    if vector:
        # Cells of one vector are compared with each other.
        least, most = np.full_like(least, least.min()), np.full_like(most, most.max())
    return tiled(coloured_tiles(thumbnail.tiles, least, most, dark=dark), mosaic)


def picture_pixels(picture: NDArray[np.float32], mosaic: Mosaic, line: int) -> NDArray[np.uint32]:
    """An image of 0 to 1 [C, H, W], gray or in colour, as the one tile of a mosaic, framed in the colour `line`."""
    block = max(1, picture.shape[1] // mosaic.height, picture.shape[2] // mosaic.width)
    few = picture[:, ::block, ::block]
    rows = np.linspace(0, few.shape[1] - 1, mosaic.height).round().astype(np.intp)
    columns = np.linspace(0, few.shape[2] - 1, mosaic.width).round().astype(np.intp)
    levels = np.rint(np.clip(np.nan_to_num(few[:, rows][:, :, columns]), 0, 1) * 255).astype(np.uint32)
    red, green, blue = levels if len(levels) == 3 else (levels[0],) * 3
    pixels = tiled(((255 << 24) | (red << 16) | (green << 8) | blue)[None].astype(np.uint32), mosaic)
    # A white sheet has an end on white ground too.
    pixels[:_FRAME] = pixels[-_FRAME:] = pixels[:, :_FRAME] = pixels[:, -_FRAME:] = line
    return pixels


def tiled(tints: NDArray[np.uint32], mosaic: Mosaic) -> NDArray[np.uint32]:
    """Tiles of colours beside each other; gaps are transparent."""
    width, height = mosaic.size
    across, down = mosaic.tile
    columns, rows, gap = mosaic.columns, mosaic.rows, mosaic.gap
    full = np.zeros((rows * columns, *tints.shape[1:]), np.uint32)
    full[: len(tints)] = tints
    if mosaic.down > 1:
        full = full.repeat(mosaic.down, axis=1)
    if mosaic.across > 1:
        full = full.repeat(mosaic.across, axis=2)
    # A gap behind each tile, the last ones of which are cut off.
    spaced = np.zeros((rows, down + gap, columns, across + gap), np.uint32)
    spaced[:, :down, :, :across] = full.reshape(rows, columns, down, across).transpose(0, 2, 1, 3)
    pixels: NDArray[np.uint32] = spaced.reshape(rows * (down + gap), columns * (across + gap))[:height, :width]
    return np.ascontiguousarray(pixels)


def bar_pixels(
    thumbnail: Thumbnail, mosaic: Mosaic, *, bar: int, best: int, ground: int, smallest_wins: bool = False
) -> NDArray[np.uint32]:
    """A bar for each value, from zero, the winner's in the colour `best`; colours are 0xffRRGGBB."""
    values = np.nan_to_num(thumbnail.tiles[:, 0, 0], posinf=0, neginf=0)
    width, height = mosaic.size
    least, most = min(0.0, float(values.min())), max(0.0, float(values.max()))
    span = most - least or 1.0
    winner = int(values.argmin() if smallest_wins else values.argmax())
    pixels = np.zeros((height, width), np.uint32)
    zero = round((0 - least) / span * width)
    for index, value in enumerate(values):
        top = index * (mosaic.tile[1] + mosaic.gap)
        row = pixels[top : top + mosaic.tile[1]]
        row[:] = ground
        end = round((float(value) - least) / span * width)
        row[:, min(zero, end) : max(zero, end, min(zero, end) + 2)] = best if index == winner else bar
    return pixels
