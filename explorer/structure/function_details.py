"""What a function of torch was called with, in words: what `kinds` says of layers, said of functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from explorer.structure.graph import Shape

_POOLS = frozenset({"max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"})
_CONCATS = frozenset({"cat", "concat", "concatenate"})
_SIGNS = {"add": "+", "iadd": "+", "sub": "−", "isub": "−", "mul": "×", "imul": "×", "truediv": "÷", "div": "÷"}


def function_detail(name: str, given: Mapping[str, Any], args: Sequence[Any], output: Shape) -> str:
    """What a call was made with, in the fewest characters: "3×3, /2" or "256 channels"."""
    name = name.rstrip("_")
    if name in _POOLS:
        return _pool_detail(name, given)
    if name.startswith("adaptive_"):
        return f"to {_times(output[-int(name[-2]) :])}" if name[-2].isdigit() else ""
    if name in _CONCATS and len(output) == 3 and given.get("dim", 0) in {1, -3}:
        return f"{output[0]:,} channels"
    if name.startswith("conv") and isinstance(given.get("weight"), Tensor):
        return _convolution_detail(given)
    if name == "linear" and isinstance(given.get("weight"), Tensor) and given["weight"].dim() == 2:
        outputs, inputs = given["weight"].shape
        return f"{inputs}→{outputs}"
    if name == "pad" and isinstance(given.get("pad"), list | tuple):
        return f"by {_one(given['pad'])}"
    if name in {"chunk", "split", "tensor_split", "split_with_sizes"}:
        return _pieces(given.get("pieces"), name)
    if name in {"interpolate", "upsample"}:
        return f"to {_times(output[1:])}" if len(output) > 1 else ""
    if name in _SIGNS and len(args) == 2:
        numbers = [value for value in args if isinstance(value, int | float) and not isinstance(value, bool)]
        return f"{_SIGNS[name]} {numbers[0]:g}" if len(numbers) == 1 else ""
    if name in {"dropout", "dropout2d", "stochastic_depth"} and isinstance(given.get("p", 0.5), int | float):
        return f"p {given.get('p', 0.5):g}"
    if name == "einsum" and args and isinstance(args[0], str):
        return args[0]
    return ""


def function_settings(name: str, given: Mapping[str, Any], inputs: Sequence[Shape]) -> tuple[tuple[str, str], ...]:
    """What a call was made with, as (name, value) pairs in the words that layers use."""
    name = name.rstrip("_")
    settings: list[tuple[str, str]] = []
    if name in _POOLS:
        axes = int(name[-2])
        kernel = _each(given.get("kernel_size"), axes)
        settings = [
            ("kernel", _long(kernel)),
            ("stride", _long(_each(given.get("stride"), axes) or kernel)),
            ("padding", _long(_each(given.get("padding", 0), axes))),
            ("ceil mode", "yes" if given.get("ceil_mode") is True else ""),
        ]
    elif name.startswith("conv") and isinstance(given.get("weight"), Tensor):
        settings = _convolution_settings(name, given)
    elif name == "linear" and isinstance(given.get("weight"), Tensor) and given["weight"].dim() == 2:
        outputs, columns = given["weight"].shape
        settings = [
            ("inputs", f"{columns:,}"),
            ("outputs", f"{outputs:,}"),
            ("bias", "no" if given.get("bias") is None else "yes"),
        ]
    elif name in _CONCATS:
        settings = [("axis", str(given.get("dim", 0))), ("tensors", str(len(inputs)))]
    elif name in {"mean", "sum", "softmax", "log_softmax", "amax", "flip"} and "dim" in given:
        settings = [("axes" if isinstance(given["dim"], list | tuple) else "axis", _plain(given["dim"]))]
    elif name == "pad":
        settings = [("padding", _plain(given.get("pad", ""))), ("mode", str(given.get("mode", "constant")))]
    elif name in {"permute", "roll"} and "dims" in given:
        settings = [("axes", _plain(given["dims"]))]
        if name == "roll":
            settings.insert(0, ("shift", _plain(given.get("shifts", ""))))
    elif name == "getitem":
        settings = [("index", _index(given.get("index")))]
    elif name in {"interpolate", "upsample"}:
        settings = [("mode", str(given.get("mode", "nearest")))]
    elif name in {"dropout", "dropout2d", "stochastic_depth"} and isinstance(given.get("p"), int | float):
        settings = [("probability", f"{given['p']:g}")]
    return tuple((label, value) for label, value in settings if value)


def _pool_detail(name: str, given: Mapping[str, Any]) -> str:
    axes = int(name[-2])
    kernel = _each(given.get("kernel_size"), axes)
    stride = _each(given.get("stride"), axes) or kernel
    padding = _each(given.get("padding", 0), axes)
    parts = [_times(kernel)]
    if stride != kernel:
        parts.append(f"/{_one(stride)}")
    if any(padding):
        parts.append(f"pad {_one(padding)}")
    return ", ".join(parts)


def _convolution_detail(given: Mapping[str, Any]) -> str:
    kernel = tuple(given["weight"].shape[2:])
    axes = len(kernel)
    parts = [_times(kernel)]
    stride, padding = _each(given.get("stride", 1), axes), given.get("padding", 0)
    if any(step != 1 for step in stride):
        parts.append(f"/{_one(stride)}")
    if isinstance(padding, str):
        parts.append(f"pad {padding}")
    elif any(_each(padding, axes)):
        parts.append(f"pad {_one(_each(padding, axes))}")
    if given.get("groups", 1) != 1:
        parts.append(f"{given['groups']} groups")
    return ", ".join(parts)


def _convolution_settings(name: str, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    weight, groups = given["weight"], given.get("groups", 1)
    kernel = tuple(weight.shape[2:])
    axes = len(kernel)
    outer, inner = weight.shape[0], weight.shape[1] * groups
    inputs, outputs = (outer, inner) if "transpose" in name else (inner, outer)
    padding = given.get("padding", 0)
    dilation = _each(given.get("dilation", 1), axes)
    return [
        ("in channels", f"{inputs:,}"),
        ("out channels", f"{outputs:,}"),
        ("kernel", _long(kernel)),
        ("stride", _long(_each(given.get("stride", 1), axes))),
        ("padding", padding if isinstance(padding, str) else _long(_each(padding, axes))),
        ("dilation", _long(dilation) if any(rate != 1 for rate in dilation) else ""),
        ("groups", str(groups)),
        ("bias", "no" if given.get("bias") is None else "yes"),
    ]


def _pieces(pieces: Any, name: str) -> str:
    if isinstance(pieces, list | tuple):
        return f"{len(pieces)} pieces"
    if isinstance(pieces, int):
        return f"pieces of {pieces}" if name == "split" else f"{pieces} pieces"
    return ""


def _index(index: Any) -> str:
    """An index as it is written in Python: ":, 1:-1"."""
    if isinstance(index, tuple):
        return ", ".join(_index(item) for item in index)
    if isinstance(index, slice):
        start, stop = ("" if end is None else str(end) for end in (index.start, index.stop))
        return f"{start}:{stop}" + ("" if index.step is None else f":{index.step}")
    if index is Ellipsis:
        return "..."
    return str(index) if isinstance(index, int) or index is None else "computed"


def _each(value: Any, axes: int) -> tuple[Any, ...]:
    """One value for each axis; a single one stands for all."""
    if value is None or (isinstance(value, list | tuple) and not value):
        return ()
    if isinstance(value, list | tuple):
        return tuple(value) if len(value) == axes else tuple(value) * axes
    return (value,) * axes


def _one(values: Sequence[Any]) -> str:
    return str(values[0]) if len(set(values)) == 1 else _times(values)


def _times(values: Sequence[Any]) -> str:
    return "×".join(map(str, values))


def _long(values: Sequence[Any]) -> str:
    return " × ".join(map(str, values))


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
