"""The kernels of every kind of convolution in one order, and where each looks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.networks.lenet import SparseConvolution

_PLAIN = (nn.Conv1d, nn.Conv2d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d)


@dataclass(frozen=True, eq=False)
class Kernels:
    """`weight` is [outputs, inputs of one group, height, width] whatever the layer keeps; one of rank 1 has height 1.

    `linked` [outputs, inputs of one group] is False where a sparse convolution has no kernel; None: all have one.
    """

    weight: Tensor
    bias: Tensor | None
    groups: int
    linked: Tensor | None = None

    @property
    def inputs(self) -> int:
        return self.weight.shape[1] * self.groups

    def sources(self, output: int) -> list[int]:
        """The numbers of the input channels that an output channel reads."""
        width = self.weight.shape[1]
        first = output // (self.weight.shape[0] // self.groups) * width
        linked = range(width) if self.linked is None else self.linked[output].nonzero().flatten().tolist()
        return [first + place for place in linked]


def kernels_of(layer: nn.Module) -> Kernels | None:
    """The kernels of a convolution, None for other layers and for convolutions of volumes."""
    if isinstance(layer, SparseConvolution):
        return _sparse(layer)
    if isinstance(layer, _PLAIN):
        weight = layer.weight.detach()
    elif isinstance(layer, _TRANSPOSED):
        weight = _turned(layer.weight.detach(), layer.groups)
    else:
        return None
    if weight.dim() == 3:
        weight = weight.unsqueeze(2)
    return Kernels(weight, None if layer.bias is None else layer.bias.detach(), layer.groups)


def _turned(weight: Tensor, groups: int) -> Tensor:
    """Transposed convolutions keep [inputs, outputs of one group, ...]."""
    inputs, outputs = weight.shape[:2]
    split = weight.reshape(groups, inputs // groups, outputs, *weight.shape[2:])
    return split.transpose(1, 2).reshape(groups * outputs, inputs // groups, *weight.shape[2:])


def _sparse(layer: SparseConvolution) -> Kernels:
    size, outputs = layer.kernel_size, len(layer.table)
    weight = torch.zeros(outputs * layer.in_maps, size, size)
    weight[layer.slots] = layer.weight.detach()
    linked = torch.zeros(outputs * layer.in_maps, dtype=torch.bool)
    linked[layer.slots] = True
    shape = (outputs, layer.in_maps)
    return Kernels(weight.view(*shape, size, size), layer.bias.detach(), 1, linked.view(shape))
