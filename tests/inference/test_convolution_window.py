"""One value of a layer: numbers worked out by hand, and what torch itself gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.inference.convolution_window import can_be_worked_out, fold_before, one_value
from explorer.inference.layer_tap import tap
from explorer.inference.one_value import Rule
from explorer.networks import catalogue
from explorer.networks.locally_connected import LocallyConnected
from explorer.structure.trace import trace


def _every_value(layer: nn.Module, x: Tensor) -> None:
    """Each output value of a layer, added up from its window, is what torch computes."""
    network = nn.Sequential(layer)
    tapped = tap(network, "0", x)
    with torch.no_grad():
        wanted = layer(x)[0]
    worked = torch.empty_like(wanted)
    for channel in range(wanted.shape[0]):
        for row in range(wanted.shape[1]):
            for column in range(wanted.shape[2]):
                worked[channel, row, column] = one_value("0", tapped, channel, (row, column)).total
    assert torch.allclose(worked, wanted, rtol=1e-4, atol=1e-5)


def test_a_value_worked_out_by_hand() -> None:
    layer = nn.Conv2d(2, 1, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[[1.0, 0.0], [-1.0, 2.0]], [[0.5, 0.5], [0.0, 1.0]]]]))
        layer.bias.copy_(torch.tensor([10.0]))
    x = torch.arange(18, dtype=torch.float32).view(1, 2, 3, 3)
    value = one_value("0", tap(nn.Sequential(layer), "0", x), 0, (1, 0), term=1)
    # Channel 0: 3, 4 / 6, 7 -> 3 - 6 + 14 = 11. Channel 1: 12, 13 / 15, 16 -> 6 + 6.5 + 16 = 28.5.
    assert value.window[0].tolist() == [[3, 4], [6, 7]]
    assert value.products[1].tolist() == [[6.0, 6.5], [0.0, 16.0]]
    assert value.sums.tolist() == [11.0, 28.5]
    assert (value.bias, value.total, value.value) == (10.0, 49.5, 49.5)
    assert (value.rows.tolist(), value.columns.tolist()) == ([1, 2], [0, 1])
    assert (value.shown_term, value.input_map[0, 0]) == (1, 9.0)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 4, 3),
        nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False),
        nn.Conv2d(3, 4, (3, 2), stride=(1, 3), padding=(2, 1), dilation=(2, 1)),
        nn.Conv2d(6, 4, 3, groups=2),
        nn.Conv2d(4, 8, 3, groups=4, padding=1),
        nn.Conv2d(2, 3, 3, padding=2, padding_mode="reflect"),
        nn.Conv2d(2, 3, 3, padding=2, padding_mode="replicate"),
        nn.Conv2d(2, 3, 3, padding=2, padding_mode="circular"),
        nn.Conv2d(2, 3, 4, padding="same"),
        nn.Conv2d(2, 3, 4, padding="same", padding_mode="replicate", dilation=2),
        nn.Conv2d(2, 3, 3, padding="valid"),
        nn.ConvTranspose2d(3, 2, 2, stride=2),
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        nn.ConvTranspose2d(2, 2, 3, stride=3, dilation=2, padding=2),
        nn.ConvTranspose2d(2, 2, 1, stride=3),
        nn.MaxPool2d(2),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.MaxPool2d(3, stride=2, dilation=2, ceil_mode=True),
        nn.AvgPool2d(2),
        nn.AvgPool2d(3, stride=2, padding=1),
        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True),
        nn.AvgPool2d((2, 3), stride=2, ceil_mode=True, count_include_pad=False),
        nn.AvgPool2d(2, divisor_override=3),
        nn.AdaptiveAvgPool2d((3, 2)),
        nn.AdaptiveMaxPool2d((3, 4)),
        LocallyConnected(2, 3, 3, (8, 7), 1),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_every_value_is_what_torch_gives(layer: nn.Module) -> None:
    torch.manual_seed(0)
    channels = getattr(layer, "in_channels", 2)
    _every_value(layer, torch.randn(1, channels, 8, 7))


def test_what_lies_in_the_padding_is_told() -> None:
    layer = nn.Conv2d(1, 1, 3, padding=1)
    value = one_value("0", tap(nn.Sequential(layer), "0", torch.ones(1, 1, 4, 4)), 0, (0, 3))
    assert value.inside[0].tolist() == [[False, False, False], [True, True, False], [True, True, False]]
    assert value.window[0].sum() == 4
    assert (value.rows.tolist(), value.columns.tolist()) == ([-1, 0, 1], [2, 3, 4])


def test_the_padding_is_never_the_largest() -> None:
    value = one_value("0", tap(nn.Sequential(nn.MaxPool2d(2, padding=1)), "0", -torch.ones(1, 1, 4, 4)), 0, (0, 0))
    assert (value.rule, value.total) == (Rule.LARGEST, -1.0)
    assert int(value.inside.sum()) == 1


def test_a_dense_layer_shows_the_maps_it_was_flattened_from() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Dropout(), nn.Linear(2 * 4 * 3, 5)).eval()
    x = torch.randn(1, 1, 6, 5)
    graph = trace(network, (1, 6, 5), "test")
    fold = fold_before(graph, "3")
    assert fold == (2, 4, 3)
    value = one_value("3", tap(network, "3", x), 4, (0, 0), term=1, fold=fold)
    with torch.no_grad():
        assert value.total == pytest.approx(float(network(x)[0, 4]), rel=1e-5)
        assert torch.equal(torch.tensor(value.input_map), network[0](x)[0, 1])
    assert value.is_folded


def test_a_dense_layer_behind_another_has_its_inputs_in_squares() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(8, 230), nn.Linear(230, 3))
    graph = trace(network, (2, 2, 2), "test")
    assert fold_before(graph, "2") is None
    value = one_value("2", tap(network, "2", torch.randn(1, 2, 2, 2)), 2, (0, 0))
    assert value.window.shape == (3, 10, 10)
    assert value.inside.sum(axis=(1, 2)).tolist() == [100, 100, 30]
    assert value.total == pytest.approx(value.value, rel=1e-4, abs=1e-6)


def test_layers_in_place_behind_do_not_change_the_numbers() -> None:
    torch.manual_seed(1)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True), nn.Conv2d(3, 2, 3), nn.ReLU(inplace=True))
    x = torch.randn(1, 1, 8, 8)
    with torch.no_grad():
        first = network[0](x)
        second = network[2](first.relu())
    value = one_value("0", tap(network, "0", x), 1, (2, 3))
    assert value.value == pytest.approx(float(first[0, 1, 2, 3]))
    assert torch.equal(torch.tensor(value.output_map), first[0, 1])
    value = one_value("2", tap(network, "2", x), 0, (1, 1))
    assert value.value == pytest.approx(float(second[0, 0, 1, 1]))
    assert value.total == pytest.approx(value.value, rel=1e-4, abs=1e-6)


def test_a_layer_that_computes_more_than_its_kind_says_is_refused() -> None:
    class Doubled(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * super().forward(x)

    torch.manual_seed(0)
    network = nn.Sequential(Doubled(1, 1, 3))
    with pytest.raises(ValueError, match="computes more than"):
        one_value("0", tap(network, "0", torch.ones(1, 1, 4, 4)), 0, (0, 0))


def test_the_original_lenets_layers_add_up() -> None:
    """Its C3 has kernels where a table says so, its pooling a trained coefficient."""
    entry = catalogue.get("lenet5")
    torch.manual_seed(0)
    network = entry.build(entry.options_type(form="original"), 10).eval()
    x = torch.randn(1, 1, 32, 32)
    for path, channel, position in (
        ("features.c3", 7, (4, 9)),
        ("features.s2", 3, (5, 6)),
        ("classifier.c5", 60, (0, 0)),
    ):
        value = one_value(path, tap(network, path, x), channel, position)
        assert value.total == pytest.approx(value.value, rel=1e-4, abs=1e-6)
    # Table I of the paper, column 7: maps 1, 2, 3 and 4 of S2.
    assert one_value("features.c3", tap(network, "features.c3", x), 7, (0, 0)).channels.tolist() == [1, 2, 3, 4]


def test_tokens_are_told_apart_by_their_column() -> None:
    layer = nn.Linear(4, 2)
    x = torch.randn(1, 3, 4)
    value = one_value("0", tap(nn.Sequential(layer), "0", x), 1, (0, 2))
    with torch.no_grad():
        assert value.value == pytest.approx(float(layer(x)[0, 2, 1]))
    assert value.output_shape == (2, 1, 3)


def test_activations_have_no_window() -> None:
    assert not can_be_worked_out(nn.ReLU())
    with pytest.raises(ValueError, match="ReLU"):
        one_value("0", tap(nn.Sequential(nn.ReLU()), "0", torch.ones(1, 1, 2, 2)), 0, (0, 0))
