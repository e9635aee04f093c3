"""What goes on in each layer at one step now and then: gradients, updates, activations."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from explorer.structure.trace_fx import is_leaf
from explorer.training.events import LayerFigures

_EVERY_S = 0.5
# Where looking is dear it is done less often: it may take this share of a training's time.
_SHARE = 0.015

_CONTAINERS = (nn.ModuleList, nn.ModuleDict)
_RELUS = (nn.ReLU, nn.ReLU6)


class LayerWatch:
    """Looks at one step when `is_due`, in the order `forward`, `gradients`, `updates`; `read` gives the figures.

    It computes beside the training and changes none of its numbers, and waits for the device only in `read`. An
    output is looked at when the layer returns it, before a later layer may overwrite it in place. Gradients are those
    of the loss, before they are clipped.
    """

    def __init__(
        self, network: nn.Module, *, activations: bool = True, now: Callable[[], float] = time.perf_counter
    ) -> None:
        self._now = now
        self._next = 0.0
        self._spent = 0.0
        self._is_new = False
        leaves = {
            path: layer
            for path, layer in network.named_modules()
            if path and is_leaf(layer) and not isinstance(layer, _CONTAINERS)
        }
        # A layer within a layer is no node of the graph.
        self._layers = {path: layer for path, layer in leaves.items() if not _lies_within(path, leaves)}
        # Hooks in a compiled network would have it compiled anew.
        self._activations = activations
        self._owners: list[str] = []
        self._parameters: list[nn.Parameter] = []
        known: set[nn.Parameter] = set()
        for path, layer in self._layers.items():
            for parameter in layer.parameters():
                if parameter.requires_grad and parameter not in known:
                    known.add(parameter)
                    self._owners.append(path)
                    self._parameters.append(parameter)
        self._outputs: dict[str, tuple[Tensor, int, bool]] = {}
        self._before: list[Tensor] = []
        self._norms: list[Tensor] = []
        self._update_norms: list[Tensor] = []
        self._weight_norms: list[Tensor] = []

    @property
    def is_due(self) -> bool:
        return self._now() >= self._next

    @contextmanager
    def forward(self) -> Iterator[None]:
        """Looks at what the layers give inside the block."""
        start = self._now()
        self._spent, self._is_new = 0.0, False
        self._outputs.clear()
        self._before = [parameter.detach().clone() for parameter in self._parameters]
        hooks = []
        if self._activations:
            for path, layer in self._layers.items():
                hooks.append(layer.register_forward_hook(functools.partial(self._look, path)))
        self._spent += self._now() - start
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def gradients(self) -> None:
        """Looks at the gradients, which are all there now."""
        start = self._now()
        # A layer that was not reached has none.
        grads = [each.new_zeros(1) if each.grad is None else each.grad for each in self._parameters]
        with torch.no_grad():
            self._norms = _norms(grads)
        self._spent += self._now() - start

    def updates(self) -> None:
        """Looks at how far the optimiser has moved the weights."""
        start = self._now()
        with torch.no_grad():
            self._weight_norms = _norms(self._before)
            moved = torch._foreach_sub([each.detach() for each in self._parameters], self._before)  # noqa: SLF001
            self._update_norms = _norms(list(moved))
        self._before = []
        end = self._now()
        self._spent += end - start
        self._is_new = True
        self._next = end + max(_EVERY_S, self._spent / _SHARE)

    def read(self) -> tuple[LayerFigures, ...]:
        """The figures of the step that was watched since the last call, in the order of the network; else none."""
        if not self._is_new:
            return ()
        self._is_new = False
        gradients, updates, weights = (
            _squares_by_owner(self._owners, norms) for norms in (self._norms, self._update_norms, self._weight_norms)
        )
        seen = list(self._outputs.values())
        values = torch.stack([figures for figures, _, _ in seen]).tolist() if seen else []
        activations = {
            path: _activation(figures, count, is_relu=is_relu)
            for path, figures, (_, count, is_relu) in zip(self._outputs, values, seen, strict=True)
        }
        self._outputs.clear()
        paths = dict.fromkeys([*self._layers, *activations])
        return tuple(
            LayerFigures(
                path=path,
                gradient_norm=_root(gradients.get(path)),
                update_ratio=_ratio(updates.get(path), weights.get(path)),
                activation_mean=mean,
                activation_spread=spread,
                dead_share=dead,
            )
            for path in paths
            for mean, spread, dead in [activations.get(path, (None, None, None))]
            if path in gradients or path in activations
        )

    def _look(self, path: str, layer: nn.Module, _inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor) or not output.is_floating_point() or not output.numel():
            return
        start = self._now()
        name, number = path, 1
        while name in self._outputs:
            # As the graph names a layer's second use.
            number += 1
            name = f"{path}:{number}"
        with torch.no_grad():
            seen = output.detach()
            over = [axis for axis in range(seen.ndim) if axis != 1] if seen.ndim > 1 else [0]
            sums = seen.sum(over, dtype=torch.float32)
            length = torch.linalg.vector_norm(seen, dtype=torch.float32)
            is_relu = isinstance(layer, _RELUS)
            # What ReLU gives is never negative: a sum of 0 means zeros alone.
            dead = (sums == 0).float().mean() if is_relu else length.new_zeros(())
            figures = torch.stack([sums.sum(), length, dead])
        self._outputs[name] = (figures, seen.numel(), is_relu)
        self._spent += self._now() - start


def _lies_within(path: str, leaves: dict[str, nn.Module]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in leaves for length in range(1, len(parts)))


def _norms(tensors: list[Tensor]) -> list[Tensor]:
    return list(torch._foreach_norm(tensors)) if tensors else []  # noqa: SLF001 - as clip_grad_norm_ calls it


def _squares_by_owner(owners: list[str], norms: list[Tensor]) -> dict[str, float]:
    sums: dict[str, float] = {}
    values = torch.stack(norms).tolist() if norms else []
    for owner, norm in zip(owners, values, strict=True):
        sums[owner] = sums.get(owner, 0.0) + norm * norm
    return sums


def _activation(figures: list[float], count: int, *, is_relu: bool) -> tuple[float, float, float | None]:
    total, length, dead = figures
    mean = total / count
    return mean, math.sqrt(max(length * length / count - mean * mean, 0.0)), dead if is_relu else None


def _root(square: float | None) -> float | None:
    return None if square is None else math.sqrt(square)


def _ratio(update: float | None, weights: float | None) -> float | None:
    if update is None or not weights:
        return None
    return math.sqrt(update / weights)
