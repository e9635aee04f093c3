"""The networks and forms that experiments train: counted by hand, and out of the catalogue's list where they belong."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from explorer.networks import catalogue
from explorer.networks.googlenet import FILTERS, Inception, SingleKernel
from explorer.networks.locally_connected import LocallyConnected
from explorer.reading import read_graph


def built(name: str, **options: Any) -> nn.Module:
    entry = catalogue.get(name)
    return entry.build(entry.options_type(**options))


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def macs(name: str, **options: Any) -> int:
    entry = catalogue.get(name)
    return read_graph(entry, entry.options_type(**options)).totals.macs


def test_networks_of_the_laboratory_are_found_but_not_listed() -> None:
    assert {catalogue.get(name).name for name in ("mlp", "convnet4")} == {"mlp", "convnet4"}
    assert not {"mlp", "convnet4"} & {entry.name for entry in catalogue.CATALOGUE}


def test_the_perceptron_is_counted_layer_by_layer() -> None:
    # 784 x 512 + 512, 512 x 512 + 512, 512 x 10 + 10
    assert parameters(built("mlp")) == 401_920 + 262_656 + 5_130


def test_the_four_layer_network_is_counted_layer_by_layer() -> None:
    # 5 x 5 x 3 x 32 + 32, 5 x 5 x 32 x 32 + 32, 5 x 5 x 32 x 64 + 64, 64 x 4 x 4 x 10 + 10
    assert parameters(built("convnet4")) == 2_432 + 25_632 + 51_264 + 10_250


@pytest.mark.parametrize("changes", [{}, {"overlapping": False}, {"pooling": "average"}, {"local_response_norm": True}])
def test_all_forms_of_the_four_layer_network_have_the_same_weights(changes: dict[str, Any]) -> None:
    network = built("convnet4", **changes)
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    assert shapes == {name: tensor.shape for name, tensor in built("convnet4").state_dict().items()}
    assert network(torch.rand(2, 3, 32, 32)).shape == (2, 10)


def test_a_locally_connected_layer_with_equal_kernels_is_the_convolution() -> None:
    convolution, local = nn.Conv2d(2, 3, 5, padding=2), LocallyConnected(2, 3, 5, (6, 7), 2)
    with torch.no_grad():
        local.weight.copy_(convolution.weight.reshape(3, 50).T.expand(42, 50, 3))
        local.bias.copy_(convolution.bias.view(3, 1, 1).expand(3, 6, 7))
        images = torch.rand(4, 2, 6, 7)
        assert torch.allclose(local(images), convolution(images), atol=1e-5)


def test_a_locally_connected_layer_has_a_kernel_for_each_place() -> None:
    local = LocallyConnected(1, 1, 3, (4, 4))
    with torch.no_grad():
        local.bias.zero_()
        before = local(torch.ones(1, 1, 4, 4))
        local.weight[0] += 1
        after = local(torch.ones(1, 1, 4, 4))
    assert torch.allclose((after - before).flatten(), torch.tensor([9.0, 0, 0, 0]), atol=1e-5)


def test_lenets_locally_connected_twin_has_the_papers_connections_as_parameters() -> None:
    network = built("lenet5", kernels="local")
    by_layer = {name: parameters(layer) for name, layer in network.features.named_children() if parameters(layer)}
    # 28 x 28 x 156 is the number of connections that the paper gives C1; C3 has 10 x 10 x (5 x 5 x 6 + 1) x 16.
    assert by_layer == {"c1": 122_304, "c3": 241_600}
    assert macs("lenet5", kernels="local") == macs("lenet5") == 416_520


def test_half_the_width_of_a_residual_network_is_counted() -> None:
    # Stem 3 x 9 x 8, three stages of 8, 16 and 32 maps, norms, and a dense layer of 32 x 10 + 10.
    stages = [6 * 9 * 8 * 8, 9 * 8 * 16 + 5 * 9 * 16 * 16, 9 * 16 * 32 + 5 * 9 * 32 * 32]
    norms = 2 * (7 * 8 + 6 * 16 + 6 * 32)
    assert parameters(built("resnet20", width=8)) == 216 + sum(stages) + norms + 330
    assert parameters(built("resnet20")) == 269_722


def test_a_smaller_input_takes_a_quarter_of_the_work() -> None:
    whole, small = macs("resnet20"), macs("resnet20", input="16x16")
    dense = 64 * 10
    assert 4 * (small - dense) == whole - dense


@pytest.mark.parametrize(("name", "count"), [("vgg11", 132_863_336), ("googlenet", 6_998_552)])
def test_the_published_width_is_the_published_network(name: str, count: int) -> None:
    with torch.device("meta"):
        assert parameters(catalogue.get(name).build()) == count


def test_a_quarter_of_the_width_has_a_sixteenth_of_the_weights_of_a_layer() -> None:
    whole, quarter = (built("vgg11", size="cifar", width=width) for width in (1.0, 0.25))
    assert 16 * quarter.features[4].conv5_2.weight.numel() == whole.features[4].conv5_2.weight.numel()
    assert quarter(torch.rand(2, 3, 32, 32)).shape == (2, 10)


def test_kernels_of_one_size_compute_as_much_as_parallel_ones() -> None:
    for name, inputs in (("3a", 192), ("4a", 480), ("5b", 832)):
        filters = FILTERS[name]
        modules = [kind(inputs, filters, batch_norm=False) for kind in (Inception, SingleKernel)]
        counts = [sum(weight.numel() for weight in module.parameters() if weight.ndim == 4) for module in modules]
        assert counts[0] == filters.macs(inputs)
        assert counts[1] == pytest.approx(counts[0], rel=0.02)
        assert modules[1](torch.rand(1, inputs, 4, 4)).shape == modules[0](torch.rand(1, inputs, 4, 4)).shape


def test_a_narrow_googlenet_with_heads_trains() -> None:
    network = built("googlenet", size="cifar", width=0.125, auxiliary=True, kernels="single")
    outputs = network(torch.rand(2, 3, 32, 32))
    assert [each.shape for each in outputs] == [(2, 10)] * 3
    sum(each.sum() for each in outputs).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
