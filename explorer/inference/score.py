"""The number that an explanation explains: how strongly a network's outputs speak for one class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Scores


@dataclass(frozen=True, eq=False)
class Score:
    """The score of the class `label`, one number an image.

    Of outputs [N, classes] it is that class's, negated where they are distances. Of outputs [N, classes, H, W] it is
    the sum of the class's over `region`, bool [H, W]: where the network marked it on the picture that is explained.
    """

    label: int
    scores: Scores = Scores.LOGITS
    region: Tensor | None = None

    def of(self, outputs: Tensor) -> Tensor:
        """The score of each image, shape [N]."""
        chosen = outputs[:, self.label]
        if self.region is not None:
            chosen = (chosen * self.region).sum(dim=(1, 2))
        return -chosen if self.scores is Scores.DISTANCES else chosen


def score_for(outputs: Tensor, scores: Scores = Scores.LOGITS, label: int | None = None) -> Score:
    """The score of a class, the answered one by default, by a network's outputs for the one picture to be explained.

    The answered class of outputs [1, classes, H, W] is the one that most pixels are marked as; the background, which
    is the first, only where nothing else is marked.

    Raises:
        ValueError: there is no such class, or no pixel is marked as it.
    """
    if outputs.ndim not in {2, 4} or len(outputs) != 1:
        raise ValueError(f"one picture's outputs are [1, classes] or [1, classes, H, W], not {list(outputs.shape)}")
    classes = outputs.shape[1]
    if label is not None and not 0 <= label < classes:
        raise ValueError(f"the network knows {classes} classes, numbered from 0; there is none numbered {label}")
    wins = -outputs if scores is Scores.DISTANCES else outputs
    winners = wins.argmax(dim=1)[0]
    if outputs.ndim == 2:
        return Score(int(winners) if label is None else label, scores)
    if label is None:
        counts = torch.bincount(winners.flatten(), minlength=classes)
        counts[0] = 0
        label = int(counts.argmax())
    region = winners == label
    if not region.any():
        raise ValueError("the network marks no pixel as this class here; choose one that it marks")
    return Score(label, scores, region)


def check_at_rest(network: nn.Module) -> None:
    """Refuses a network that is being trained: running it would change the statistics of its batch norms.

    Raises:
        ValueError: a part of the network is in training mode.
    """
    if any(module.training for module in network.modules()):
        raise ValueError("the network is in training mode: explain a copy of it in evaluation mode")
