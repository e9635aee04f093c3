"""What each layer of a network makes of one input: its feature maps and their statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from explorer.inference.edits import Edit
from explorer.inference.map_form import MapForm, form_of
from explorer.inference.mosaic import Mosaic
from explorer.inference.passing import passing
from explorer.inference.predictor import threads_for
from explorer.inference.surgery import changes_of
from explorer.structure.changes import Changes
from explorer.structure.graph import Graph, Shape
from explorer.structure.unit_field import Seen, UnitFields
from explorer.structure.walk import Walk
from explorer.system import devices


@dataclass(frozen=True)
class Statistics:
    """Of all values of one layer's output for one input; `deviation` is that of the values as a population.

    `zeros` is the share of values that are exactly 0. `dead` counts channels that are 0 everywhere, of `channels`.
    Values that are not finite are left out and counted in `broken`.
    """

    least: float
    most: float
    mean: float
    deviation: float
    zeros: float
    dead: int
    channels: int
    broken: int = 0


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """One layer's output for one input: `maps` is read-only float32 [C, H, W], for a vector [N, 1, 1].

    `shape` is the output's own; `fields` say what its units see of the input, None where that is not known.
    """

    path: str
    form: MapForm
    maps: NDArray[np.float32]
    statistics: Statistics
    shape: Shape
    fields: UnitFields | None = None

    def sees(self, channel: int, row: int, column: int) -> Seen | None:
        """What one unit sees of the input; None where that is not known."""
        if self.fields is None:
            return None
        if self.form is MapForm.CHANNELS_LAST:
            return self.fields.of((row, column, channel))
        if self.form is MapForm.TABLE:
            return self.fields.of((row, column))
        if self.form is MapForm.VECTOR:
            return self.fields.of(tuple(int(place) for place in np.unravel_index(channel, self.shape or (1,))))
        return self.fields.of((channel, row, column)) if len(self.shape) == 3 else None


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A layer's output made small: `tiles` is read-only float32 [tiles, h, w], `least` and `most` are of each tile."""

    path: str
    tiles: NDArray[np.float32]
    least: NDArray[np.float32]
    most: NDArray[np.float32]


class Looker:
    """Looks into one network: keeps how it is run, so that one input after another takes little. For one thread.

    An output is read before any later operation can write over it. `edit` silences and skips parts of it from then on.
    """

    def __init__(self, network: nn.Module, graph: Graph) -> None:
        self._network = network
        self._walk = Walk(network, graph)
        self._edits: tuple[Edit, ...] = ()
        self._changes: Changes | None = None
        self._graph = graph
        self.threads = threads_for(graph.input_shape)  # as many as answer, for the same numbers

    @property
    def paths(self) -> frozenset[str]:
        """The nodes that have an output to look at."""
        return self._walk.paths

    def edit(self, edits: tuple[Edit, ...]) -> None:
        """Looks into the network with these edits in force; with none of them, as it is.

        Raises:
            ValueError: an edit does not fit the network.
        """
        if edits != self._edits:
            self._changes = changes_of(self._graph, edits) if edits else None
            self._edits = edits

    def outputs(
        self, x: Tensor, wanted: Collection[str] | None = None, check: Callable[[], None] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Whole outputs by node path, of one image, in the shape that the graph gives; x is [1, C, H, W].

        `check` is called between operations and may raise to give up.
        """
        found: dict[str, NDArray[np.float32]] = {}

        def take(path: str, output: Tensor) -> None:
            found[path] = _frozen(self._one(path, output).clone())

        self._run(x, take, wanted, check)
        return found

    def maps(self, x: Tensor, path: str, check: Callable[[], None] | None = None) -> FeatureMaps | None:
        """One layer's maps and statistics; None where the network has no such output."""
        found: list[FeatureMaps] = []

        def take(_path: str, output: Tensor) -> None:
            form = form_of(self._shape(path))
            channels = _as_channels(self._one(path, output), form).clone()
            fields = self._walk.fields.get(path)
            found.append(FeatureMaps(path, form, _frozen(channels), statistics(channels), self._shape(path), fields))

        self._run(x, take, {path}, check)
        return found[0] if found else None

    def thumbnails(
        self, x: Tensor, mosaics: dict[str, Mosaic], check: Callable[[], None] | None = None
    ) -> dict[str, Thumbnail]:
        """Small pictures of the outputs of some nodes, each as its mosaic wants it."""
        found: dict[str, Thumbnail] = {}

        def take(path: str, output: Tensor) -> None:
            mosaic = mosaics[path]
            channels = _as_channels(self._one(path, output), form_of(self._shape(path)))
            tiles = channels[: mosaic.count]
            if tiles.shape[-2:] != (mosaic.height, mosaic.width):
                tiles = functional.adaptive_avg_pool2d(tiles[None], (mosaic.height, mosaic.width))[0]
            kept = _frozen(tiles.clone())
            flat = kept.reshape(len(kept), -1)
            found[path] = Thumbnail(path, kept, flat.min(axis=1), flat.max(axis=1))

        self._run(x, take, mosaics.keys(), check)
        return found

    def _run(
        self,
        x: Tensor,
        take: Callable[[str, Tensor], None],
        wanted: Collection[str] | None,
        check: Callable[[], None] | None,
    ) -> None:
        with devices.threads(self.threads):
            if self._changes is None or self._walk.changes_outputs:
                self._walk.run(x, take, wanted, check, self._changes)
                return
            with passing(self._network, self._graph, self._changes):
                self._walk.run(x, take, wanted, check)

    def _shape(self, path: str) -> Shape:
        return self._graph.by_path[path].output_shape

    def _one(self, path: str, output: Tensor) -> Tensor:
        """One image's output; some networks put the batch into another axis, where 1 leaves no trace."""
        shape = self._shape(path)
        if math.prod(shape) != output.numel():
            shape = tuple(output.shape)
        return output.detach().reshape(shape).float()


def statistics(channels: Tensor) -> Statistics:
    """The statistics of one layer's output [C, H, W]."""
    finite = torch.isfinite(channels)
    broken = channels.numel() - int(finite.sum())
    values = channels[finite] if broken else channels.reshape(-1)
    if values.numel() == 0:
        return Statistics(math.nan, math.nan, math.nan, math.nan, 0.0, 0, channels.shape[0], broken)
    exact = values.double() if values.numel() < 2**20 else values
    deviation, mean = torch.std_mean(exact, correction=0)
    least, most = torch.aminmax(values)
    empty = (channels == 0).flatten(1)
    return Statistics(
        float(least),
        float(most),
        float(mean),
        float(deviation),
        float(empty.sum()) / channels.numel(),
        int(empty.all(dim=1).sum()),
        channels.shape[0],
        broken,
    )


def _as_channels(output: Tensor, form: MapForm) -> Tensor:
    """An output as [C, H, W]."""
    if form is MapForm.VECTOR:
        return output.reshape(-1, 1, 1)
    if form is MapForm.TABLE:
        return output.reshape(1, -1, output.shape[-1])
    if form is MapForm.CHANNELS_LAST:
        return output.permute(2, 0, 1)
    return output.reshape(-1, *output.shape[-2:])


def _frozen(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.contiguous().numpy()
    array.setflags(write=False)
    return array
