"""Loss functions: what training makes small. Each takes outputs (N, classes), labels (N) and label smoothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

LossFunction = Callable[[Tensor, Tensor, float], Tensor]

# The constant j of equation 9, as a distance: a wrong class whose centre is farther away than about j is not pushed
# further. The paper says only that j is positive. The ten pictures differ in 10 to 50 of their 84 pixels, each worth
# (1 - (-1))^2 = 4, so the nearest two centres are 40 apart; a j well below half of that would let an output rest
# between two classes, a j far above it would make the term vanish.
MAP_CONSTANT = 10.0


def cross_entropy(outputs: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean cross-entropy of the softmax of logits; `smoothing` (0 to 1) of the target goes evenly to all classes."""
    return functional.cross_entropy(outputs, labels, label_smoothing=smoothing)


def rbf_mse(distances: Tensor, labels: Tensor, _smoothing: float = 0.0) -> Tensor:
    """Mean distance of the right class: maximum likelihood, equation 8 of LeCun et al. (1998).

    Nothing keeps wrong classes away: with trainable centres the smallest loss, 0, is reached when all centres and all
    outputs are the same.
    """
    right: Tensor = distances.gather(1, labels.unsqueeze(1))
    return right.mean()


def rbf_map(distances: Tensor, labels: Tensor, _smoothing: float = 0.0) -> Tensor:
    """Maximum a posteriori, equation 9 of LeCun et al. (1998): mean of y_D + log(exp(-j) + sum_i exp(-y_i)).

    The second term pushes wrong classes away, the nearest ones most; exp(-j) stands for a class "none of these" at
    the constant distance j.
    """
    right = distances.gather(1, labels.unsqueeze(1)).squeeze(1)
    none_of_these = distances.new_full((len(distances), 1), -MAP_CONSTANT)
    competition = torch.logsumexp(torch.cat([none_of_these, -distances], dim=1), dim=1)
    return (right + competition).mean()


LOSSES: Mapping[str, LossFunction] = {"cross_entropy": cross_entropy, "rbf_map": rbf_map, "rbf_mse": rbf_mse}
