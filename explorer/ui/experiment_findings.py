"""What an experiment came to, as the window and the page show it: from a result just made, or from one kept on disk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from explorer import experiments
from explorer.claims import kept
from explorer.claims.claim import Experiment, Measure, Part, Size
from explorer.claims.results import Chart, KeptRun, Line, Result, Table
from explorer.claims.verdict import Figure, Outcome, with_spread, written


@dataclass(frozen=True)
class Said:
    """A part of the claim, and what came of it; `main` parts make the verdict."""

    outcome: Outcome
    sentence: str
    main: bool


@dataclass(frozen=True)
class Findings:
    """A verdict with all that it stands on. `tables` begins with the figures of the arms."""

    experiment: Experiment
    size: Size
    outcome: Outcome
    sentence: str
    parts: tuple[Said, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    runs: tuple[KeptRun, ...]
    dataset: str
    remarks: tuple[str, ...]
    seeds: int
    seconds: float

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(run.folder for run in self.runs)


def of_result(result: Result) -> Findings:
    """The findings of an experiment that has just ended."""
    found = _findings(result.experiment, result.to_json())
    if found is None:  # what `to_json` gives always fits
        raise ValueError(f"the result of {result.experiment.name} cannot be shown")
    return found


def last(experiment: Experiment, size: Size) -> Findings | None:
    """What an experiment came to when it was last done in this size; None where it never was, or nobody can tell.

    It reads the disk: a file of some kilobytes.
    """
    stored = kept.last(experiment.name, size)
    return None if stored is None else _findings(experiment, stored)


def all_kept() -> dict[tuple[str, Size], Findings]:
    """The kept findings of every experiment, by its name and size; call it off the UI thread."""
    found = {}
    for experiment in experiments.EXPERIMENTS:
        for size in get_args(Size):
            findings = last(experiment, size)
            if findings is not None:
                found[experiment.name, size] = findings
    return found


def _findings(experiment: Experiment, stored: dict[str, Any]) -> Findings | None:
    """What was stored, read with care: a file that somebody edited, or of another version, gives None."""
    try:
        return Findings(
            experiment=experiment,
            size="full" if stored["size"] == "full" else "short",
            outcome=Outcome(stored["verdict"]),
            sentence=str(stored["sentence"]),
            parts=tuple(
                Said(Outcome(part["verdict"]), str(part["sentence"]), bool(part["main"])) for part in stored["parts"]
            ),
            tables=(*_figures(experiment, stored["parts"]), *(_table(table) for table in stored["tables"])),
            charts=tuple(_chart(chart) for chart in stored["charts"]),
            runs=tuple(
                KeptRun(str(run["arm"]), int(run["seed"]), Path(run["run"]), str(run["status"]), bool(run["reused"]))
                for run in stored["runs"]
            ),
            dataset=str(stored["dataset"] or ""),
            remarks=tuple(map(str, stored["remarks"])),
            seeds=int(stored["seeds"]),
            seconds=float(stored["seconds"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _figures(experiment: Experiment, parts: list[dict[str, Any]]) -> Iterator[Table]:
    """A table for each measure: a row an arm, with the mean, its spread, and the value of each seed."""
    by_measure: dict[str, tuple[Measure, dict[str, Figure]]] = {}
    for stored in parts:
        measure = _measure(experiment.parts, stored)
        for values in stored["figures"]:
            figure = _figure(values)
            by_measure.setdefault(measure.words, (measure, {}))[1].setdefault(figure.arm, figure)
    for measure, figures in by_measure.values():
        seeds = sorted({seed for figure in figures.values() for seed in figure.seeds})
        rows = tuple(_row(figure, measure, seeds) for figure in figures.values())
        title = measure.words.strip(" ,")
        if title:
            yield Table(title[0].upper() + title[1:], ("Arm", "Mean ± sd", *(f"Seed {seed}" for seed in seeds)), rows)


def _row(figure: Figure, measure: Measure, seeds: list[int]) -> tuple[str, ...]:
    values = dict(zip(figure.seeds, figure.values, strict=True))
    cells = ["" if seed not in values else _cell(values[seed], measure) for seed in seeds]
    noted = f"{figure.arm} ({figure.diverged} diverged)" if figure.diverged else figure.arm
    return (noted, with_spread(figure, measure.unit), *cells)


def _cell(value: float, measure: Measure) -> str:
    return "–" if math.isnan(value) else written(value, measure.unit).removesuffix(" steps")


def _measure(parts: tuple[Part, ...], stored: dict[str, Any]) -> Measure:
    """How the figures of a part are called and written; those of a computation are numbers without more."""
    arms = {str(figure["arm"]) for figure in stored["figures"]}
    for part in parts:
        if part.says == stored["says"] and arms <= {part.first, part.second, *part.arms, *arms}:
            return part.measure
    words = str(stored["sentence"]).partition(": ")[2]
    words = words.partition(" seeds ")[2] or words
    return Measure("", words.partition(" is ")[0] if " is " in words else "Figures", "number")


def _figure(stored: dict[str, Any]) -> Figure:
    return Figure(
        str(stored["arm"]),
        tuple(int(seed) for seed in stored["seeds"]),
        tuple(math.nan if value is None else float(value) for value in stored["values"]),
        int(stored["diverged"]),
        int(stored["did_not_get_there"]),
    )


def _table(stored: dict[str, Any]) -> Table:
    return Table(
        str(stored["title"]),
        tuple(map(str, stored["columns"])),
        tuple(tuple(map(str, row)) for row in stored["rows"]),
    )


def _chart(stored: dict[str, Any]) -> Chart:
    lines = tuple(
        Line(str(line["name"]), _numbers(line["x"]), _numbers(line["y"]), _numbers(line["spread"]))
        for line in stored["lines"]
    )
    return Chart(
        str(stored["title"]),
        str(stored["x_label"]),
        str(stored["y_label"]),
        lines,
        bool(stored["x_log"]),
        bool(stored["y_log"]),
    )


def _numbers(values: list[Any]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in values)
