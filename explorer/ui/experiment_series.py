"""The curves of an experiment's runs, read as they grow: for each arm the mean over seeds, and their range.

Free of Qt; only the kinds of layers, where norms are asked for, are found with torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.claims.claim import Arm, Experiment, Look, Size
from explorer.networks import catalogue
from explorer.runs.layer_metrics import LAYERS_NAME, LayerMetricsReader
from explorer.runs.metrics_columns import MetricsColumns
from explorer.structure.graph import Kind
from explorer.ui.curve_smoothing import centred_mean

Floats = NDArray[np.float64]

# Points of a curve on screen and on paper; more would lie on the same pixels.
_POINTS = 240
# Fewer epochs than this make no curve: the steps of the training show more.
_LEAST_EPOCHS = 5
# A curve of single steps is a mean over this share of them, so that it can be read.
_SMOOTHED_SHARE = 0.05
_LEAST_SMOOTHED = 5
_NOTHING: Floats = np.empty(0)


@dataclass(frozen=True)
class Source:
    """A run whose curves are seen; `is_done` once it writes no more, `diverged` where its loss became no number."""

    arm: str
    seed: int
    folder: Path
    is_done: bool = True
    diverged: bool = False


@dataclass(frozen=True, eq=False)
class Curve:
    """What an arm's runs came to. `y` is the mean of the finished ones, `low` and `high` the range of two or more.

    `others` are runs that are no part of the mean: those under way and those that diverged.
    """

    arm: str
    x: Floats
    y: Floats
    low: Floats
    high: Floats
    others: tuple[tuple[Floats, Floats], ...]
    seeds: int
    diverged: int = 0

    @property
    def is_empty(self) -> bool:
        return not len(self.x) and not self.others


@dataclass(frozen=True, eq=False)
class Series:
    """The curves that one of the experiment's pictures shows; `smoothed` is over how many steps a point is the mean."""

    look: Look
    curves: tuple[Curve, ...]
    smoothed: int = 0


class SeriesReader:
    """Reads the folders of an experiment's runs again and again; what is known of a run that is done is kept."""

    def __init__(self, experiment: Experiment, size: Size) -> None:
        self._arms = {arm.name: arm for arm in experiment.form(size).arms}
        self._weighted: dict[str, frozenset[str]] = {}  # the layers whose gradients are compared, by arm
        self._looks = [look for look in experiment.look if look.kind != "chart"]
        self._runs: dict[Path, _RunReader] = {}
        # Whether the next call leaves something out.
        self.is_partial = any(look.kind == "layers" for look in self._looks)

    def read(self, sources: Sequence[Source]) -> tuple[Series, ...]:
        """The series of the runs as they are now; one for each picture that is made of runs.

        The first call leaves out the norms of layers, for which networks are read, which takes long: see `is_partial`.
        """
        for source in sources:
            reader = self._runs.setdefault(source.folder, _RunReader(source.folder))
            reader.read(is_done=source.is_done)
        looks = [look for look in self._looks if look.kind != "layers" or not self.is_partial]
        self.is_partial = self.is_partial and not sources
        return tuple(self._series(look, sources) for look in looks)

    def _series(self, look: Look, sources: Sequence[Source]) -> Series:
        lines = {source.folder: self._line(look, source) for source in sources}
        if look.split == "epoch" and max((len(x) for x, _ in lines.values()), default=0) < _LEAST_EPOCHS:
            return self._series(replace(look, split="train"), sources)
        reach = 0
        if look.kind == "metrics" and look.split == "train":
            longest = max((len(x) for x, _ in lines.values()), default=0)
            reach = max(_LEAST_SMOOTHED, round(_SMOOTHED_SHARE * longest))
            lines = {folder: (x, centred_mean(y, reach)) for folder, (x, y) in lines.items()}
        curves = [
            _curve(
                arm,
                [(source, *lines[source.folder]) for source in sources if source.arm == arm],
                is_geometric=look.kind == "layers",
            )
            for arm in self._arms
        ]
        return Series(look, tuple(curve for curve in curves if not curve.is_empty), reach)

    def _line(self, look: Look, source: Source) -> tuple[Floats, Floats]:
        reader = self._runs[source.folder]
        if look.kind != "layers" or not reader.has_layers:
            return reader.line(look)
        if source.arm not in self._weighted and source.arm in self._arms:
            self._weighted[source.arm] = _weighted(self._arms[source.arm])
        return reader.norms(self._weighted.get(source.arm, frozenset()))


def _weighted(arm: Arm) -> frozenset[str]:
    """The paths of an arm's convolutions and dense layers; none where the network cannot be read.

    Normalisations stand between them and have norms of another size: a curve through both would be a saw.
    """
    from explorer.reading import read_graph  # noqa: PLC0415 - torch, and only for experiments about gradients

    architecture = catalogue.get(arm.architecture)
    try:
        graph = read_graph(architecture, architecture.options_type(**arm.options))
    except (ValueError, OSError, RuntimeError):
        return frozenset()
    return frozenset(node.path for node in graph.nodes if node.kind in {Kind.CONVOLUTION, Kind.LINEAR})


class _RunReader:
    """What the files of one run hold so far."""

    def __init__(self, folder: Path) -> None:
        self._metrics = MetricsColumns(folder)
        self._layers = LayerMetricsReader(folder / LAYERS_NAME)
        self._restarts = 0
        self._is_done = False
        self._steps: dict[tuple[str, str], tuple[list[Floats], list[Floats]]] = {}
        self._sums: dict[str, tuple[float, int]] = {}  # of the logarithms of the norms, by layer

    def read(self, *, is_done: bool) -> None:
        if self._is_done:
            return
        growth = self._metrics.read_new()
        for split, columns in growth.rows.items():
            for figure in ("loss", "accuracy", "mean_iou"):
                kept_x, kept_y = self._steps.setdefault((split, figure), ([], []))
                if growth.void_from is not None:
                    _cut(kept_x, kept_y, growth.void_from)
                kept_x.append(columns["step"])
                kept_y.append(columns[figure])
        new = self._layers.read_new()
        if self._layers.restarts != self._restarts:
            # A resumed run writes some steps again: what was summed of them is void.
            self._restarts = self._layers.restarts
            self._sums.clear()
            new = tuple(self._layers.rows)
        for row in new:
            if row.gradient_norm is not None and row.gradient_norm > 0:
                total, count = self._sums.get(row.path, (0.0, 0))
                self._sums[row.path] = (total + float(np.log(row.gradient_norm)), count + 1)
        self._is_done = is_done

    @property
    def has_layers(self) -> bool:
        return bool(self._sums)

    def norms(self, paths: frozenset[str]) -> tuple[Floats, Floats]:
        """The places of layers and their gradients' mean norms (geometric); of all layers where none is named."""
        known = [found for path, found in self._sums.items() if not paths or path in paths]
        norms = [float(np.exp(total / count)) for total, count in known]
        return np.arange(1, len(norms) + 1, dtype=float), np.array(norms)

    def line(self, look: Look) -> tuple[Floats, Floats]:
        """Steps and figures, in percent where they are errors."""
        column = "accuracy" if look.figure == "error" else look.figure
        kept_x, kept_y = self._steps.get((look.split, column), ([], []))
        x = np.concatenate(kept_x) if kept_x else _NOTHING
        y = np.concatenate(kept_y) if kept_y else _NOTHING
        if look.figure in {"error", "accuracy"}:
            y = 100 * (1 - y) if look.figure == "error" else 100 * y
        known = np.isfinite(y)
        return x[known], y[known]


def read_series(experiment: Experiment, size: Size, sources: Sequence[Source]) -> tuple[Series, ...]:
    """The series of runs that are done; those whose folders are gone are missing in them."""
    reader = SeriesReader(experiment, size)
    reader.is_partial = False
    return reader.read(sources)


def _curve(arm: str, runs: Iterable[tuple[Source, Floats, Floats]], *, is_geometric: bool = False) -> Curve:
    found = [(source, x, y) for source, x, y in runs if len(x)]
    steady = [(x, y) for source, x, y in found if source.is_done and not source.diverged]
    others = tuple(_thinned(x, y) for source, x, y in found if not source.is_done or source.diverged)
    diverged = sum(source.diverged for source, _, _ in found)
    if not steady:
        return Curve(arm, _NOTHING, _NOTHING, _NOTHING, _NOTHING, others, len(found), diverged)
    # Runs of one configuration have the same steps; an older one with fewer is compared as far as it goes.
    x = min((x for x, _ in steady), key=len)
    rows = np.array([np.interp(x, own, y) for own, y in steady])
    places = _places(len(x))
    middle = np.exp(np.log(rows).mean(0)) if is_geometric else rows.mean(0)
    mean, low, high = (values[places] for values in (middle, rows.min(0), rows.max(0)))
    if len(steady) < 2:
        low, high = _NOTHING, _NOTHING
    return Curve(arm, x[places], mean, low, high, others, len(steady), diverged)


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    places = _places(len(x))
    return x[places], y[places]


def _places(count: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.int64))


def _cut(xs: list[Floats], ys: list[Floats], from_step: float) -> None:
    """Drops what was told of steps from there on: a resumed run writes them again."""
    for number, x in enumerate(xs):
        kept = x < from_step
        xs[number], ys[number] = x[kept], ys[number][kept]
