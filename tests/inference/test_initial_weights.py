"""First weights come from a seed and disturb nobody."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.inference.initial_weights import initial_network, untrained
from explorer.inference.kinds import Takes
from explorer.networks import catalogue


@pytest.mark.parametrize("name", ["lenet5", "resnet20", "unet"])
def test_first_weights_are_those_of_torchs_own_seed(name: str) -> None:
    architecture = catalogue.get(name)
    options = architecture.options_type()
    state = torch.get_rng_state()
    torch.manual_seed(3)
    expected = architecture.build(options).state_dict()
    torch.set_rng_state(state)
    found = initial_network(architecture, options, 3).state_dict()
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_untrained_network_answers_inputs_of_its_kind() -> None:
    lenet, resnet = (catalogue.get(name) for name in ("lenet5", "resnet20"))
    assert untrained(lenet, lenet.options_type()).takes is Takes.DIGITS
    predictor = untrained(resnet, resnet.options_type())
    assert predictor.takes is Takes.PHOTOGRAPHS
    seen = predictor.see(np.full((50, 70, 3), 120, np.uint8))
    assert seen.shape == (3, 32, 32)
    assert predictor.prepared(seen).shape == (1, 3, 32, 32)


def test_another_input_size_is_taken_where_it_is_asked_for() -> None:
    resnet = catalogue.get("resnet20")
    predictor = untrained(resnet, resnet.options_type(), (3, 48, 40))
    assert predictor.prepared(np.zeros(predictor.seen_shape, np.uint8)).shape == (1, 3, 48, 40)
