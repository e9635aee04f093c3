"""One page of a layer's feature maps, made in the service's thread: pictures, ranges and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.inference.kinds import Takes
from explorer.inference.map_form import MapForm
from explorer.ui.inside_maps import maps
from explorer.ui.map_colours import Scale, coloured, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.feature_maps import FeatureMaps
    from explorer.ui.inside_subject import Subject

MOST = 64  # channels on a page
_SIDE = 64  # of a channel's picture, in pixels at most


@dataclass(frozen=True)
class Wanted:
    """What of a layer's maps is to be seen: channels from `first` on; `shared`: all of them by one scale."""

    path: str
    first: int
    count: int
    shared: bool
    dark: bool


@dataclass(frozen=True, eq=False)
class Page:
    """`pictures` are 0xffRRGGBB [count, h, w] of channels from `wanted.first` on; `scales` are of all channels.

    `seen` is the input as the network sees it, uint8 [C, H, W], `takes` and `whole` say how that was made of it.
    `labels` are the classes where the layer is the last one; `edits` counts those in force.
    """

    wanted: Wanted
    maps: FeatureMaps
    pictures: NDArray[np.uint32]
    scales: tuple[Scale, ...]
    seen: NDArray[np.uint8]
    takes: Takes
    whole: bool
    labels: tuple[str, ...] = ()
    edits: int = 0


def make_page(subject: Subject, wanted: Wanted) -> Page | None:
    """The page; None where the network has no such output."""
    kept = subject.shelf.get("maps")
    if kept is None or kept[0] is not subject.seen or kept[1] != subject.edits or kept[2].path != wanted.path:
        found = maps(subject, wanted.path)
        if found is None:
            return None
        kept = subject.shelf["maps"] = (subject.seen, subject.edits, found)
    found = kept[2]
    values = found.maps
    signed = found.statistics.least < 0
    if wanted.shared or found.form is MapForm.VECTOR:
        scales = (scale_of(found.statistics.least, found.statistics.most),) * len(values)
    else:
        with np.errstate(invalid="ignore"):
            flat = np.nan_to_num(values.reshape(len(values), -1), posinf=0, neginf=0)
        least, most = flat.min(axis=1), flat.max(axis=1)
        scales = tuple(
            # One layer has one kind of colours.
            scale_of(min(float(low), -1e-30) if signed else float(low), float(high))
            for low, high in zip(least, most, strict=True)
        )
    chosen = values[wanted.first : wanted.first + wanted.count]
    small = _reduced(chosen)
    pictures = np.zeros((0, 1, 1), np.uint32)
    if len(small) and found.form is not MapForm.VECTOR:
        tables = (
            coloured(channel, scales[wanted.first + number], dark=wanted.dark) for number, channel in enumerate(small)
        )
        pictures = np.stack(list(tables))
    labels = subject.predictor.labels if found.form is MapForm.VECTOR else ()
    return Page(
        wanted,
        found,
        pictures,
        scales,
        subject.seen,
        subject.predictor.takes,
        subject.predictor.whole,
        labels if len(labels) == len(values) else (),
        len(subject.edits),
    )


def _reduced(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps no larger than a picture on screen, by averages of blocks."""
    height, width = values.shape[1:]
    block = max(1, max(height, width) // _SIDE)
    if block == 1:
        return values
    rows, columns = height // block, width // block
    if not rows or not columns:
        return values
    cut = values[:, : rows * block, : columns * block]
    means: NDArray[np.float32] = cut.reshape(len(cut), rows, block, columns, block).mean(axis=(2, 4))
    return means
