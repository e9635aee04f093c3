import subprocess
import sys

import pytest
import torch
from torch import nn

from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
from explorer.training.optimisers import make_optimiser


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_an_optimiser_does_what_torchs_own_does(name: str) -> None:
    config = TrainingConfig(optimiser=name, learning_rate=0.01, momentum=0.8, weight_decay=0.1)
    left, right = nn.Linear(3, 2), nn.Linear(3, 2)
    right.load_state_dict(left.state_dict())
    groups = [{"params": [right.weight], "weight_decay": 0.1}, {"params": [right.bias], "weight_decay": 0.0}]
    theirs = {
        "adamw": lambda: torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.999)),
        "adam": lambda: torch.optim.Adam(groups, lr=0.01, betas=(0.8, 0.999)),
        "sgd": lambda: torch.optim.SGD(groups, lr=0.01, momentum=0.8, nesterov=True),
    }[name]()
    for network, optimiser in ((left, make_optimiser(left, config)), (right, theirs)):
        for _ in range(5):
            network(torch.linspace(-1, 1, 12).reshape(4, 3)).square().sum().backward()
            optimiser.step()
            optimiser.zero_grad()
    for ours, expected in zip(left.parameters(), right.parameters(), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-7)


def test_nesterov_can_be_left_out() -> None:
    for nesterov in (True, False):
        config = TrainingConfig(optimiser="sgd", nesterov=nesterov)
        assert make_optimiser(nn.Linear(2, 2), config).param_groups[0]["nesterov"] is nesterov


def test_biases_and_scales_do_not_decay() -> None:
    options = LeNet5Options(form="original")
    network = catalogue.get("lenet5").build(options)
    groups = make_optimiser(network, TrainingConfig(options=options, weight_decay=0.1)).param_groups
    still = {id(parameter) for group in groups if not group["weight_decay"] for parameter in group["params"]}
    names = {name for name, parameter in network.named_parameters() if id(parameter) in still}
    assert names == {
        *(f"features.{layer}.bias" for layer in ("c1", "s2", "c3", "s4")),
        *(f"classifier.{layer}.bias" for layer in ("c5", "f6")),
        "features.s2.coefficient",
        "features.s4.coefficient",
    }


def test_neither_training_nor_following_a_network_imports_torchs_compiler() -> None:
    script = (
        "import sys, torch\n"
        "from explorer.training.config import TrainingConfig\n"
        "from explorer.training.optimisers import make_optimiser\n"
        "network = torch.nn.Linear(2, 2)\n"
        "optimiser = make_optimiser(network, TrainingConfig())\n"
        "network(torch.ones(1, 2)).sum().backward(); optimiser.step(); optimiser.zero_grad()\n"
        "optimiser.load_state_dict(optimiser.state_dict())\n"
        "from explorer.networks import catalogue\n"
        "from explorer.reading import read_graph\n"
        "for name in ('lenet5', 'alexnet', 'resnet20', 'googlenet'):\n"
        "    assert read_graph(catalogue.get(name)).failure is None\n"
        "assert not {'torch._dynamo', 'sympy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
