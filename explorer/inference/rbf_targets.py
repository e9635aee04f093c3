"""LeNet's output layer: how far the activation of F6 is from the picture of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.inference.layer_tap import tap
from explorer.inference.weight_statistics import frozen
from explorer.networks.lenet import RadialBasis

ROWS, COLUMNS = 12, 7


@dataclass(frozen=True, eq=False)
class RbfTargets:
    """`activation` [12, 7] of the layer before, `targets` [classes, 12, 7], and the output of each class.

    `distances` is the sum over all 84 units of the square of activation minus target; the smallest wins.
    """

    activation: NDArray[np.float32]
    targets: NDArray[np.float32]
    distances: NDArray[np.float64]

    @property
    def winner(self) -> int:
        return int(self.distances.argmin())

    def squares(self, label: int) -> NDArray[np.float64]:
        """What each unit adds to the distance from one class, [12, 7]."""
        apart: NDArray[np.float64] = (self.activation.astype(np.float64) - self.targets[label]) ** 2
        return apart


def rbf_layer(network: nn.Module) -> str | None:
    """The path of a network's layer of radial basis functions over pictures of 7 x 12; None where it has none."""
    for path, layer in network.named_modules():
        if isinstance(layer, RadialBasis) and layer.centres.shape[1] == ROWS * COLUMNS:
            return str(path)
    return None


def rbf_targets(network: nn.Module, x: Tensor) -> RbfTargets:
    """For one image x [1, C, H, W].

    Raises:
        ValueError: the network has no such layer.
    """
    path = rbf_layer(network)
    if path is None:
        raise ValueError("the network has no layer of radial basis functions")
    tapped = tap(network, path, x)
    layer = tapped.layer
    assert isinstance(layer, RadialBasis)  # noqa: S101 - `rbf_layer` found it by its type
    return RbfTargets(
        frozen(tapped.given[0].float().view(ROWS, COLUMNS).numpy()),
        frozen(layer.centres.detach().float().view(-1, ROWS, COLUMNS).numpy()),
        frozen(tapped.gave[0].double().numpy()),
    )
