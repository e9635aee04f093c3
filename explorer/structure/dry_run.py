"""Running layers and functions without data: on the meta device, each case once.

A network repeats itself: a layer that is set up like an earlier one and gets the same shapes gives the same shapes.
Its answer is kept, and so is what was counted inside of functions that hide their matrix products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn

from explorer.structure import cost, products_inside, shape_rules
from explorer.structure.function_calls import map_tensors, tensors_in
from explorer.structure.products_inside import Products

# Made on the meta device, whatever their size. Others, such as arange, give small tensors whose values are asked for.
_FACTORIES = frozenset({"zeros", "ones", "empty", "full", "rand", "randn", "eye"})
_SCALARS = (int, float, bool, str, bytes, complex, type(None), torch.dtype, torch.device, torch.memory_format)

Answer = tuple[Any, Products | None]


class DryRun:
    """Answers of layers and functions for tensors on the meta device; for one thread."""

    def __init__(self, *, by_rule: bool = True) -> None:
        self._by_rule = by_rule
        self._answers: dict[Any, Answer] = {}
        self._setups: dict[int, Any] = {}  # id of a module: what it is set up like
        self._on_meta: dict[int, tuple[Tensor, Tensor]] = {}

    def layer(self, module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Answer:
        """What a module gives, and the matrix products inside of it where it hides them."""
        args, kwargs = tuple(self.to_meta(args)), dict(self.to_meta(kwargs))
        shape_rules.check(module, args)
        if self._by_rule and not kwargs:
            given = shape_rules.layer(module, args)
            if given is not None:
                return given, None
        key = self._key("layer", self._setup(module), args, kwargs)
        return self._answer(key, module, args, kwargs, inside=cost.hides_products(module))

    def function(
        self, function: Callable[..., Any], name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Answer:
        """What a function gives, and the matrix products inside of it where it hides them."""
        if not any(True for _ in tensors_in((tuple(args), dict(kwargs)))):
            if name in _FACTORIES and "device" not in kwargs:
                return function(*args, **kwargs, device="meta"), None
            return function(*args, **kwargs), None
        args, kwargs = tuple(self.to_meta(args)), dict(self.to_meta(kwargs))
        if self._by_rule:
            given = shape_rules.function(name, args, kwargs)
            if given is not None:
                return given, None
        key = self._key("function", function, args, kwargs)
        # Functions of torchvision and others, which torch.fx keeps whole, may make products of their own.
        hides = isinstance(function, FunctionType) and not function.__module__.startswith("torch.")
        return self._answer(key, function, args, kwargs, inside=hides or name == "multi_head_attention_forward")

    def to_meta(self, value: Any) -> Any:
        """Arguments with all tensors on the meta device, where one of them is there already."""
        tensors = list(tensors_in(value))
        if not tensors or all(tensor.is_meta for tensor in tensors):
            return value
        return map_tensors(value, self._moved)

    def _moved(self, tensor: Tensor) -> Tensor:
        if tensor.is_meta:
            return tensor
        known = self._on_meta.get(id(tensor))
        if known is None or known[0] is not tensor:
            known = (tensor, torch.empty_like(tensor, device="meta"))
            self._on_meta[id(tensor)] = known
        return known[1]

    def _answer(
        self, key: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], *, inside: bool
    ) -> Answer:
        known = self._answers.get(key) if key is not None else None
        if known is None:
            given, products = products_inside.counted(call, args, kwargs) if inside else (call(*args, **kwargs), None)
            if key is None:
                return map_tensors(given, _fresh), products
            known = given, products
            self._answers[key] = known
        # A new tensor each time: who made a value is told by which tensor it is.
        return map_tensors(known[0], _fresh), known[1]

    def _setup(self, module: nn.Module) -> Any:
        """What a module of torch.nn is set up like; any other module is like itself alone."""
        known = self._setups.get(id(module))
        if known is None:
            known = module
            plain = type(module).__module__.startswith("torch.nn.modules.")
            if plain and (not module._modules or isinstance(module, nn.MultiheadAttention)):  # noqa: SLF001
                shapes = tuple((name, tensor.shape) for name, tensor in module.named_parameters())
                try:
                    known = (type(module), _told(_settings(module)), shapes)
                except _UnclearError:
                    known = module
            self._setups[id(module)] = known
        return known

    def _key(self, word: str, what: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            key = (word, what, _told(args), _told(kwargs))
            hash(key)
        except _UnclearError:
            return None
        except TypeError:
            return None
        return key


def _settings(module: nn.Module) -> dict[str, Any]:
    return {name: value for name, value in module.__dict__.items() if name[0] != "_" and name != "forward"}


class _UnclearError(Exception):
    """An argument that may not stay what it is."""


def _told(value: Any) -> Any:
    """A hashable description of arguments; tensors by shape, strides and type."""
    if isinstance(value, Tensor):
        return (Tensor, value.shape, value.stride(), value.dtype, value.device.type)
    if isinstance(value, _SCALARS):
        # 1, 1.0 and True are equal to each other, and not the same to torch.
        return (type(value), value)
    if isinstance(value, list | tuple):
        return (type(value), *(_told(item) for item in value))
    if isinstance(value, dict):
        return tuple((name, _told(item)) for name, item in value.items())
    if isinstance(value, slice):
        return (slice, _told(value.start), _told(value.stop), _told(value.step))
    if value is Ellipsis:
        return Ellipsis
    raise _UnclearError


def _fresh(tensor: Tensor) -> Tensor:
    if not tensor.is_meta:
        return tensor
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
