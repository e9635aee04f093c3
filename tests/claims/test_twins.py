"""Arms of an experiment are fair twins: in their configurations, and in what the training sees."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tiny import made, tiny
from torch import Tensor

from explorer.claims.claim import Arm, Form, config_of
from explorer.claims.twins import differences, pairs, unfairness
from explorer.data import batches
from explorer.experiments import EXPERIMENTS
from explorer.training.config import TrainingConfig
from explorer.training.ingredients import ingredients

FORMS = [
    pytest.param(form, id=f"{each.name}-{size}")
    for each in EXPERIMENTS
    for size, form in (("short", each.short), ("full", each.full))
    if form.arms
]
SHORT_PAIRS = [
    pytest.param(each.short, first, second, id=f"{each.name}: {first.name} and {second.name}")
    for each in EXPERIMENTS
    for first, second in pairs(each.short)
]


@pytest.mark.parametrize("form", FORMS)
def test_twins_differ_in_what_is_named_and_in_nothing_else(form: Form) -> None:
    for dataset in form.datasets:
        assert unfairness(form, dataset) == ()


def test_a_difference_that_is_not_named_is_found() -> None:
    honest = tiny().short
    first, second = honest.arms
    for slip in (
        dataclasses.replace(second, config={"learning_rate": 0.02}),
        dataclasses.replace(second, options={**second.options, "units": 9}),
        dataclasses.replace(second, config={"augmentation": {"shift": 0.1}}),
        dataclasses.replace(second, differs=()),
        dataclasses.replace(second, differs=(*second.differs, "momentum")),
    ):
        assert unfairness(dataclasses.replace(honest, arms=(first, slip)), "digits") != ()
    assert unfairness(honest, "digits") == ()


def test_another_seed_is_a_difference() -> None:
    form = tiny().short
    one = config_of(form, form.arms[0], "digits", 0)
    assert differences(one, dataclasses.replace(one, seed=1)) == ("seed",)


class Seen:
    """What a training sees: its first weights, and the images of its first epoch in their order."""

    def __init__(self, config: TrainingConfig) -> None:
        given = ingredients(config, made(config.dataset), "cpu")
        self.weights = {name: tensor.clone() for name, tensor in given.network.state_dict().items()}
        parts = list(given.batches.epoch(1, lambda: config.augmentation))
        self.labels = np.concatenate([labels.numpy() for _, labels in parts])
        self.images = [image for images, _ in parts for image in images]


def unlike(first: TrainingConfig, second: TrainingConfig) -> list[str]:
    """In what two trainings are no twins."""
    one, other = Seen(first), Seen(second)
    wrong = []
    if not np.array_equal(one.labels, other.labels):
        wrong.append("order")
    if first.augmentation == second.augmentation and one.images[0].shape == other.images[0].shape:
        # A perceptron and a convolution of one input get the same pictures.
        wrong += ["images"] if not all(map(same, one.images, other.images)) else []
    common = [name for name, tensor in one.weights.items() if name in other.weights]
    matching = [name for name in common if one.weights[name].shape == other.weights[name].shape]
    wrong += [name for name in matching if not same(one.weights[name], other.weights[name])]
    return wrong


def same(one: Tensor, other: Tensor) -> bool:
    return bool((one == other).all())


@pytest.mark.parametrize(("form", "first", "second"), SHORT_PAIRS)
def test_twins_see_the_same_images_in_the_same_order_and_start_alike(form: Form, first: Arm, second: Arm) -> None:
    configs = [config_of(form, arm, form.datasets[-1], 3) for arm in (first, second)]
    assert unlike(*configs) == []


def test_another_seed_is_seen() -> None:
    form = tiny().short
    one, other = (config_of(form, arm, "digits", seed) for arm, seed in zip(form.arms, (0, 1), strict=True))
    assert {"order", "images", "hidden1.weight", "output.weight"} <= set(unlike(one, other))


def test_another_order_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    form = tiny().short
    one, other = (config_of(form, arm, "digits", 0) for arm in form.arms)
    calls = iter(range(100))
    monkeypatch.setattr(batches, "_mixed", lambda _seed, _epoch: next(calls))
    assert unlike(one, other) == ["order", "images"]


def test_without_a_twin_the_first_weights_of_another_depth_are_others() -> None:
    deep = Arm("deep", "mlp", {"units": 8, "layers": 2}, differs=("options.layers",))
    form = dataclasses.replace(tiny().short, arms=(tiny().short.arms[0], deep))
    one, other = (config_of(form, arm, "digits", 0) for arm in form.arms)
    assert unlike(one, other) == []
    assert "output.weight" in unlike(one, dataclasses.replace(other, twin_of=None))


def test_twins_have_something_in_common() -> None:
    """So that the comparison of first weights is no empty one, but for the perceptron beside LeNet."""
    for each in EXPERIMENTS:
        for first, second in pairs(each.short):
            one, other = (Seen(config_of(each.short, arm, each.short.datasets[-1], 0)) for arm in (first, second))
            if {first.architecture, second.architecture} == {"lenet5", "mlp"}:
                continue
            common = [n for n, w in one.weights.items() if n in other.weights and other.weights[n].shape == w.shape]
            assert common, f"{first.name} and {second.name}"
