"""Claim 2, computed: how small the gradients of the first layer are in ever deeper networks, by activation."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.claims.claim import Measure, Part
from explorer.claims.results import Chart, Computed, Context, Line
from explorer.claims.verdict import Figure, judge
from explorer.data import digits
from explorer.networks.entries.laboratory import MLPOptions
from explorer.networks.mlp import build_mlp

_ACTIVATIONS = ("relu", "tanh", "sigmoid")


def compare(context: Context, *, depths: tuple[int, ...], units: int, seeds: int, images: int = 256) -> Computed:
    """The gradient norm of the first hidden layer over that of the last one, before the first step, on digits.

    The networks are multi-layer perceptrons whose weights start alike whatever the activation.
    """
    drawn = digits.make_digits(images, 7)
    pictures, labels = torch.from_numpy(drawn.images).float().div_(255), torch.from_numpy(drawn.labels)
    pictures = (pictures - pictures.mean()) / pictures.std()
    ratios: dict[tuple[str, int], list[float]] = {}
    for place, activation in enumerate(_ACTIVATIONS):
        for depth in depths:
            context.step(f"{activation}, {depth} layers", place / len(_ACTIVATIONS))
            for seed in range(seeds):
                ratio = _ratio(activation, depth, units, seed, pictures, labels)
                ratios.setdefault((activation, depth), []).append(ratio)
    deepest = max(depths)
    figures = {
        name: Figure(name, tuple(range(seeds)), tuple(_per_layer(ratio, deepest) for ratio in ratios[name, deepest]))
        for name in _ACTIVATIONS
    }
    measure = Measure("gradient", f"what a layer leaves of a gradient in {deepest} layers", "number", worst=None)
    part = Part("Sigmoid's gradients vanish with depth, ReLU's do not", "times_fewer", measure, "sigmoid", "relu", by=2)
    chart = Chart(
        "First layer's gradient beside the last one's",
        "hidden layers",
        "ratio of gradient norms",
        tuple(
            Line(
                activation,
                tuple(float(depth) for depth in depths),
                tuple(float(np.exp(np.mean(np.log(ratios[activation, depth])))) for depth in depths),
            )
            for activation in _ACTIVATIONS
        ),
        x_log=True,
        y_log=True,
    )
    return Computed((judge(part, figures),), (chart,))


def _per_layer(ratio: float, depth: int) -> float:
    return math.exp(math.log(ratio) / (depth - 1))


def _ratio(activation: str, depth: int, units: int, seed: int, images: Tensor, labels: Tensor) -> float:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        options = MLPOptions(layers=depth, units=units, activation=activation)  # type: ignore[arg-type] # one of three
        network = build_mlp(options)
    functional.cross_entropy(network(images), labels).backward()  # type: ignore[no-untyped-call] # torch's
    layers = [layer for name, layer in network.named_children() if isinstance(layer, nn.Linear) and name != "output"]
    # The first layer reads 784 pixels, the others `units`: a norm for each weight compares them.
    first, last = (_mean_square(layer.weight.grad) for layer in (layers[0], layers[-1]))
    return max(math.sqrt(first / last), 1e-30) if last else 1e-30


def _mean_square(gradient: Tensor | None) -> float:
    return 0.0 if gradient is None else float(gradient.double().square().mean())
