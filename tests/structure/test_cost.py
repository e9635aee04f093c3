"""What layers and functions cost, against counts made by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.structure.graph import Node
from explorer.structure.trace import trace


class _Calls(nn.Module):
    """A function of an image (4, 6, 6) and a parameter."""

    def __init__(self, function, *weight: int) -> None:
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.zeros(*weight))

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.weight)


def _holds(formula: str) -> bool:
    left, right = formula.replace(",", "").replace("×", "*").split("=")
    return eval(left) == int(right)  # noqa: S307 - our own arithmetic


@pytest.mark.parametrize(
    ("function", "weight", "macs"),
    [
        (lambda x, w: functional.conv2d(x, w, padding=1), (8, 4, 3, 3), 3 * 3 * 4 * 8 * 36),
        (lambda x, w: functional.conv2d(x, w, None, 2, 1, 1, 2), (8, 2, 3, 3), 3 * 3 * 2 * 8 * 9),
        (lambda x, w: functional.conv_transpose2d(x, w, stride=2), (4, 5, 2, 2), 2 * 2 * 4 * 5 * 36),
        (functional.linear, (7, 6), 4 * 6 * 6 * 7),
        (lambda x, w: x @ w, (6, 3), 4 * 6 * 6 * 3),
        (lambda x, w: w @ x, (3, 6), 4 * 3 * 6 * 6),
        (lambda x, w: torch.einsum("bchw,oc->bohw", x, w), (5, 4), 4 * 5 * 36),
        (lambda x, _: torch.einsum("bchw,bdhw->bcd", x, x), (1,), 4 * 4 * 36),
        # Three factors, two at a time from the left: 4 x 36 x 5, then 5 x 36 x 2.
        (lambda x, w: torch.einsum("bchw,oc,po->bphw", x, w, w[:2, :1].expand(2, 5)), (5, 4), 36 * 20 + 36 * 10),
        # Nothing is summed over: a product of elements.
        (lambda x, w: torch.einsum("bchw,c->bchw", x, w), (4,), 0),
        (lambda x, _: functional.scaled_dot_product_attention(x, x, x), (1,), 2 * 4 * 6 * 6 * 6),
        (lambda x, _: torch.bmm(x.flatten(0, 1), x.flatten(0, 1)), (1,), 4 * 6 * 6 * 6),
        (lambda x, w: torch.baddbmm(w, x.flatten(2), x.flatten(2).mT), (1, 4, 4), 4 * 4 * 36),
        (lambda x, w: torch.addmm(w, x.flatten(1), w.expand(144, 9)), (9,), 144 * 9),
        (lambda x, w: torch.tensordot(x, w, dims=([1], [0])), (4, 5), 36 * 4 * 5),
        (lambda x, w: x + w, (6,), 0),
    ],
)  # fmt: skip
def test_functions_cost_what_their_sums_take(function, weight: tuple[int, ...], macs: int) -> None:
    node = trace(_Calls(function, *weight), (4, 6, 6)).nodes[-1]
    assert node.macs == macs
    assert not macs or _holds(node.formulas.macs)


def _layer(layer: nn.Module, shape: tuple[int, ...]) -> Node:
    return trace(nn.Sequential(layer), shape).by_path["0"]


@pytest.mark.parametrize(
    ("layer", "shape", "parameters", "macs"),
    [
        (nn.Conv2d(4, 8, 3, groups=2), (4, 8, 8), 8 * 2 * 9 + 8, 36 * 9 * 2 * 8),
        (nn.Conv2d(4, 4, 3, groups=4, bias=False), (4, 8, 8), 36, 36 * 9 * 4),
        (nn.ConvTranspose2d(4, 6, 3, 2, groups=2), (4, 5, 5), 4 * 3 * 9 + 6, 25 * 9 * 2 * 6),
        (nn.Conv1d(3, 5, 3), (3, 10), 3 * 5 * 3 + 5, 8 * 3 * 3 * 5),
        (nn.Conv3d(2, 3, 2), (2, 4, 4, 4), 2 * 3 * 8 + 3, 27 * 8 * 2 * 3),
        (nn.Linear(6, 5), (7, 6), 35, 7 * 30),
        (nn.LayerNorm((4, 4)), (3, 4, 4), 32, 0),
        (nn.GroupNorm(2, 4), (4, 3, 3), 8, 0),
        (nn.BatchNorm2d(4), (4, 3, 3), 8, 0),
        (nn.PReLU(4), (4, 3, 3), 4, 0),
    ],
)
def test_layers_cost_what_their_sums_take(layer: nn.Module, shape: tuple[int, ...], parameters: int, macs: int) -> None:
    node = _layer(layer, shape)
    assert (node.parameters, node.macs) == (parameters, macs)
    for formula in (node.formulas.parameters, node.formulas.macs):
        assert "=" not in formula or _holds(formula), formula


def test_attention_counts_projections_scores_and_sum() -> None:
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.MultiheadAttention(8, 2, kdim=6, vdim=4, batch_first=True)
            self.key = nn.Linear(8, 6)
            self.value = nn.Linear(8, 4)

        def forward(self, x: Tensor) -> Tensor:
            short = x[:, :3]
            return self.layer(x, self.key(short), self.value(short))[0]

    node = trace(Attention(), (5, 8)).by_path["layer"]
    assert node.macs == 5 * 8 * 8 + 3 * 6 * 8 + 3 * 4 * 8 + 2 * 5 * 3 * 8 + 5 * 8 * 8
    assert _holds(node.formulas.macs)
    assert node.parameters == sum(p.numel() for p in nn.MultiheadAttention(8, 2, kdim=6, vdim=4).parameters())


def test_a_transformer_layer_counts_the_products_inside() -> None:
    node = _layer(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8))
    assert node.macs == 4 * 5 * 64 + 2 * 5 * 5 * 8 + 2 * 5 * 8 * 16


def test_settings_name_what_the_tables_columns_show() -> None:
    settings = dict(_layer(nn.Conv2d(4, 8, 3, stride=2), (4, 9, 9)).settings)
    assert settings == {
        "in channels": "4", "out channels": "8", "kernel": "3 × 3", "stride": "2 × 2", "padding": "0 × 0",
        "groups": "1", "bias": "yes",
    }  # fmt: skip
    pooled = trace(_Calls(lambda x, _: functional.max_pool2d(x, 3, 2, padding=1), 1), (4, 6, 6)).nodes[-1]
    assert dict(pooled.settings) == {"kernel": "3 × 3", "stride": "2 × 2", "padding": "1 × 1"}
    assert pooled.detail == "3×3, /2, pad 1"


def test_a_concat_says_how_many_channels_it_makes() -> None:
    node = trace(_Calls(lambda x, _: torch.cat([x, x.relu()], 1), 1), (4, 6, 6)).nodes[-1]
    assert node.detail == "8 channels"
