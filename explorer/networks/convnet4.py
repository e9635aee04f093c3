"""The four-layer network of the AlexNet paper's experiments on CIFAR-10 (sections 3.1 and 3.3).

Three 5 x 5 convolutions, each with its pooling, and one dense layer. The paper does not print its widths: those here,
32, 32 and 64 maps, are those of the authors' cuda-convnet for CIFAR-10. Deviation: all three poolings are alike.
Weights start as PyTorch's do, uniform within 1 / sqrt(inputs), for all activations.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from explorer.networks.entries.laboratory import ConvNet4Options
from explorer.networks.mlp import ACTIVATIONS


class ConvNet4(nn.Sequential):
    """Images (N, 3, 32, 32) or (N, 3, 16, 16) to logits (N, classes)."""


def build_convnet4(options: ConvNet4Options, classes: int = 10) -> ConvNet4:
    """89,578 parameters in the default form: 2,432 + 25,632 + 51,264 + 10,250."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    inputs, side = 3, 32 if options.input == "32x32" else 16
    for number, maps in enumerate((options.width, options.width, 2 * options.width), start=1):
        layers[f"conv{number}"] = nn.Conv2d(inputs, maps, 5, padding=2)
        layers[f"conv{number}_activation"] = ACTIVATIONS[options.activation]()
        layers[f"pool{number}"] = _pooling(options)
        if options.local_response_norm and number < 3:
            # AlexNet's constants, of which alpha is what PyTorch divides by 5 and the paper does not.
            layers[f"norm{number}"] = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)
        inputs, side = maps, side // 2
    layers["flatten"] = nn.Flatten()
    layers["fc4"] = nn.Linear(inputs * side**2, classes)
    return ConvNet4(layers)


def _pooling(options: ConvNet4Options) -> nn.Module:
    """Halves the maps in either form, so that the layers behind it are the same."""
    kernel, padding = (3, 1) if options.overlapping else (2, 0)
    if options.pooling == "max":
        return nn.MaxPool2d(kernel, stride=2, padding=padding)
    return nn.AvgPool2d(kernel, stride=2, padding=padding, count_include_pad=False)
