"""What passes through a network's nodes, looked at and changed on its way, by the paths of the graph.

Layers and blocks are met by hooks on their modules, functions (an addition, a concatenation, a functional ReLU) as they
are called. Everything is undone at the end; weights are not touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from explorer.structure.changes import Change, Changes
from explorer.structure.function_calls import IN_PLACE_OPERATORS, function_name, map_tensors, tensors_in, with_zero
from explorer.structure.graph import Graph, Kind, Node
from explorer.structure.trace_fx import is_leaf

_NEW_TENSORS = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})


@contextmanager
def passing(network: nn.Module, graph: Graph, changes: Changes) -> Iterator[None]:
    """While this lasts, outputs are changed in every run of `network` in this thread; `graph` is its own.

    Raises:
        ValueError: a path is not in the graph, or nothing can be changed there.
    """
    modules = dict(network.named_modules())
    calls: dict[tuple[str, str, int], tuple[Change | None, int | None]] = {}
    layers: list[tuple[nn.Module, int, Change]] = []
    for path, change in changes.outputs.items():
        node = graph.by_path.get(path)
        name = path.split(":", maxsplit=1)[0]
        module = modules.get(name) if name else None
        if path in graph.block_by_path and module is not None:
            layers.append((module, 0, change))
        elif node is not None and module is not None and type(module).__name__ == node.type_name:
            layers.append((module, _visit(path), change))
        elif node is not None and node.block in modules and _is_alone(graph, node):
            # A function that torch.fx takes as a whole need not call torch at all, as stochastic depth at rest.
            layers.append((modules[node.block], 0, change))
        else:
            calls[_call(graph, path, node)] = (change, None)
    for path, place in changes.zeroed.items():
        key = _call(graph, path, graph.by_path.get(path))
        calls[key] = (calls.get(key, (None, None))[0], place)
    with ExitStack() as stack:
        stack.callback(_remove, handles := _layer_hooks(network, layers))
        if calls:
            mode = _Calls(calls)
            handles.extend(_place_hooks(network, mode))
            stack.enter_context(mode)
        yield


def functions_seen(network: nn.Module, *inputs: Tensor) -> tuple[tuple[str, str], ...]:
    """The functions that one run calls outside of layers: the block of each, and its name, in order."""
    seen: list[tuple[str, str]] = []
    mode = _Calls({}, seen)
    handles = _place_hooks(network, mode)
    try:
        with mode, torch.no_grad():
            network(*inputs)
    finally:
        _remove(handles)
    return tuple(seen)


def _visit(path: str) -> int:
    """Which run of a layer a node is: 1 for the first; a layer that runs again has ":2" behind its path."""
    _, colon, number = path.partition(":")
    return int(number) if colon else 1


def _call(graph: Graph, path: str, node: Node | None) -> tuple[str, str, int]:
    """The block of a function's node, the function's name, and how often it was called there before."""
    if path in graph.block_by_path:
        raise ValueError(f"{path} is no module of its own: choose a layer in it")
    if node is None:
        raise ValueError(f"there is no layer {path!r} in {graph.title}")
    if node.kind is Kind.INPUT or node.type_name in {"Parameter", "Buffer"} or node.training_only or node.failed:
        raise ValueError(f"{path} computes nothing that could be changed")
    name = _plain(node.type_name)
    alike = [other.path for other in graph.nodes if (other.block, _plain(other.type_name)) == (node.block, name)]
    return node.block, name, alike.index(path)


def _plain(name: str) -> str:
    """A function's name whether it writes over its input or not: torch.fx makes x + y of x += y."""
    return (name[1:] if name in IN_PLACE_OPERATORS else name).rstrip("_")


def _is_alone(graph: Graph, node: Node) -> bool:
    """Whether a function is all there is in its block."""
    return bool(node.block) and graph.block_by_path[node.block].members == (node.path,)


def _layer_hooks(network: nn.Module, layers: list[tuple[nn.Module, int, Change]]) -> list[RemovableHandle]:
    if not layers:
        return []
    visits: Counter[int] = Counter()

    def begin(_module: nn.Module, _inputs: Any) -> None:
        visits.clear()

    handles = [network.register_forward_pre_hook(begin)]
    by_module: dict[int, list[tuple[int, Change]]] = {}
    for module, visit, change in layers:
        by_module.setdefault(id(module), []).append((visit, change))
    for module in {id(module): module for module, _, _ in layers}.values():
        changes = by_module[id(module)]

        def changed(module: nn.Module, _inputs: Any, output: Any, changes: list[tuple[int, Change]] = changes) -> Any:
            visits[id(module)] += 1
            for visit, change in changes:
                if visit in {0, visits[id(module)]}:
                    output = map_tensors(output, change)
            return output

        handles.append(module.register_forward_hook(changed))
    return handles


def _place_hooks(network: nn.Module, mode: _Calls) -> list[RemovableHandle]:
    """Hooks that tell a mode where in the network it is."""
    handles = []
    for path, module in network.named_modules():
        leaf = bool(path) and is_leaf(module)

        def enter(_module: nn.Module, _inputs: Any, path: str = path, leaf: bool = leaf) -> None:
            mode.enter(path, leaf=leaf)

        def leave(_module: nn.Module, _inputs: Any, _output: Any) -> None:
            mode.leave()

        # Where the network is must be known before any other hook computes something, and until all have.
        handles.append(module.register_forward_pre_hook(enter, prepend=True))
        handles.append(module.register_forward_hook(leave))
    return handles


def _remove(handles: list[RemovableHandle]) -> None:
    for handle in handles:
        handle.remove()


class _Calls(TorchFunctionMode):
    """Sees the functions that a network calls outside of its layers, and changes what some of them give."""

    def __init__(
        self,
        wanted: Mapping[tuple[str, str, int], tuple[Change | None, int | None]],
        seen: list[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__()
        self._wanted = wanted
        self._seen = seen
        self._stack: list[tuple[str, bool]] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def enter(self, path: str, *, leaf: bool) -> None:
        if not path:
            # A new run; one that failed half-way has left things behind.
            self._stack.clear()
            self._counts.clear()
        self._stack.append((path, leaf or (bool(self._stack) and self._stack[-1][1])))

    def leave(self) -> None:
        """Leaves a module; at the network's end, everything that was to be changed must have been met.

        Raises:
            ValueError: it was not.
        """
        if self._stack:
            self._stack.pop()
        missed = [(block, name) for block, name, place in self._wanted if self._counts[block, name] <= place]
        if not self._stack and missed:
            block, name = missed[0]
            raise ValueError(f"{name} in {block or 'the network'} is out of reach: silence the block or a layer in it")

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self._stack or self._stack[-1][1]:
            return func(*args, **kwargs)
        if getattr(func, "__name__", "") == "__get__" and function_name(func) not in _NEW_TENSORS:
            return func(*args, **kwargs)
        block, name = self._stack[-1][0], _plain(function_name(func))
        change, place = self._wanted.get((block, name, self._counts[block, name]), (None, None))
        if place is not None:
            args, kwargs = with_zero(args, kwargs, place)
        result = func(*args, **kwargs)
        if not any(True for _ in tensors_in(result)):
            return result
        self._counts[block, name] += 1
        if self._seen is not None:
            self._seen.append((block, name))
        return result if change is None else map_tensors(result, change)
