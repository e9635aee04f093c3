"""What goes into one layer and what comes out of it, for one input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.inference.edits import Edit


@dataclass(frozen=True, eq=False)
class Tapped:
    """Copies of a layer's first input and of its own output.

    No later layer can have overwritten them; where the layer is silenced, it is what it computed before that.
    """

    layer: nn.Module
    given: Tensor
    gave: Tensor


class _ReachedError(BaseException):
    """The layer has run, and nothing behind it matters; not for the network's own `except Exception`."""


def layer_at(network: nn.Module, path: str) -> tuple[nn.Module, int]:
    """The layer that a node's path means, and at which of its calls: "relu:2" is the second call of "relu".

    Raises:
        ValueError: the network has no such layer.
    """
    name, _, number = path.partition(":")
    try:
        layer = network.get_submodule(name)
    except AttributeError:
        raise ValueError(f"{path} is no layer of this network but an operation between layers") from None
    return layer, int(number) if number.isdecimal() else 1


def tap(network: nn.Module, path: str, x: Tensor) -> Tapped:
    """Runs a network on x [N, C, H, W] as far as one layer.

    Raises:
        ValueError: there is no such layer, x does not reach it, or it takes no tensor.
    """
    layer, wanted = layer_at(network, path)
    given: list[Tensor] = []
    gave: list[Tensor] = []
    calls = 0

    def before(_layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        nonlocal calls
        calls += 1
        if calls == wanted:
            given.extend(each.detach().clone() for each in (*args, *kwargs.values()) if isinstance(each, Tensor))

    def after(_layer: nn.Module, _args: tuple[Any, ...], result: Any) -> None:
        if calls == wanted:
            results = result if isinstance(result, tuple) else (result,)
            gave.extend(each.detach().clone() for each in results[:1] if isinstance(each, Tensor))
            raise _ReachedError

    hooks = [
        layer.register_forward_pre_hook(before, with_kwargs=True),
        layer.register_forward_hook(after, prepend=True),
    ]
    try:
        with torch.inference_mode():
            network(x)
    except _ReachedError:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    if not given or not gave:
        raise ValueError(f"answers do not pass through {path}")
    return Tapped(layer, given[0], gave[0])


class Taps:
    """Keeps the newest tap: stepping through a layer's values runs the network once. For one thread."""

    def __init__(self) -> None:
        self._key: tuple[nn.Module, str, tuple[Edit, ...]] | None = None
        self._x: Tensor | None = None
        self._tapped: Tapped | None = None

    def of(self, network: nn.Module, path: str, x: Tensor, edits: tuple[Edit, ...] = ()) -> Tapped:
        """As `tap`; at once where network, layer, input and the edits in force are those of the last call.

        Raises:
            ValueError: as `tap` does.
        """
        known = self._key is not None and self._key[0] is network and self._key[1:] == (path, edits)
        if not known or self._tapped is None or self._x is None or not torch.equal(self._x, x):
            self._tapped = tap(network, path, x)
            self._key, self._x = (network, path, edits), x.clone()
        return self._tapped

    def forget(self) -> None:
        self._key = self._x = self._tapped = None
