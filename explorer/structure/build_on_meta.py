"""Building a network without memory for its weights."""

from __future__ import annotations

from collections.abc import Callable
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
        kwargs = kwargs or {}
        if func is torch.empty:
            return func(*args, **{**kwargs, "device": "meta"})
        name = getattr(func, "__name__", "")
        module = getattr(func, "__module__", "")
        if module == "torch.nn.init" or (name.endswith("_") and not name.endswith("__")):
            # Starting values written over what lies on the meta device: nothing to do.
            target = args[0] if args else kwargs.get("tensor")
            if isinstance(target, Tensor) and target.is_meta and name not in _CHANGES_SHAPE:
                return target
        if name in _SIZED and _size(args, kwargs) > _LARGE:
            return func(*args, **{**kwargs, "device": "meta"})
        return func(*args, **kwargs)


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
