"""One optimiser update, and the figures of some of them, kept on the device until they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from explorer.networks.architecture import Scores
from explorer.training.config import TrainingConfig
from explorer.training.losses import LOSSES

_CAPACITY = 1024

# What an auxiliary head's loss counts beside that of the last layer (Szegedy et al. 2015, section 5).
AUXILIARY_WEIGHT = 0.3


@dataclass(frozen=True)
class Figures:
    """What some steps gave, one value each: loss, learning rate, images, and how many were answered rightly."""

    losses: tuple[float, ...]
    rates: tuple[float, ...]
    images: tuple[int, ...]
    right: tuple[int, ...]


class Step:
    """Trains a network by one batch when called. Nothing waits for the device before `read`."""

    def __init__(self, network: nn.Module, optimiser: Optimizer, config: TrainingConfig, scores: Scores) -> None:
        device = next(network.parameters()).device
        self.network = network
        self.optimiser = optimiser
        self._loss = LOSSES[config.loss]
        self._smoothing = config.label_smoothing
        self._scores = scores
        self._losses = torch.zeros(_CAPACITY, device=device)
        self._right = torch.zeros(_CAPACITY, dtype=torch.int64, device=device)
        self._rates: list[float] = []
        self._images: list[int] = []

    def __call__(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Images are the network's input (N, C, H, W), float; labels are (N), int64; both on the device."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        outputs, auxiliary = _heads(self.network(images))
        loss = self._loss(outputs, labels, self._smoothing)
        for head in auxiliary:
            loss = loss + AUXILIARY_WEIGHT * self._loss(head, labels, self._smoothing)
        loss.backward()  # type: ignore[no-untyped-call] # torch does not type it
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        at = len(self._rates)
        with torch.no_grad():
            self._losses[at] = loss
            self._right[at] = right_answers(outputs, labels, self._scores)
        self._rates.append(rate)
        self._images.append(len(labels))

    @property
    def unread(self) -> int:
        return len(self._rates)

    @property
    def is_full(self) -> bool:
        return len(self._rates) == _CAPACITY

    def read(self) -> Figures:
        """The figures since the last call; waits for the device once."""
        count = len(self._rates)
        figures = Figures(
            losses=tuple(self._losses[:count].tolist()),
            rates=tuple(self._rates),
            images=tuple(self._images),
            right=tuple(self._right[:count].tolist()),
        )
        self._rates.clear()
        self._images.clear()
        return figures


def _heads(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The answer, and what auxiliary heads say, which some networks add in training."""
    if isinstance(outputs, Tensor):
        return outputs, ()
    return outputs[0], outputs[1:]


def right_answers(outputs: Tensor, labels: Tensor, scores: Scores) -> Tensor:
    """How many of the answers are right, as a tensor: the largest logit or the smallest distance wins."""
    answers = outputs.argmin(1) if scores is Scores.DISTANCES else outputs.argmax(1)
    return (answers == labels).sum()
