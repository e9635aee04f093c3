"""A layer's statistics and one unit's value in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explorer.inference.map_form import MapForm
from explorer.ui.numbers import percent, plural
from explorer.ui.value_bars import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.inference.feature_maps import FeatureMaps


def statistics_words(maps: FeatureMaps, edits: int = 0) -> str:
    """The figures of a layer for this input: "0 … 2.31 · mean 0.42 · deviation 0.61 · 38.2 % zeros".

    `edits` says how many edits of the network are in force.
    """
    found = maps.statistics
    if math.isnan(found.mean):
        return "No value is a finite number."
    parts = [
        *([f"with {plural(edits, 'edit')} in force"] if edits else []),
        f"{number(found.least)} … {number(found.most)}",
        f"mean {number(found.mean)}",
        f"deviation {number(found.deviation)}",
        f"{percent(found.zeros)} zeros",
    ]
    if maps.form is not MapForm.VECTOR and found.channels > 1:
        parts.append(f"{found.dead:,} of {plural(found.channels, 'channel')} dead for this input")
    if found.broken:
        parts.append(f"{plural(found.broken, 'value is', 'values are')} not finite")
    return " · ".join(parts)


def unit_words(maps: FeatureMaps, unit: tuple[int, int, int], value: float, labels: Sequence[str] = ()) -> str:
    """One unit and its value, counted from 0 as torch counts: "channel 2, row 3, column 4: 0.731"."""
    channel, row, column = unit
    if maps.form is MapForm.VECTOR:
        named = f" ({labels[channel]})" if labels else ""
        return f"value {channel:,}{named}: {number(value)}"
    if maps.form is MapForm.TABLE:
        return f"token {row:,}, feature {column:,}: {number(value)}"
    return f"channel {channel:,}, row {row:,}, column {column:,}: {number(value)}"
