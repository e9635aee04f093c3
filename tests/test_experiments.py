"""The experiments are complete, and each of them can be begun."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from explorer import experiments
from explorer.claims import claim, measures, verdict
from explorer.claims.claim import Experiment, Size
from explorer.data import datasets
from explorer.networks import catalogue
from explorer.system.settings import Settings

SIZES: tuple[Size, ...] = ("short", "full")
ALL = [pytest.param(each, id=each.name) for each in experiments.EXPERIMENTS]


def test_every_claim_has_its_experiment() -> None:
    assert [each.number for each in experiments.EXPERIMENTS] == list(range(1, 20))
    names = [each.name for each in experiments.EXPERIMENTS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)


@pytest.mark.parametrize("experiment", ALL)
def test_an_experiment_says_what_it_asks_and_what_it_cannot_show(experiment: Experiment) -> None:
    assert experiment.question.endswith("?")
    assert experiment.source.year
    assert all(catalogue.get(name) for name in experiment.networks)
    assert experiment.networks
    assert experiment.short.setting
    assert experiment.full.setting
    assert experiment.parts or experiment.live


@pytest.mark.parametrize("experiment", ALL)
@pytest.mark.parametrize("size", SIZES)
def test_every_run_of_an_experiment_has_a_valid_configuration(experiment: Experiment, size: Size) -> None:
    form = experiment.form(size)
    for name in form.datasets:
        runs = claim.planned(form, name)
        assert len(runs) == len(form.arms) * form.seeds
        assert len({(run.arm.name, run.seed) for run in runs}) == len(runs)
        for run in runs:
            entry = datasets.get(name)
            interface = catalogue.get(run.config.architecture).interface(run.config.options)
            assert not interface.classes_fixed or interface.classes == len(entry.classes)


@pytest.mark.parametrize("experiment", ALL)
def test_a_short_form_needs_no_data_that_might_not_be_there(experiment: Experiment) -> None:
    form = experiment.short
    if form.datasets:
        assert datasets.is_available(form.datasets[-1])
        assert datasets.get(form.datasets[-1]).files is None
    assert form.seconds <= 120


def test_the_short_forms_take_less_than_forty_minutes() -> None:
    assert sum(each.short.seconds for each in experiments.EXPERIMENTS) < 40 * 60


@pytest.mark.parametrize("experiment", ALL)
@pytest.mark.parametrize("size", SIZES)
def test_verdicts_name_arms_measures_and_rules_that_exist(experiment: Experiment, size: Size) -> None:
    weights = Path(measures.__file__).with_name("weight_measures.py").read_text()
    for part in experiment.parts:
        assert part.rule in verdict._RULES
        assert part.measure.name in measures.names() or f"def {part.measure.name}(" in weights
    for live in experiment.live:
        module, _, function = live.function.partition(":")
        assert callable(getattr(importlib.import_module(f"explorer.claims.{module}"), function))
    if experiment.parts:
        assert any(part.main for part in experiment.parts_of(size))


def test_every_part_belongs_to_a_form() -> None:
    for each in experiments.EXPERIMENTS:
        reached = [*each.parts_of("short"), *each.parts_of("full")]
        assert all(part in reached for part in each.parts)


def test_experiments_are_found_by_name_by_number_and_by_network() -> None:
    assert experiments.get("plain-depth") is experiments.get("9")
    assert "plain-depth" in {each.name for each in experiments.concerning("resnet56")}
    with pytest.raises(ValueError, match="did you mean plain-depth"):
        experiments.get("plain-dept")


def test_the_data_that_are_there_are_used_and_others_named(own_home: Path) -> None:
    form = experiments.get("plain-depth").short
    name, remark = claim.dataset_of(form, Settings(data_folder=str(own_home)))
    assert name == form.datasets[-1]
    assert remark.startswith("MNIST is not on this computer: Built-in digits")
