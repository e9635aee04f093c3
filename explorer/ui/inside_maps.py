"""Feature maps in the service's thread: what is kept there for a network, and pictures made of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from explorer.inference.mosaic import Mosaic, mosaic_of, picture_of
from explorer.networks.architecture import Scores
from explorer.structure.graph import Kind
from explorer.ui.inside_subject import Stopped, Subject
from explorer.ui.mosaic_picture import bar_pixels, mosaic_pixels, picture_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from explorer.inference.feature_maps import FeatureMaps, Looker


@dataclass(frozen=True)
class Inks:
    """The colours of the theme that thumbnails are painted with, 0xffRRGGBB."""

    dark: bool
    bar: int
    best: int
    ground: int
    line: int


def looker_of(subject: Subject) -> Looker:
    """What looks into the subject's network with its edits in force; made once for it.

    Raises:
        ValueError: an edit does not fit the network.
    """
    looker = subject.shelf.get("looker")
    if looker is None:
        # torch is imported off the UI thread, so that the window is up before it.
        from explorer.inference.feature_maps import Looker  # noqa: PLC0415

        looker = subject.shelf["looker"] = Looker(subject.predictor.network, subject.graph)
    cast("Looker", looker).edit(subject.edits)
    return cast("Looker", looker)


def thumbnails(subject: Subject, mosaics: Mapping[str, Mosaic], inks: Inks) -> dict[str, NDArray[np.uint32]]:
    """Pictures of some nodes' outputs, colours 0xAARRGGBB [height, width] each."""
    looker = looker_of(subject)
    wanted = {path: mosaic for path, mosaic in mosaics.items() if path in looker.paths and _fits(subject, path, mosaic)}
    x = subject.predictor.prepared(subject.seen)
    given = {path for path in wanted if subject.graph.by_path[path].kind is Kind.INPUT}
    inner = {path: mosaic for path, mosaic in wanted.items() if path not in given}
    found = looker.thumbnails(x, inner, lambda: _check(subject))
    last = subject.graph.nodes[-1].path
    smallest = subject.predictor.scores is Scores.DISTANCES
    pictures = {path: picture_pixels(_as_picture(subject, x), wanted[path], inks.line) for path in given}
    for path, thumbnail in found.items():
        mosaic = wanted[path]
        if mosaic.bars:
            pictures[path] = bar_pixels(
                thumbnail, mosaic, bar=inks.bar, best=inks.best, ground=inks.ground,
                smallest_wins=smallest and path == last,
            )  # fmt: skip
        else:
            pictures[path] = mosaic_pixels(thumbnail, mosaic, dark=inks.dark)
    return pictures


def _fits(subject: Subject, path: str, mosaic: Mosaic) -> bool:
    """Whether an output is what the graph on screen says: trained weights may be for another number of classes."""
    node = subject.graph.by_path[path]
    return mosaic == (picture_of if node.kind is Kind.INPUT else mosaic_of)(node.output_shape)


def _as_picture(subject: Subject, x: Tensor) -> NDArray[np.float32]:
    """What goes in, before it was normalised: 0 to 1 [C, H, W]."""
    made = subject.predictor.preprocessing
    channels = [x[0, channel] * made.std[channel] + made.mean[channel] for channel in range(x.shape[1])]
    picture: NDArray[np.float32] = np.stack([channel.numpy() for channel in channels])
    return picture


def maps(subject: Subject, path: str) -> FeatureMaps | None:
    """The maps of one node's output; None where there are none."""
    looker = looker_of(subject)
    if path not in looker.paths:
        return None
    return looker.maps(subject.predictor.prepared(subject.seen), path, lambda: _check(subject))


def _check(subject: Subject) -> None:
    if subject.stopped():
        raise Stopped
