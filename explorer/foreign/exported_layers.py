"""The layers and functions of torch that the operations of an exported program stand for: by fixed tables."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.foreign.exported_calls import Call, Value
from explorer.structure.graph import Kind, Shape

Layer = tuple[nn.Module, Value]
Weights = Mapping[str, Tensor]

_CONVOLUTIONS: dict[str, type[nn.Module]] = {
    "conv1d": nn.Conv1d,
    "conv2d": nn.Conv2d,
    "conv3d": nn.Conv3d,
    "conv_transpose1d": nn.ConvTranspose1d,
    "conv_transpose2d": nn.ConvTranspose2d,
    "conv_transpose3d": nn.ConvTranspose3d,
}
_NORMS = {"BatchNorm1d": nn.BatchNorm1d, "BatchNorm2d": nn.BatchNorm2d, "BatchNorm3d": nn.BatchNorm3d}
# Layers without weights, and the names of the arguments that their operation has after the data.
_PLAIN_LAYERS: dict[str, tuple[type[nn.Module], tuple[str, ...]]] = {
    "ReLU": (nn.ReLU, ()),
    "ReLU6": (nn.ReLU6, ()),
    "Sigmoid": (nn.Sigmoid, ()),
    "Tanh": (nn.Tanh, ()),
    "GELU": (nn.GELU, ("approximate",)),
    "SiLU": (nn.SiLU, ()),
    "Hardswish": (nn.Hardswish, ()),
    "Hardsigmoid": (nn.Hardsigmoid, ()),
    "LeakyReLU": (nn.LeakyReLU, ("negative_slope",)),
    "ELU": (nn.ELU, ("alpha",)),
    "MaxPool1d": (nn.MaxPool1d, ("kernel_size", "stride", "padding", "dilation")),
    "MaxPool2d": (nn.MaxPool2d, ("kernel_size", "stride", "padding", "dilation")),
    "MaxPool3d": (nn.MaxPool3d, ("kernel_size", "stride", "padding", "dilation")),
    "AvgPool1d": (nn.AvgPool1d, ("kernel_size", "stride", "padding", "ceil_mode")),
    "AvgPool2d": (nn.AvgPool2d, ("kernel_size", "stride", "padding", "ceil_mode")),
    "AdaptiveAvgPool1d": (nn.AdaptiveAvgPool1d, ("output_size",)),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d, ("output_size",)),
    "AdaptiveMaxPool2d": (nn.AdaptiveMaxPool2d, ("output_size",)),
    "Flatten": (nn.Flatten, ("start_dim", "end_dim")),
    "Dropout": (nn.Dropout, ("p",)),
    "Dropout2d": (nn.Dropout2d, ("p",)),
    "Softmax": (nn.Softmax, ("dim",)),
    "LogSoftmax": (nn.LogSoftmax, ("dim",)),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "add_": operator.iadd,
    "sub": operator.sub,
    "mul": operator.mul,
    "mul_": operator.imul,
    "div": operator.truediv,
    **{
        name: getattr(functional, name)
        for name in (
            "relu", "relu6", "gelu", "silu", "hardswish", "hardsigmoid", "leaky_relu", "elu", "softmax", "log_softmax",
            "conv1d", "conv2d", "conv3d", "conv_transpose2d", "linear", "max_pool2d", "avg_pool2d", "dropout", "pad",
            "adaptive_avg_pool2d", "layer_norm", "scaled_dot_product_attention", "pixel_shuffle",
        )
    },
}  # fmt: skip
_METHODS = frozenset(
    {
        "view", "reshape", "permute", "transpose", "expand", "contiguous", "unsqueeze", "squeeze", "flatten", "chunk",
        "split", "mean", "sum", "unbind", "narrow", "repeat", "t", "clone", "unflatten", "softmax",
    }
)  # fmt: skip
_ON_NUMBERS = {
    name: getattr(operator, name) for name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "getitem")
}
# Texts that operations take as settings. Anything else (a file's name!) is not passed on.
_WORDS = frozenset(
    {
        "same", "valid", "none", "tanh", "floor", "trunc", "constant", "reflect", "replicate", "circular", "mean",
        "sum", "bilinear", "nearest", "linear",
    }
)  # fmt: skip
_WHOLE = 2**63 - 1


class Opaque(nn.Module):
    """An operation that is not known here: its result has the shape that the file records, one for each image."""

    kind = Kind.OTHER

    def __init__(self, shape: Shape, is_for_each_image: bool) -> None:
        super().__init__()
        self.shape = shape
        self.is_for_each_image = is_for_each_image

    def forward(self, *values: Any) -> Tensor:
        given: Tensor = next(value for value in values if isinstance(value, Tensor))
        return given.new_empty((given.shape[0], *self.shape[1:]) if self.is_for_each_image else self.shape)

    def describe(self, _input_shape: Shape, _output_shape: Shape) -> dict[str, Any]:
        return {"detail": "not known here"}


def base_name(target: str) -> str:
    """The name of an operation, as in torch.ops.aten.NAME.default; empty where it is none of torch's own."""
    parts = target.split(".")
    return parts[3] if parts[:3] == ["torch", "ops", "aten"] and len(parts) > 3 else ""


def own_name(target: str) -> str:
    """What an operation of any library is called: NAME of torch.ops.library.NAME.overload, or "operation"."""
    parts = target.split(".")
    name = parts[3] if parts[:2] == ["torch", "ops"] and len(parts) > 3 else parts[-1]
    return name if name.isidentifier() else "operation"


def layer_for(call: Call, weights: Weights) -> Layer | None:
    """The layer that a call made alone inside a module of torch is, on the meta device, and the data it works on."""
    name = base_name(call.target)
    data = call.argument(0, "input")
    if not call.stack or not call.stack[-1].is_torch or not isinstance(data, Value) or data.name in weights:
        return None
    weight = _weight(call.argument(1, "weight"), weights)
    with torch.device("meta"):
        if name in _CONVOLUTIONS and weight is not None:
            return _convolution(_CONVOLUTIONS[name], call, weight, weights), data
        if name == "linear" and weight is not None:
            bias = _weight(call.argument(2, "bias"), weights)
            return _with(nn.Linear(weight.shape[1], weight.shape[0], bias is not None), weight, bias), data
        if name == "batch_norm" and call.stack[-1].type_name in _NORMS:
            mean = _weight(call.argument(3, "running_mean"), weights)
            channels = next((t.shape[0] for t in (weight, mean) if t is not None), 0)
            norm = _NORMS[call.stack[-1].type_name](
                channels,
                eps=call.argument(7, "eps", 1e-5),
                affine=weight is not None,
                track_running_stats=mean is not None,
            )
            return _with(norm, weight, _weight(call.argument(2, "bias"), weights)), data
        if name == "layer_norm":
            weight, bias = (_weight(call.argument(n, w), weights) for n, w in ((2, "weight"), (3, "bias")))
            normalised = call.argument(1, "normalized_shape")
            eps = call.argument(4, "eps", 1e-5)
            return _with(nn.LayerNorm(normalised, eps, weight is not None, bias is not None), weight, bias), data
        if name == "group_norm":
            weight, bias = (_weight(call.argument(n, w), weights) for n, w in ((2, "weight"), (3, "bias")))
            channels = weight.shape[0] if weight is not None else call.shape[1]
            return _with(
                nn.GroupNorm(call.argument(1, "num_groups"), channels, affine=weight is not None), weight, bias
            ), data
        plain = _PLAIN_LAYERS.get(call.stack[-1].type_name)
        if (
            plain is None
            or not _is_of(name, call.stack[-1].type_name)
            or any(used in weights for used in call.uses())
            or len(list(call.uses())) != 1
        ):
            return None
        kind, names = plain
        given = dict(zip(names, call.arguments[1:], strict=False))
        given.update({key: value for key, value in call.named.items() if key in names})
        # No stride at all stands for that of the window.
        layer = kind(**{key: _settings(value) for key, value in given.items() if value != []})
    if name.endswith("_") and hasattr(layer, "inplace"):
        layer.inplace = True  # type: ignore[assignment]  # nn.Module types what it does not know as weights
    return layer, data


def _is_of(operation: str, layer: str) -> bool:
    """Whether an operation is what a layer does: max_pool2d is what MaxPool2d does."""
    others = {"hardtanh": "relu6", "featuredropout": "dropout2d"}
    plain = operation.replace("_", "")
    return others.get(plain, plain) == layer.lower()


def _convolution(kind: type[nn.Module], call: Call, weight: Tensor, weights: Weights) -> nn.Module:
    bias = _weight(call.argument(2, "bias"), weights)
    transposed = "transpose" in call.target
    groups = call.argument(6, "groups", 1)
    settings = {
        "kernel_size": tuple(weight.shape[2:]),
        "stride": _settings(call.argument(3, "stride", 1)),
        "padding": _settings(call.argument(4, "padding", 0)),
        "groups": groups,
        "bias": bias is not None,
    }
    if transposed:
        settings["output_padding"] = _settings(call.argument(5, "output_padding", 0))
        settings["dilation"] = _settings(call.argument(7, "dilation", 1))
        return _with(kind(weight.shape[0], weight.shape[1] * groups, **settings), weight, bias)
    settings["dilation"] = _settings(call.argument(5, "dilation", 1))
    return _with(kind(weight.shape[1] * groups, weight.shape[0], **settings), weight, bias)


def _settings(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _weight(argument: Any, weights: Weights) -> Tensor | None:
    return weights.get(argument.name) if isinstance(argument, Value) else None


def _with(layer: nn.Module, weight: Tensor | None, bias: Tensor | None) -> nn.Module:
    """The layer with the file's own parameters, so that shared ones are known to be shared."""
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None:
            if getattr(layer, name).shape != value.shape:
                raise ValueError(f"a {name} has another shape than its layer")
            setattr(layer, name, value if isinstance(value, nn.Parameter) else nn.Parameter(value, requires_grad=False))
    return layer


def function_for(call: Call) -> Callable[..., Any] | None:
    """The function of torch that a call stands for; None where it is not known, or is given what it should not be."""
    if not call.is_known or not _texts([*call.arguments, *call.named.values()]) <= _WORDS:
        return None
    module, _, number_function = call.target.rpartition(".")
    if module in {"_operator", "operator"}:
        return _ON_NUMBERS.get(number_function)
    name = base_name(call.target)
    if name == "sym_size":
        return _size
    if name == "slice":
        return _slice
    if name == "select":
        return _select
    if name in _FUNCTIONS and not (name in {"add", "add_", "sub"} and len(call.arguments) + len(call.named) > 2):
        return _FUNCTIONS[name]
    if name in _METHODS:
        return _method(name)
    # Functions on tensors that torch itself binds, in the order of arguments that the file has.
    is_bound = bool(name) and not name.startswith("_") and hasattr(torch._C._VariableFunctions, name)  # noqa: SLF001
    return getattr(torch, name, None) if is_bound else None


def _texts(values: list[Any]) -> set[str]:
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list):
            found |= _texts(value)
    return found


def _size(data: Any, dim: int) -> Any:
    return data.shape[dim]


def _slice(data: Any, dim: int = 0, start: Any = None, end: Any = None, step: Any = 1) -> Any:
    if not start and (end is None or (isinstance(end, int) and end >= _WHOLE)) and step == 1:
        return data
    end = None if isinstance(end, int) and end >= _WHOLE else end
    return data[(*(slice(None),) * dim, slice(start, end, step))] if dim >= 0 else data.narrow(dim, start, end - start)


def _select(data: Any, dim: int, index: int) -> Any:
    return data[(*(slice(None),) * dim, index)] if dim >= 0 else data.select(dim, index)


def _method(name: str) -> Callable[..., Any]:
    def call(data: Any, *arguments: Any, **named: Any) -> Any:
        return getattr(data, name)(*arguments, **named)

    return call
