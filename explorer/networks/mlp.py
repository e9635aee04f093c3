"""A multi-layer perceptron: dense layers alone, every unit of which sees every pixel.

Weights start from N(0, 2 / inputs), biases at 0, whatever the activation: under ReLU that keeps the size of signals
and gradients from layer to layer (He et al. 2015), so that what another activation does to them shows.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from explorer.networks.entries.laboratory import MLPOptions

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class MLP(nn.Sequential):
    """Images (N, 1, 28, 28) to logits (N, classes)."""


def build_mlp(options: MLPOptions, classes: int = 10) -> MLP:
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    inputs = 28 * 28
    for number in range(1, options.layers + 1):
        layers[f"hidden{number}"] = nn.Linear(inputs, options.units)
        if options.batch_norm:
            layers[f"hidden{number}_norm"] = nn.BatchNorm1d(options.units)
        layers[f"hidden{number}_activation"] = ACTIVATIONS[options.activation]()
        if options.dropout:
            layers[f"hidden{number}_dropout"] = nn.Dropout(options.dropout)
        inputs = options.units
    layers["output"] = nn.Linear(inputs, classes)
    network = MLP(layers)
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return network
