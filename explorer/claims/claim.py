"""What an experiment is: a claim, the runs and computations that answer it, and how the answer is judged.

All of it is data, free of torch; functions are named, and imported when they are called.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.system.settings import Settings
from explorer.training.config import Device, TrainingConfig
from explorer.training.twin import Twin

Size = Literal["short", "full"]
# Between two arms whose difference is meant.
LESS = " less "

Rule = Literal["lower", "times_fewer", "no_higher", "below"]


@dataclass(frozen=True)
class Source:
    """Who claims it: "Krizhevsky et al.", 2012, "section 3.1, figure 1"."""

    authors: str
    year: int
    where: str = ""

    def __str__(self) -> str:
        return f"{self.authors} {self.year}" + (f", {self.where}" if self.where else "")


@dataclass(frozen=True)
class Arm:
    """One of the trainings that are compared, repeated with each seed.

    `options` are those of the architecture that are not its defaults; `config` are fields of `TrainingConfig` that
    differ from those that all arms of the form share. `differs` names all in which it differs from the first arm of
    its `group`, as `twins.differences` names it; nothing else may differ. Arms with the same `best_of` are trials of
    one thing, such as at several rates: a comparison that names it takes the trial with the lowest mean.
    """

    name: str
    architecture: str
    options: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    group: str = ""
    best_of: str = ""


@dataclass(frozen=True)
class Form:
    """An experiment in one size.

    `datasets` are names of data sets or slices of them; the first that is there is used, and the last is always there.
    `config` is what all arms share. `setting` says in words what it is, `cannot` what it cannot show and which budget
    would ("" where it shows all). `seconds` is about what it takes: the short form on two quiet cores, the full one on
    a graphics card.
    """

    datasets: tuple[str, ...]
    arms: tuple[Arm, ...]
    seeds: int
    seconds: int
    setting: str
    cannot: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """A figure of one run: a function of `measures` by name, with its parameters.

    `words` is what it is called in a sentence, `unit` how it is written: "percent" for a share of 1, "steps",
    "number". `worst` stands in for runs that diverged. `per` is what the spread is over, one value each.
    """

    name: str
    words: str
    unit: Literal["percent", "steps", "number"] = "percent"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    worst: float | None = 1.0
    per: str = "seed"


@dataclass(frozen=True)
class Part:
    """A comparison of two arms that a verdict is made of.

    `rule` is a function of `verdict`: "lower": the figure of `first` is lower than that of `second`; "times_fewer": it
    is at least `by` times lower; "no_higher": it is not higher by `by` or more; "below": that of `first` alone stays
    below `by`. An arm may be written "A less B": the difference of two arms, seed by seed. A part that is not `main` is
    reported beside the verdict and does not count in it.
    """

    says: str
    rule: Rule
    measure: Measure
    first: str
    second: str = ""
    by: float = 0.0
    main: bool = True

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, or names that several have as `best_of`, that are compared."""
        return tuple(arm for name in (self.first, self.second) if name for arm in name.split(LESS))


@dataclass(frozen=True)
class Live:
    """Something computed: "module:function" below `explorer.claims`, with parameters (`full` None: those of the short).

    The function takes a `results.Context` and the parameters, and gives a `results.Computed`.
    """

    function: str
    short: Mapping[str, Any] = field(default_factory=dict)
    full: Mapping[str, Any] | None = None

    def parameters(self, size: Size) -> Mapping[str, Any]:
        return self.short if size == "short" or self.full is None else self.full


@dataclass(frozen=True)
class Look:
    """A picture that belongs to an experiment.

    `kind` "metrics": a curve of the runs over steps, of `split` ("train", "epoch", "test") and `figure` ("loss",
    "accuracy", "error", "mean_iou"); "layers": a figure of each layer over steps (`figure` as in layers.csv); "chart":
    what is measured after the runs or computed live, by the chart's title.
    """

    title: str
    kind: Literal["metrics", "layers", "chart"]
    split: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Experiment:
    """A claim of the textbooks and what answers it.

    `networks` are the catalogue's names that it concerns. `live` is computed after the runs, of which it is told. A
    form without arms trains nothing: the experiment is computed.
    """

    name: str
    number: int
    title: str
    question: str
    source: Source
    networks: tuple[str, ...]
    look: tuple[Look, ...]
    short: Form
    full: Form
    parts: tuple[Part, ...] = ()
    live: tuple[Live, ...] = ()

    def form(self, size: Size) -> Form:
        return self.short if size == "short" else self.full

    def parts_of(self, size: Size) -> tuple[Part, ...]:
        """The comparisons that a size allows: those whose arms it has."""
        arms = self.form(size).arms
        names = {arm.name for arm in arms} | {arm.best_of for arm in arms}
        return tuple(part for part in self.parts if set(part.arms) <= names)


@dataclass(frozen=True)
class Planned:
    """A run that an experiment needs."""

    arm: Arm
    seed: int
    config: TrainingConfig


def dataset_of(form: Form, settings: Settings | None = None) -> tuple[str, str]:
    """The data set that a form is trained on here, and a sentence where it is not the one that was meant ("")."""
    if not form.datasets:
        return "", ""
    for name in form.datasets:
        if datasets.is_available(name, settings):
            break
    meant, used = datasets.get(form.datasets[0]), datasets.get(name)
    if name == form.datasets[0]:
        return name, ""
    return name, f"{meant.title.partition(',')[0]} is not on this computer: {used.title} in its place"


def config_of(form: Form, arm: Arm, dataset: str, seed: int) -> TrainingConfig:
    """What an arm is trained by, with one seed.

    Raises:
        ValueError: the arm's options or settings do not fit its architecture.
    """
    options = _options(arm)
    first = next(each for each in form.arms if each.group == arm.group)
    values = {**_SHARED, **form.config, **arm.config}
    if isinstance(values.get("augmentation"), Mapping):
        values["augmentation"] = Augmentation(**values["augmentation"])
    return TrainingConfig(
        architecture=arm.architecture,
        options=options,
        dataset=dataset,
        seed=seed,
        twin_of=Twin(first.architecture, _options(first)),
        **values,
    )


# Plain settings, so that a claim about one thing is not about another too.
_SHARED: Mapping[str, Any] = {
    "batch_size": 64,
    "optimiser": "sgd",
    "learning_rate": 0.05,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": "constant",
}


def planned(
    form: Form, dataset: str, seeds: int | None = None, *, threads: int = 0, device: Device = "auto"
) -> tuple[Planned, ...]:
    """The runs of a form: all arms with the first seed, then all with the next, so that curves compare early."""
    count = form.seeds if seeds is None else seeds
    runs = []
    for seed in range(count):
        for arm in form.arms:
            config = config_of(form, arm, dataset, seed)
            runs.append(Planned(arm, seed, dataclasses.replace(config, threads=threads, device=device)))
    return tuple(runs)


def _options(arm: Arm) -> Any:
    return catalogue.get(arm.architecture).options_type(**arm.options)
