"""One optimiser update."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.networks.architecture import Scores
from explorer.training.config import TrainingConfig
from explorer.training.step import Step


class _WithHeads(nn.Module):
    """A network with two auxiliary heads in training."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = nn.Linear(4, 3)
        self.first = nn.Linear(4, 3)
        self.second = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.answer(x), self.first(x), self.second(x)


def test_an_auxiliary_head_counts_three_tenths() -> None:
    torch.manual_seed(0)
    network = _WithHeads()
    images, labels = torch.randn(5, 4), torch.tensor([0, 1, 2, 0, 1])
    losses = [functional.cross_entropy(outputs, labels).item() for outputs in network(images)]
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), TrainingConfig(), Scores.LOGITS)
    step(images, labels, 0.1)
    assert abs(step.read().losses[0] - (losses[0] + 0.3 * (losses[1] + losses[2]))) < 1e-6


def test_the_last_layer_alone_decides_which_answers_are_right() -> None:
    network = _WithHeads()
    with torch.no_grad():
        for layer, wins in ((network.answer, 1), (network.first, 0), (network.second, 2)):
            layer.weight.zero_()
            layer.bias.copy_(functional.one_hot(torch.tensor(wins), 3))
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), TrainingConfig(), Scores.LOGITS)
    step(torch.randn(4, 4), torch.tensor([1, 1, 0, 2]), 0.1)
    assert step.read().right == (2,)
