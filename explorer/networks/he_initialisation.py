"""How the weights of residual and dense networks start."""

from __future__ import annotations

from torch import nn


def he_initialise(network: nn.Module) -> None:
    """Convolutions normal with deviation sqrt(2 / fan out), biases 0; dense layers keep torch's own weights.

    He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015, by fan out as in the authors' Torch code (fb.resnet.torch)
    and in that of DenseNet. Weights without data (on the meta device) are left alone: drawing them costs 2 ms each.
    """
    for layer in network.modules():
        if not isinstance(layer, nn.Conv2d | nn.Linear) or layer.weight.is_meta:
            continue
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
