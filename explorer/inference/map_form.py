"""How a layer's output is shown: as maps, as a vector, as a table. Free of torch."""

from __future__ import annotations

from enum import Enum
from math import prod

from explorer.structure.graph import Shape


class MapForm(Enum):
    """What the axes of one image's output mean."""

    MAPS = "maps"  # channels, rows, columns
    CHANNELS_LAST = "channels last"  # rows, columns, channels, as some networks with attention have them
    TABLE = "table"  # tokens and their features
    VECTOR = "vector"


def form_of(shape: Shape) -> MapForm:
    """The form of an output; one value a channel, as behind a global pool, is a vector."""
    sides = [side for side in shape if side != 1]
    if len(sides) <= 1 or (len(shape) >= 3 and prod(shape[-2:]) == 1):
        return MapForm.VECTOR
    if len(shape) == 2:
        return MapForm.TABLE
    if len(shape) == 3 and shape[0] == shape[1] != shape[2]:
        return MapForm.CHANNELS_LAST
    return MapForm.MAPS


def maps_of(shape: Shape) -> tuple[int, int, int]:
    """(channels, rows, columns) of an output; a vector has one value a channel."""
    form = form_of(shape)
    if form is MapForm.VECTOR:
        return prod(shape), 1, 1
    if form is MapForm.TABLE:
        return 1, shape[0], shape[1]
    if form is MapForm.CHANNELS_LAST:
        return shape[2], shape[0], shape[1]
    return prod(shape[:-2]), shape[-2], shape[-1]
