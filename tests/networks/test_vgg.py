"""The VGG networks against the paper and the published counts."""

from __future__ import annotations

from functools import cache
from math import prod, sqrt
from typing import Any

import pytest
import torch
from network_counts import gradients_missing, parameters, without_data
from torch import nn
from torch.nn import functional

from explorer.networks import catalogue
from explorer.networks.entries.vgg import (
    VGG11Options,
    VGG13Options,
    VGG16Options,
    VGG19Options,
    VGGOptions,
)
from explorer.networks.options import fitted_options, parse_options
from explorer.reading import read_graph
from explorer.structure.graph import Graph, Kind, Tracing

VGG11, VGG13, VGG16, VGG19 = (catalogue.get(f"vgg{depth}") for depth in (11, 13, 16, 19))
CIFAR_FORMS = [
    VGG11Options(size="cifar"),
    VGG11Options(size="cifar", batch_norm=True, dropout=0.0),
    VGG11Options(form="a_lrn", size="cifar", classifier="global_pooling"),
    VGG11Options(form="custom", size="cifar", convolutions_4=1, convolutions_5=1),
]


@cache
def _graph(name: str, options: Any = None) -> Graph:
    return read_graph(catalogue.get(name), options)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("vgg11", VGG11Options(), 132_863_336),
        ("vgg11", VGG11Options(form="a_lrn"), 132_863_336),
        ("vgg13", VGG13Options(), 133_047_848),
        ("vgg16", VGG16Options(), 138_357_544),
        ("vgg19", VGG19Options(), 143_667_240),
        ("vgg16", VGG16Options(form="c"), 133_638_952),
        ("vgg11", VGG11Options(batch_norm=True), 132_868_840),
        ("vgg13", VGG13Options(batch_norm=True), 133_053_736),
        ("vgg16", VGG16Options(batch_norm=True), 138_365_992),
        ("vgg19", VGG19Options(batch_norm=True), 143_678_248),
        ("vgg16", VGG16Options(form="c", batch_norm=True), 133_647_400),
        ("vgg16", VGG16Options(classifier="global_pooling"), 15_227_688),
    ],
)
def test_each_form_has_its_published_parameters(name: str, options: VGGOptions, expected: int) -> None:
    assert parameters(without_data(catalogue.get(name), options)) == expected


@pytest.mark.parametrize(
    ("name", "published"), [("vgg11", 7.609), ("vgg13", 11.308), ("vgg16", 15.47), ("vgg19", 19.632)]
)
def test_each_network_has_the_multiply_adds_that_torchvision_publishes(name: str, published: float) -> None:
    graph = _graph(name)
    # The billions of `_ops` in torchvision's weights.
    assert graph.totals.macs / 1e9 == pytest.approx(published, abs=0.006)
    assert graph.tracing is Tracing.FX


@pytest.mark.parametrize(("name", "layers"), [("vgg11", 11), ("vgg13", 13), ("vgg16", 16), ("vgg19", 19)])
def test_a_network_has_as_many_weight_layers_as_its_name_says(name: str, layers: int) -> None:
    kinds = [node.kind for node in _graph(name).nodes if node.parameters]
    assert len(kinds) == layers
    assert kinds[-3:] == [Kind.LINEAR] * 3


def test_vgg16_layer_by_layer() -> None:
    graph = _graph("vgg16")
    rows = [node for node in graph.nodes if node.kind in {Kind.CONVOLUTION, Kind.POOLING, Kind.LINEAR}]
    biases = {node.path: node.output_shape[0] if node.parameters else 0 for node in rows}
    assert [(n.name, prod(n.output_shape), n.parameters - biases[n.path]) for n in rows] == [
        ("conv1_1", 3_211_264, 1_728),
        ("conv1_2", 3_211_264, 36_864),
        ("pool1", 802_816, 0),
        ("conv2_1", 1_605_632, 73_728),
        ("conv2_2", 1_605_632, 147_456),
        ("pool2", 401_408, 0),
        ("conv3_1", 802_816, 294_912),
        ("conv3_2", 802_816, 589_824),
        ("conv3_3", 802_816, 589_824),
        ("pool3", 200_704, 0),
        ("conv4_1", 401_408, 1_179_648),
        ("conv4_2", 401_408, 2_359_296),
        ("conv4_3", 401_408, 2_359_296),
        ("pool4", 100_352, 0),
        ("conv5_1", 100_352, 2_359_296),
        ("conv5_2", 100_352, 2_359_296),
        ("conv5_3", 100_352, 2_359_296),
        ("pool5", 25_088, 0),
        ("fc6", 4_096, 102_760_448),
        ("fc7", 4_096, 16_777_216),
        ("fc8", 1_000, 4_096_000),
    ]
    written = sum(prod(node.output_shape) for node in rows)
    assert prod(graph.input_shape) + written == 15_237_608
    assert graph.by_path["classifier.fc6"].parameters / graph.totals.parameters == pytest.approx(0.743, abs=5e-4)
    assert 2 * 3_211_264 / written == pytest.approx(0.426, abs=5e-4)


def test_form_c_ends_its_last_three_blocks_with_1x1_convolutions() -> None:
    network = without_data(VGG16, VGG16Options(form="c"))
    small = [p for p, m in network.named_modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1)]
    assert small == [f"features.block{number}.conv{number}_3" for number in (3, 4, 5)]


def test_form_a_lrn_normalises_once_after_the_first_layer() -> None:
    names = [node.name for node in _graph("vgg11", VGG11Options(form="a_lrn")).nodes]
    assert names[1:5] == ["conv1_1", "conv1_1_activation", "norm1", "pool1"]
    assert sum(name.startswith("norm") for name in names) == 1


def test_a_custom_network_has_the_chosen_convolutions_in_each_block() -> None:
    options = VGG16Options(form="custom", convolutions_1=1, convolutions_2=3, convolutions_5=5)
    blocks = without_data(VGG16, options).features.children()
    assert [sum(isinstance(m, nn.Conv2d) for m in block.modules()) for block in blocks] == [1, 3, 3, 3, 5]


@pytest.mark.parametrize("architecture", [VGG11, VGG13, VGG16, VGG19], ids=lambda a: a.name)
def test_a_custom_network_begins_as_the_one_it_is_made_from(architecture: Any) -> None:
    assert parameters(without_data(architecture, architecture.options_type(form="custom"))) == architecture.parameters


def test_weights_start_as_kaiming_normal_and_as_small_normal() -> None:
    torch.manual_seed(0)
    network = VGG11.build(VGG11Options(size="cifar"))
    for layer in (network.features.block3.conv3_1, network.features.block5.conv5_2):
        # Fan out: what each input value goes to.
        assert layer.weight.std().item() == pytest.approx(sqrt(2 / (9 * layer.out_channels)), rel=0.02)
    for layer in (network.classifier.fc6, network.classifier.fc7):
        assert layer.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not any(parameter.any() for name, parameter in network.named_parameters() if name.endswith("bias"))


@pytest.mark.parametrize("options", CIFAR_FORMS, ids=str)
def test_the_cifar_size_gives_ten_outputs_and_a_gradient_to_each_parameter(options: VGGOptions) -> None:
    torch.manual_seed(0)
    network = VGG11.build(options)
    images = torch.rand(2, *VGG11.interface(options).input_shape)
    assert network(images).shape == (2, 10)
    assert gradients_missing(network, images) == []


def test_the_cifar_size_learns_eight_images_by_heart() -> None:
    torch.manual_seed(0)
    network = VGG11.build(VGG11Options(size="cifar", batch_norm=True, dropout=0.0))
    images, labels = torch.randn(8, 3, 32, 32), torch.arange(8)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(16):
        optimiser.zero_grad()
        functional.cross_entropy(network(images), labels).backward()
        optimiser.step()
    assert (network(images).argmax(1) == labels).all()


@pytest.mark.parametrize(
    ("options_type", "given", "said"),
    [
        (VGG11Options, {"form": "c"}, "form is one of a, a_lrn, custom, not 'c'"),
        (VGG16Options, {"convolutions_3": "4"}, "convolutions_3=4 applies to form=custom only"),
        (VGG16Options, {"form": "custom", "convolutions_3": "0"}, "convolutions_3 is 1 to 16, not 0"),
        (
            VGG16Options,
            {"classifier": "global_pooling", "dropout": "0.2"},
            "dropout=0.2 applies to classifier=dense only",
        ),
        (VGG19Options, {"size": "mnist"}, "size is one of imagenet, cifar"),
    ],
)
def test_options_that_make_no_sense_are_refused(options_type: type, given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_options(options_type, given)


def test_leaving_the_custom_form_gives_the_counts_back() -> None:
    assert fitted_options(VGG19Options, {"form": "e", "convolutions_3": 9}) == VGG19Options()
