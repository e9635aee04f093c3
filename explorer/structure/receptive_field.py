"""The part of the input that a unit sees, followed through the layers, branches and joins included.

The rule for a window of size k, stride s, padding p and dilation d on units that are `step` pixels apart: the field
grows by (k - 1) d step, begins p step further out, and the step becomes s step (Araujo, Norris, Sim: Computing
receptive fields of convolutional neural networks, Distill 2019). Where branches meet, the field is their union.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    if isinstance(module, nn.Linear | nn.Flatten):
        return through_reshape(spans, input_shape)
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


def through_function(name: str, kind: Kind, spans: Spans, input_shape: Shape, output_shape: Shape) -> Spans | None:
    """The field behind a function of torch, as far as the shapes of its first input and its output tell it."""
    if name.startswith("adaptive_"):
        return through_adaptive_pool(spans, input_shape, output_shape)
    in_place = input_shape[-2:] == output_shape[-2:] if len(input_shape) >= 3 else True
    if kind is Kind.RESHAPE or name == "mean":
        everything = len(output_shape) == 1 or (name == "mean" and output_shape[-2:] == (1, 1))
        return spans if in_place else through_reshape(spans, input_shape) if everything else None
    if name == "linear":
        return through_reshape(spans, input_shape)
    if name in {"layer_norm", "group_norm", "instance_norm"}:
        return spans if len(input_shape) < 3 else None
    return spans if kind in POINTWISE_KINDS else None


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
    sizes = [(i, o) for i, o in zip(input_shape[-2:], output_shape[-2:], strict=True)]
    if all(o == 1 for _, o in sizes):
        return spans[0].all_of(sizes[0][0]), spans[1].all_of(sizes[1][0])
    kernel = tuple(-(-i // o) + (1 if i % o else 0) for i, o in sizes)
    stride = tuple(i // o for i, o in sizes)
    return through_window(spans, kernel, stride, (0, 0))


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


def _pair(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value, value)
