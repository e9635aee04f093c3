"""How a layer's output becomes a small picture, told by its shape alone, so that nothing moves when values change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt

from explorer.inference.map_form import MapForm, form_of, maps_of
from explorer.structure.graph import Shape

# Of a tile, in pixels: enough for a screen of twice the usual density.
_TILE = 56
_GAP = 3
_MOST_TILES = 16
_FEW = 12  # values that are worth a bar each
_CELLS = (176, 96)  # the picture of a vector


@dataclass(frozen=True)
class Mosaic:
    """`count` tiles of `height` x `width` values in `columns`, each value `across` x `down` pixels, with a gap between.

    A vector has one value a tile; one of a few values is drawn as `bars`. `size` is the picture's (width, height).
    """

    count: int
    height: int
    width: int
    columns: int
    across: int
    down: int
    gap: int = _GAP
    bars: bool = False

    @property
    def rows(self) -> int:
        return ceil(self.count / self.columns)

    @property
    def tile(self) -> tuple[int, int]:
        """A tile's width and height in pixels."""
        return self.width * self.across, self.height * self.down

    @property
    def size(self) -> tuple[int, int]:
        width, height = self.tile
        return (
            self.columns * width + (self.columns - 1) * self.gap,
            self.rows * height + (self.rows - 1) * self.gap,
        )


@cache
def picture_of(shape: Shape) -> Mosaic | None:
    """The mosaic for an image [C, H, W]: one tile, of all channels as colour."""
    return mosaic_of((1, *shape[-2:])) if len(shape) >= 3 else mosaic_of(shape)


@cache
def mosaic_of(shape: Shape) -> Mosaic | None:
    """The mosaic for an output of that shape; None for a single value or nothing at all."""
    if not shape or 0 in shape:
        return None
    channels, height, width = maps_of(shape)
    if form_of(shape) is MapForm.VECTOR:
        return _vector(channels)
    count = min(channels, _MOST_TILES)
    # Up to six stand three in a row, more of them four; a single one is as wide as two.
    columns = {1: 1, 2: 2, 3: 3, 4: 2}.get(count, 3 if count <= 9 else 4)
    count = min(count, columns * columns) if count > 6 else count
    tile = {1: 3 * _TILE, 2: 3 * _TILE // 2}.get(columns, _TILE if columns == 3 else 3 * _TILE // 4)
    shrunk = max(1.0, max(height, width) / tile)
    height, width = max(1, round(height / shrunk)), max(1, round(width / shrunk))
    enlarged = max(1, tile // max(height, width))
    return Mosaic(count, height, width, columns, enlarged, enlarged)


def _vector(count: int) -> Mosaic | None:
    if count < 2:
        return None
    if count <= _FEW:
        return Mosaic(count, 1, 1, 1, _CELLS[0], 10, 2, bars=True)
    # A strip about twice as wide as high, its last row as full as can be.
    about = min(count, max(12.0, sqrt(2.2 * count)))
    choices = range(max(2, round(0.8 * about)), round(1.3 * about) + 1)
    columns = min(choices, key=lambda columns: (-count % columns / columns, abs(columns - about)))
    across = max(1, _CELLS[0] // columns)
    rows = ceil(count / columns)
    down = max(1, min(across, _CELLS[1] // rows))
    return Mosaic(count, 1, 1, columns, across, down, 0)
