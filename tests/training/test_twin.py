"""First weights that two networks have in common."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest
import torch
from small_data import small_dataset

from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
from explorer.training.ingredients import ingredients
from explorer.training.twin import Twin

Config = Callable[..., TrainingConfig]
NORMALISED = LeNet5Options(batch_norm=True)


def weights(config: TrainingConfig) -> dict[str, torch.Tensor]:
    return ingredients(config, small_dataset(), "cpu").network.state_dict()


def test_a_network_starts_like_its_twin_where_names_and_shapes_match(config: Config) -> None:
    first = weights(config())
    local = config(options=LeNet5Options(kernels="local"))
    alone, twin = weights(local), weights(dataclasses.replace(local, twin_of=Twin("lenet5")))
    assert not torch.equal(alone["classifier.f6.weight"], first["classifier.f6.weight"])
    assert torch.equal(twin["classifier.f6.weight"], first["classifier.f6.weight"])
    assert torch.equal(twin["features.c1.weight"], alone["features.c1.weight"])
    assert twin["features.c1.weight"].shape != first["features.c1.weight"].shape


def test_a_network_that_is_its_own_twin_starts_as_ever(config: Config) -> None:
    plain, own = weights(config()), weights(config(twin_of=Twin("lenet5")))
    assert all(torch.equal(plain[name], own[name]) for name in plain)


def test_the_twin_survives_json(config: Config) -> None:
    made = config(options=NORMALISED, twin_of=Twin("lenet5", LeNet5Options(activation="tanh")))
    assert TrainingConfig.from_json(json.loads(json.dumps(made.to_json()))) == made
    before = {name: value for name, value in made.to_json().items() if name != "twin_of"}
    assert TrainingConfig.from_json(before).twin_of is None


def test_a_twin_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no network"):
        Twin("lenet6")
    with pytest.raises(ValueError, match="options of lenet5 are a LeNet5Options"):
        Twin("lenet5", 5)
    with pytest.raises(ValueError, match="twin_of is a Twin or None"):
        TrainingConfig(dataset="digits", twin_of="lenet5")
