"""A copy of a network that holds no data: its parameters and buffers lie on the meta device."""

from __future__ import annotations

import copy
import types
from typing import Any

import torch
from torch import Tensor, nn

# What a copy may share with the original: it cannot be changed.
_UNCHANGING = (
    int, float, complex, str, bytes, bool, type(None), type, torch.dtype, torch.device, torch.Size, torch.memory_format,
    types.FunctionType, types.BuiltinFunctionType, types.ModuleType, range, slice, frozenset,
)  # fmt: skip
# By type, without a look at its bases: what nearly all attributes of a layer are.
_PLAIN = frozenset({int, float, str, bool, type(None)})
_HOOKS = frozenset(
    {
        "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks", "_forward_hooks_with_kwargs",
        "_forward_hooks_always_called", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks",
        "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
        "_non_persistent_buffers_set",
    }
)  # fmt: skip


def without_data(network: nn.Module) -> nn.Module:
    """A copy in evaluation on the meta device; parameters and modules that were shared are so in the copy.

    Modules are copied one by one, which takes a fraction of the time of `copy.deepcopy`.
    """
    memo: dict[int, Any] = {}
    modules = list(network.modules())
    for module in modules:
        memo[id(module)] = module.__class__.__new__(module.__class__)
    for module in modules:
        _fill(memo[id(module)], module, memo)
    skeleton: nn.Module = memo[id(network)]
    return skeleton


def _fill(made: nn.Module, module: nn.Module, memo: dict[int, Any]) -> None:
    state: dict[str, Any] = {}
    for name, value in module.__dict__.items():
        if type(value) in _PLAIN:
            state[name] = value
        elif name in {"_parameters", "_buffers"}:
            state[name] = {key: _empty(tensor, memo) for key, tensor in value.items()}
        elif name == "_modules":
            state[name] = {key: None if child is None else memo[id(child)] for key, child in value.items()}
        elif name in _HOOKS:
            state[name] = value.copy()
        else:
            state[name] = _copied(value, memo)
    state["training"] = False
    # nn.Module's own __setattr__ would register what is already registered.
    made.__dict__.update(state)


def _empty(tensor: Tensor | None, memo: dict[int, Any]) -> Any:
    if tensor is None:
        return None
    known = memo.get(id(tensor))
    if known is None:
        if tensor.is_meta:
            # Half the time of a new one.
            empty = tensor.detach()
        elif tensor.layout is torch.strided:
            # A tenth of the time of torch.empty_like.
            empty = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
        else:
            empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
        is_parameter = isinstance(tensor, nn.Parameter)
        known = nn.Parameter(empty, tensor.requires_grad) if is_parameter else empty
        memo[id(tensor)] = known
    return known


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, _UNCHANGING):
        return value
    if type(value) is tuple and all(isinstance(item, _UNCHANGING) for item in value):
        return value
    if isinstance(value, Tensor):
        return _empty(value, memo)
    if isinstance(value, types.MethodType) and id(value.__self__) in memo:
        return types.MethodType(value.__func__, memo[id(value.__self__)])
    return copy.deepcopy(value, memo)
