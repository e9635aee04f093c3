"""AlexNet against the paper and the published counts."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from network_counts import gradients_missing, parameters, without_data
from torch import nn
from torch.nn import functional

from explorer.networks import catalogue
from explorer.networks.alexnet import _start_as_published
from explorer.networks.entries.alexnet import AlexNetOptions
from explorer.networks.options import fitted_options, parse_options
from explorer.reading import read_graph
from explorer.structure.graph import Graph, Kind, Tracing

ALEXNET = catalogue.get("alexnet")
PAPER = AlexNetOptions(form="paper")
CIFAR_FORMS = [
    AlexNetOptions(form="cifar"),
    AlexNetOptions(form="cifar", activation="tanh", pooling="average", overlapping=False, dropout=0.0),
    AlexNetOptions(form="cifar", activation="sigmoid", batch_norm=True),
    AlexNetOptions(form="cifar", local_response_norm="on"),
]


@cache
def _graph(options: AlexNetOptions = AlexNetOptions()) -> Graph:  # noqa: B008 - frozen
    return read_graph(ALEXNET, options)


def _sides(graph: Graph) -> list[int]:
    """The side of the maps after each convolution and pooling, in order."""
    return [node.output_shape[1] for node in graph.nodes if node.kind in {Kind.CONVOLUTION, Kind.POOLING}]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("one_tower", 62_378_344),
        ("paper", 60_965_224),
        ("textbook_224", 50_844_008),
        ("torchvision", 61_100_840),
        ("four_convolutions", 59_744_616),
        ("four_convolutions_wide", 48_976_424),
    ],
)
def test_each_form_has_its_published_parameters_and_is_followed_by_fx(form: str, expected: int) -> None:
    graph = _graph(AlexNetOptions(form=form))
    assert graph.totals.parameters == expected
    assert graph.tracing is Tracing.FX


def test_batch_norm_after_each_convolution_with_ten_classes() -> None:
    graph = _graph(AlexNetOptions(batch_norm=True))
    assert graph.totals.parameters == 58_325_066
    assert graph.input_shape == (3, 227, 227)
    assert parameters(without_data(ALEXNET, AlexNetOptions(batch_norm=True))) == 58_325_066
    assert sum(node.type_name == "BatchNorm2d" for node in graph.nodes) == 5


def test_the_one_tower_layer_by_layer() -> None:
    graph = _graph()
    counts = {node.name: node.parameters for node in graph.nodes if node.parameters}
    assert counts == {
        "conv1": 34_944,
        "conv2": 614_656,
        "conv3": 885_120,
        "conv4": 1_327_488,
        "conv5": 884_992,
        "fc6": 37_752_832,
        "fc7": 16_781_312,
        "fc8": 4_097_000,
    }


@pytest.mark.parametrize(
    ("form", "sides"),
    [
        ("one_tower", [55, 27, 27, 13, 13, 13, 13, 6]),
        ("textbook_224", [54, 26, 26, 12, 12, 12, 12, 5]),
        ("four_convolutions", [55, 27, 27, 13, 13, 13, 6]),
        ("four_convolutions_wide", [54, 26, 26, 12, 12, 12, 5]),
        ("torchvision", [55, 27, 27, 13, 13, 13, 13, 6, 6]),
    ],
)
def test_the_maps_shrink_as_the_textbooks_say(form: str, sides: list[int]) -> None:
    assert _sides(_graph(AlexNetOptions(form=form))) == sides


def test_windows_without_overlap_leave_maps_of_the_papers_sizes() -> None:
    # Section 3.4 compares with s = 2, z = 2, "which produces output of equivalent dimensions".
    graph = _graph(AlexNetOptions(overlapping=False))
    assert _sides(graph) == [55, 27, 27, 13, 13, 13, 13, 6]
    assert {node.detail for node in graph.nodes if node.kind is Kind.POOLING} == {"2×2"}
    assert _sides(_graph(AlexNetOptions(form="textbook_224", overlapping=False)))[-1] == 6


def test_the_multiply_adds_follow_from_the_layers() -> None:
    convolutions = [105_415_200, 447_897_600, 149_520_384, 224_280_576, 149_520_384]
    dense = 9_216 * 4_096 + 4_096 * 4_096 + 4_096 * 1_000
    assert _graph().totals.macs == sum(convolutions) + dense
    halved = [105_415_200, 447_897_600 // 2, 149_520_384, 224_280_576 // 2, 149_520_384 // 2]
    assert _graph(PAPER).totals.macs == sum(halved) + dense


def test_the_torchvision_form_has_torchvisions_weights_in_order() -> None:
    torchvision = pytest.importorskip("torchvision")
    with torch.device("meta"):
        theirs = torchvision.models.alexnet()
    ours = without_data(ALEXNET, AlexNetOptions(form="torchvision"))
    assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]
    kinds = [type(m) for m in ours.modules() if not list(m.children()) and not isinstance(m, nn.Flatten)]
    assert kinds == [type(m) for m in theirs.modules() if not list(m.children())]


def test_both_columns_together_have_the_layers_of_two_groups() -> None:
    counts: dict[str, int] = {}
    for node in _graph(PAPER).nodes:
        if node.parameters:
            counts[node.name] = counts.get(node.name, 0) + node.parameters
    assert counts == {
        "conv1": 34_944,
        "conv2": (5 * 5 * 48 + 1) * 256,
        "conv3": 885_120,
        "conv4": (3 * 3 * 192 + 1) * 384,
        "conv5": (3 * 3 * 192 + 1) * 256,
        "fc6": 37_752_832,
        "fc7": 16_781_312,
        "fc8": 4_097_000,
    }


def test_the_columns_meet_at_conv3_and_in_the_dense_layers_only() -> None:
    graph = _graph(PAPER)
    sources: dict[str, set[str]] = {}
    for node in graph.nodes:
        direct = {edge.source for edge in graph.edges if edge.target == node.path}
        sources[node.path] = direct.union(*(sources[path] for path in direct))

    def sees_both_columns(path: str, layer: str) -> bool:
        return sum(source.endswith(f".{layer}") for source in sources[path]) == 2

    for column in ("column1", "column2"):
        assert not sees_both_columns(f"features.columns12.{column}.conv2", "conv1")
        assert sees_both_columns(f"features.columns345.{column}.conv3", "conv2")
        assert not sees_both_columns(f"features.columns345.{column}.conv4", "conv3")
        assert not sees_both_columns(f"features.columns345.{column}.conv5", "conv4")
        assert sees_both_columns(f"classifier.columns6.{column}.fc6", "conv5")
        assert sees_both_columns(f"classifier.columns7.{column}.fc7", "fc6")
    assert sees_both_columns("classifier.fc8", "fc7")


def test_two_columns_compute_what_two_groups_do() -> None:
    torch.manual_seed(0)
    options = AlexNetOptions(form="paper", local_response_norm="off")
    features = without_data(ALEXNET, options).features.to_empty(device="cpu")
    for parameter in features.parameters():
        nn.init.normal_(parameter, std=0.05)

    def both(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        layers = [module for path, module in features.named_modules() if path.endswith(f".{name}")]
        return torch.cat([layer.weight for layer in layers]), torch.cat([layer.bias for layer in layers])

    def pool(x: torch.Tensor) -> torch.Tensor:
        return functional.max_pool2d(x, 3, 2)

    with torch.inference_mode():
        images = torch.rand(1, 3, 99, 99)
        x = pool(functional.conv2d(images, *both("conv1"), stride=4).relu())
        x = pool(functional.conv2d(x, *both("conv2"), padding=2, groups=2).relu())
        x = functional.conv2d(x, *both("conv3"), padding=1).relu()
        x = functional.conv2d(x, *both("conv4"), padding=1, groups=2).relu()
        x = pool(functional.conv2d(x, *both("conv5"), padding=1, groups=2).relu())
        torch.testing.assert_close(features(images), x, rtol=1e-4, atol=1e-4)


def test_response_normalisation_is_the_papers_formula() -> None:
    features = without_data(ALEXNET).features
    torch.manual_seed(0)
    maps = 100 * torch.rand(1, 7, 1, 1)
    values = maps.flatten().tolist()
    expected = []
    for i, value in enumerate(values):
        neighbours = values[max(0, i - 2) : i + 3]
        expected.append(value / (2 + 1e-4 * sum(a**2 for a in neighbours)) ** 0.75)
    assert features.norm1(maps).flatten().tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (AlexNetOptions(), 2),
        (PAPER, 4),
        (AlexNetOptions(form="torchvision"), 0),
        (AlexNetOptions(form="textbook_224", local_response_norm="on"), 2),
        (AlexNetOptions(local_response_norm="off"), 0),
        (AlexNetOptions(batch_norm=True), 0),
    ],
    ids=str,
)
def test_response_normalisation_stands_where_it_was_published_unless_told(options: AlexNetOptions, count: int) -> None:
    layers = [m for m in without_data(ALEXNET, options).modules() if isinstance(m, nn.LocalResponseNorm)]
    assert len(layers) == count


def test_normalisation_and_pooling_follow_the_activation_in_the_papers_order() -> None:
    names = [node.name for node in _graph().nodes][1:9]
    assert names == ["conv1", "conv1_activation", "norm1", "pool1", "conv2", "conv2_activation", "norm2", "pool2"]


def test_the_activation_is_the_chosen_one_everywhere() -> None:
    tanh = without_data(ALEXNET, AlexNetOptions(activation="tanh"))
    assert sum(isinstance(module, nn.Tanh) for module in tanh.modules()) == 7
    assert not any(isinstance(module, nn.ReLU) for module in tanh.modules())


def test_dropout_is_the_chosen_share_and_none_at_zero() -> None:
    def shares(options: AlexNetOptions) -> list[float]:
        return [m.p for m in without_data(ALEXNET, options).modules() if isinstance(m, nn.Dropout)]

    assert shares(AlexNetOptions()) == [0.5, 0.5]
    assert shares(AlexNetOptions(form="paper", dropout=0.3)) == [0.3] * 4
    assert shares(AlexNetOptions(dropout=0.0)) == []


def test_the_paper_starts_from_small_weights_and_some_biases_of_one() -> None:
    torch.manual_seed(0)
    layers = nn.ModuleDict({"conv1": nn.Conv2d(3, 8, 3), "conv2": nn.Conv2d(8, 64, 5), "fc6": nn.Linear(9, 9)})
    _start_as_published(layers)
    assert layers["conv2"].weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert [set(layer.bias.tolist()) for layer in layers.values()] == [{0.0}, {1.0}, {1.0}]


@pytest.mark.parametrize("options", CIFAR_FORMS, ids=str)
def test_the_cifar_form_gives_ten_outputs_and_a_gradient_to_each_parameter(options: AlexNetOptions) -> None:
    torch.manual_seed(0)
    network = ALEXNET.build(options)
    images = torch.rand(3, *ALEXNET.interface(options).input_shape)
    assert network(images).shape == (3, 10)
    assert gradients_missing(network, images) == []


def test_a_gradient_reaches_every_parameter_of_the_cifar_form() -> None:
    torch.manual_seed(0)
    network = ALEXNET.build(AlexNetOptions(form="cifar", dropout=0.0))
    functional.cross_entropy(network(torch.randn(4, 3, 32, 32)), torch.arange(4)).backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())


def test_it_takes_as_many_classes_as_it_is_asked_for() -> None:
    with torch.device("meta"):
        assert ALEXNET.build(classes=7).classifier.fc8.out_features == 7


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"form": "two_towers"}, "form is one of one_tower, paper"),
        ({"dropout": "0.95"}, "dropout is 0.0 to 0.9, not 0.95"),
        ({"dropout": "none"}, "dropout is a number"),
        ({"batch_norm": "on", "local_response_norm": "on"}, "local_response_norm=on applies to batch_norm=false only"),
    ],
)
def test_options_that_make_no_sense_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_options(AlexNetOptions, given)


def test_a_form_drops_response_normalisation_when_batch_norm_is_switched_on() -> None:
    fitted = fitted_options(AlexNetOptions, {"batch_norm": True, "local_response_norm": "on"})
    assert fitted == AlexNetOptions(batch_norm=True)
