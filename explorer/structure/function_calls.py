"""Calls of torch's functions: what they are called, what they were given, and whether they write over their input."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

# The arguments of functions that are looked into, in order. Many are written in C or hide behind a dispatcher, and
# have no signature that Python could read.
_WINDOW = ("input", "kernel_size", "stride", "padding")
_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
_REDUCTION = ("input", "dim", "keepdim")
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d"), (*_WINDOW, "dilation", "ceil_mode", "return_indices")),
    **dict.fromkeys(("avg_pool2d", "avg_pool3d"), (*_WINDOW, "ceil_mode", "count_include_pad", "divisor_override")),
    "avg_pool1d": (*_WINDOW, "ceil_mode", "count_include_pad"),
    "lp_pool2d": ("input", "norm_type", "kernel_size", "stride", "ceil_mode"),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _CONVOLUTION),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _TRANSPOSED),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "var", "std", "max", "min", "argmax", "norm"), _REDUCTION),
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), ("input", "dim")),
    **dict.fromkeys(("cat", "concat", "concatenate", "stack"), ("tensors", "dim")),
    **dict.fromkeys(("chunk", "split", "tensor_split", "split_with_sizes"), ("input", "pieces", "dim")),
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), ("input", "dim0", "dim1")),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d"), ("input", "p", "training", "inplace")),
    **dict.fromkeys(("linear", "bilinear"), ("input", "weight", "bias")),
    "alpha_dropout": ("input", "p", "training", "inplace"),
    "stochastic_depth": ("input", "p", "mode", "training"),
    "pad": ("input", "pad", "mode", "value"),
    **dict.fromkeys(("interpolate", "upsample"), ("input", "size", "scale_factor", "mode", "align_corners")),
    "flatten": ("input", "start_dim", "end_dim"),
    "getitem": ("input", "index"),
    "select": ("input", "dim", "index"),
    "narrow": ("input", "dim", "start", "length"),
    "unbind": ("input", "dim"),
    "squeeze": ("input", "dim"),
    "unsqueeze": ("input", "dim"),
    "roll": ("input", "shifts", "dims"),
    "flip": ("input", "dims"),
    "layer_norm": ("input", "normalized_shape", "weight", "bias", "eps"),
    "group_norm": ("input", "num_groups", "weight", "bias", "eps"),
    "local_response_norm": ("input", "size", "alpha", "beta", "k"),
    "normalize": ("input", "p", "dim", "eps"),
    "pixel_shuffle": ("input", "upscale_factor"),
    "shifted_window_attention": (
        "input",
        "qkv_weight",
        "proj_weight",
        "relative_position_bias",
        "window_size",
        "num_heads",
        "shift_size",
    ),
    "scaled_dot_product_attention": ("query", "key", "value", "attn_mask", "dropout_p", "is_causal"),
}
# The same, said in other words.
_ALIASES = {
    "split_size": "pieces",
    "split_size_or_sections": "pieces",
    "split_sizes": "pieces",
    "chunks": "pieces",
    "indices_or_sections": "pieces",
    "axis": "dim",
    "self": "input",
    "x": "input",
    "a": "input",
}
_VARIADIC = {"permute": "dims", "view": "size", "reshape": "size", "expand": "size", "repeat": "size"}
# Python calls these instead of the plain ones when the tensor stands on the right.
_RIGHT_HAND = {
    f"r{name}": name for name in ("add", "sub", "mul", "truediv", "matmul", "pow", "div", "and", "or", "xor")
}

_SYNONYMS = {"truediv": "div", "true_divide": "div", "divide": "div", "multiply": "mul", "subtract": "sub"}

IN_PLACE_OPERATORS = frozenset(
    {
        "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor", "ilshift",
        "irshift", "setitem",
    }
)  # fmt: skip
"""What Python calls for `x += y`, `x[0] = y` and their like."""


def function_name(function: Any) -> str:
    """What a function, an operator or the name of a method is called in a graph: "add", "max_pool2d", "relu_".

    A trailing "_" says that torch writes over the input; the one of `operator.and_` only avoids a keyword.
    """
    if isinstance(function, str):
        name = function
    elif getattr(function, "__name__", "") == "__get__":
        # A property of a tensor, such as x.T.
        name = getattr(function.__self__, "__name__", "get")
    else:
        name = getattr(function, "__name__", type(function).__name__)
    operator = getattr(function, "__module__", "") == "_operator" or name.startswith("__")
    name = name.strip("_") if operator else name.lstrip("_")
    if operator:
        name = _RIGHT_HAND.get(name, name)
    return _SYNONYMS.get(name, name)


def arguments_of(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments by name, as far as they are known here; a lone list of sizes or axes is "dims" or "size"."""
    plain = name.rstrip("_")
    given = {_ALIASES.get(key, key): value for key, value in kwargs.items()}
    if plain in _VARIADIC:
        rest = args[1:]
        if rest:
            given[_VARIADIC[plain]] = tuple(rest[0]) if isinstance(rest[0], list | tuple) else tuple(rest)
        return {**given, **({"input": args[0]} if args else {})}
    return {**dict(zip(_ARGUMENTS.get(plain, ("input",)), args, strict=False)), **given}


def is_in_place(function: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a function writes its result over its input: `relu_`, `x += y`, `relu(x, inplace=True)`."""
    if name.endswith("_") or name in IN_PLACE_OPERATORS or kwargs.get("inplace") is True:
        return True
    if isinstance(function, str) or not callable(function) or not any(argument is True for argument in args):
        return False
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        # Functions written in C have no signature to look into.
        return False
    return given.get("inplace") is True


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors inside arguments or results, in order, however they are nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, slice):
        yield from tensors_in((value.start, value.stop, value.step))
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        # Results of some libraries are records with tensors in them.
        for name in value.__dataclass_fields__:
            yield from tensors_in(getattr(value, name, None))


def with_zero(args: Any, kwargs: Any, place: int) -> tuple[Any, Any]:
    """The same arguments, with the tensor zero that stands at a place among all of them."""
    number = -1

    def zero(tensor: Tensor) -> Tensor:
        nonlocal number
        number += 1
        return torch.zeros_like(tensor) if number == place else tensor

    return map_tensors((tuple(args), dict(kwargs)), zero)  # type: ignore[no-any-return]


def map_tensors(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """The same nest of arguments or results with every tensor changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_tensors(item, change) for item in value))
    if isinstance(value, list | tuple) and type(value) in {list, tuple}:
        return type(value)(map_tensors(item, change) for item in value)
    if type(value) is dict:
        return {key: map_tensors(item, change) for key, item in value.items()}
    if isinstance(value, slice):
        return slice(*(map_tensors(item, change) for item in (value.start, value.stop, value.step)))
    return value
