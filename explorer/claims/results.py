"""What an experiment gives: runs, charts, tables and the verdict, as frozen values. Free of torch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.claims.claim import Experiment, Size
from explorer.claims.verdict import Figure, PartVerdict, Verdict
from explorer.system.download import Cancelled
from explorer.system.settings import Settings


@dataclass(frozen=True)
class Line:
    """A curve: `y` at each `x`, with the spread over seeds (standard deviation; empty where there is none)."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    spread: tuple[float, ...] = ()


@dataclass(frozen=True)
class Chart:
    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class KeptRun:
    """A run of an experiment, in its folder. `outcome` is its status: "finished" or "diverged"."""

    arm: str
    seed: int
    folder: Path
    outcome: str
    reused: bool = False

    @property
    def diverged(self) -> bool:
        return self.outcome == "diverged"


@dataclass(frozen=True)
class Computed:
    """What a live computation came to."""

    parts: tuple[PartVerdict, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, eq=False)
class Context:
    """What a live computation knows: the size, how many seeds, and the runs that are done. `tell` hears of progress."""

    size: Size
    seeds: int
    runs: tuple[KeptRun, ...] = ()
    settings: Settings = field(default_factory=Settings)
    tell: Callable[[str, float | None], None] = lambda _words, _share: None
    cancelled: Callable[[], bool] = lambda: False

    def step(self, words: str, share: float | None = None) -> None:
        """Tells how far it is.

        Raises:
            Cancelled: somebody wants it to stop.
        """
        if self.cancelled():
            raise Cancelled
        self.tell(words, share)


@dataclass(frozen=True)
class Result:
    """What came of an experiment. `seconds` is wall-clock time of this sitting, `processor_seconds` all cores' time."""

    experiment: Experiment
    size: Size
    verdict: Verdict
    runs: tuple[KeptRun, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    dataset: str
    remarks: tuple[str, ...]
    seeds: int
    seconds: float
    processor_seconds: float

    def to_json(self) -> dict[str, Any]:
        """For programs: numbers that are none are null."""
        experiment = self.experiment
        return {
            "experiment": experiment.name,
            "number": experiment.number,
            "question": experiment.question,
            "source": str(experiment.source),
            "size": self.size,
            "setting": experiment.form(self.size).setting,
            "dataset": self.dataset or None,
            "seeds": self.seeds,
            "verdict": self.verdict.outcome.value,
            "sentence": self.verdict.sentence,
            "parts": [_part(part) for part in self.verdict.parts],
            "cannot_show": experiment.form(self.size).cannot,
            "remarks": list(self.remarks),
            "charts": [_plain(dataclasses.asdict(chart)) for chart in self.charts],
            "tables": [dataclasses.asdict(table) for table in self.tables],
            "runs": [
                {"arm": run.arm, "seed": run.seed, "run": str(run.folder), "status": run.outcome, "reused": run.reused}
                for run in self.runs
            ],
            "seconds": round(self.seconds, 1),
            "processor_seconds": round(self.processor_seconds, 1),
        }


def _part(part: PartVerdict) -> dict[str, Any]:
    return {
        "says": part.says,
        "verdict": part.outcome.value,
        "sentence": part.sentence,
        "main": part.main,
        "exact": part.exact,
        "figures": [_figure(figure) for figure in (part.first, part.second) if figure is not None],
        "interval": None if part.interval is None else _plain(dataclasses.asdict(part.interval)),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "arm": figure.arm,
        "mean": _plain(figure.mean),
        "sd": _plain(figure.spread),
        "values": _plain(figure.values),
        "seeds": list(figure.seeds),
        "diverged": figure.diverged,
        "did_not_get_there": figure.censored,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
