"""The factors that squeeze-and-excitation gives each channel for one input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.inference.weight_statistics import frozen

# How the libraries call it: this program, torchvision, timm.
_NAMES = ("SqueezeExcitation", "SqueezeExcite", "SEModule", "EffectiveSEModule", "SEBlock", "SELayer")


@dataclass(frozen=True, eq=False)
class ChannelScales:
    """The factors of one block, in the order of its channels."""

    path: str
    scales: NDArray[np.float32]


def rescaling_blocks(network: nn.Module) -> tuple[str, ...]:
    """The paths of all squeeze-and-excitation blocks."""
    return tuple(path for path, module in network.named_modules() if type(module).__name__ in _NAMES)


def channel_scales(network: nn.Module, x: Tensor) -> tuple[ChannelScales, ...]:
    """The factors of every block for one image x [1, C, H, W], in the order in which they are used.

    A block's factors are what the last of its layers gave that has a value a channel; blocks that do something else
    with it than multiply are left out.
    """
    found: list[ChannelScales] = []
    hooks: list[Any] = []
    for path in rescaling_blocks(network):
        _Listener(path, network.get_submodule(path), found).listen(hooks)
    try:
        with torch.inference_mode():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(found)


class _Listener:
    """Hears what goes on in one block."""

    def __init__(self, path: str, block: nn.Module, found: list[ChannelScales]) -> None:
        self._path, self._block, self._found = path, block, found
        self._given: Tensor | None = None
        self._factors: Tensor | None = None

    def listen(self, hooks: list[Any]) -> None:
        hooks.append(self._block.register_forward_pre_hook(self._before))
        hooks.append(self._block.register_forward_hook(self._after))
        hooks.extend(
            layer.register_forward_hook(self._inside) for layer in self._block.modules() if layer is not self._block
        )

    def _before(self, _block: nn.Module, args: tuple[Any, ...]) -> None:
        self._given, self._factors = args[0].detach().clone(), None

    def _inside(self, _layer: nn.Module, _args: tuple[Any, ...], result: Any) -> None:
        if isinstance(result, Tensor) and self._given is not None and result.numel() == self._given.shape[1]:
            self._factors = result.detach().clone().flatten()

    def _after(self, _block: nn.Module, _args: tuple[Any, ...], result: Any) -> None:
        given, factors = self._given, self._factors
        self._given = self._factors = None
        if given is None or factors is None or not isinstance(result, Tensor):
            return
        if torch.allclose(result, given * factors.view(1, -1, *([1] * (given.dim() - 2))), rtol=1e-4, atol=1e-6):
            self._found.append(ChannelScales(self._path, frozen(factors.float().numpy())))
