"""Receptive fields against gradients: all weights positive, the pixels that move one unit are the field."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import swin_transformer

from explorer.networks import catalogue
from explorer.reading import read_graph
from explorer.structure import graph_json, receptive_field
from explorer.structure.graph import Field
from explorer.structure.receptive_field import Sight
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
    "channels last and back, as ConvNeXt": _Net(
        lambda n, x: n.b(n.lin(n.norm(n.a(x).permute(0, 2, 3, 1))).permute(0, 3, 1, 2)),
        a=_conv(7, 1, 3), norm=nn.LayerNorm(2), lin=nn.Linear(2, 2), b=_conv(2, 2),
    ),
    "merged patches, as Swin": _Net(
        lambda n, x: torch.cat(
            [n.a(x).permute(0, 2, 3, 1)[..., r::2, c::2, :] for r in (0, 1) for c in (0, 1)], -1
        ).permute(0, 3, 1, 2),
        a=_conv(3, 1, 1),
    ),
    "tokens and back": _Net(
        lambda n, x: n.b(n.a(x).flatten(2).transpose(1, 2).transpose(1, 2).reshape(-1, 2, SIDE // 4, SIDE // 4)),
        a=_conv(4, 4), b=_conv(3, 1, 1),
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


class _UNet(nn.Module):
    """Down twice and up twice, with skips."""

    def __init__(self, up) -> None:
        super().__init__()
        self.top, self.middle, self.bottom = _conv(3, 1, 1), _conv(3, 1, 1), _conv(3, 1, 1)
        self.up1, self.up2 = up(), up()
        self.join1, self.join2 = nn.Conv2d(4, 2, 3, padding=1), nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        top = self.top(x)
        middle = self.middle(functional.avg_pool2d(top, 2))
        x = self.up1(self.bottom(functional.avg_pool2d(middle, 2)))
        x = self.up2(self.join1(torch.cat([middle, x], 1)))
        return self.join2(torch.cat([top, x], 1))


def _up(kernel: int, stride: int, padding: int = 0, output_padding: int = 0) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(2, 2, kernel, stride, padding, output_padding)


GROWING = {
    "a transposed convolution": nn.Sequential(_conv(3, 2, 1), _up(2, 2)),
    "one whose windows overlap": nn.Sequential(_conv(3, 2, 1), _up(3, 2, 1, 1), _conv(3, 1, 1)),
    "one that steps by three": nn.Sequential(_conv(3, 3), _up(4, 3, 1), _conv(2, 2)),
    "two that overlap": nn.Sequential(_conv(4, 4), _up(4, 2, 1), _up(4, 2, 1)),
    "nearest neighbours": nn.Sequential(_conv(3, 4, 1), nn.Upsample(scale_factor=2), _conv(3, 1, 1)),
    "nearest neighbours of three in two": nn.Sequential(_conv(2, 2), nn.Upsample(size=(48, 48)), _conv(3, 1, 1)),
    "bilinear": nn.Sequential(_conv(2, 2), nn.Upsample(scale_factor=2, mode="bilinear"), _conv(3, 1, 1)),
    "bilinear, three in two": nn.Sequential(_conv(2, 2), nn.Upsample(size=(48, 48), mode="bilinear")),
    "bilinear, corners aligned": _Net(
        lambda n, x: functional.interpolate(n.a(x), (63, 63), mode="bilinear", align_corners=True), a=_conv(2, 2)
    ),
    "bicubic": _Net(lambda n, x: functional.interpolate(n.a(x), scale_factor=2.0, mode="bicubic"), a=_conv(2, 2)),
    "the nearest, exactly": _Net(
        lambda n, x: functional.interpolate(n.a(x), (20, 20), mode="nearest-exact"), a=_conv(2, 2)
    ),
    "shuffled pixels": _Net(lambda n, x: functional.pixel_shuffle(n.a(x), 2), a=nn.Conv2d(2, 8, 3, 2, 1)),
    "a functional transposed convolution": _Net(
        lambda n, x: functional.conv_transpose2d(n.a(x), n.b.weight, stride=2, padding=1), a=_conv(3, 2, 1), b=_up(4, 2)
    ),
    "pools of unequal size": nn.Sequential(_conv(3, 2, 1), nn.AdaptiveAvgPool2d(12), _conv(2)),
    "a U": _UNet(lambda: _up(2, 2)),
    "a U with overlapping windows": _UNet(lambda: _up(3, 2, 1, 1)),
    "a U with bilinear steps up": _UNet(lambda: nn.Upsample(scale_factor=2, mode="bilinear")),
}  # fmt: skip


def _sight(network: nn.Module) -> Sight:
    """What the tracer found out of the last node, unit by unit."""
    kept: list[Sight | None] = []
    field_of = receptive_field.field_of

    def keep(sight, image):
        kept.append(sight)
        return field_of(sight, image)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receptive_field, "field_of", keep)
        trace(network, (2, SIDE, SIDE))
    assert kept[-1] is not None
    return kept[-1]


@pytest.mark.parametrize("name", GROWING)
def test_units_that_see_fields_of_unequal_size_see_what_gradients_show(name: str) -> None:
    torch.manual_seed(0)
    network = GROWING[name]
    sight = _sight(network)
    network = network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.5, 1.5)
    image = (torch.rand(1, 2, SIDE, SIDE, dtype=torch.float64) + 0.5).requires_grad_()
    output = network(image)
    assert sight.grid == tuple(output.shape[2:])
    sizes = set()
    middle = output.shape[2] // 2
    for unit in range(middle, middle + min(8, len(sight.rows.intervals) + 1)):
        (gradient,) = torch.autograd.grad(output[0, :, unit, middle].sum(), image, retain_graph=True)
        seen = gradient[0].abs().sum((0, 2)).nonzero()
        assert sight.rows.of(unit) == (int(seen.min()), int(seen.max()) + 1)
        sizes.add(len(seen))
    assert max(sizes) <= sight.rows.size


def test_a_step_may_be_a_part_of_a_pixel() -> None:
    graph = trace(nn.Sequential(_conv(3, 1, 1), _up(2, 2)), (2, 8, 6))
    field = graph.nodes[-1].receptive_field
    assert field is not None
    assert (field.size, field.step, field.offset) == ((3, 3), (Fraction(1, 2), Fraction(1, 2)), (-1, -1))
    assert graph_json.from_json(json.loads(json.dumps(graph_json.to_json(graph)))) == graph


def test_the_way_up_of_the_published_unet_has_fields() -> None:
    graph = read_graph(catalogue.get("unet"))
    fields = {node.path: node.receptive_field for node in graph.nodes if node.output_shape}
    assert [path for path, field in fields.items() if field is None and path not in {"input", "output_mask"}] == []
    # Back from the output, where 2 x 2 fall badly: 1, two convolutions 5, a level below 3, 7, 4, 8, 5, 9, 5, at the
    # bottom 9; then 18 and 22, 44 and 48, 96 and 100, 200 and 204.
    last = fields["output"]
    assert last is not None
    assert last.size == (204, 204)
    assert last.step == (1, 1)


class _Patches(nn.Module):
    """Patches as tokens, a class token before them, and attention among them, as in ViT."""

    def __init__(self, attention: nn.Module | None) -> None:
        super().__init__()
        self.patches = nn.Conv2d(2, 4, 16, 16)
        self.token = nn.Parameter(torch.ones(1, 1, 4))
        self.norm = nn.LayerNorm(4)
        self.attention = attention
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).permute(0, 2, 1)
        x = self.norm(torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1))
        by_hand = self.attention is None
        x = functional.softmax(x @ x.transpose(1, 2), -1) @ x if by_hand else self.attention(x, x, x)[0]
        return self.head(x[:, 0])


@pytest.mark.parametrize("attention", [nn.MultiheadAttention(4, 2, batch_first=True), None])
def test_attention_sees_the_whole_input(attention: nn.Module | None) -> None:
    graph = trace(_Patches(attention), (2, 64, 64))
    fields = {node.path: node.receptive_field for node in graph.nodes}
    before, last = fields["norm"], fields["head"]
    assert before is not None
    assert (before.size, before.step) == ((16, 16), (16, 16))
    assert last is not None
    assert (last.size, last.step) == ((64, 64), (0, 0))


def test_attention_in_shifted_windows_sees_its_window() -> None:
    torch.manual_seed(0)
    block = swin_transformer.ShiftedWindowAttention(2, [4, 4], [2, 2], 1).eval()
    network = _Net(
        lambda n, x: n.b(n.attention(n.a(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)),
        a=_conv(2, 2), attention=block, b=_conv(3, 1, 1),
    )  # fmt: skip
    sight = _sight(network)
    network = network.double()
    image = torch.rand(1, 2, SIDE, SIDE, dtype=torch.float64).requires_grad_()
    output = network(image)
    for unit in (9, 10, 13, 14):
        (gradient,) = torch.autograd.grad(output[0, :, unit, 12].sum(), image, retain_graph=True)
        seen = gradient[0].abs().sum((0, 2)).nonzero()
        assert sight.rows.of(unit) == (int(seen.min()), int(seen.max()) + 1)


@pytest.mark.parametrize("name", ["swin_t", "convnext_tiny", "vit_b_16"])
def test_transformers_and_their_like_have_fields_throughout(name: str) -> None:
    graph = read_graph(catalogue.get(f"torchvision/{name}"))
    without = {node.path for node in graph.nodes if node.receptive_field is None}
    # What is made of parameters alone sees nothing.
    assert {path for path in without if "bias" not in path} <= {"input", "x", "class_token", "expand"} | {
        node.path for node in graph.nodes if node.type_name in {"Parameter", "Buffer"}
    }
    assert graph.nodes[-1].receptive_field is not None
    assert graph.nodes[-1].receptive_field.size == (224, 224)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.flip(3),
        lambda x: torch.roll(x, 1, 2),
        lambda x: x + x.transpose(2, 3),
        lambda x: functional.interpolate(x, scale_factor=0.5, mode="bilinear", antialias=True),
        lambda x: functional.softmax(x, dim=3),
        lambda x: functional.pad(x, (1, 1, 1, 1), mode="reflect"),
        lambda x: torch.cat([x, x], 2),
        lambda x: functional.layer_norm(x, (2, SIDE, SIDE)),
        lambda x: x.view(-1, 2, 2, SIDE // 2, SIDE),
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
