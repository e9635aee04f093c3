"""Networks small enough to be reckoned by hand, and their graphs."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.structure.graph import Graph
from explorer.structure.trace import trace


class Linear(nn.Module):
    """One dense layer on the pixels."""

    def __init__(self, classes: int = 3, side: int = 4, channels: int = 2) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(channels * side * side, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.flatten(x))


class Doubled(nn.Module):
    """The sum of x + F(x), added by a function (in place if told), where F(x) = 2x by a 1 x 1 convolution."""

    def __init__(self, *, in_place: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        self.conv.weight.data.fill_(2.0)
        self.in_place = in_place

    def forward(self, x: Tensor) -> Tensor:
        branch = self.conv(x)
        if self.in_place:
            branch += x
        else:
            branch = branch + x
        return torch.flatten(branch, 1).sum(dim=1, keepdim=True)


def small(*, inplace: bool = False) -> nn.Sequential:
    """Convolution, batch norm, ReLU (in place if told), pooling, dense: seeded, in evaluation, with used statistics."""
    torch.manual_seed(4)
    network = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 4, 3, padding=1),
            bn=nn.BatchNorm2d(4),
            relu1=nn.ReLU(inplace=inplace),
            conv2=nn.Conv2d(4, 6, 3, padding=1),
            relu2=nn.ReLU(inplace=inplace),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc=nn.Linear(6 * 4 * 4, 3),
        )
    )
    network.bn.running_mean.uniform_(-0.5, 0.5)
    network.bn.running_var.uniform_(0.5, 2)
    return network.eval()


def picture(channels: int = 1, side: int = 8, seed: int = 1) -> Tensor:
    return torch.randn(1, channels, side, side, generator=torch.Generator().manual_seed(seed))


def graph_of(network: nn.Module, shape: tuple[int, int, int] = (1, 8, 8)) -> Graph:
    return trace(network, shape)
