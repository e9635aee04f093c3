"""Why a layer does not accept its input, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from explorer.structure.function_calls import arguments_of, tensors_in
from explorer.structure.graph import Shape
from explorer.structure.trace_nodes import Call, image_shape

_JOINS = frozenset({"add", "iadd", "sub", "isub", "mul", "imul", "truediv", "div", "maximum", "minimum", "where"})
_LONGEST = 300


def reason_for(call: Call, error: BaseException) -> str:
    """One sentence: what was expected and what came, or torch's own words where the case is not known."""
    tensors = list(tensors_in((tuple(call.args), dict(call.kwargs))))
    shapes = [image_shape(tensor) for tensor in tensors]
    known = ""
    if call.module is not None and shapes:
        known = _of_layer(call.module, shapes[0])
    elif shapes:
        known = _of_function(call, tensors, shapes)
    return known or own_words(error)


def is_too_large(call: Call) -> bool:
    """Whether a dense layer gets more inputs than it expects: then only a smaller image may do."""
    tensors = list(tensors_in((tuple(call.args), dict(call.kwargs))))
    if not tensors or not tensors[0].dim():
        return False
    if isinstance(call.module, nn.Linear):
        return tensors[0].shape[-1] > call.module.in_features
    weight = arguments_of(call.name, call.args, call.kwargs).get("weight")
    return call.name == "linear" and isinstance(weight, Tensor) and tensors[0].shape[-1] > weight.shape[-1]


def own_words(error: BaseException) -> str:
    """What an error says of itself, on one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    words = " ".join(lines[0].split("While executing")[0].split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _of_layer(module: nn.Module, shape: Shape) -> str:
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        axes = len(module.kernel_size)
        if len(shape) != axes + 1:
            return f"the layer takes {_axes(axes + 1)}, its input is {words(shape)}"
        if shape[0] != module.in_channels:
            return f"the layer expects {_count(module.in_channels, 'channel')}, its input has {shape[0]:,}"
        if module.transposed:
            return ""
        padding = (0,) * axes if isinstance(module.padding, str) else module.padding
        return _small(shape[1:], module.kernel_size, padding, module.dilation)
    if isinstance(module, nn.modules.pooling._MaxPoolNd | nn.modules.pooling._AvgPoolNd):  # noqa: SLF001
        kernel = _pair(module.kernel_size)
        return _small(shape[-len(kernel) :], kernel, _pair(module.padding), _pair(getattr(module, "dilation", 1)))
    if isinstance(module, nn.Linear):
        if not shape or shape[-1] != module.in_features:
            came = f"{shape[-1]:,} ({words(shape)})" if len(shape) > 1 else f"{shape[-1]:,}" if shape else "none"
            return f"the layer expects {_count(module.in_features, 'input')}, it gets {came}"
        return ""
    if isinstance(module, nn.modules.batchnorm._NormBase) and shape and shape[0] != module.num_features:  # noqa: SLF001
        return f"the layer expects {_count(module.num_features, 'channel')}, its input has {shape[0]:,}"
    if isinstance(module, nn.GroupNorm) and shape and shape[0] != module.num_channels:
        return f"the layer expects {_count(module.num_channels, 'channel')}, its input has {shape[0]:,}"
    if isinstance(module, nn.LayerNorm):
        size = tuple(module.normalized_shape)
        if tuple(shape[-len(size) :]) != size:
            return f"the layer expects inputs that end in {words(size)}, its input is {words(shape)}"
    return ""


def _of_function(call: Call, tensors: list[Tensor], shapes: list[Shape]) -> str:
    name = call.name.rstrip("_")
    given = arguments_of(name, call.args, call.kwargs)
    if name in _JOINS and len(shapes) > 1:
        return f"{words(shapes[0])} and {words(shapes[1])} do not fit together"
    if name in {"cat", "concat", "concatenate", "stack"}:
        return f"sizes differ where they have to agree: {', '.join(map(words, dict.fromkeys(shapes)))}"
    if name in {"matmul", "bmm", "mm"} and len(shapes) > 1:
        return f"{words(shapes[0])} and {words(shapes[1])} cannot be multiplied as matrices"
    if name in {"view", "reshape", "unflatten"}:
        return f"{words(shapes[0])} cannot take the shape that is asked for"
    weight = given.get("weight")
    if name in {"conv1d", "conv2d", "conv3d"} and isinstance(weight, Tensor):
        channels = weight.shape[1] * int(given.get("groups", 1))
        if shapes[0] and shapes[0][0] != channels:
            return f"the convolution expects {_count(channels, 'channel')}, its input has {shapes[0][0]:,}"
        padding = given.get("padding", 0)
        if not isinstance(padding, str):
            kernel = tuple(weight.shape[2:])
            return _small(shapes[0][1:], kernel, _each(padding, kernel), _each(given.get("dilation", 1), kernel))
    if name == "linear" and isinstance(weight, Tensor) and shapes[0] and shapes[0][-1] != weight.shape[-1]:
        return f"the layer expects {_count(weight.shape[-1], 'input')}, it gets {shapes[0][-1]:,}"
    if name in {"max_pool2d", "avg_pool2d"} and given.get("kernel_size") is not None:
        kernel = _pair(given["kernel_size"])
        return _small(shapes[0][-2:], kernel, _pair(given.get("padding", 0)), (1, 1))
    del tensors
    return ""


def _small(shape: Shape, kernel: Iterable[int], padding: Iterable[int], dilation: Iterable[int]) -> str:
    kernel, padding, dilation = tuple(kernel), tuple(padding), tuple(dilation)
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=False))
    room = tuple(size + 2 * p for size, p in zip(shape, padding, strict=False))
    if all(r >= k for r, k in zip(room, reach, strict=False)):
        return ""
    padded = f", padded to {words(room)}," if any(padding) else ""
    return f"input {words(shape)}{padded} is smaller than the {words(reach)} window"


def _pair(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value, value)


def _each(value: Any, like: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,) * len(like)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _axes(number: int) -> str:
    return {2: "channels × length", 3: "channels × height × width", 4: "channels × depth × height × width"}[number]


def words(shape: Iterable[int]) -> str:
    """A shape as it is written: "3 × 224 × 224"."""
    return " × ".join(f"{size:,}" for size in shape) or "a single number"
