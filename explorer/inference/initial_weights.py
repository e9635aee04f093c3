"""A network as it is before any training, drawn from a seed, for those of which no trained weights are there."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer.data.batches import preprocessing_for
from explorer.inference.predictor import Predictor
from explorer.networks.architecture import Architecture, Task
from explorer.structure.graph import Shape

_DIGITS = tuple("0123456789")
# Of MNIST's training images, and of ImageNet's as torchvision publishes it with its weights.
_GRAY = (0.1307,), (0.3081,)
_COLOUR = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_DRAWING = frozenset(
    {
        "bernoulli", "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "multinomial", "normal",
        "normal_", "rand", "rand_like", "randint", "randn", "randn_like", "random_", "randperm", "uniform_",
    }
)  # fmt: skip


def initial_network(architecture: Architecture, options: Any, seed: int = 0) -> nn.Module:
    """The network with its first weights, the same for the same seed as after `torch.manual_seed(seed)`.

    Torch's own random numbers, which a training may be drawing at the same time, stay as they are.
    """
    generator = torch.Generator().manual_seed(seed)
    with _DrawnFrom(generator):
        return architecture.build(options)


def untrained(architecture: Architecture, options: Any, shape: Shape | None = None, seed: int = 0) -> Predictor:
    """A predictor with first weights, for images of `shape` (channels, height, width), the network's own by default.

    Raises:
        ValueError: a shape has other than three sides, or a channel count that is neither gray nor colour.
    """
    interface = architecture.interface(options)
    sides = tuple(interface.input_shape if shape is None else shape)
    if len(sides) != 3 or sides[0] not in {1, 3}:
        raise ValueError(f"an image is gray or in colour, 1 or 3 × height × width, not {' × '.join(map(str, sides))}")
    mean, std = _GRAY if sides[0] == 1 else _COLOUR
    reads_digits = sides[0] == 1 and interface.classes == len(_DIGITS) and architecture.task is Task.CLASSIFICATION
    labels = _DIGITS if reads_digits else tuple(f"class {number}" for number in range(interface.classes))
    return Predictor(
        initial_network(architecture, options, seed),
        labels,
        preprocessing_for((sides[0], sides[1], sides[2]), interface.pixel_range, mean, std),
        interface.scores,
        architecture=architecture.name,
        options=options,
        source=f"untrained, seed {seed}",
    )


class _DrawnFrom(TorchFunctionMode):
    """Has random numbers drawn from a generator, in this thread only."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self._generator = generator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if kwargs.get("generator") is None and (getattr(func, "__name__", "") in _DRAWING or _takes_generator(func)):
            kwargs["generator"] = self._generator
        return func(*args, **kwargs)


@cache
def _takes_generator(function: Any) -> bool:
    """Whether it is one of `torch.nn.init` that draws; what those call is not seen by a mode."""
    if getattr(function, "__module__", "") != "torch.nn.init":
        return False
    return "generator" in inspect.signature(function).parameters
