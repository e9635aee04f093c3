"""Matrix products inside functions that torch.fx sees as one: counted while they run on the meta device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten


@dataclass(frozen=True)
class Products:
    """How often each product was made, as its factors: (batch..., rows, inner, columns)."""

    times: tuple[tuple[tuple[int, ...], int], ...]


def counted(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, Products]:
    """Runs a call on the meta device; gives its result and the products inside."""
    with _Counting() as counting:
        result = call(*args, **kwargs)
    return result, Products(tuple(counting.found.items()))


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: Counter[tuple[int, ...]] = Counter()

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        factors = _factors(func.overloadpacket, args, result)
        if factors:
            self.found[factors] += 1
        return result


def _factors(function: Any, args: Any, result: Any) -> tuple[int, ...]:
    if function in {_aten.mm, _aten.bmm}:
        return (*result.shape[:-1], args[0].shape[-1], result.shape[-1])
    if function in {_aten.addmm, _aten.baddbmm}:
        return (*result.shape[:-1], args[1].shape[-1], result.shape[-1])
    if function is _aten.convolution:
        x, weight, transposed = args[0], args[1], args[6]
        positions = x.shape if transposed else result.shape
        return (positions[0], *positions[2:], weight.shape[0], prod(weight.shape[1:]))
    name = str(function)
    if "scaled_dot_product" in name and "attention" in name:
        query, key, value = args[:3]
        return (*query.shape[:-1], key.shape[-2], query.shape[-1] + value.shape[-1])
    return ()
