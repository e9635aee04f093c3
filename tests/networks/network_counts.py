"""Counts and sizes of networks without data, taken from their modules alone."""

from __future__ import annotations

from typing import Any
from unittest import mock

import torch
from torch import Tensor, fx, nn

from explorer.networks.architecture import Architecture
from explorer.structure.build_on_meta import without_memory

Convolution = nn.Conv2d | nn.ConvTranspose2d


def without_data(architecture: Architecture, options: Any = None) -> nn.Module:
    network = without_memory(lambda: architecture.build(options)).eval()
    assert all(parameter.is_meta for parameter in network.parameters())
    return network.to("meta")


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def output_shapes(network: nn.Module, *shape: int) -> dict[str, tuple[int, ...]]:
    """The shape that each module, by its path, gives for one image of `shape`, without the batch."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(path: str) -> Any:
        return lambda _module, _inputs, output: shapes.__setitem__(path, tuple(output.shape[1:]))

    hooks = [module.register_forward_hook(note(path)) for path, module in network.named_modules()]
    # On the meta device torch takes normalisation apart into some thirty operations, 10 ms each time.
    with torch.no_grad(), mock.patch.object(nn.functional, "batch_norm", _normalised):
        network(torch.empty(1, *shape, device="meta"))
    for hook in hooks:
        hook.remove()
    return shapes


def _normalised(x: Tensor, mean: Tensor, *_settings: Any) -> Tensor:
    assert x.shape[1] == len(mean)
    return torch.empty_like(x)


def macs(network: nn.Module, *shape: int) -> int:
    """Multiply-adds of ordinary convolutions without groups and of dense layers."""
    shapes = output_shapes(network, *shape)
    total = 0
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            _, height, width = shapes[path]
            total += module.weight.numel() * height * width
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()
    return total


def convolutions(network: nn.Module) -> list[tuple[int, ...]]:
    """Inputs, outputs, kernel, stride of each convolution, in order, those on shortcuts left out."""
    return [
        (module.in_channels, module.out_channels, module.kernel_size[0], module.stride[0])
        for path, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and "shortcut" not in path
    ]


def of_type(network: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, kind)]


class _Tracer(fx.Tracer):
    """fx's rule for leaves, and layers of our own."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return hasattr(m, "kind") or super().is_leaf_module(m, module_qualified_name)


def functions(network: nn.Module) -> list[str]:
    """The names of the functions that the forward pass calls beside its modules, as torch.fx sees them."""
    return [node.target.__name__ for node in _Tracer().trace(network).nodes if node.op == "call_function"]


def gradients_missing(network: nn.Module, images: Tensor) -> list[str]:
    """The parameters, or "input", that no gradient or a bad one reaches from the outputs."""
    images.requires_grad_()
    network(images).square().sum().backward()
    named = [("input", images), *network.named_parameters()]
    return [name for name, value in named if value.grad is None or not value.grad.isfinite().all()]
