"""The shapes that pooling gives by rule are those that torch gives, or left to torch."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from explorer.structure import shape_rules

SIZES = ((5, 9), (8, 8), (1, 4), (13, 6))


def _compare(module: nn.Module, size: tuple[int, int]) -> bool:
    """Whether there is an answer by rule; where torch refuses there is none."""
    x = torch.empty(2, 3, *size)
    found = shape_rules.layer(module, (x.to("meta"),))
    try:
        expected = module(x).shape
    except RuntimeError:
        expected = None
    assert found is None or found.shape == expected, f"{module} of {size}"
    return found is not None


@pytest.mark.parametrize("rounded_up", [False, True])
def test_pooling_gives_what_torch_gives(rounded_up: bool) -> None:
    answered = [
        _compare(module, size)
        for size, kernel, stride, padding in itertools.product(
            SIZES, (1, 2, 3, (2, 3)), (None, 1, 2, 3, 5, (3, 2)), (0, 1)
        )
        for module in (
            nn.MaxPool2d(kernel, stride, padding, 1, ceil_mode=rounded_up),
            nn.MaxPool2d(kernel, stride, padding, 2, ceil_mode=rounded_up),
            nn.AvgPool2d(kernel, stride, padding, ceil_mode=rounded_up),
        )
    ]
    assert sum(answered) > 300


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("asked", [1, (2, 3), (None, 1), (None, None), 7])
def test_pooling_to_a_size_gives_what_torch_gives(size: tuple[int, int], asked) -> None:
    assert _compare(nn.AdaptiveAvgPool2d(asked), size)


def test_local_response_normalisation_keeps_its_shape() -> None:
    assert _compare(nn.LocalResponseNorm(5), (4, 4))


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.MaxPool2d(2, return_indices=True), (1, 3, 8, 8)),
        (nn.AvgPool2d(9), (1, 3, 8, 8)),
        (nn.MaxPool2d(3, padding=2), (1, 3, 8, 8)),
        (nn.AvgPool2d(2), (3, 8, 8)),
        (nn.AdaptiveAvgPool2d(1), (1, 0, 8, 8)),
    ],
)
def test_what_is_not_plain_is_left_to_torch(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert shape_rules.layer(module, (torch.empty(shape, device="meta"),)) is None
