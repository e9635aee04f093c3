"""What a layer costs: parameters, multiply-adds and activation bytes, each with the formula that gives it.

The counting rule: MACs are the multiply-adds of convolutions, transposed convolutions and matrix products (linear,
matmul, bmm), without biases; FLOPs are twice that. Everything else (normalisation, activations, pooling, additions)
counts nothing, as in torchvision's published figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import nn

from explorer.structure.graph import Shape

BYTES = 4  # float32

Count = tuple[int, str]


def module_parameters(module: nn.Module, count: int) -> str:
    """The formula behind a module's `count` parameters, for example "(5 × 5 × 6 + 1) × 16 = 2,416"."""
    if count == 0:
        return ""
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        transposed = module.transposed
        inputs = (module.out_channels if transposed else module.in_channels) // module.groups
        outputs = module.in_channels if transposed else module.out_channels
        inside = _times(*module.kernel_size, inputs)
        if module.bias is None:
            return equation(f"{inside} × {outputs}", count)
        if transposed:
            return equation(f"{inside} × {outputs} + {module.out_channels}", count)
        return equation(f"({inside} + 1) × {outputs}", count)
    if isinstance(module, nn.Linear):
        inside = f"({module.in_features:,} + 1)" if module.bias is not None else f"{module.in_features:,}"
        return equation(f"{inside} × {module.out_features:,}", count)
    if isinstance(module, nn.modules.batchnorm._NormBase):  # noqa: SLF001
        return equation(f"2 × {module.num_features}", count)
    shapes = [_times(*parameter.shape) for parameter in module.parameters(recurse=False)]
    return equation(" + ".join(shapes), count) if len(shapes) > 1 or "×" in shapes[0] else f"{count:,}"


def module_macs(module: nn.Module, input_shape: Shape, output_shape: Shape) -> Count:
    """Multiply-adds of a leaf module for one image, and their formula; shapes without the batch."""
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        # A transposed convolution multiplies once per input position, an ordinary one once per output position.
        positions = input_shape[1:] if module.transposed else output_shape[1:]
        factors = (*module.kernel_size, module.in_channels // module.groups, module.out_channels, *positions)
        return prod(factors), equation(_times(*factors), prod(factors))
    if isinstance(module, nn.Linear):
        factors = (*output_shape[:-1], module.in_features, module.out_features)
        return prod(factors), equation(_times(*factors), prod(factors))
    return 0, ""


def function_macs(name: str, input_shapes: Sequence[Shape], output_shape: Shape) -> Count:
    """Multiply-adds of a functional matrix product or convolution for one image.

    Counted are linear, matmul, bmm, addmm and the convolutions. All shapes lack their first axis: the batch, or that
    of a weight, which for convolutions is its outputs and for transposed ones its inputs.
    """
    factors: tuple[int, ...] = ()
    if name in {"matmul", "bmm", "linear"} and input_shapes and input_shapes[0]:
        factors = (*output_shape, input_shapes[0][-1])
    elif name == "addmm" and len(input_shapes) == 3 and input_shapes[1]:
        factors = (*output_shape, input_shapes[1][-1])
    elif name in {"conv1d", "conv2d", "conv3d"} and len(input_shapes) >= 2:
        factors = (*input_shapes[1][1:], input_shapes[1][0], *output_shape)
    elif name in {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"} and len(input_shapes) >= 2:
        factors = (*input_shapes[1][1:], input_shapes[1][0], *input_shapes[0])
    return (prod(factors), equation(_times(*factors), prod(factors))) if factors else (0, "")


def activation_bytes(output_shape: Shape) -> Count:
    """Bytes of one image's output in float32, and the formula."""
    size = prod(output_shape) * BYTES
    return size, f"{_times(*output_shape)} × {BYTES} B = {size:,} B"


def equation(left: str, right: int) -> str:
    return f"{left} = {right:,}"


def _times(*factors: int) -> str:
    return " × ".join(f"{factor:,}" for factor in factors)
