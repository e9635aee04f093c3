"""The exponential moving average of a network's weights, which often answers better than the newest weights."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """A second network whose weights follow those of the first, one moment behind.

    Running statistics of normalisation are averaged too, whole numbers copied. `decay` is the share that stays at each
    step; early on less stays, (1 + step) / (10 + step), so that the first random weights are soon forgotten.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self._decay = decay
        ours, theirs = self.network.state_dict(), network.state_dict()
        # Optimisers and checkpoints change these tensors in place, so they stay the network's own.
        floating = [name for name, tensor in theirs.items() if tensor.is_floating_point()]
        self._into, self._of = [ours[name] for name in floating], [theirs[name] for name in floating]
        self._counts = [(ours[name], theirs[name]) for name in theirs.keys() - set(floating)]

    def update(self, step: int) -> None:
        """Takes in what the network has become by its `step`-th update, counted from 1 over the whole run."""
        with torch.no_grad():
            stays = min(self._decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self._into, self._of, 1 - stays)
            for ours, theirs in self._counts:
                ours.copy_(theirs)
