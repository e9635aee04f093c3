"""The part of the input that a unit sees, followed through the layers, branches and joins included.

The rule for a window of size k, stride s, padding p and dilation d on units that are `step` pixels apart: the field
grows by (k - 1) d step, begins p step further out, and the step becomes s step (Araujo, Norris, Sim: Computing
receptive fields of convolutional neural networks, Distill 2019). Where branches meet, the field is their union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from explorer.structure.graph import Field, Kind, Shape

POINTWISE_KINDS = frozenset({Kind.ACTIVATION, Kind.NORMALISATION, Kind.DROPOUT, Kind.JOIN})
"""What a unit of such layers sees is what its input at the same place sees."""

# Statistics over space (these three) would let every unit see the whole image: no field is given there.
_MIXES_SPACE = (nn.LayerNorm, nn.GroupNorm, nn.modules.instancenorm._InstanceNorm)  # noqa: SLF001
_POINTWISE = (
    nn.modules.batchnorm._BatchNorm,  # noqa: SLF001
    nn.LocalResponseNorm,
    nn.modules.dropout._DropoutNd,  # noqa: SLF001
    nn.Identity,
)


@dataclass(frozen=True)
class Span:
    """A field along one axis, in input pixels: `size` wide, `step` from unit to unit, `start` of the first unit."""

    size: int
    step: int
    start: int

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Span:
        return Span(
            size=self.size + (kernel - 1) * dilation * self.step,
            step=self.step * stride,
            start=self.start - padding * self.step,
        )

    def all_of(self, units: int) -> Span:
        """What one unit sees that looks at all `units` along this axis."""
        return Span(size=self.size + (units - 1) * self.step, step=0, start=self.start)

    def union(self, other: Span) -> Span:
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Span(size=end - start, step=max(self.step, other.step), start=start)


Spans = tuple[Span, Span]
START: Spans = (Span(1, 1, 0), Span(1, 1, 0))


def join(spans: Sequence[Spans | None]) -> Spans | None:
    """The union of what several inputs see; None where one of them has no field, or there is none."""
    known = [pair for pair in spans if pair is not None]
    if not known or len(known) < len(spans):
        return None
    vertical, horizontal = known[0]
    for other in known[1:]:
        vertical, horizontal = vertical.union(other[0]), horizontal.union(other[1])
    return vertical, horizontal


def through_module(module: nn.Module, spans: Spans | None, input_shape: Shape, output_shape: Shape) -> Spans | None:
    """The field behind a leaf module; None where a field has no meaning or the layer is not known."""
    if spans is None:
        return None
    if isinstance(module, nn.Conv2d):
        padding = (
            tuple((k - 1) * d // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
            if module.padding == "same"
            else (0, 0)
            if isinstance(module.padding, str)
            else module.padding
        )
        return through_window(spans, module.kernel_size, module.stride, padding, module.dilation)
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        dilation = _pair(module.dilation) if isinstance(module, nn.MaxPool2d) else (1, 1)
        return through_window(spans, _pair(module.kernel_size), _pair(module.stride), _pair(module.padding), dilation)
    if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return through_adaptive_pool(spans, input_shape, output_shape)
    if isinstance(module, nn.Linear) and len(input_shape) == 3:
        # It works on the last axis alone, which is a row of the image.
        return spans[0], spans[1].all_of(input_shape[-1])
    if isinstance(module, nn.Linear | nn.Flatten):
        return through_reshape(spans, input_shape)
    if isinstance(module, nn.Softmax | nn.LogSoftmax) and len(input_shape) == 3:
        return spans if module.dim in _OVER_CHANNELS else None
    if isinstance(module, nn.modules.padding._ConstantPadNd) and len(input_shape) == 3:  # noqa: SLF001
        left, _, top, _ = (*module.padding, 0, 0)[:4]
        return through_window(spans, (1, 1), (1, 1), (top, left))
    if isinstance(module, _MIXES_SPACE):
        return spans if len(input_shape) < 3 else None
    own = getattr(module, "kind", None)
    if isinstance(own, str):
        return spans if own in {kind.value for kind in POINTWISE_KINDS} else None
    activation = type(module).__module__ == "torch.nn.modules.activation"
    if isinstance(module, _POINTWISE) or (activation and not isinstance(module, nn.MultiheadAttention)):
        return spans
    # Among them transposed convolutions and upsampling, whose units are fractions of a step apart.
    return None


# Functions of one value at a time that are of no kind in particular.
_POINTWISE_FUNCTIONS = frozenset(
    {
        "exp", "log", "sqrt", "rsqrt", "square", "pow", "abs", "neg", "reciprocal", "clamp", "erf", "sin", "cos",
        "sign", "float", "half", "to", "type_as", "clone", "contiguous", "detach", "alias",
    }
)  # fmt: skip
_REDUCTIONS = frozenset({"mean", "sum", "amax", "amin", "var", "std", "norm", "logsumexp"})
_OVER_CHANNELS = frozenset({1, -3})


def through_call(
    name: str, kind: Kind, spans: Spans, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape
) -> Spans | None:
    """The field behind a call of one of torch's functions; None where it is not known. `given` names its arguments."""
    name = name.rstrip("_")
    if len(input_shape) == 4:
        # Channels in groups, as while they are shuffled: only what leaves rows and columns in place is looked at.
        if kind is Kind.RESHAPE and name not in {"pad", "getitem"}:
            return _through_reshape_call(name, spans, given, input_shape, output_shape)
        return spans if name in _POINTWISE_FUNCTIONS or name in {"add", "mul", "relu", "gelu", "silu"} else None
    if len(input_shape) != 3:
        # Vectors and the like: what they see does not depend on where a unit stands.
        everywhere = spans[0].step == spans[1].step == 0 or len(input_shape) < 2
        known = kind not in {Kind.OTHER, Kind.CONVOLUTION, Kind.POOLING} or name in _POINTWISE_FUNCTIONS
        return spans if everywhere and known else None
    if name in {"max_pool2d", "avg_pool2d", "conv2d"}:
        return _through_window_call(name, spans, given)
    if name.startswith("adaptive_") and len(output_shape) == 3:
        return through_adaptive_pool(spans, input_shape, output_shape)
    if name == "pad":
        return _through_pad(spans, given)
    if name == "getitem":
        return _through_index(spans, given.get("index"), input_shape, output_shape)
    if name in _REDUCTIONS or kind is Kind.RESHAPE:
        return _through_reshape_call(name, spans, given, input_shape, output_shape)
    if name in {"cat", "concat", "concatenate"}:
        return spans if given.get("dim", 0) in _OVER_CHANNELS else None
    if name in {"softmax", "log_softmax", "softmin", "normalize"}:
        return spans if given.get("dim", 1) in _OVER_CHANNELS else None
    if name == "linear":
        return spans[0], spans[1].all_of(input_shape[-1])
    if name in {"layer_norm", "group_norm", "instance_norm", "rms_norm", "stack", "hstack", "vstack", "glu"}:
        return None
    return spans if kind in POINTWISE_KINDS or name in _POINTWISE_FUNCTIONS else None


def _through_window_call(name: str, spans: Spans, given: Mapping[str, Any]) -> Spans | None:
    kernel = given.get("kernel_size") if name != "conv2d" else tuple(given["weight"].shape[2:])
    # Pooling steps by its own size unless told otherwise; a convolution by one.
    stride = given.get("stride") or (kernel if name != "conv2d" else 1)
    padding, dilation = given.get("padding", 0), given.get("dilation", 1) if name != "avg_pool2d" else 1
    if isinstance(padding, str) or kernel is None:
        if padding != "same" or kernel is None:
            padding = 0
        else:
            padding = tuple((k - 1) * d // 2 for k, d in zip(_two(kernel), _two(dilation), strict=True))
    return through_window(spans, _two(kernel), _two(stride), _two(padding), _two(dilation)) if kernel else None


def _through_pad(spans: Spans, given: Mapping[str, Any]) -> Spans | None:
    sides = given.get("pad")
    if given.get("mode", "constant") != "constant" or not isinstance(sides, list | tuple):
        return None
    # From the last axis on: left, right, top, bottom; padding of the channels moves nothing.
    left, _, top, _ = (*sides, 0, 0)[:4]
    return through_window(spans, (1, 1), (1, 1), (top, left))


def _through_index(spans: Spans, index: Any, input_shape: Shape, output_shape: Shape) -> Spans | None:
    """Crops and steps: slices of rows and columns; any choice of channels."""
    items = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in [item for item in items if item is Ellipsis]:
        place = next(place for place, item in enumerate(items) if item is Ellipsis)
        items[place : place + 1] = [slice(None)] * (len(input_shape) + 2 - len(items))
    items += [slice(None)] * (len(input_shape) + 1 - len(items))
    rows, columns = items[-2:]
    simple = all(isinstance(item, int | slice) for item in items) and len(items) == len(input_shape) + 1
    if not simple or not isinstance(rows, slice) or not isinstance(columns, slice) or len(output_shape) not in {2, 3}:
        return None
    made = []
    for span, cut, size in zip(spans, (rows, columns), input_shape[-2:], strict=True):
        start, _, step = cut.indices(size)
        if step < 1:
            return None
        made.append(span.window(1, step, -start))
    return made[0], made[1]


def _through_reshape_call(
    name: str, spans: Spans, given: Mapping[str, Any], input_shape: Shape, output_shape: Shape
) -> Spans | None:
    if name in {"roll", "flip", "rot90", "unfold", "fold", "interpolate", "upsample", "pixel_shuffle", "setitem"}:
        return None
    if name in {"grid_sample", "pixel_unshuffle", "gather", "index_select", "repeat", "tile"}:
        return None
    if name == "permute" and tuple(given.get("dims", ()))[-2:] not in {(2, 3), (-2, -1)}:
        return None
    if name in {"transpose", "swapaxes", "swapdims"}:
        # Numbers of axes count the batch.
        axes = {axis % (len(input_shape) + 1) if isinstance(axis, int) else -1 for axis in _both(given)}
        return spans if axes.isdisjoint({-1, len(input_shape), len(input_shape) - 1}) else None
    if name in {"T", "mT", "H", "mH", "t", "movedim", "moveaxis"}:
        return None
    if input_shape[-2:] == output_shape[-2:]:
        return spans
    # All rows and columns end up in one axis that nothing else tells apart, or in one value.
    whole = len(output_shape) <= 1 or (name in _REDUCTIONS and output_shape[-2:] == (1, 1))
    return through_reshape(spans, input_shape) if whole else None


def _both(given: Mapping[str, Any]) -> tuple[Any, Any]:
    return given.get("dim0"), given.get("dim1")


def _two(value: Any) -> tuple[int, ...]:
    if isinstance(value, list | tuple):
        return tuple(value) if len(value) == 2 else tuple(value) * 2
    return (value, value)


def through_window(
    spans: Spans,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...] = (1, 1),
) -> Spans:
    return (
        spans[0].window(kernel[0], stride[0], padding[0], dilation[0]),
        spans[1].window(kernel[1], stride[1], padding[1], dilation[1]),
    )


def through_adaptive_pool(spans: Spans, input_shape: Shape, output_shape: Shape) -> Spans:
    """Adaptive pooling with windows of equal size; where sizes do not divide, the largest window is taken."""
    vertical, horizontal = (
        _pooled(span, size, outputs)
        for span, size, outputs in zip(spans, input_shape[-2:], output_shape[-2:], strict=True)
    )
    return vertical, horizontal


def _pooled(span: Span, size: int, outputs: int) -> Span:
    if outputs == 1:
        return span.all_of(size)
    windows = [-(-(place + 1) * size // outputs) - place * size // outputs for place in range(outputs)]
    return span.window(max(windows), size // outputs, 0)


def through_reshape(spans: Spans, input_shape: Shape) -> Spans:
    """A layer that looks at all positions at once: each output sees what all the units together see."""
    if len(input_shape) < 3:
        return spans
    return spans[0].all_of(input_shape[-2]), spans[1].all_of(input_shape[-1])


def field_of(spans: Spans | None, image: Shape) -> Field | None:
    """A field as a node shows it, its size clipped to the image (channels, height, width)."""
    if spans is None or len(image) < 3:
        return None
    vertical, horizontal = spans
    return Field(
        size=(min(vertical.size, image[-2]), min(horizontal.size, image[-1])),
        step=(vertical.step, horizontal.step),
        offset=(vertical.start, horizontal.start),
    )


def _pair(value: int | Sequence[int]) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)
