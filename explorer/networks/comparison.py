"""The networks side by side: year, size, cost and accuracy, a row each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from explorer.networks.architecture import Architecture, Published
from explorer.networks.options import as_text


@dataclass(frozen=True)
class ComparisonRow:
    """One network in its default form; accuracies are in % on ImageNet's validation set, None where none is known.

    `about` says where the accuracies come from.
    """

    name: str
    title: str
    family: str
    year: int
    parameters: int | None
    macs: int | None
    top1: float | None
    top5: float | None
    about: str = ""

    def with_macs(self, macs: int) -> ComparisonRow:
        return dataclasses.replace(self, macs=macs)


def catalogue_rows(architectures: Iterable[Architecture]) -> tuple[ComparisonRow, ...]:
    """Rows with the published accuracies; MACs are not known until a network is read."""
    return tuple(_row(architecture) for architecture in architectures)


def zoo_row(architecture: Architecture, figures: Any) -> ComparisonRow:
    """A row of a zoo's network from what the zoo publishes with its weights (`zoo.figures`)."""
    return ComparisonRow(
        name=architecture.name,
        title=architecture.title,
        family=architecture.family,
        year=architecture.year,
        parameters=figures.parameters,
        macs=figures.macs,
        top1=figures.top1,
        top5=figures.top5,
        about=f"Published with the weights, {figures.dataset}" if figures.dataset else "Published with the weights",
    )


def _row(architecture: Architecture) -> ComparisonRow:
    found = {rank: _accuracy(architecture, rank) for rank in ("top-1", "top-5")}
    said = [f"{rank}: {_source(figure)}" for rank, (_, figure) in found.items() if figure is not None]
    return ComparisonRow(
        name=architecture.name,
        title=architecture.title,
        family=architecture.family,
        year=architecture.year,
        parameters=architecture.parameters,
        macs=None,
        top1=found["top-1"][0],
        top5=found["top-5"][0],
        about="; ".join(said),
    )


def _accuracy(architecture: Architecture, rank: str) -> tuple[float | None, Published | None]:
    """The published accuracy of the default form; where there is none, of the first form that has one."""
    figures = [figure for figure in architecture.published if figure.quantity.startswith(rank)]
    figures.sort(key=lambda figure: bool(figure.options))
    if not figures:
        return None, None
    figure = figures[0]
    value = 100 - figure.value if "error" in figure.quantity else figure.value
    return round(value, 3), figure


def _source(figure: Published) -> str:
    form = ", ".join(f"{name} = {as_text(value)}" for name, value in figure.options.items())
    return f"{figure.source} ({form})" if form else figure.source
