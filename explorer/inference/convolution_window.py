"""One output value of a layer with the real numbers it came from: convolutions, pooling and dense layers.

What is added up here is checked against what the network itself had at that place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.inference.kernels import kernels_of
from explorer.inference.layer_tap import Tapped
from explorer.inference.one_value import OneValue, Rule, agrees, work_out
from explorer.inference.weight_statistics import frozen
from explorer.inference.window_places import Places, adaptive, sliding, spreading
from explorer.networks.lenet import SparseConvolution, Subsampling
from explorer.networks.locally_connected import LocallyConnected
from explorer.structure.graph import Graph, Kind
from explorer.structure.nesting import nesting_of

_BLOCK = 10  # a side of the squares in which the inputs of a dense layer are shown

Shape3 = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class _Window:
    """What one output value is made of, before its numbers are read: the source channels, places and weights."""

    rule: Rule
    channels: list[int]
    down: Places
    across: Places
    kernel: NDArray[np.float32] | None = None
    bias: float | None = None
    divisor: float = 1.0


def can_be_worked_out(layer: nn.Module) -> bool:
    """Whether `one_value` knows how a layer's values come about."""
    return isinstance(layer, nn.Linear) or _rule_for(layer) is not None


def one_value(
    path: str, tapped: Tapped, channel: int, position: tuple[int, int], *, term: int = 0, fold: Shape3 | None = None
) -> OneValue:
    """The value of an output channel at (row, column), both clipped to what there is.

    `term` chooses the input channel whose map comes along, by its place among those that are read. `fold` is the shape
    of the maps that a dense layer's input was flattened from.

    Raises:
        ValueError: the layer computes in a way that is not known, or more than its kind says.
    """
    layer = tapped.layer
    if isinstance(layer, nn.Linear):
        return _checked(_dense(path, layer, tapped, channel, position, term, fold))
    rule = _rule_for(layer)
    if rule is None:
        raise ValueError(f"how the values of {type(layer).__name__} come about is not shown value by value")
    given, gave = _as_maps(tapped.given), _as_maps(tapped.gave)
    outputs, rows, columns = gave.shape
    channel = min(max(channel, 0), outputs - 1)
    at = (min(max(position[0], 0), rows - 1), min(max(position[1], 0), columns - 1))
    found = rule(layer, channel, at, _sizes(given), _sizes(gave))
    window, inside = _read(given, found)
    term = min(max(term, 0), len(found.channels) - 1)
    return _checked(
        OneValue(
            path=path,
            rule=found.rule,
            channel=channel,
            position=at,
            output_shape=_sizes(gave),
            input_shape=_sizes(given),
            channels=frozen(np.array(found.channels, np.int64)),
            window=frozen(window),
            inside=frozen(inside),
            kernel=None if found.kernel is None else frozen(found.kernel),
            rows=frozen(found.down.at),
            columns=frozen(found.across.at),
            bias=found.bias,
            divisor=found.divisor,
            total=work_out(found.rule, window, inside, found.kernel, found.bias, found.divisor),
            value=float(gave[channel, at[0], at[1]]),
            input_map=frozen(given[found.channels[term]].numpy()),
            output_map=frozen(gave[channel].numpy()),
            shown_term=term,
        )
    )


def _checked(value: OneValue) -> OneValue:
    size = float(np.abs(value.products).sum()) / value.divisor + abs(value.bias or 0.0)
    if not agrees(value.total, value.value, size) and math.isfinite(value.value):
        raise ValueError(
            f"{value.path} computes more than its window, its weights and its bias: they come to {value.total:.6g}, "
            f"and the network had {value.value:.6g}"
        )
    return value


def _as_maps(batch: Tensor) -> Tensor:
    """The first of a batch as [channels, rows, columns]."""
    first = batch[0].float()
    if first.dim() == 2:
        return first.unsqueeze(1)
    if first.dim() != 3:
        raise ValueError(f"values are shown of maps with rows and columns, not of {list(first.shape)}")
    return first


def _sizes(maps: Tensor) -> Shape3:
    return maps.shape[0], maps.shape[1], maps.shape[2]


def _read(given: Tensor, found: _Window) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The numbers under a window, 0 in a padding of zeros, and where it is no padding: [terms, height, width]."""
    down, across = torch.from_numpy(found.down.read), torch.from_numpy(found.across.read)
    chosen = given[torch.tensor(found.channels)]
    numbers = chosen[:, down.clamp(min=0)][:, :, across.clamp(min=0)]
    inside = (down >= 0)[:, None] & (across >= 0)[None, :]
    window: NDArray[np.float32] = numbers.where(inside, 0.0).numpy()
    return window, np.broadcast_to(inside.numpy(), window.shape)


# Convolutions

_Rule = Callable[[Any, int, tuple[int, int], Shape3, Shape3], _Window]


def _convolved(layer: Any, channel: int, at: tuple[int, int], given: Shape3, _gave: Shape3) -> _Window:
    kernels = kernels_of(layer)
    if kernels is None:
        raise ValueError(f"{type(layer).__name__} has no kernels")
    height, width = kernels.weight.shape[2:]
    if isinstance(layer, SparseConvolution):
        stride, padding, dilation, mode = (1, 1), (0, 0), (1, 1), "zeros"
    else:
        stride, dilation, mode = _pair(layer.stride), _pair(layer.dilation), layer.padding_mode
        padding = _padding(layer, (height, width), dilation)
    places = [
        spreading(at[axis], given[1 + axis], kernel=size, stride=stride[axis], padding=padding[axis],
                  dilation=dilation[axis])
        if getattr(layer, "transposed", False)
        else sliding(at[axis], given[1 + axis], kernel=size, stride=stride[axis], padding=padding[axis],
                     dilation=dilation[axis], mode=mode)
        for axis, size in enumerate((height, width))
    ]  # fmt: skip
    down, across = places
    sources = kernels.sources(channel)
    weight = kernels.weight[channel]
    if kernels.linked is not None:
        weight = weight[kernels.linked[channel]]
    met = weight[:, torch.from_numpy(down.taps)][:, :, torch.from_numpy(across.taps)]
    bias = None if kernels.bias is None else float(kernels.bias[channel])
    return _Window(Rule.SUM, sources, down, across, met.float().numpy(), bias)


def _padding(layer: Any, kernel: tuple[int, ...], dilation: tuple[int, int]) -> tuple[int, int]:
    """What is before the first row and column; "same" puts the odd place behind."""
    if layer.padding == "same":
        return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2
    return (0, 0) if layer.padding == "valid" else _pair(layer.padding)


def _pair(value: Any) -> tuple[int, int]:
    """A setting for rows and columns."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


# Pooling


def _largest(layer: Any, channel: int, at: tuple[int, int], given: Shape3, _gave: Shape3) -> _Window:
    down, across = _pooled_places(layer, at, given, layer.dilation)
    return _Window(Rule.LARGEST, [channel], down, across)


def _averaged(layer: Any, channel: int, at: tuple[int, int], given: Shape3, _gave: Shape3) -> _Window:
    down, across = _pooled_places(layer, at, given, 1)
    if layer.divisor_override:
        divisor = layer.divisor_override
    else:
        divisor = 1
        padding = _pair(layer.padding)
        for axis, places in enumerate((down, across)):
            # A window that the rounding up of sizes lets stand out beyond the padding does not count what is there.
            end = given[1 + axis] + padding[axis]
            counted = places.at < end if layer.count_include_pad else places.read >= 0
            divisor *= int(counted.sum())
    return _Window(Rule.AVERAGE, [channel], down, across, divisor=float(divisor))


def _pooled_places(layer: Any, at: tuple[int, int], given: Shape3, dilation: Any) -> tuple[Places, Places]:
    kernel = _pair(layer.kernel_size)
    stride = _pair(layer.kernel_size if layer.stride is None else layer.stride)
    padding, spread = _pair(layer.padding), _pair(dilation)
    down, across = (
        sliding(at[axis], given[1 + axis], kernel=kernel[axis], stride=stride[axis], padding=padding[axis],
                dilation=spread[axis])
        for axis in (0, 1)
    )  # fmt: skip
    return down, across


def _adaptively(rule: Rule) -> _Rule:
    def pooled(_layer: Any, channel: int, at: tuple[int, int], given: Shape3, gave: Shape3) -> _Window:
        down, across = adaptive(at[0], given[1], gave[1]), adaptive(at[1], given[2], gave[2])
        divisor = len(down.at) * len(across.at) if rule is Rule.AVERAGE else 1
        return _Window(rule, [channel], down, across, divisor=float(divisor))

    return pooled


def _subsampled(layer: Subsampling, channel: int, at: tuple[int, int], given: Shape3, _gave: Shape3) -> _Window:
    """The sum of four neighbours, each times the map's coefficient, and the map's bias."""
    down, across = (sliding(at[axis], given[1 + axis], kernel=2, stride=2, padding=0, dilation=1) for axis in (0, 1))
    kernel = np.full((1, 2, 2), float(layer.coefficient.detach()[channel]), np.float32)
    return _Window(Rule.SUM, [channel], down, across, kernel, float(layer.bias.detach()[channel]))


def _unshared(layer: LocallyConnected, channel: int, at: tuple[int, int], given: Shape3, gave: Shape3) -> _Window:
    """Each position has a kernel and biases of its own."""
    down, across = (
        sliding(at[axis], given[1 + axis], kernel=layer.kernel, stride=1, padding=layer.padding, dilation=1)
        for axis in (0, 1)
    )
    weight = layer.weight.detach()[at[0] * gave[2] + at[1], :, channel]
    kernel = weight.view(layer.inputs, layer.kernel, layer.kernel).float().numpy()
    bias = float(layer.bias.detach()[channel, at[0], at[1]])
    return _Window(Rule.SUM, list(range(layer.inputs)), down, across, kernel, bias)


_RULES: tuple[tuple[type[nn.Module], _Rule], ...] = (
    (nn.Conv2d, _convolved),
    (nn.ConvTranspose2d, _convolved),
    (SparseConvolution, _convolved),
    (nn.MaxPool2d, _largest),
    (nn.AvgPool2d, _averaged),
    (nn.AdaptiveAvgPool2d, _adaptively(Rule.AVERAGE)),
    (nn.AdaptiveMaxPool2d, _adaptively(Rule.LARGEST)),
    (Subsampling, _subsampled),
    (LocallyConnected, _unshared),
)


def _rule_for(layer: nn.Module) -> _Rule | None:
    return next((rule for kind, rule in _RULES if isinstance(layer, kind)), None)


# Dense layers


def _dense(
    path: str,
    layer: nn.Linear,
    tapped: Tapped,
    channel: int,
    position: tuple[int, int],
    term: int,
    fold: Shape3 | None,
) -> OneValue:
    """Of several vectors (tokens) the position's column says which."""
    vectors = tapped.given[0].reshape(-1, layer.in_features).float()
    results = tapped.gave[0].reshape(-1, layer.out_features).float()
    channel = min(max(channel, 0), layer.out_features - 1)
    token = min(max(position[1], 0), len(vectors) - 1)
    units = layer.in_features
    is_folded = fold is not None and math.prod(fold) == units
    terms, height, width = fold if fold is not None and is_folded else _blocks(units)
    room = terms * height * width

    def folded(values: Tensor) -> NDArray[np.float32]:
        whole = torch.zeros(room)
        whole[:units] = values.detach()
        return whole.view(terms, height, width).numpy()

    window, kernel = folded(vectors[token]), folded(layer.weight[channel].float())
    inside = np.arange(room).reshape(terms, height, width) < units
    bias = None if layer.bias is None else float(layer.bias.detach()[channel])
    term = min(max(term, 0), terms - 1)
    return OneValue(
        path=path,
        rule=Rule.SUM,
        channel=channel,
        position=(0, token),
        output_shape=(layer.out_features, 1, len(vectors)),
        input_shape=(terms, height, width),
        channels=frozen(np.arange(terms)),
        window=frozen(window),
        inside=frozen(inside),
        kernel=frozen(kernel),
        rows=frozen(np.arange(height)),
        columns=frozen(np.arange(width)),
        bias=bias,
        divisor=1.0,
        total=work_out(Rule.SUM, window, inside, kernel, bias, 1.0),
        value=float(results[token, channel]),
        input_map=frozen(window[term]),
        output_map=frozen(_in_rows(results[token])),
        shown_term=term,
        is_dense=True,
        is_folded=is_folded,
    )


def _blocks(units: int) -> Shape3:
    """Units in squares of a hundred, or in rows of ten where they are fewer."""
    if units <= _BLOCK**2:
        return 1, -(-units // _BLOCK), min(units, _BLOCK)
    return -(-units // _BLOCK**2), _BLOCK, _BLOCK


def _in_rows(outputs: Tensor) -> NDArray[np.float32]:
    """Outputs row by row, ten in each or as many as make a square; places beyond them are no numbers."""
    count = len(outputs)
    width = min(count, max(_BLOCK, math.ceil(math.sqrt(count))))
    whole = torch.full((-(-count // width) * width,), float("nan"))
    whole[:count] = outputs
    return whole.view(-1, width).numpy()


def fold_before(graph: Graph, path: str) -> Shape3 | None:
    """The shape of the maps that a dense layer's input was flattened from; None where it was not."""
    nesting = nesting_of(graph)
    places = {node.path: place for place, node in enumerate(nesting.nodes)}
    here = places.get(path, -1)
    while here >= 0 and len(nesting.sources[here]) == 1:
        here = nesting.sources[here][0]
        node = nesting.nodes[here]
        if len(node.output_shape) == 3:
            return node.output_shape[0], node.output_shape[1], node.output_shape[2]
        if node.kind not in {Kind.RESHAPE, Kind.DROPOUT}:
            return None
    return None
