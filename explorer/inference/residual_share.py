"""How much each residual block changes what passes it: |F(x)| / |x| at every addition, for one input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.structure.function_calls import function_name
from explorer.structure.graph import Graph, Kind
from explorer.structure.nesting import nesting_of
from explorer.structure.shortcuts import ADDITIONS, is_addition, is_projection, layers_in
from explorer.structure.trace_fx import is_leaf


@dataclass(frozen=True)
class ResidualAddition:
    """An addition at which a computed branch F(x) meets a shortcut: `path` is its node, `block` the block around it.

    `number` counts the additions of two tensors in the order in which they run; `branch_first` says which operand F is.
    `shortcut` is "identity" or "projection" (anything that brings x into another shape).
    """

    path: str
    block: str
    number: int
    branch_first: bool
    shortcut: str


@dataclass(frozen=True)
class ResidualShare:
    """Euclidean norms at one addition: of F(x), of what the shortcut brings, and of their sum."""

    addition: ResidualAddition
    branch: float
    carried: float
    total: float

    @property
    def share(self) -> float:
        """|F(x)| / |x|; infinite where x is all zeros."""
        return self.branch / self.carried if self.carried else float("inf") if self.branch else 0.0


def residual_additions(graph: Graph) -> tuple[ResidualAddition, ...]:
    """The additions that end a residual branch, in the order in which they run."""
    nesting = nesting_of(graph)
    before: list[int] = []  # for each node a bit for itself and for each node that it depends on
    found: list[ResidualAddition] = []
    number = 0
    for place, node in enumerate(nesting.nodes):
        sources = nesting.sources[place]
        reached = 1 << place
        for source in sources:
            reached |= before[source]
        before.append(reached)
        if not is_addition(node) or node.training_only or len(node.input_shapes) != 2:
            continue
        number += 1
        if len(sources) != 2:
            continue
        first, second = (before[source] for source in sources)
        own = [_members(mask, nesting.nodes) for mask in (first & ~second, second & ~first)]
        weights = [(layers_in(nodes), len(nodes)) for nodes in own]
        branch = 0 if weights[0] > weights[1] else 1
        easy = own[1 - branch]
        if weights[branch][0] == 0 or not is_projection(easy) or _is_constant(easy, first & second):
            continue
        shortcut = "projection" if any(each.kind is not Kind.DROPOUT for each in easy) else "identity"
        found.append(ResidualAddition(node.path, node.block, number - 1, branch == 0, shortcut))
    return tuple(found)


def residual_shares(network: nn.Module, graph: Graph, x: Tensor) -> tuple[ResidualShare, ...]:
    """The norms at each residual addition for one image x [1, C, H, W].

    Raises:
        ValueError: the network adds otherwise than its graph says.
    """
    additions = {addition.number: addition for addition in residual_additions(graph)}
    if not additions:
        return ()
    listening = _Additions(set(additions))
    hooks = []
    for layer in network.modules():
        if is_leaf(layer):
            hooks += [layer.register_forward_pre_hook(listening.enter), layer.register_forward_hook(listening.leave)]
    try:
        with torch.inference_mode(), listening:
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    expected = sum(is_addition(node) and not node.training_only and len(node.input_shapes) == 2 for node in graph.nodes)
    if listening.count != expected:
        raise ValueError(f"the network made {listening.count} additions, and its graph has {expected}")
    shares = []
    for number, (first, second, total) in sorted(listening.norms.items()):
        addition = additions[number]
        branch, carried = (first, second) if addition.branch_first else (second, first)
        shares.append(ResidualShare(addition, branch, carried, total))
    return tuple(shares)


def _members(mask: int, nodes: tuple[Any, ...]) -> list[Any]:
    members = []
    while mask:
        lowest = mask & -mask
        members.append(nodes[lowest.bit_length() - 1])
        mask ^= lowest
    return members


def _is_constant(nodes: list[Any], shared: int) -> bool:
    """Whether one side of an addition does not come from the image, as an embedding of positions."""
    return not shared or any(node.type_name in {"Parameter", "Buffer"} for node in nodes)


class _Additions(TorchFunctionMode):
    """Counts the additions of two tensors outside of layers, and measures some of them before they run in place."""

    def __init__(self, wanted: set[int]) -> None:
        super().__init__()
        self._wanted = wanted
        self._inside = 0
        self.count = 0
        self.norms: dict[int, tuple[float, float, float]] = {}

    def enter(self, _layer: nn.Module, _args: tuple[Any, ...]) -> None:
        self._inside += 1

    def leave(self, _layer: nn.Module, _args: tuple[Any, ...], _result: Any) -> None:
        self._inside -= 1

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._inside or function_name(func) not in ADDITIONS:
            return func(*args, **kwargs)
        pair = [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]
        if len(pair) != 2 or pair[0] is pair[1]:
            return func(*args, **kwargs)
        number = self.count
        self.count += 1
        if number not in self._wanted:
            return func(*args, **kwargs)
        before = _norm(pair[0]), _norm(pair[1])
        result = func(*args, **kwargs)
        self.norms[number] = (*before, _norm(result))
        return result


def _norm(tensor: Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.detach().float()))
