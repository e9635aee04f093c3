"""The part of the input that a unit sees, followed through the layers, branches and joins included.

The rule for a window of size k, stride s, padding p and dilation d on units that are `step` pixels apart: the field
grows by (k - 1) d step, begins p step further out, and the step becomes s step (Araujo, Norris, Sim: Computing
receptive fields of convolutional neural networks, Distill 2019). Where branches meet, the field is their union.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from explorer.structure.graph import Field, Shape


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
    """The union of what several inputs see; None where none of them has a field."""
    known = [pair for pair in spans if pair is not None]
    if not known:
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
    if isinstance(module, nn.ConvTranspose2d):
        return None
    return spans


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
