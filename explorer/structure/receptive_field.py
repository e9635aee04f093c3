"""The part of the input that a unit sees, followed through the layers, branches and joins included.

Where branches meet, the field is their union. Attention sees all of the image that its tokens see together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

from torch import nn

from explorer.structure.graph import Field, Kind, Shape
from explorer.structure.receptive_span import Span

POINTWISE_KINDS = frozenset({Kind.ACTIVATION, Kind.NORMALISATION, Kind.DROPOUT, Kind.JOIN})
"""What a unit of such layers sees is what its input at the same place sees."""

# Statistics over space would let every unit see the whole image: no field is given there.
_MIXES_SPACE = (nn.GroupNorm, nn.modules.instancenorm._InstanceNorm)  # noqa: SLF001
_POINTWISE = (
    nn.modules.batchnorm._BatchNorm,  # noqa: SLF001
    nn.LocalResponseNorm,
    nn.modules.dropout._DropoutNd,  # noqa: SLF001
    nn.Identity,
)
_ATTENTION = (nn.MultiheadAttention, nn.TransformerEncoderLayer)
_LINEAR_MODES = {"nearest": range(1), "bilinear": range(2), "bicubic": range(-1, 3)}


@dataclass(frozen=True)
class Sight:
    """What the units of a tensor see: `rows` of the image along one of its axes, `columns` along another.

    `axes` says which axes of one image's tensor those are, counted from 0, and `grid` how many units lie along them.
    Both are the same axis where a map's places stand in one row, as tokens.
    """

    rows: Span
    columns: Span
    axes: tuple[int, int]
    grid: tuple[int, int]

    @property
    def is_same_for_all(self) -> bool:
        """Whether all units see the same, so that no order of them matters."""
        return self.rows.is_same_for_all and self.columns.is_same_for_all

    @property
    def are_tokens(self) -> bool:
        return self.axes[0] == self.axes[1]

    def is_map(self, shape: Shape) -> bool:
        """Whether it is one of channels, rows and columns, in this order."""
        return len(shape) == 3 and self.axes == (1, 2)

    def whole(self) -> Sight:
        """What is seen by units that look at all of these."""
        return self.through(self.rows.all_of(self.grid[0]), self.columns.all_of(self.grid[1])) or self

    def through(self, rows: Span | None, columns: Span | None, output: Shape = ()) -> Sight | None:
        """With other spans along the same axes, as many units as the output has; None where one is not known."""
        if rows is None or columns is None:
            return None
        grid = (output[self.axes[0]], output[self.axes[1]]) if len(output) > max(self.axes) else self.grid
        return replace(self, rows=rows, columns=columns, grid=grid)


def start(image: Shape) -> Sight:
    """What pixels of an image (channels, height, width) see: themselves."""
    return Sight(Span(), Span(), (1, 2), (image[-2], image[-1]))


def join(sights: Sequence[Sight | None]) -> Sight | None:
    """The union of what several inputs see; None where one of them has no field, or there is none."""
    if len(sights) == 1:
        return sights[0]
    known = [sight for sight in sights if sight is not None]
    if not known or len(known) < len(sights):
        return None
    whole: Sight | None = known[0]
    for other in known[1:]:
        if whole is None:
            return None
        same, moving = whole.is_same_for_all, not other.is_same_for_all
        if moving and not same and other.axes != whole.axes:
            return None
        place = other if same and moving else whole
        whole = place.through(whole.rows.union(other.rows), whole.columns.union(other.columns))
    return whole


def attended(sights: Sequence[Sight | None]) -> Sight | None:
    """What is seen where each unit of the inputs may look at each other, as in products of matrices of tokens."""
    return join([sight.whole() if sight is not None else None for sight in sights])


def through_module(module: nn.Module, sight: Sight | None, input_shape: Shape, output_shape: Shape) -> Sight | None:
    """The field behind a leaf module; None where a field has no meaning or the layer is not known."""
    if sight is None or sight.is_same_for_all:
        return sight
    if isinstance(module, nn.Linear | nn.LayerNorm):
        # They work on the last axis, a norm perhaps on more.
        worked_on = 1 if isinstance(module, nn.Linear) else len(module.normalized_shape)
        return _through_last_axes(module, sight, worked_on, input_shape)
    if isinstance(module, nn.Flatten):
        return through_reshape(sight, input_shape, output_shape)
    if isinstance(module, _ATTENTION):
        return sight.whole() if sight.are_tokens else None
    if sight.is_map(input_shape):
        known, found = _through_window_module(module, sight, output_shape)
        if known:
            return found
    if isinstance(module, nn.Softmax | nn.LogSoftmax):
        # The batch is an axis too.
        axis = None if module.dim is None else module.dim % (len(input_shape) + 1) - 1
        return None if axis is None or axis in sight.axes else sight
    own = getattr(module, "kind", None)
    if isinstance(own, str):
        return sight if own in {kind.value for kind in POINTWISE_KINDS} else None
    activation = type(module).__module__ == "torch.nn.modules.activation"
    return sight if isinstance(module, _POINTWISE) or activation else None


def _through_last_axes(module: nn.Module, sight: Sight, count: int, shape: Shape) -> Sight | None:
    if max(sight.axes) < len(shape) - count:
        return sight
    if isinstance(module, nn.Linear) and not sight.are_tokens and sight.axes[1] == len(shape) - 1:
        return sight.through(sight.rows, sight.columns.all_of(sight.grid[1]))
    return None if isinstance(module, nn.LayerNorm) else sight.whole()


def _through_window_module(module: nn.Module, sight: Sight, output_shape: Shape) -> tuple[bool, Sight | None]:
    """Whether it is a layer that looks at a map through windows, and what is seen behind it then."""
    if isinstance(module, nn.Conv2d):
        padding = (
            tuple((k - 1) * d // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
            if module.padding == "same"
            else (0, 0)
            if isinstance(module.padding, str)
            else module.padding
        )
        return True, through_window(
            sight, module.kernel_size, module.stride, padding, module.dilation, output=output_shape
        )
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        dilation = two(module.dilation) if isinstance(module, nn.MaxPool2d) else (1, 1)
        sizes = two(module.kernel_size), two(module.stride), two(module.padding)
        return True, through_window(sight, *sizes, dilation, output=output_shape)
    if isinstance(module, nn.ConvTranspose2d):
        padding = two(module.padding) if not isinstance(module.padding, str) else (0, 0)
        return True, through_transposed(
            sight, module.kernel_size, module.stride, padding, module.dilation, output_shape
        )
    if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return True, through_adaptive_pool(sight, output_shape)
    if isinstance(module, nn.Upsample):
        given = {"mode": module.mode, "align_corners": module.align_corners}
        return True, through_resampling(sight, given, output_shape)
    if isinstance(module, nn.PixelShuffle):
        return True, through_resampling(sight, {"mode": "nearest"}, output_shape)
    if isinstance(module, nn.modules.padding._ConstantPadNd):  # noqa: SLF001
        left, _, top, _ = (*module.padding, 0, 0)[:4]
        return True, through_window(sight, (1, 1), (1, 1), (top, left), output=output_shape)
    return isinstance(module, _MIXES_SPACE), None


def through_window(
    sight: Sight,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int] = (1, 1),
    *,
    output: Shape,
) -> Sight | None:
    return sight.through(
        sight.rows.window(kernel[0], stride[0], padding[0], dilation[0]),
        sight.columns.window(kernel[1], stride[1], padding[1], dilation[1]),
        output,
    )


def through_transposed(
    sight: Sight,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    output: Shape,
) -> Sight | None:
    return sight.through(
        sight.rows.transposed(kernel[0], stride[0], padding[0], dilation[0]),
        sight.columns.transposed(kernel[1], stride[1], padding[1], dilation[1]),
        output,
    )


def through_adaptive_pool(sight: Sight, output: Shape) -> Sight | None:
    """Adaptive pooling: windows of unequal size where the sizes do not divide."""
    return sight.through(
        sight.rows.pooled(sight.grid[0], output[-2]), sight.columns.pooled(sight.grid[1], output[-1]), output
    )


def through_resampling(sight: Sight, given: Mapping[str, Any], output: Shape) -> Sight | None:
    """Maps made larger or smaller by `torch.nn.functional.interpolate`."""
    mode = given.get("mode", "nearest")
    if mode == "area":
        return through_adaptive_pool(sight, output)
    exact = mode == "nearest-exact"
    taps = _LINEAR_MODES.get("nearest" if exact else mode)
    if taps is None or given.get("antialias"):
        return None

    def resampled(span: Span, units: int, outputs: int) -> Span | None:
        if given.get("align_corners"):
            return span.resampled(Fraction(units - 1, max(outputs - 1, 1)), taps)
        ratio = Fraction(units, outputs)
        if exact:
            # Half a unit on, then down: the unit whose middle is nearest.
            half = Fraction(1, 2)
            return span.through(lambda unit: ((unit + half) * ratio // 1,), ratio.denominator, ratio.numerator)
        return span.resampled(ratio, taps, Fraction(0 if mode == "nearest" else 1, 2))

    return sight.through(
        resampled(sight.rows, sight.grid[0], output[-2]), resampled(sight.columns, sight.grid[1], output[-1]), output
    )


def through_reshape(sight: Sight, input_shape: Shape, output_shape: Shape) -> Sight | None:
    """Another shape for the same values in the same order.

    An axis lives on where as many values lie before it and along it. Rows and columns that became one axis are tokens;
    where all of a map stands in one row with its channels, or is one value, who reads it sees all of it.
    """
    if len(output_shape) <= 1:
        return replace(sight.whole(), axes=(0, 0))
    first, second = sight.axes
    if sight.are_tokens:
        if (kept := _axis_at(output_shape, prod(input_shape[:first]), input_shape[first])) is not None:
            return replace(sight, axes=(kept, kept))
        if input_shape[first] != prod(sight.grid):
            return None
    if second == first + 1 or sight.are_tokens:
        rows = _axis_at(output_shape, prod(input_shape[:first]), sight.grid[0])
        if rows is not None and rows + 1 < len(output_shape) and output_shape[rows + 1] == sight.grid[1]:
            return replace(sight, axes=(rows, rows + 1))
        tokens = _axis_at(output_shape, prod(input_shape[:first]), prod(sight.grid))
        return replace(sight, axes=(tokens, tokens)) if tokens is not None else None
    rows, columns = (_axis_at(output_shape, prod(input_shape[:axis]), input_shape[axis]) for axis in sight.axes)
    return None if rows is None or columns is None else replace(sight, axes=(rows, columns))


def _axis_at(shape: Shape, before: int, size: int) -> int | None:
    """The axis of a size that has so many values before it."""
    return next((axis for axis, side in enumerate(shape) if side == size and prod(shape[:axis]) == before), None)


def field_of(sight: Sight | None, image: Shape) -> Field | None:
    """A field as a node shows it, its size clipped to the image (channels, height, width)."""
    if sight is None or len(image) < 3:
        return None
    rows, columns = sight.rows, sight.columns
    return Field(
        size=(min(rows.size, image[-2]), min(columns.size, image[-1])),
        step=(rows.step, columns.step),
        offset=(rows.start, columns.start),
    )


def two(value: Any) -> tuple[int, ...]:
    """A number for each of two axes, from one or two."""
    if isinstance(value, list | tuple):
        return tuple(value) if len(value) == 2 else tuple(value) * 2
    return (value, value)
