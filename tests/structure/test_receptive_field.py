"""Receptive fields against gradients: all weights positive, the pixels that move one unit are the field."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.structure.graph import Field
from explorer.structure.trace import trace

SIDE = 64


class _Net(nn.Module):
    """Layers and a forward function over them."""

    def __init__(self, function, **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def _conv(kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(2, 2, kernel, stride, padding, dilation)


class _Double(nn.Module):
    """A 3x3 convolution beside the identity, both into a concat, as in a dense block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(channels, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, functional.relu(self.layer(x))], 1)


NETWORKS = {
    "a stack": nn.Sequential(_conv(5, 2, 2), nn.MaxPool2d(3, 2, 1), _conv(3, 1, 1), nn.AvgPool2d(2)),
    "dilation": nn.Sequential(_conv(3, 1, 2, 2), _conv(3, 1, 4, 4)),
    "a skip": _Net(lambda n, x: n.b(functional.relu(n.a(x) + x)), a=_conv(5, 1, 2), b=_conv(3, 2, 1)),
    "a projection beside two": _Net(
        lambda n, x: n.c(n.b(n.a(x)) + n.p(x)), a=_conv(3, 2, 1), b=_conv(3, 1, 1), p=_conv(1, 2), c=_conv(3, 1, 1)
    ),
    "dense connections": nn.Sequential(_Double(2), _Double(4), nn.Conv2d(6, 2, 1), nn.AvgPool2d(2), _Double(2)),
    "branches": _Net(
        lambda n, x: torch.cat([n.a(x), n.b(x), n.c(functional.max_pool2d(x, 3, 1, 1))], 1),
        a=_conv(1), b=_conv(5, 1, 2), c=_conv(1),
    ),
    "functional pooling": _Net(
        lambda n, x: functional.avg_pool2d(functional.max_pool2d(n.a(x), 3, 2, padding=1), kernel_size=2), a=_conv(3)
    ),
    "a functional convolution": _Net(
        lambda n, x: functional.conv2d(x, n.a.weight, n.a.bias, stride=2, padding=1), a=_conv(3)
    ),
    "functional padding": _Net(lambda n, x: n.a(functional.pad(x, (2, 1, 3, 0))), a=_conv(5)),
    "a crop beside a convolution": _Net(
        lambda n, x: n.b(torch.cat([n.a(x), x[:, :, 2:-2, 2:-2]], 1)), a=_conv(5), b=nn.Conv2d(4, 2, 3)
    ),
    "a strided identity": _Net(
        lambda n, x: n.b(n.a(x) + functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, 0))),
        a=_conv(3, 2, 1), b=_conv(3, 1, 1),
    ),
    "shuffled channels": _Net(
        lambda n, x: n.a(x.view(x.shape[0], 2, 1, SIDE, SIDE).transpose(1, 2).reshape(x.shape)), a=_conv(3, 1, 1)
    ),
}  # fmt: skip


def _shown_by_gradients(network: nn.Module, row: int, column: int) -> tuple[list[int], list[int]]:
    """First pixel and size of the box of pixels that move the unit at a row and column of the output."""
    image = torch.rand(1, 2, SIDE, SIDE, dtype=torch.float64) + 0.5
    image.requires_grad_()
    network = network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.5, 1.5)
    seen = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    # A maximum lets only one pixel through: other images let others through.
    for seed in range(40):
        torch.manual_seed(seed)
        image.data.uniform_(0.5, 1.5)
        (gradient,) = torch.autograd.grad(network(image)[0, :, row, column].sum(), image)
        seen |= gradient[0].abs().sum(0) > 0
    touched = seen.nonzero()
    first, last = touched.min(0).values, touched.max(0).values
    return first.tolist(), (last - first + 1).tolist()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_field_is_what_gradients_show(name: str) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name]
    field = trace(network, (2, SIDE, SIDE)).nodes[-1].receptive_field
    assert isinstance(field, Field)
    output = trace(network, (2, SIDE, SIDE)).nodes[-1].output_shape
    row, column = output[-2] // 2, output[-1] // 2
    first, size = _shown_by_gradients(network, row, column)
    assert size == list(field.size)
    assert first == [field.offset[0] + row * field.step[0], field.offset[1] + column * field.step[1]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: functional.interpolate(x, scale_factor=2),
        lambda x: x.permute(0, 2, 3, 1),
        lambda x: x.transpose(2, 3),
        lambda x: x.flip(3),
        lambda x: torch.roll(x, 1, 2),
        lambda x: functional.softmax(x, dim=3),
        lambda x: functional.pad(x, (1, 1, 1, 1), mode="reflect"),
        lambda x: torch.cat([x, x], 2),
        lambda x: functional.layer_norm(x, (2, SIDE, SIDE)),
    ],
)
def test_what_mixes_or_moves_pixels_otherwise_has_no_field(function) -> None:
    network = _Net(lambda n, x: function(n.a(x)), a=_conv(3, 1, 1))
    assert trace(network, (2, SIDE, SIDE)).nodes[-1].receptive_field is None


def test_pooling_to_sizes_that_do_not_divide_takes_the_largest_window() -> None:
    field = trace(nn.AdaptiveAvgPool2d(5), (2, 12, 12)).nodes[-1].receptive_field
    assert field is not None
    # Windows over 12 in 5 parts: 0-3, 2-5, 4-8, 7-10, 9-12.
    assert field.size == (4, 4)
