"""What units see behind calls of torch's functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.structure.graph import Kind, Shape
from explorer.structure.receptive_field import (
    POINTWISE_KINDS,
    Sight,
    through_adaptive_pool,
    through_resampling,
    through_reshape,
    through_transposed,
    through_window,
    two,
)

ATTENDING = frozenset({"matmul", "bmm", "baddbmm", "imatmul", "einsum", "scaled_dot_product_attention"})
"""Products of two tensors that came from the image: each unit may look at each other."""

# Functions of one value at a time that are of no kind in particular.
_POINTWISE = frozenset(
    {
        "exp", "log", "sqrt", "rsqrt", "square", "pow", "abs", "neg", "reciprocal", "clamp", "erf", "sin", "cos",
        "sign", "float", "half", "to", "type_as", "clone", "contiguous", "detach", "alias",
    }
)  # fmt: skip
_REDUCTIONS = frozenset({"mean", "sum", "amax", "amin", "var", "std", "norm", "logsumexp"})
_OVER_ONE_AXIS = frozenset({"softmax", "log_softmax", "softmin", "normalize", "cat", "concat", "concatenate"})
_OTHER_ORDER = frozenset(
    {
        "roll", "flip", "rot90", "unfold", "fold", "setitem", "grid_sample", "pixel_unshuffle", "gather", "repeat",
        "index_select", "tile", "movedim", "moveaxis", "T", "mT", "H", "mH", "t", "diagonal", "repeat_interleave",
    }
)  # fmt: skip
_TRANSPOSED = ("stride", "padding", "dilation")
_SAME_SHAPE = frozenset({"contiguous", "clone", "detach", "to", "type_as", "float", "half", "double", "expand"})
_IN_GROUPS = frozenset({"stack", "hstack", "vstack", "glu", "group_norm", "instance_norm", "rms_norm"})


def through_call(
    name: str, kind: Kind, sight: Sight, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape
) -> Sight | None:
    """The field behind a call of one of torch's functions; None where it is not known. `given` names its arguments."""
    name = name.rstrip("_")
    if sight.is_same_for_all:
        known = kind not in {Kind.OTHER, Kind.CONVOLUTION, Kind.POOLING} or name in _POINTWISE or len(input_shape) > 1
        return sight if known else None
    if sight.is_map(input_shape):
        known, found = _through_map_call(name, sight, given, output_shape)
        if known:
            return found
    if kind is Kind.RESHAPE:
        return _through_reshape_call(name, sight, given, input_shape, output_shape)
    return _through_other_call(name, kind, sight, given, input_shape, output_shape)


def _through_other_call(
    name: str, kind: Kind, sight: Sight, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape
) -> Sight | None:
    if name == "shifted_window_attention":
        return _through_window_attention(sight, given)
    if name == "patch_merging_pad":
        # Swin's step between stages: two by two places into the channels of one.
        return through_window(sight, (2, 2), (2, 2), (0, 0), output=output_shape)
    if name in _REDUCTIONS:
        return _through_reduction(sight, input_shape, output_shape)
    if name in _OVER_ONE_AXIS:
        axis = _axis(given.get("dim", 1 if name == "normalize" else 0 if name.startswith("c") else None), input_shape)
        # Tokens may be put behind others: places change, fields do not.
        return sight if axis is not None and (axis not in sight.axes or _adds_tokens(name, sight)) else None
    if name == "linear":
        last = len(input_shape) - 1
        if last in sight.axes:
            return sight.through(sight.rows, sight.columns.all_of(sight.grid[1])) if sight.axes[0] < last else None
        return sight
    if name == "layer_norm":
        return sight if max(sight.axes) < len(input_shape) - len(given.get("normalized_shape", input_shape)) else None
    if name in _IN_GROUPS:
        return None
    return sight if kind in POINTWISE_KINDS or name in _POINTWISE else None


def _adds_tokens(name: str, sight: Sight) -> bool:
    return name.startswith("c") and sight.are_tokens


def _axis(dim: Any, shape: Shape) -> int | None:
    """Which axis of one image's tensor a number means, which counts the batch; None for the batch and for others."""
    if not isinstance(dim, int) or not -len(shape) <= dim <= len(shape):
        return None
    return dim % (len(shape) + 1) - 1 if dim else None


def _through_map_call(
    name: str, sight: Sight, given: Mapping[str, Any], output_shape: Shape
) -> tuple[bool, Sight | None]:
    """Whether a function looks at a map through windows, and what is seen behind it then."""
    if name in {"max_pool2d", "avg_pool2d", "conv2d"}:
        return True, _through_window_call(name, sight, given, output_shape)
    if name == "conv_transpose2d":
        kernel = tuple(given["weight"].shape[2:])
        stride, padding, dilation = (two(given.get(key, int(key != "padding"))) for key in _TRANSPOSED)
        return True, through_transposed(sight, kernel, stride, padding, dilation, output_shape)
    if name.startswith("adaptive_") and len(output_shape) == 3:
        return True, through_adaptive_pool(sight, output_shape)
    if name in {"interpolate", "upsample"} and len(output_shape) == 3:
        return True, through_resampling(sight, given, output_shape)
    if name == "pixel_shuffle":
        return True, through_resampling(sight, {}, output_shape)
    return False, None


def _through_window_call(name: str, sight: Sight, given: Mapping[str, Any], output_shape: Shape) -> Sight | None:
    kernel = given.get("kernel_size") if name != "conv2d" else tuple(given["weight"].shape[2:])
    if not kernel:
        return None
    # Pooling steps by its own size unless told otherwise; a convolution by one.
    stride = given.get("stride") or (kernel if name != "conv2d" else 1)
    padding, dilation = given.get("padding", 0), given.get("dilation", 1) if name != "avg_pool2d" else 1
    if padding == "same":
        padding = tuple((k - 1) * d // 2 for k, d in zip(two(kernel), two(dilation), strict=True))
    elif isinstance(padding, str):
        padding = 0
    return through_window(sight, two(kernel), two(stride), two(padding), two(dilation), output=output_shape)


def _through_window_attention(sight: Sight, given: Mapping[str, Any]) -> Sight | None:
    """Swin's: each unit sees its window, which is shifted where the map is larger than it (Liu et al. 2021)."""
    windows, shifts = given.get("window_size"), given.get("shift_size", (0, 0))
    if not isinstance(windows, list | tuple) or not isinstance(shifts, list | tuple) or len(windows) != 2:
        return None
    rows, columns = (
        span.windowed(window, 0 if window >= units else shift)
        for span, window, shift, units in zip((sight.rows, sight.columns), windows, shifts, sight.grid, strict=True)
    )
    return sight.through(rows, columns)


def _through_pad(sight: Sight, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape) -> Sight | None:
    sides = given.get("pad")
    if given.get("mode", "constant") != "constant" or not isinstance(sides, list | tuple) or sight.are_tokens:
        return None
    # From the last axis on: before and behind; padding of the channels moves nothing.
    before = [0] * len(input_shape)
    for place, amount in enumerate(sides[::2]):
        if place < len(before):
            before[-1 - place] = amount
    if not all(isinstance(amount, int) for amount in before):
        return None
    rows, columns = sight.axes
    return through_window(sight, (1, 1), (1, 1), (before[rows], before[columns]), output=output_shape)


def _through_index(sight: Sight, index: Any, input_shape: Shape, output_shape: Shape) -> Sight | None:
    """Crops and steps: slices of rows and columns; any choice along other axes."""
    items = list(index) if isinstance(index, tuple) else [index]
    axes = len(input_shape) + 1
    if any(item is Ellipsis for item in items):
        place = next(place for place, item in enumerate(items) if item is Ellipsis)
        items[place : place + 1] = [slice(None)] * (axes + 1 - len(items))
    items += [slice(None)] * (axes - len(items))
    if len(items) != axes or not all(isinstance(item, int | slice) for item in items) or sight.are_tokens:
        return None
    spans, places = [], []
    for span, axis in zip((sight.rows, sight.columns), sight.axes, strict=True):
        cut = items[axis + 1]
        if not isinstance(cut, slice):
            return None
        start, _, step = cut.indices(input_shape[axis])
        if step < 1:
            return None
        spans.append(span.window(1, step, -start))
        # Axes of which one place was chosen are gone; so is the batch where it was.
        places.append(axis - sum(isinstance(item, int) for item in items[1 : axis + 1]))
    return replace(sight, axes=(places[0], places[1])).through(spans[0], spans[1], output_shape)


def _through_reshape_call(
    name: str, sight: Sight, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape
) -> Sight | None:
    if name in _OTHER_ORDER:
        return None
    if name == "pad":
        return _through_pad(sight, given, input_shape, output_shape)
    if name == "getitem":
        return _through_index(sight, given.get("index"), input_shape, output_shape)
    if name == "permute":
        dims = [dim % (len(input_shape) + 1) for dim in given.get("dims", ()) if isinstance(dim, int)]
        if len(dims) != len(input_shape) + 1 or dims[0] != 0:
            return None
        return _reordered(sight, [dim - 1 for dim in dims[1:]])
    if name in {"transpose", "swapaxes", "swapdims"}:
        first, second = (_axis(given.get(key), input_shape) for key in ("dim0", "dim1"))
        if first is None or second is None:
            return None
        order = list(range(len(input_shape)))
        order[first], order[second] = second, first
        return _reordered(sight, order)
    if name in {"chunk", "split", "tensor_split", "split_with_sizes", "unbind", "narrow", "select"}:
        axis = _axis(given.get("dim", 0), input_shape)
        gone = name in {"unbind", "select"}
        if axis is None or axis in sight.axes:
            return None
        first, second = (place - (gone and place > axis) for place in sight.axes)
        return replace(sight, axes=(first, second))
    if name in _SAME_SHAPE and input_shape == output_shape:
        return sight
    return through_reshape(sight, input_shape, output_shape)


def _reordered(sight: Sight, order: list[int]) -> Sight:
    return replace(sight, axes=(order.index(sight.axes[0]), order.index(sight.axes[1])))


def _through_reduction(sight: Sight, input_shape: Shape, output_shape: Shape) -> Sight | None:
    """Means and the like: over all of a map, or over its channels alone."""
    kept = [axis for axis in range(len(input_shape)) if axis in sight.axes]
    if len(output_shape) == len(input_shape):
        left = [output_shape[axis] for axis in kept]
        if left == [input_shape[axis] for axis in kept]:
            return sight
        return sight.whole() if all(size == 1 for size in left) else None
    return sight.whole() if len(output_shape) <= 1 else None
