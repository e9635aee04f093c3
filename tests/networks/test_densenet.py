"""Densely connected networks against the paper and the published counts."""

from __future__ import annotations

import pytest
import torch
from network_counts import functions, gradients_missing, of_type, output_shapes, parameters, without_data
from torch import nn

from explorer.networks import catalogue
from explorer.networks.densenet import DenseBlock, DenseLayer, Transition
from explorer.networks.entries.densenet import (
    DENSENETS,
    CifarDenseNetBCOptions,
    CifarDenseNetOptions,
    DenseNetOptions,
    WideDenseNetOptions,
)
from explorer.networks.options import parse_options

DENSENET121 = catalogue.get("densenet121")
DENSENET_40 = catalogue.get("densenet_40_12")
DENSENET_BC = catalogue.get("densenet_bc_100_12")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("densenet121", 7_978_856),
        ("densenet169", 14_149_480),
        ("densenet201", 20_013_928),
        ("densenet161", 28_681_000),
        ("densenet_40_12", 1_019_722),
        ("densenet_bc_100_12", 769_162),
    ],
)
def test_the_published_counts_are_met(name: str, expected: int) -> None:
    assert parameters(without_data(catalogue.get(name))) == expected


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("densenet121", 121),
        ("densenet169", 169),
        ("densenet201", 201),
        ("densenet161", 161),
        ("densenet_40_12", 40),
        ("densenet_bc_100_12", 100),
    ],
)
def test_the_depth_in_the_name_counts_convolutions_and_the_dense_layer(name: str, depth: int) -> None:
    network = without_data(catalogue.get(name))
    assert len(of_type(network, nn.Conv2d)) + len(of_type(network, nn.Linear)) == depth


def test_the_sizes_are_those_of_table_1() -> None:
    shapes = output_shapes(without_data(DENSENET121), 3, 224, 224)
    names = ("conv1", "maxpool", "block1", "transition1", "block2", "block3", "block4", "fc")
    assert [shapes[name] for name in names] == [
        (64, 112, 112),
        (64, 56, 56),
        (64 + 6 * 32, 56, 56),
        (128, 28, 28),
        (128 + 12 * 32, 28, 28),
        (256 + 24 * 32, 14, 14),
        (512 + 16 * 32, 7, 7),
        (1000,),
    ]


def test_the_sizes_on_cifar() -> None:
    shapes = output_shapes(without_data(DENSENET_40), 3, 32, 32)
    names = ("conv1", "block1", "transition1", "block2", "block3")
    assert [shapes[name] for name in names] == [
        (16, 32, 32),
        (160, 32, 32),
        (160, 16, 16),
        (304, 16, 16),
        (448, 8, 8),
    ]
    compressed = output_shapes(without_data(DENSENET_BC), 3, 32, 32)
    assert [compressed[name][0] for name in ("conv1", "block1", "transition1", "block2")] == [24, 216, 108, 300]


def test_each_layer_reads_all_maps_before_it_and_adds_its_own() -> None:
    torch.manual_seed(0)
    block = DenseBlock(5, 3, DenseNetOptions(growth=4)).eval()
    images = torch.randn(2, 5, 6, 6)
    outputs = block(images)
    assert outputs.shape == (2, 5 + 3 * 4, 6, 6)
    assert torch.equal(outputs[:, :5], images)
    first, second, third = block.values()
    torch.testing.assert_close(outputs[:, 5:9], first(images))
    torch.testing.assert_close(outputs[:, 9:13], second(outputs[:, :9]))
    torch.testing.assert_close(outputs[:, 13:], third(outputs[:, :13]))


def test_there_is_one_concatenation_a_dense_layer() -> None:
    assert functions(without_data(DENSENET121)) == ["cat"] * (6 + 12 + 24 + 16)


def test_a_bottleneck_goes_through_four_times_the_growth() -> None:
    with_it = DenseLayer(20, DenseNetOptions(growth=6))
    assert [tuple(m.weight.shape) for m in of_type(with_it, nn.Conv2d)] == [(24, 20, 1, 1), (6, 24, 3, 3)]
    without = DenseLayer(20, DenseNetOptions(growth=6, bottleneck=False))
    assert [tuple(m.weight.shape) for m in of_type(without, nn.Conv2d)] == [(6, 20, 3, 3)]
    assert [name for name, _ in with_it.named_children()] == ["bn1", "relu1", "conv1", "bn2", "relu2", "conv2"]


@pytest.mark.parametrize(("compression", "kept"), [(1.0, 256), (0.5, 128), (0.3, 76), (0.7, 179)])
def test_a_transition_keeps_the_share_of_maps_that_compression_says(compression: float, kept: int) -> None:
    network = without_data(DENSENET121, DenseNetOptions(compression=compression))
    assert network.transition1.conv.out_channels == kept


def test_on_cifar_the_depth_stays_when_bottlenecks_come_in() -> None:
    network = without_data(DENSENET_40, CifarDenseNetOptions(bottleneck=True, compression=0.5))
    assert len(of_type(network, nn.Conv2d)) + 1 == 40
    assert network.conv1.out_channels == 24


@pytest.mark.parametrize("growth", [8, 24])
def test_growth_sets_what_each_layer_adds(growth: int) -> None:
    network = without_data(DENSENET_40, CifarDenseNetOptions(growth=growth))
    assert network.fc.in_features == 16 + 3 * 12 * growth


def test_without_batch_norm_convolutions_have_biases() -> None:
    network = without_data(DENSENET_BC, CifarDenseNetBCOptions(batch_norm=False))
    assert of_type(network, nn.BatchNorm2d) == []
    assert all(convolution.bias is not None for convolution in of_type(network, nn.Conv2d))


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        (DENSENET_40, CifarDenseNetOptions(growth=4)),
        (DENSENET_40, CifarDenseNetOptions(growth=4, batch_norm=False)),
        (DENSENET_BC, CifarDenseNetBCOptions(growth=4)),
    ],
    ids=["plain", "without batch norm", "BC"],
)
def test_gradients_reach_the_image_and_every_parameter(architecture, options: DenseNetOptions) -> None:
    torch.manual_seed(0)
    network = architecture.build(options)
    images = torch.rand(2, 3, 32, 32)
    assert network(images).shape == (2, 10)
    assert gradients_missing(network, images) == []


def test_weights_start_as_he_drew_them() -> None:
    torch.manual_seed(0)
    network = DENSENET_BC.build()
    weight = torch.cat([layer.conv2.weight.flatten() for layer in network.block1.values()])
    # 12 maps out through 3 x 3.
    assert weight.std().item() == pytest.approx((2 / (9 * 12)) ** 0.5, rel=0.02)


def test_there_is_a_transition_between_blocks_only() -> None:
    assert len(of_type(without_data(DENSENET121), Transition)) == 3
    assert len(of_type(without_data(DENSENET_40), Transition)) == 2


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"compression is 0\.1 to 1\.0, not 2\.0"):
        parse_options(DenseNetOptions, {"compression": "2"})
    with pytest.raises(ValueError, match="growth is 1 to 96, not 0"):
        parse_options(WideDenseNetOptions, {"growth": "0"})
    assert parse_options(CifarDenseNetOptions, {"bottleneck": "yes", "compression": "0.5"}) == CifarDenseNetOptions(
        bottleneck=True, compression=0.5
    )


@pytest.mark.parametrize("architecture", DENSENETS, ids=lambda a: a.name)
def test_published_figures_name_forms_that_exist(architecture) -> None:
    assert architecture.published
    for figure in architecture.published:
        architecture.options_type(**figure.options)
