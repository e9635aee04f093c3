"""The weights of a layer as pictures, and what can be said of all of them together."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from explorer.inference.kernels import Kernels, kernels_of
from explorer.inference.weight_statistics import NEAR_ZERO, By, FilterSheet, Form, WeightStatistics, frozen

_NAN = float("nan")
_BINS = 61  # an odd number: zero lies in the middle of one
_MOST_CELLS = 256  # a side of a matrix's picture


def has_filters(layer: nn.Module) -> bool:
    """Whether a layer has weights that can be shown as pictures: convolutions, and layers with a matrix."""
    return kernels_of(layer) is not None or _matrix(layer) is not None


def filters(layer: nn.Module, by: By = By.OUTPUT, channel: int = 0) -> FilterSheet:
    """The pictures of a layer's weights; `channel` is the output or input channel that is looked at.

    Kernels that read three channels are colour pictures, one an output channel; those that read one channel are gray,
    one an output channel; of others `by` and `channel` choose. Kernels of 1 x 1, and dense layers, are one matrix.

    Raises:
        ValueError: the layer has no such weights, or not so many channels.
    """
    kernels = kernels_of(layer)
    if kernels is None:
        matrix = _matrix(layer)
        if matrix is None:
            raise ValueError(f"{type(layer).__name__} has no weights to show as pictures")
        return _matrix_sheet(matrix, _bias(layer), tuple(matrix.shape))
    outputs, width, *size = kernels.weight.shape
    if tuple(size) == (1, 1) and width > 1:
        return _matrix_sheet(kernels.weight[:, :, 0, 0], kernels.bias, tuple(kernels.weight.shape))
    if width == 3 and kernels.groups == 1:
        return _sheet(kernels, Form.COLOUR, kernels.weight.permute(0, 2, 3, 1), range(outputs))
    if width == 1:
        return _sheet(kernels, Form.KERNELS, kernels.weight[:, 0], range(outputs))
    return _slices(kernels, by, channel)


def weight_statistics(layer: nn.Module) -> WeightStatistics:
    """Of all weights of a layer that `filters` shows.

    Raises:
        ValueError: the layer has no such weights.
    """
    kernels = kernels_of(layer)
    weights = _matrix(layer) if kernels is None else kernels.weight
    if weights is None:
        raise ValueError(f"{type(layer).__name__} has no weights to count")
    if kernels is not None and kernels.linked is not None:
        weights = weights[kernels.linked]
    return statistics_of(weights)


def statistics_of(weights: Tensor) -> WeightStatistics:
    """Of all values of a tensor."""
    values = weights.detach().flatten().float()
    whole = torch.isfinite(values)
    broken = values.numel() - int(whole.sum())
    if broken:
        values = values[whole]
    if not values.numel():
        return WeightStatistics(0, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, broken, frozen([-1.0, 1.0]), frozen([0]))
    limit = float(values.abs().max())
    reach = limit or 1.0
    # torch counts large tensors in float32 bins, exactly enough for a picture of them.
    counts = torch.histc(values, _BINS, -reach, reach).long()
    return WeightStatistics(
        values.numel(),
        float(values.mean(dtype=torch.float64)),
        float(values.double().std(correction=0)) if values.numel() < 2**24 else float(values.std(correction=0)),
        float(torch.linalg.vector_norm(values, dtype=torch.float64)),
        float(values.min()),
        float(values.max()),
        float((values.abs() < NEAR_ZERO * limit).double().mean()) if limit else 1.0,
        broken,
        frozen(torch.linspace(-reach, reach, _BINS + 1, dtype=torch.float64).numpy()),
        frozen(counts.numpy()),
    )


def _matrix(layer: nn.Module) -> Tensor | None:
    weight = getattr(layer, "weight", None)
    if isinstance(layer, nn.MultiheadAttention):
        weight = layer.in_proj_weight
    return weight.detach() if isinstance(weight, Tensor) and weight.dim() == 2 else None


def _bias(layer: nn.Module) -> Tensor | None:
    bias = getattr(layer, "in_proj_bias" if isinstance(layer, nn.MultiheadAttention) else "bias", None)
    return bias.detach() if isinstance(bias, Tensor) else None


def _matrix_sheet(matrix: Tensor, bias: Tensor | None, shape: tuple[int, ...]) -> FilterSheet:
    rows, columns = (-(-side // _MOST_CELLS) for side in matrix.shape)
    picture = matrix
    if (rows, columns) != (1, 1):
        picture = functional.avg_pool2d(matrix[None, None].float(), (rows, columns), ceil_mode=True)[0, 0]
    return FilterSheet(
        Form.MATRIX, By.OUTPUT, 0, 1, frozen(picture[None].float().numpy()), frozen([0]), _frozen_bias(bias), shape,
        (rows, columns),
    )  # fmt: skip


def _slices(kernels: Kernels, by: By, channel: int) -> FilterSheet:
    outputs, width = kernels.weight.shape[:2]
    channels = outputs if by is By.OUTPUT else kernels.inputs
    if not 0 <= channel < channels:
        raise ValueError(f"the layer has {channels:,} {by.value} channels, counted from 0; there is no {channel}")
    per_group = outputs // kernels.groups
    if by is By.OUTPUT:
        first = channel // per_group * width
        tiles, numbers = kernels.weight[channel], range(first, first + width)
        linked = None if kernels.linked is None else kernels.linked[channel]
    else:
        group, place = divmod(channel, width)
        readers = range(group * per_group, (group + 1) * per_group)
        tiles, numbers = kernels.weight[readers.start : readers.stop, place], readers
        linked = None if kernels.linked is None else kernels.linked[readers.start : readers.stop, place]
    if linked is not None:
        tiles = tiles.masked_fill(~linked[:, None, None], float("nan"))
    return _sheet(kernels, Form.KERNELS, tiles, numbers, by, channel, channels)


def _sheet(
    kernels: Kernels,
    form: Form,
    tiles: Tensor,
    numbers: range,
    by: By = By.INPUT,
    channel: int = 0,
    channels: int = 1,
) -> FilterSheet:
    return FilterSheet(
        form,
        by,
        channel,
        channels,
        frozen(tiles.float().numpy()),
        frozen(list(numbers)),
        _frozen_bias(kernels.bias),
        tuple(kernels.weight.shape),
    )


def _frozen_bias(bias: Tensor | None) -> NDArray[np.float32] | None:
    return None if bias is None else frozen(bias.float().numpy())
