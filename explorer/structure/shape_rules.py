"""The shapes that common layers give, by rule: what the meta device finds out too, but a hundred times slower.

For pooling and local response normalisation torch's own way to the meta device begins by loading sympy and the compiler
(torch 2.15), two seconds in which nothing is shown.

Each rule gives a new tensor on the meta device, or None where the case is not plain enough for it; then the layer
itself is asked. A test compares the rules with the layers over torchvision's networks.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

# One value in, one value out, whatever the neighbours are.
_POINTWISE_LAYERS = frozenset(
    {
        nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish, nn.Hardsigmoid, nn.Sigmoid, nn.Tanh, nn.ELU, nn.LeakyReLU,
        nn.Mish, nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.Softmax, nn.LogSoftmax, nn.SELU,
    }
)  # fmt: skip
_POINTWISE_FUNCTIONS = frozenset(
    {
        "relu", "relu6", "silu", "gelu", "hardswish", "hardsigmoid", "sigmoid", "tanh", "elu", "leaky_relu", "mish",
        "dropout", "softmax", "log_softmax", "neg", "exp", "sqrt", "rsqrt", "abs", "clamp", "square",
    }
)  # fmt: skip
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "iadd", "isub", "imul", "add_", "sub_", "mul_"})
_LAYERS_THAT_NORMALISE = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_CONVOLUTIONS = {nn.Conv1d: 3, nn.Conv2d: 4, nn.Conv3d: 5}


def layer(module: nn.Module, args: tuple[Any, ...]) -> Tensor | None:
    """What a layer of torch.nn in evaluation gives for one tensor."""
    if len(args) != 1 or not isinstance(args[0], Tensor):
        return None
    x, kind = args[0], type(module)
    if kind in _POINTWISE_LAYERS:
        return _like(x)
    if kind in _LAYERS_THAT_NORMALISE:
        fits = x.dim() == {nn.BatchNorm1d: x.dim(), nn.BatchNorm2d: 4, nn.BatchNorm3d: 5}[kind]
        usual = x.dim() > 1 and x.shape[1] == module.num_features and x.dtype is torch.float32
        return _like(x) if fits and usual else None
    if kind is nn.LayerNorm:
        size = tuple(module.normalized_shape)  # type: ignore[arg-type]
        return _like(x) if tuple(x.shape[-len(size) :]) == size else None
    if kind is nn.Linear:
        weight = module.weight
        if x.dim() < 1 or x.dtype is not weight.dtype or x.shape[-1] != weight.shape[1]:
            return None
        return torch.empty((*x.shape[:-1], weight.shape[0]), dtype=x.dtype, device="meta")
    if kind in _CONVOLUTIONS:
        return _convolution(module, x, _CONVOLUTIONS[kind])
    if kind in {nn.MaxPool2d, nn.AvgPool2d}:
        return _pooled(module, x)
    if kind is nn.AdaptiveAvgPool2d:
        return _pooled_to(module.output_size, x)
    if kind is nn.LocalResponseNorm:
        return _like(x) if x.dim() > 2 else None
    return None


def check(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Refuses what the meta device lets pass, and real data does not.

    Raises:
        RuntimeError: the channels are not those that a transposed convolution expects.
    """
    if isinstance(module, nn.modules.conv._ConvTransposeNd) and args and isinstance(args[0], Tensor):  # noqa: SLF001
        x, axes = args[0], len(module.kernel_size)
        if x.dim() == axes + 2 and x.shape[1] != module.in_channels:
            raise RuntimeError(f"expected {module.in_channels} channels, got {x.shape[1]}")


def function(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """What a function of torch in evaluation gives."""
    if name in {"cat", "concat", "concatenate"}:
        return _concat(args, kwargs)
    if name in _ARITHMETIC and not kwargs and len(args) == 2:
        left, right = args
        if isinstance(left, Tensor) and left.dtype is torch.float32:
            if isinstance(right, int | float) and not isinstance(right, bool):
                return _like(left)
            if isinstance(right, Tensor) and _alike(left, right):
                return _like(left)
        return None
    if name in _POINTWISE_FUNCTIONS and args and isinstance(args[0], Tensor) and args[0].is_floating_point():
        plain = not any(isinstance(value, Tensor | torch.dtype) for value in (*args[1:], *kwargs.values()))
        return _like(args[0]) if plain and "out" not in kwargs else None
    return None


def _convolution(module: Any, x: Tensor, axes: int) -> Tensor | None:
    if x.dim() != axes or x.shape[1] != module.in_channels or module.padding_mode != "zeros":
        return None
    if isinstance(module.padding, str) or x.dtype is not module.weight.dtype or not x.is_contiguous():
        return None
    rest = []
    settings = zip(x.shape[2:], module.kernel_size, module.stride, module.padding, module.dilation, strict=True)
    for size, kernel, stride, padding, dilation in settings:
        positions = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        if positions < 1:
            return None
        rest.append(positions)
    return torch.empty((x.shape[0], module.out_channels, *rest), dtype=x.dtype, device="meta")


def _pooled(module: Any, x: Tensor) -> Tensor | None:
    if x.dim() != 4 or not x.is_contiguous() or getattr(module, "return_indices", False):
        return None
    settings = (module.kernel_size, module.stride, module.padding, getattr(module, "dilation", 1))
    rest = []
    for size, kernel, stride, padding, dilation in zip(x.shape[2:], *map(_both, settings), strict=True):
        # The layer itself says what is wrong with it.
        if min(kernel, stride, dilation) < 1 or not 0 <= padding <= kernel // 2:
            return None
        covered = size + 2 * padding - dilation * (kernel - 1) - 1
        positions = covered // stride + 1
        # Rounded up, but no window begins behind the image and its padding before it.
        if module.ceil_mode and covered % stride and positions * stride < size + padding:
            positions += 1
        if positions < 1:
            return None
        rest.append(positions)
    return torch.empty((*x.shape[:2], *rest), dtype=x.dtype, device="meta")


def _pooled_to(output_size: Any, x: Tensor) -> Tensor | None:
    if x.dim() != 4 or not x.is_contiguous() or 0 in x.shape[1:]:
        return None
    rest = [size if asked is None else asked for size, asked in zip(x.shape[2:], _both(output_size), strict=True)]
    return torch.empty((*x.shape[:2], *rest), dtype=x.dtype, device="meta") if min(rest) > 0 else None


def _both(value: Any) -> tuple[Any, Any]:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _concat(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    tensors = args[0] if args else kwargs.get("tensors")
    axis = args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("axis", 0))
    if not isinstance(tensors, list | tuple) or not tensors or not isinstance(axis, int):
        return None
    first = tensors[0]
    if not all(isinstance(tensor, Tensor) and tensor.is_contiguous() for tensor in tensors):
        return None
    axis %= max(first.dim(), 1)
    for tensor in tensors[1:]:
        same = tensor.dtype is first.dtype and tensor.dim() == first.dim()
        if not same or any(
            a != b for index, (a, b) in enumerate(zip(tensor.shape, first.shape, strict=True)) if index != axis
        ):
            return None
    size = list(first.shape)
    if not size:
        return None
    size[axis] = sum(tensor.shape[axis] for tensor in tensors)
    return torch.empty(size, dtype=first.dtype, device="meta")


def _like(x: Tensor) -> Tensor | None:
    """A new tensor; torch.empty_like takes ten times as long, and is needed only where strides are unusual."""
    return torch.empty(x.shape, dtype=x.dtype, device="meta") if x.is_contiguous() else None


def _alike(left: Tensor, right: Tensor) -> bool:
    return left.shape == right.shape and left.dtype is right.dtype and left.stride() == right.stride()
