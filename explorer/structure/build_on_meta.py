"""Building a network without memory for its weights."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

# Larger than what constructors compute with, such as the positions in a window of attention.
_LARGE = 65_536
_SIZED = frozenset({"zeros", "ones", "full", "rand", "randn", "eye"})


def without_memory(build: Callable[[], nn.Module]) -> nn.Module:
    """What `build` gives, its weights on the meta device; for this thread only.

    Memory that a layer asks for without values (`torch.empty`) lies on the meta device, and starting values are not
    drawn there. Other tensors are made as usual, so that constructors may compute with them, as RegNet's do. A
    constructor that looks into its own weights is run plainly; its network has its data.
    """
    try:
        with _WithoutMemory(), torch.no_grad():
            return build()
    except (RuntimeError, NotImplementedError):
        return build()


class _WithoutMemory(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        does = _what(func)
        if does is None:
            return func(*args, **(kwargs or {}))
        kwargs = kwargs or {}
        if does is _Does.RESERVE:
            return func(*args, **{**kwargs, "device": "meta"})
        if does is _Does.START:
            # Starting values written over what lies on the meta device: nothing to do.
            target = args[0] if args else kwargs.get("tensor")
            if isinstance(target, Tensor) and target.is_meta:
                return target
        elif _size(args, kwargs) > _LARGE:
            return func(*args, **{**kwargs, "device": "meta"})
        return func(*args, **kwargs)


class _Does(Enum):
    RESERVE = auto()  # memory without values
    START = auto()  # values written into memory that is there
    FILL = auto()  # new memory with values


@cache
def _what(func: Any) -> _Does | None:
    """What of memory a function of torch takes or writes; None where that is nothing that could be spared."""
    if func is torch.empty:
        return _Does.RESERVE
    name = getattr(func, "__name__", "")
    in_place = name.endswith("_") and not name.endswith("__")
    if (getattr(func, "__module__", "") == "torch.nn.init" or in_place) and name not in _CHANGES_SHAPE:
        return _Does.START
    return _Does.FILL if name in _SIZED else None


_CHANGES_SHAPE = frozenset(
    {"resize_", "resize_as_", "set_", "t_", "transpose_", "squeeze_", "unsqueeze_", "requires_grad_", "detach_"}
)


def _size(args: Any, kwargs: Any) -> int:
    given = args or (kwargs.get("size", ()),)
    sizes = given[0] if given and isinstance(given[0], list | tuple) else given
    total = 1
    for size in sizes:
        if not isinstance(size, int):
            break
        total *= size
    return total
