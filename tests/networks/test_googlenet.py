"""GoogLeNet against the paper and the published counts."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from network_counts import gradients_missing, parameters, without_data
from torch import nn

from explorer.networks import catalogue
from explorer.networks.entries.googlenet import GoogLeNetOptions
from explorer.reading import read_graph
from explorer.structure.graph import Graph, Tracing

GOOGLENET = catalogue.get("googlenet")
HEADS = GoogLeNetOptions(auxiliary=True)
CIFAR = GoogLeNetOptions(size="cifar")
CIFAR_HEADS = GoogLeNetOptions(size="cifar", auxiliary=True)


@cache
def _graph(options: GoogLeNetOptions = GoogLeNetOptions()) -> Graph:  # noqa: B008 - frozen
    return read_graph(GOOGLENET, options)


def test_the_paper_form_has_its_parameters_and_multiply_adds() -> None:
    graph = _graph()
    assert graph.totals.parameters == 6_998_552
    assert graph.totals.macs == 1_582_671_872
    assert graph.tracing is Tracing.FX


def test_the_heads_have_their_parameters_and_cost_nothing_in_evaluation() -> None:
    graph = _graph(HEADS)
    assert graph.totals.parameters == 13_378_280
    assert graph.totals_of("head_4a").parameters == 3_188_840
    assert graph.totals_of("head_4d").parameters == 3_190_888
    assert graph.totals.macs == 1_582_671_872


def test_the_heads_are_listed_as_training_only() -> None:
    listed = {node.path for node in _graph(HEADS).nodes if node.training_only}
    assert {"head_4a.conv", "head_4a.fc", "head_4a.linear", "head_4d.conv", "head_4d.fc", "head_4d.linear"} <= listed
    assert all(path.startswith("head_") for path in listed)
    assert not any(node.training_only for node in _graph().nodes)


@pytest.mark.parametrize(
    ("part", "shape"),
    [
        ("stem.conv1", (64, 112, 112)),
        ("stem.pool1", (64, 56, 56)),
        ("stem.conv2.conv", (192, 56, 56)),
        ("stem.pool2", (192, 28, 28)),
        ("inception_3a.cat", (256, 28, 28)),
        ("inception_3b.cat", (480, 28, 28)),
        ("pool3", (480, 14, 14)),
        ("inception_4a.cat", (512, 14, 14)),
        ("inception_4b.cat", (512, 14, 14)),
        ("inception_4c.cat", (512, 14, 14)),
        ("inception_4d.cat", (528, 14, 14)),
        ("inception_4e.cat", (832, 14, 14)),
        ("pool4", (832, 7, 7)),
        ("inception_5a.cat", (832, 7, 7)),
        ("inception_5b.cat", (1024, 7, 7)),
        ("average_pool", (1024, 1, 1)),
        ("linear", (1000,)),
    ],
)
def test_the_sizes_are_those_of_table_1(part: str, shape: tuple[int, ...]) -> None:
    assert _graph().by_path[part].output_shape == shape


@pytest.mark.parametrize(
    ("module", "side", "weights", "millions"),
    # Weights in units of 1,024 and multiply-adds in millions, from the filters, by hand. Table 1 prints the same but
    # for the weights of 4a, 4c, 4d, 4e, 5a and 5b and the multiply-adds of 5a.
    [
        ("inception_3a", 28, 159.5, 128),
        ("inception_3b", 28, 379, 304),
        ("inception_4a", 14, 366.75, 73.6),
        ("inception_4b", 14, 438, 88),
        ("inception_4c", 14, 497.5, 100),
        ("inception_4d", 14, 590.5, 119),
        ("inception_4e", 14, 847, 170),
        ("inception_5a", 7, 1018, 51),
        ("inception_5b", 7, 1409, 71),
    ],
)
def test_each_module_costs_what_its_filters_say(module: str, side: int, weights: float, millions: float) -> None:
    totals = _graph().totals_of(module)
    assert totals.macs == weights * 1024 * side**2
    assert totals.macs / 1e6 == pytest.approx(millions, abs=0.6)


def test_a_module_joins_four_branches_at_once() -> None:
    graph = _graph()
    joined = [edge.source for edge in graph.edges if edge.target == "inception_4a.cat"]
    assert [path.split(".")[1] for path in joined] == ["branch1", "branch3", "branch5", "pool_branch"]
    assert [graph.by_path[path].output_shape[0] for path in joined] == [192, 208, 48, 64]
    entered = {edge.target.split(".")[1] for edge in graph.edges if edge.source == "pool3"}
    assert entered == {"branch1", "branch3", "branch5", "pool_branch"}


def test_batch_norm_adds_two_parameters_a_map_and_takes_the_place_of_response_normalisation() -> None:
    plain, normalised = (without_data(GOOGLENET, GoogLeNetOptions(batch_norm=on)) for on in (False, True))
    maps = sum(layer.out_channels for layer in plain.modules() if isinstance(layer, nn.Conv2d))
    assert parameters(normalised) - parameters(plain) == 2 * maps
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in normalised.modules()) == 57
    assert sum(isinstance(layer, nn.LocalResponseNorm) for layer in plain.modules()) == 2
    assert not any(isinstance(layer, nn.LocalResponseNorm) for layer in normalised.modules())


def test_response_normalisation_can_be_left_out() -> None:
    network = without_data(GOOGLENET, GoogLeNetOptions(local_response_norm=False))
    assert not any(isinstance(layer, nn.LocalResponseNorm) for layer in network.modules())


def test_in_training_the_heads_answer_too_the_one_nearest_the_end_first() -> None:
    torch.manual_seed(0)
    network = GOOGLENET.build(CIFAR_HEADS)
    with torch.no_grad():
        for head, answer in ((network.head_4d, 4.0), (network.head_4a, 1.0)):
            head.linear.weight.zero_()
            head.linear.bias.fill_(answer)
        images = torch.rand(2, 3, 32, 32)
        logits, late, early = network.train()(images)
        assert logits.shape == (2, 10)
        assert late.tolist() == [[4.0] * 10] * 2
        assert early.tolist() == [[1.0] * 10] * 2
        assert network.eval()(images).shape == (2, 10)


def test_the_heads_train_what_stands_before_them() -> None:
    torch.manual_seed(0)
    network = GOOGLENET.build(CIFAR_HEADS)
    _, _, early = network(torch.rand(2, 3, 32, 32))
    early.sum().backward()
    assert network.inception_4a.branch1.conv.weight.grad.any()
    assert network.inception_4b.branch1.conv.weight.grad is None


@pytest.mark.parametrize("options", [CIFAR, GoogLeNetOptions(size="cifar", batch_norm=True)], ids=str)
def test_the_cifar_size_gives_ten_outputs_and_a_gradient_to_each_parameter(options: GoogLeNetOptions) -> None:
    torch.manual_seed(0)
    network = GOOGLENET.build(options)
    images = torch.rand(2, *GOOGLENET.interface(options).input_shape)
    assert network(images).shape == (2, 10)
    assert gradients_missing(network, images) == []


def test_the_modules_of_the_cifar_size_work_at_16_8_and_4_pixels() -> None:
    graph = _graph(CIFAR)
    sides = [graph.by_path[f"inception_{name}.cat"].output_shape[1] for name in ("3a", "3b", "4a", "4e", "5a", "5b")]
    assert sides == [16, 16, 8, 8, 4, 4]


def test_without_batch_norm_the_signal_keeps_its_strength_through_22_layers() -> None:
    torch.manual_seed(0)
    network = GOOGLENET.build(CIFAR).eval()
    with torch.inference_mode():
        logits = network(torch.randn(4, 3, 32, 32))
    assert 0.1 < logits.std().item() < 10
