"""Which images a network of the user's own takes, found by trying."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from explorer.foreign.blame import ASKS_TOO_MUCH
from explorer.structure.graph import Shape

# The sizes of ImageNet, MNIST, CIFAR, Tiny ImageNet, and of what else is common.
_SIDES = (224, 32, 28, 64, 96, 128, 256, 299, 384, 512, 16, 8)
_VIDEO = ((16, 112, 112), (8, 64, 64), (32, 32, 32))
_LENGTHS = (1024, 256, 128, 16_000)
_BATCH = 2
_MOST_TRIALS = 30


def guess_input_shape(network: nn.Module, plainly: Callable[[], nn.Module]) -> Shape:
    """The shape of one image that `network` accepts: (channels, height, width) of an image, mostly.

    The first layer with weights says how many channels or features there are; common sizes are tried, the most common
    first. Where the forward function needs numbers, which the meta device has not, `plainly()` gives a network with
    them. Where no shape works, the likeliest is returned: reading the network then shows the layer that refuses it.

    Raises:
        MemoryError, RuntimeError: the forward function asks for more memory than there is, whatever the shape.
    """
    without_numbers = _without_numbers(network)
    shapes = list(dict.fromkeys(_candidates(network)))[:_MOST_TRIALS]
    needs_numbers = False
    too_much: Exception | None = None
    for shape in shapes:
        try:
            _run(without_numbers, shape, "meta")
        except MemoryError:
            # Nothing here takes memory but the user's code, and filling it once more takes long.
            raise
        except Exception as error:  # noqa: BLE001 - the user's code raises what it likes
            too_much = error if ASKS_TOO_MUCH.search(str(error)) else too_much
            needs_numbers = needs_numbers or _needs_numbers(error)
        else:
            return shape
    if needs_numbers:
        try:
            filled = plainly().eval()
        except Exception:  # noqa: BLE001 - as above
            return shapes[0]
        for shape in shapes:
            try:
                _run(filled, shape, "cpu")
            except Exception:  # noqa: BLE001, S112 - as above; the next shape may do
                continue
            else:
                return shape
    if too_much is not None:
        raise too_much
    return shapes[0]


def _without_numbers(network: nn.Module) -> nn.Module:
    if all(tensor.is_meta for tensor in (*network.parameters(), *network.buffers())):
        return network
    return copy.deepcopy(network).to("meta")


def _run(network: nn.Module, shape: Shape, device: str) -> None:
    training = network.training
    network.eval()
    try:
        with torch.no_grad(), torch.device(device):
            network(torch.zeros(_BATCH, *shape, device=device))
    finally:
        network.train(training)


def _needs_numbers(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, NotImplementedError) or "meta" in text or "item()" in text


def _candidates(network: nn.Module) -> Iterator[Shape]:
    first = next((layer for layer in network.modules() if _takes(layer)), None)
    if isinstance(first, nn.modules.conv._ConvNd):  # noqa: SLF001 - the only common class of all convolutions
        channels = first.in_channels
        dimensions = len(first.kernel_size)
        if dimensions == 1:
            yield from ((channels, length) for length in _LENGTHS)
        elif dimensions == 3:
            yield from ((channels, *size) for size in _VIDEO)
        yield from _images(channels)
    elif first is not None:
        features = int(getattr(first, "in_features", 0))
        if not any(isinstance(layer, nn.modules.conv._ConvNd) for layer in network.modules()):  # noqa: SLF001
            yield (features,)
        for channels in (1, 3):
            side = math.isqrt(features // channels)
            if side > 1 and channels * side * side == features:
                yield (channels, side, side)
        yield (features,)
    yield from _images(3)
    yield from _images(1)
    yield (10,)


def _images(channels: int) -> Iterator[Shape]:
    return ((channels, side, side) for side in _SIDES)


def _takes(layer: Any) -> bool:
    """Whether a layer says what it takes. Lazy layers do not know yet."""
    if isinstance(layer, nn.modules.conv._ConvNd):  # noqa: SLF001
        return layer.in_channels > 0
    return isinstance(layer, nn.Linear | nn.Bilinear) and int(getattr(layer, "in_features", 0)) > 0
