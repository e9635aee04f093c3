"""What each torch layer or function is called in a textbook, and what it was made with, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from explorer.structure.graph import Kind

_MODULE_KINDS: tuple[tuple[Kind, tuple[type[nn.Module], ...]], ...] = (
    (Kind.CONVOLUTION, (nn.modules.conv._ConvNd,)),  # noqa: SLF001 - the only common class of all convolutions
    (
        Kind.POOLING,
        (
            nn.modules.pooling._MaxPoolNd,  # noqa: SLF001
            nn.modules.pooling._AvgPoolNd,  # noqa: SLF001
            nn.modules.pooling._AdaptiveAvgPoolNd,  # noqa: SLF001
            nn.modules.pooling._AdaptiveMaxPoolNd,  # noqa: SLF001
        ),
    ),
    (
        Kind.NORMALISATION,
        (
            nn.modules.batchnorm._NormBase,  # noqa: SLF001
            nn.LayerNorm,
            nn.GroupNorm,
            nn.LocalResponseNorm,
        ),
    ),
    (Kind.LINEAR, (nn.Linear, nn.Bilinear)),
    (Kind.DROPOUT, (nn.modules.dropout._DropoutNd,)),  # noqa: SLF001
    (Kind.RESHAPE, (nn.Flatten, nn.Unflatten, nn.Identity, nn.PixelShuffle, nn.modules.padding._ConstantPadNd)),  # noqa: SLF001
)

_FUNCTION_KINDS: dict[Kind, frozenset[str]] = {
    Kind.JOIN: frozenset({"add", "iadd", "isub", "cat", "concat", "concatenate", "mul", "imul", "stack", "sub"}),
    Kind.ACTIVATION: frozenset(
        {
            "relu", "relu6", "tanh", "sigmoid", "gelu", "silu", "hardswish", "hardsigmoid", "leaky_relu",
            "elu", "softmax", "log_softmax",
        }
    ),
    Kind.POOLING: frozenset(
        {"max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d", "boolean_dispatch", "mean"}
    ),
    Kind.CONVOLUTION: frozenset(
        {"conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}
    ),
    Kind.NORMALISATION: frozenset({"batch_norm", "layer_norm", "group_norm", "local_response_norm"}),
    Kind.LINEAR: frozenset({"linear", "matmul", "bmm", "addmm", "einsum", "scaled_dot_product_attention"}),
    Kind.DROPOUT: frozenset({"dropout", "dropout1d", "dropout2d", "feature_dropout", "stochastic_depth"}),
    Kind.RESHAPE: frozenset(
        {
            "flatten", "view", "reshape", "squeeze", "unsqueeze", "transpose", "permute", "pad", "getitem", "chunk",
            "split", "expand", "contiguous", "narrow", "unbind", "t",
        }
    ),
}  # fmt: skip


VIEWS = frozenset(
    {
        "flatten", "view", "reshape", "squeeze", "unsqueeze", "transpose", "permute", "getitem", "chunk", "split",
        "expand", "narrow", "unbind", "t",
    }
)  # fmt: skip
"""Functions that hand on the memory of their input; other reshapes, such as padding, write a new tensor."""

IN_PLACE_OPERATORS = frozenset(
    {
        "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor", "ilshift",
        "irshift",
    }
)  # fmt: skip
"""What Python calls for `x += y` and its like."""


def is_view(module: nn.Module) -> bool:
    """Whether a leaf module hands on the memory of its input."""
    return isinstance(module, nn.Flatten | nn.Unflatten | nn.Identity)


def module_kind(module: nn.Module) -> Kind:
    """The kind of a leaf module; our own layers say it in an attribute `kind`."""
    own = getattr(module, "kind", None)
    if isinstance(own, str) and own in {kind.value for kind in Kind}:
        return Kind(own)
    for kind, classes in _MODULE_KINDS:
        if isinstance(module, classes):
            return kind
    if type(module).__module__ == "torch.nn.modules.activation":
        return Kind.LINEAR if isinstance(module, nn.MultiheadAttention) else Kind.ACTIVATION
    return Kind.OTHER


def function_kind(name: str) -> Kind:
    """The kind of a functional operation by its name in torch."""
    for kind, names in _FUNCTION_KINDS.items():
        if name in names or name.rstrip("_") in names:
            return kind
    return Kind.OTHER


def module_detail(module: nn.Module) -> str:
    """What a leaf module was made with, in the fewest characters, for example "5×5, pad 2"."""
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        parts = [_short(module.kernel_size)]
        if any(step != 1 for step in module.stride):
            parts.append(f"/{_one(module.stride)}")
        if module.padding not in {0, (0,) * len(module.kernel_size)}:
            parts.append(f"pad {_one(module.padding)}")
        if any(rate != 1 for rate in module.dilation):
            parts.append(f"dilation {_one(module.dilation)}")
        if module.groups != 1:
            parts.append(f"{module.groups} groups")
        return ", ".join(parts)
    if isinstance(module, nn.modules.pooling._MaxPoolNd | nn.modules.pooling._AvgPoolNd):  # noqa: SLF001
        parts = [_short(_pair(module.kernel_size))]
        if _pair(module.stride) != _pair(module.kernel_size):
            parts.append(f"/{_one(module.stride)}")
        if _pair(module.padding) != (0, 0):
            parts.append(f"pad {_one(module.padding)}")
        return ", ".join(parts)
    if isinstance(module, nn.modules.pooling._AdaptiveAvgPoolNd | nn.modules.pooling._AdaptiveMaxPoolNd):  # noqa: SLF001
        return f"to {_short(_pair(module.output_size))}"
    if isinstance(module, nn.Linear):
        return f"{module.in_features}→{module.out_features}"
    if isinstance(module, nn.modules.batchnorm._NormBase):  # noqa: SLF001
        return str(module.num_features)
    if isinstance(module, nn.modules.dropout._DropoutNd):  # noqa: SLF001
        return f"p {module.p:g}"
    return ""


def module_settings(module: nn.Module) -> tuple[tuple[str, str], ...]:
    """What a leaf module was made with, as (name, value) pairs in words."""
    settings: list[tuple[str, str]] = []
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        settings = [
            ("kernel", _long(module.kernel_size)),
            ("stride", _long(module.stride)),
            ("padding", module.padding if isinstance(module.padding, str) else _long(module.padding)),
            ("dilation", _long(module.dilation) if any(rate != 1 for rate in module.dilation) else ""),
            ("groups", str(module.groups) if module.groups != 1 else ""),
            ("bias", "no" if module.bias is None else "yes"),
        ]
    elif isinstance(module, nn.modules.pooling._MaxPoolNd | nn.modules.pooling._AvgPoolNd):  # noqa: SLF001
        settings = [
            ("kernel", _long(_pair(module.kernel_size))),
            ("stride", _long(_pair(module.stride))),
            ("padding", _long(_pair(module.padding)) if _pair(module.padding) != (0, 0) else ""),
            ("ceil mode", "yes" if module.ceil_mode else ""),
        ]
    elif isinstance(module, nn.modules.pooling._AdaptiveAvgPoolNd | nn.modules.pooling._AdaptiveMaxPoolNd):  # noqa: SLF001
        settings = [("output", _long(_pair(module.output_size)))]
    elif isinstance(module, nn.Linear):
        settings = [
            ("inputs", f"{module.in_features:,}"),
            ("outputs", f"{module.out_features:,}"),
            ("bias", "no" if module.bias is None else "yes"),
        ]
    elif isinstance(module, nn.modules.batchnorm._NormBase):  # noqa: SLF001
        settings = [("channels", str(module.num_features)), ("epsilon", f"{module.eps:g}")]
    elif isinstance(module, nn.LocalResponseNorm):
        settings = [("size", str(module.size)), ("alpha", f"{module.alpha:g}"), ("beta", f"{module.beta:g}")]
    elif isinstance(module, nn.modules.dropout._DropoutNd):  # noqa: SLF001
        settings = [("probability", f"{module.p:g}")]
    return tuple((name, value) for name, value in settings if value)


def _pair(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, Iterable) else (value, value)


def _short(values: Iterable[Any]) -> str:
    return "×".join(str(value) for value in values)


def _long(values: Iterable[Any]) -> str:
    return " × ".join(str(value) for value in values)


def _one(values: Any) -> str:
    if isinstance(values, str):
        return values
    values = _pair(values)
    return str(values[0]) if len(set(values)) == 1 else _short(values)
