"""Residual networks against the paper and the published counts."""

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
from explorer.networks.entries.resnet import RESNETS, BottleneckResNetOptions, CifarResNetOptions, ResNetOptions
from explorer.networks.options import parse_options
from explorer.networks.resnet import (
    BasicBlock,
    Bottleneck,
    Design,
    PreActivationBlock,
    PreActivationBottleneck,
    ResidualBlock,
    ZeroPaddedIdentity,
)

RESNET18 = catalogue.get("resnet18")
RESNET20 = catalogue.get("resnet20")
RESNET50 = catalogue.get("resnet50")
IMAGENET = (3, 224, 224)
CIFAR_FORMS = [
    *(CifarResNetOptions(shortcut=shortcut) for shortcut in ("A", "B", "C", "none")),
    CifarResNetOptions(pre_activation=True),
    CifarResNetOptions(pre_activation=True, shortcut="B"),
    CifarResNetOptions(pre_activation=True, shortcut="none"),
    CifarResNetOptions(batch_norm=False),
    CifarResNetOptions(batch_norm=False, pre_activation=True, shortcut="C"),
]


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("resnet18", ResNetOptions(), 11_689_512),
        ("resnet34", ResNetOptions(), 21_797_672),
        ("resnet50", BottleneckResNetOptions(), 25_557_032),
        ("resnet50", BottleneckResNetOptions(stride="1x1"), 25_557_032),
        ("resnet101", BottleneckResNetOptions(), 44_549_160),
        ("resnet152", BottleneckResNetOptions(), 60_192_808),
        ("resnet20", CifarResNetOptions(), 269_722),
        ("resnet32", CifarResNetOptions(), 464_154),
        ("resnet44", CifarResNetOptions(), 658_586),
        ("resnet56", CifarResNetOptions(), 853_018),
        ("resnet110", CifarResNetOptions(), 1_727_962),
        ("resnet1202", CifarResNetOptions(), 19_421_274),
        ("resnet20", CifarResNetOptions(shortcut="B"), 272_474),
        ("resnet56", CifarResNetOptions(shortcut="B"), 855_770),
        # Nothing on the shortcuts, or no shortcuts, costs nothing.
        ("resnet56", CifarResNetOptions(shortcut="none"), 853_018),
    ],
)
def test_the_published_counts_are_met(name: str, options: ResNetOptions, expected: int) -> None:
    assert parameters(without_data(catalogue.get(name), options)) == expected


def test_projections_everywhere_cost_a_convolution_and_its_normalisation_a_block() -> None:
    # Three blocks each of 16, 32, 64 maps; beside B, two each have a projection from as many maps.
    extra = sum(2 * (maps * maps + 2 * maps) for maps in (32, 64)) + 3 * (16 * 16 + 2 * 16)
    assert parameters(without_data(RESNET20, CifarResNetOptions(shortcut="C"))) == 272_474 + extra


def test_the_sizes_are_those_of_table_1() -> None:
    shapes = output_shapes(without_data(RESNET50), *IMAGENET)
    stages = [shapes[name] for name in ("conv1", "maxpool", "layer1", "layer2", "layer3", "layer4", "fc")]
    assert stages == [
        (64, 112, 112),
        (64, 56, 56),
        (256, 56, 56),
        (512, 28, 28),
        (1024, 14, 14),
        (2048, 7, 7),
        (1000,),
    ]


def test_the_sizes_on_cifar_are_those_of_section_4_2() -> None:
    shapes = output_shapes(without_data(RESNET20), 3, 32, 32)
    assert [shapes[f"layer{stage}"] for stage in (1, 2, 3)] == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152, 20, 32, 44, 56, 110])
def test_the_depth_in_the_name_counts_convolutions_and_the_dense_layer(depth: int) -> None:
    network = without_data(catalogue.get(f"resnet{depth}"))
    assert len(convolutions(network)) + len(of_type(network, nn.Linear)) == depth


@pytest.mark.parametrize(
    ("name", "options", "published"),
    [
        ("resnet18", ResNetOptions(), 1.8),
        # Table 1 says 3.6; the layers multiply to 3.66.
        ("resnet34", ResNetOptions(shortcut="A"), 3.6),
        ("resnet50", BottleneckResNetOptions(stride="1x1"), 3.8),
        ("resnet101", BottleneckResNetOptions(stride="1x1"), 7.6),
        ("resnet152", BottleneckResNetOptions(stride="1x1"), 11.3),
        # In the 3x3 convolution, as torchvision has it.
        ("resnet50", BottleneckResNetOptions(), 4.09),
    ],
)
def test_multiply_adds_are_the_published_ones_within_their_rounding(
    name: str, options: ResNetOptions, published: float
) -> None:
    computed = macs(without_data(catalogue.get(name), options), *IMAGENET) / 1e9
    assert computed == pytest.approx(published, abs=0.07)


def test_the_circulating_count_of_resnet18_is_explained_by_its_note() -> None:
    network = without_data(RESNET18)
    biases = sum(module.out_channels for module in of_type(network, nn.Conv2d)) - (128 + 256 + 512)
    norms = sum(parameters(module) for module in of_type(network, nn.BatchNorm2d))
    projections = 64 * 128 + 128 * 256 + 256 * 512
    assert (biases, norms, projections) == (3_904, 9_600, 172_032)
    circulating = next(figure for figure in RESNET18.published if figure.quantity == "parameters")
    assert parameters(network) + biases - norms - projections == circulating.value


def test_the_textbooks_count_of_resnet152_is_explained_by_its_note() -> None:
    network = without_data(catalogue.get("resnet152"))
    statistics = sum(2 * norm.num_features for norm in of_type(network, nn.BatchNorm2d))
    assert statistics == 151_424
    assert round((parameters(network) + statistics) / 1e6, 1) == 60.3


def test_shortcut_a_is_every_second_pixel_and_zeros() -> None:
    images = torch.arange(2 * 3 * 5 * 4, dtype=torch.float32).view(2, 3, 5, 4)
    outputs = ZeroPaddedIdentity(3, 7, 2)(images)
    assert outputs.shape == (2, 7, 3, 2)
    assert torch.equal(outputs[:, :3], images[:, :, ::2, ::2])
    assert not outputs[:, 3:].any()


@pytest.mark.parametrize(
    ("shortcut", "zero_padded", "projections"), [("A", 4, 0), ("B", 0, 4), ("C", 0, 16), ("none", 0, 0)]
)
def test_each_shortcut_stands_where_the_paper_has_it(shortcut: str, zero_padded: int, projections: int) -> None:
    network = without_data(RESNET50, BottleneckResNetOptions(shortcut=shortcut))
    assert len(of_type(network, ZeroPaddedIdentity)) == zero_padded
    on_shortcuts = [p for p, m in network.named_modules() if isinstance(m, nn.Conv2d) and ".shortcut" in p]
    assert len(on_shortcuts) == projections


@pytest.mark.parametrize(("architecture", "blocks"), [(RESNET18, 8), (RESNET20, 9)], ids=["resnet18", "resnet20"])
def test_the_plain_twin_has_the_same_convolutions_and_no_additions(architecture, blocks: int) -> None:
    plain = without_data(architecture, architecture.options_type(shortcut="none"))
    for shortcut in ("A", "B", "C"):
        residual = without_data(architecture, architecture.options_type(shortcut=shortcut))
        assert convolutions(residual) == convolutions(plain)
        assert functions(residual).count("add") == blocks
    assert functions(plain) == []


def _silenced(block: ResidualBlock, last: nn.Module) -> ResidualBlock:
    """The block with a residual branch that says nothing."""
    for parameter in last.parameters():
        nn.init.zeros_(parameter)
    return block.eval()


def test_a_silent_block_is_the_identity() -> None:
    x = torch.randn(2, 8, 4, 4)
    basic = BasicBlock(8, 8, 1, Design("B"))
    assert torch.equal(_silenced(basic, basic.bn2)(x), x.relu())
    bottleneck = Bottleneck(8, 2, 1, Design("B", bottleneck=True))
    assert torch.equal(_silenced(bottleneck, bottleneck.bn3)(x), x.relu())
    plain = BasicBlock(8, 8, 1, Design("none"))
    assert not _silenced(plain, plain.bn2)(x).any()


def test_a_silent_pre_activation_block_passes_on_negative_values_too() -> None:
    x = torch.randn(2, 8, 4, 4)
    design = Design("B", pre_activation=True)
    basic = PreActivationBlock(8, 8, 1, design, first=False)
    assert torch.equal(_silenced(basic, basic.conv2)(x), x)
    bottleneck = PreActivationBottleneck(8, 2, 1, design, first=False)
    assert torch.equal(_silenced(bottleneck, bottleneck.conv3)(x), x)


def test_the_projection_of_a_pre_activation_block_reads_the_activated_input() -> None:
    block = PreActivationBlock(4, 8, 2, Design("B", pre_activation=True), first=False)
    _silenced(block, block.conv2)
    assert block.shortcut is not None
    nn.init.ones_(block.shortcut.weight)
    assert not block(-torch.ones(1, 4, 4, 4)).any()


def test_pre_activation_activates_once_before_the_first_block_and_once_behind_the_last() -> None:
    network = without_data(RESNET20, CifarResNetOptions(pre_activation=True))
    assert [name for name, _ in network.named_children()][:3] == ["conv1", "bn1", "relu1"]
    first, second = network.layer1[0], network.layer1[1]
    assert (first.bn1, first.relu1) == (None, None)
    assert isinstance(second.bn1, nn.BatchNorm2d)
    assert isinstance(network.final_bn, nn.BatchNorm2d)
    # Every convolution but the stem's has a normalisation before it, and there is one at the end.
    assert len(of_type(network, nn.BatchNorm2d)) == 19


@pytest.mark.parametrize(("place", "first", "middle"), [("3x3", 1, 2), ("1x1", 2, 1)])
@pytest.mark.parametrize("pre_activation", [False, True])
def test_the_stride_of_a_bottleneck_is_where_the_option_says(
    place: str, first: int, middle: int, pre_activation: bool
) -> None:
    network = without_data(RESNET50, BottleneckResNetOptions(stride=place, pre_activation=pre_activation))
    for stage in (network.layer2, network.layer3, network.layer4):
        assert (stage[0].conv1.stride[0], stage[0].conv2.stride[0]) == (first, middle)
        assert {block.conv2.stride[0] for block in stage[1:]} == {1}


@pytest.mark.parametrize("pre_activation", [False, True])
def test_without_batch_norm_convolutions_have_biases(pre_activation: bool) -> None:
    network = without_data(RESNET50, BottleneckResNetOptions(batch_norm=False, pre_activation=pre_activation))
    assert of_type(network, nn.BatchNorm2d) == []
    assert all(convolution.bias is not None for convolution in of_type(network, nn.Conv2d))
    assert all(convolution.bias is None for convolution in of_type(without_data(RESNET50), nn.Conv2d))


@pytest.mark.parametrize("options", CIFAR_FORMS, ids=str)
def test_gradients_reach_the_image_and_every_parameter(options: CifarResNetOptions) -> None:
    torch.manual_seed(0)
    network = RESNET20.build(options)
    images = torch.rand(2, 3, 32, 32)
    assert network(images).shape == (2, 10)
    assert gradients_missing(network, images) == []


def test_other_sizes_and_numbers_of_classes_work() -> None:
    network = RESNET20.build(classes=7).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 3, 45, 28)).shape == (1, 7)


def test_weights_start_as_he_drew_them() -> None:
    torch.manual_seed(0)
    network = RESNET20.build()
    # 64 maps out through 3 x 3: the deviation is the root of 2 / (9 x 64).
    weight = network.layer3[1].conv1.weight
    assert weight.std().item() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)
    assert not network.fc.bias.any()


def test_blocks_of_a_stage_stand_in_a_row() -> None:
    network = without_data(catalogue.get("resnet34"))
    stages = (network.layer1, network.layer2, network.layer3, network.layer4)
    assert [len(stage) for stage in stages] == [3, 4, 6, 3]
    assert all(isinstance(block, BasicBlock) for stage in stages for block in stage)


@pytest.mark.parametrize("architecture", RESNETS, ids=lambda a: a.name)
def test_every_shortcut_can_be_asked_for_by_name(architecture) -> None:
    for shortcut in ("A", "B", "C", "none"):
        assert parse_options(architecture.options_type, {"shortcut": shortcut}).shortcut == shortcut


def test_options_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="shortcut is one of A, B, C, none, not 'D'"):
        parse_options(ResNetOptions, {"shortcut": "D"})
    with pytest.raises(ValueError, match="there is no option 'stride'; the options are shortcut, pre_activation"):
        parse_options(ResNetOptions, {"stride": "1x1"})
    with pytest.raises(ValueError, match="stride is one of 3x3, 1x1, not '5x5'"):
        parse_options(BottleneckResNetOptions, {"stride": "5x5"})


@pytest.mark.parametrize("architecture", RESNETS, ids=lambda a: a.name)
def test_published_figures_name_forms_that_exist(architecture) -> None:
    assert architecture.published
    for figure in architecture.published:
        architecture.options_type(**figure.options)
