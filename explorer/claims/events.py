"""What a running experiment says: frozen values that may cross threads. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.claims.claim import Experiment, Size
from explorer.claims.results import Chart, KeptRun, Result, Table
from explorer.training.events import Event as TrainingEvent


@dataclass(frozen=True)
class ExperimentStarted:
    """The runs are known; `runs` of them are to be trained or taken over. `dataset` is "" where nothing is trained."""

    experiment: Experiment
    size: Size
    seeds: int
    runs: int
    dataset: str


@dataclass(frozen=True)
class Remarked:
    """Something that the answer should be read with: other data than were meant, a warning of a run."""

    message: str


@dataclass(frozen=True)
class RunBegun:
    """Run `number` of `runs`, counted from 1, begins, or goes on where it was interrupted.

    The events of the training follow as `RunTold`.
    """

    arm: str
    seed: int
    number: int
    runs: int


@dataclass(frozen=True)
class RunTold:
    """What the training of an arm says."""

    arm: str
    seed: int
    event: TrainingEvent


@dataclass(frozen=True)
class RunDone:
    """A run is finished or diverged, or was so already (`run.reused`); `number` of `runs` are by now."""

    run: KeptRun
    number: int
    runs: int

    @property
    def folder(self) -> Path:
        return self.run.folder


@dataclass(frozen=True)
class Progress:
    """How far the experiment is: a share of 1, and the seconds that are left (None until that can be told)."""

    words: str
    share: float
    seconds_left: float | None


@dataclass(frozen=True)
class Looked:
    """Charts and tables that a computation gave."""

    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Stopped:
    """The last event of an experiment that was told to stop: no verdict; what was trained is kept and can go on."""

    runs: tuple[KeptRun, ...]


@dataclass(frozen=True)
class Judged:
    """The last event: the verdict, with all that led to it."""

    result: Result


ExperimentEvent = ExperimentStarted | Remarked | RunBegun | RunTold | RunDone | Progress | Looked | Stopped | Judged
