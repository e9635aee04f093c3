"""Squeeze-and-Excitation networks against the paper and the published counts."""

from __future__ import annotations

import pytest
import torch
from network_counts import (
    convolutions,
    functions,
    gradients_missing,
    macs,
    of_type,
    output_shapes,
    parameters,
    without_data,
)
from torch import nn

from explorer.networks import catalogue
from explorer.networks.entries.resnet import CifarResNetOptions
from explorer.networks.entries.senet import (
    SE_RESNETS,
    BottleneckSEResNetOptions,
    CifarSEResNetOptions,
    SEResNetOptions,
)
from explorer.networks.options import parse_options
from explorer.networks.resnet import BasicBlock, Design
from explorer.networks.senet import SqueezeExcitation

SE_RESNET20 = catalogue.get("se_resnet20")
SE_RESNET50 = catalogue.get("se_resnet50")


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("se_resnet18", SEResNetOptions(), 11_778_592),
        ("se_resnet50", BottleneckSEResNetOptions(), 28_088_024),
        ("se_resnet101", BottleneckSEResNetOptions(), 49_326_872),
        ("se_resnet152", BottleneckSEResNetOptions(), 66_821_848),
        ("se_resnet20", CifarSEResNetOptions(), 272_095),
        ("se_resnet56", CifarSEResNetOptions(), 860_137),
        ("se_resnet20", CifarSEResNetOptions(shortcut="B"), 274_847),
        ("se_resnet56", CifarSEResNetOptions(shortcut="B"), 862_889),
    ],
)
def test_the_published_counts_are_met(name: str, options: SEResNetOptions, expected: int) -> None:
    assert parameters(without_data(catalogue.get(name), options)) == expected


def test_a_unit_costs_two_dense_layers_with_biases() -> None:
    assert parameters(SqueezeExcitation(64, 16)) == (64 + 1) * 4 + (4 + 1) * 64
    assert parameters(SqueezeExcitation(64, 8)) == (64 + 1) * 8 + (8 + 1) * 64


@pytest.mark.parametrize(
    ("name", "published"), [("se_resnet50", 3.87), ("se_resnet101", 7.60), ("se_resnet152", 11.32)]
)
def test_multiply_adds_are_those_of_table_2(name: str, published: float) -> None:
    network = without_data(catalogue.get(name), BottleneckSEResNetOptions(stride="1x1"))
    assert macs(network, 3, 224, 224) / 1e9 == pytest.approx(published, abs=0.04)


def test_the_unit_multiplies_each_channel_by_a_factor_from_its_means() -> None:
    torch.manual_seed(0)
    unit = SqueezeExcitation(8, 4)
    images = torch.randn(3, 8, 5, 6)
    means = images.mean((2, 3))
    hidden = (means @ unit.fc1.weight.T + unit.fc1.bias).clamp(min=0)
    factors = 1 / (1 + torch.exp(-(hidden @ unit.fc2.weight.T + unit.fc2.bias)))
    torch.testing.assert_close(unit(images), images * factors[:, :, None, None])


def test_the_residual_branch_is_weighed_before_the_addition_and_the_shortcut_is_not() -> None:
    torch.manual_seed(0)
    block = BasicBlock(8, 8, 1, Design("B", rescale=lambda channels: SqueezeExcitation(channels, 4))).eval()
    x = torch.randn(2, 8, 4, 4)
    branch = block.bn2(block.conv2(block.relu1(block.bn1(block.conv1(x)))))
    torch.testing.assert_close(block(x), (x + block.se(branch)).relu())
    # Factors of zero silence the branch, and leave the input.
    nn.init.constant_(block.se.fc2.bias, -1e4)
    torch.testing.assert_close(block(x), x.relu())


def test_every_block_has_one_unit_for_its_output_channels() -> None:
    network = without_data(SE_RESNET50)
    assert [unit.channels for unit in of_type(network, SqueezeExcitation)] == (
        [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    )


def test_a_large_ratio_leaves_one_unit_in_the_waist() -> None:
    network = without_data(SE_RESNET20, CifarSEResNetOptions(reduction=64))
    assert {unit.fc1.out_features for unit in of_type(network, SqueezeExcitation)} == {1}


@pytest.mark.parametrize("shortcut", ["A", "B", "C", "none"])
def test_its_convolutions_are_those_of_the_residual_twin(shortcut: str) -> None:
    network = without_data(SE_RESNET20, CifarSEResNetOptions(shortcut=shortcut))
    twin = without_data(catalogue.get("resnet20"), CifarResNetOptions(shortcut=shortcut))
    assert convolutions(network) == convolutions(twin)
    assert functions(network).count("mul") == 9
    assert functions(network).count("add") == functions(twin).count("add") == (0 if shortcut == "none" else 9)


def test_the_default_shortcuts_are_those_of_the_twins() -> None:
    for architecture in SE_RESNETS:
        twin = catalogue.get(architecture.name.removeprefix("se_"))
        assert architecture.options_type().shortcut == twin.options_type().shortcut


def test_the_sizes_are_those_of_the_residual_network() -> None:
    shapes = output_shapes(without_data(SE_RESNET50), 3, 224, 224)
    assert (shapes["layer1"], shapes["layer4"], shapes["fc"]) == ((256, 56, 56), (2048, 7, 7), (1000,))
    assert shapes["layer1.0.se"] == shapes["layer1.0.bn3"] == (256, 56, 56)
    assert shapes["layer1.0.se.squeeze"] == (256, 1, 1)


@pytest.mark.parametrize(
    "options",
    [
        CifarSEResNetOptions(),
        CifarSEResNetOptions(shortcut="none", reduction=4),
        CifarSEResNetOptions(shortcut="C", batch_norm=False),
    ],
    ids=str,
)
def test_gradients_reach_the_image_and_every_parameter(options: CifarSEResNetOptions) -> None:
    torch.manual_seed(0)
    network = SE_RESNET20.build(options)
    images = torch.rand(4, 3, 32, 32)
    assert network(images).shape == (4, 10)
    assert gradients_missing(network, images) == []


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="reduction is 1 to 64, not 0"):
        parse_options(SEResNetOptions, {"reduction": "0"})
    with pytest.raises(ValueError, match="reduction is a number such as 16, not 'a lot'"):
        parse_options(SEResNetOptions, {"reduction": "a lot"})
    assert parse_options(CifarSEResNetOptions, {"shortcut": "none"}) == CifarSEResNetOptions(shortcut="none")


@pytest.mark.parametrize("architecture", SE_RESNETS, ids=lambda a: a.name)
def test_published_figures_name_forms_that_exist(architecture) -> None:
    for figure in architecture.published:
        architecture.options_type(**figure.options)
