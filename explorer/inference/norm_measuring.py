"""Reads batch normalisation layers and measures what enters them, image by image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.inference.layer_tap import layer_at, tap
from explorer.inference.norm_statistics import ImageSums, NormParameters
from explorer.inference.weight_statistics import frozen

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def remembers(layer: nn.Module) -> bool:
    """Whether a layer is a batch normalisation that keeps running statistics."""
    return isinstance(layer, _NORMS) and layer.running_mean is not None and layer.running_var is not None


def norm_parameters(network: nn.Module, path: str) -> NormParameters:
    """What a batch normalisation layer keeps.

    Raises:
        ValueError: the layer is none, or keeps no running statistics.
    """
    layer, _ = layer_at(network, path)
    if not isinstance(layer, _NORMS) or layer.running_mean is None or layer.running_var is None:
        raise ValueError(f"{path} keeps no running statistics of batches")
    ones, zeros = torch.ones_like(layer.running_mean), torch.zeros_like(layer.running_mean)
    kept = (
        layer.running_mean,
        layer.running_var,
        ones if layer.weight is None else layer.weight.detach(),
        zeros if layer.bias is None else layer.bias.detach(),
    )
    mean, variance, gamma, beta = (frozen(each.double().numpy()) for each in kept)
    tracked = 0 if layer.num_batches_tracked is None else int(layer.num_batches_tracked)
    return NormParameters(mean, variance, gamma, beta, layer.eps, tracked)


def image_sums(network: nn.Module, path: str, x: Tensor) -> ImageSums:
    """What enters a layer for images x [N, C, H, W], the layers before it answering as they do outside training.

    Raises:
        ValueError: the images do not reach the layer.
    """
    given = tap(network, path, x).given.double()
    places = given.flatten(2) if given.dim() > 2 else given.unsqueeze(2)
    return ImageSums(places.shape[2], frozen(places.sum(dim=2).numpy()), frozen(places.square().sum(dim=2).numpy()))
