"""Grad-CAM weighs a layer's maps by the gradient of the score."""

from __future__ import annotations

import copy

import pytest
import torch
from explained_networks import graph_of, picture, small
from torch import nn

from explorer.inference.class_map_layers import default_layer, has_maps, layers_with_maps
from explorer.inference.grad_cam import grad_cam
from explorer.inference.score import Score, score_for
from explorer.networks import catalogue
from explorer.structure.trace import trace


def by_hand() -> nn.Sequential:
    """A convolution that passes the picture on twice, once negated; the class weighs the first map by position."""
    network = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.Flatten(), nn.Linear(8, 1, bias=False))
    network[0].weight.data = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
    network[2].weight.data = torch.tensor([[1.0, 2.0, 3.0, 6.0, -1.0, -1.0, -1.0, -1.0]])
    return network.eval()


def test_a_network_reckoned_by_hand() -> None:
    x = torch.tensor([[[[1.0, -2.0], [0.0, 4.0]]]])
    network = by_hand()
    found = grad_cam(network, graph_of(network, (1, 2, 2)), x, Score(0))
    # Mean gradients are 3 and -1: 3 x + (-1)(-x) = 4 x, and what is below zero does not count.
    assert found.coarse.tolist() == [[4.0, 0.0], [0.0, 16.0]]
    assert torch.equal(found.fine, found.coarse)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "relu2", "pool"])
def test_layers_that_are_written_over_are_seen_as_they_were(layer: str) -> None:
    x = picture()
    plain, in_place = small(), small(inplace=True)
    graphs = graph_of(in_place), graph_of(plain)
    found = torch.stack([grad_cam(in_place, graphs[0], x, Score(label), layer).coarse for label in range(3)])
    expected = torch.stack([grad_cam(plain, graphs[1], x, Score(label), layer).coarse for label in range(3)])
    assert expected.max() > 0
    assert torch.allclose(found, expected, atol=1e-6)


def test_it_equals_maps_and_gradients_taken_apart() -> None:
    network, x = small(), picture()
    with torch.no_grad():
        maps = network.relu1(network.bn(network.conv1(x)))
        maps = network.conv2(maps)
    maps.requires_grad_()
    score = network.fc(network.flatten(network.pool(network.relu2(maps))))[0, 2]
    (slope,) = torch.autograd.grad(score, maps)
    expected = (slope.mean(dim=(2, 3), keepdim=True) * maps).sum(1).clamp(min=0)[0].detach()
    assert torch.allclose(grad_cam(network, graph_of(network), x, Score(2), "conv2").coarse, expected, atol=1e-6)


def test_the_map_is_enlarged_to_the_input() -> None:
    network = small()
    found = grad_cam(network, graph_of(network), picture(), Score(0), "pool")
    assert found.coarse.shape == (4, 4)
    assert found.fine.shape == (8, 8)


def test_the_last_convolution_with_more_than_one_position_is_the_default() -> None:
    original = catalogue.get("lenet5").options_type(form="original")
    graph = trace(catalogue.get("lenet5").build(original), (1, 32, 32))
    # C5 is a convolution that gives 120 single numbers, of which no map can be made.
    assert layers_with_maps(graph) == ("features.c1_activation", "features.c3_activation")
    assert default_layer(graph) == "features.c3_activation"
    assert has_maps(graph, "features.s2")
    assert not has_maps(graph, "classifier.f6")
    assert not has_maps(graph, "input")


@pytest.mark.parametrize(
    ("name", "shape", "last"),
    [
        ("resnet18", (3, 64, 64), "layer4.1.relu2"),
        ("se_resnet18", (3, 64, 64), "layer4.1.relu2"),
        ("googlenet", (3, 64, 64), "inception_5b.cat"),
        ("densenet_40_12", (3, 32, 32), "final_relu"),
    ],
)
def test_what_branches_come_to_is_the_default(name: str, shape: tuple[int, int, int], last: str) -> None:
    graph = trace(catalogue.get(name).build().eval(), shape)
    assert default_layer(graph) == last
    assert layers_with_maps(graph)[-1] == last


def test_a_block_can_be_looked_at_and_weights_stay() -> None:
    torch.manual_seed(0)
    network = catalogue.get("resnet20").build().eval().requires_grad_(requires_grad=False)
    graph = trace(network, (3, 32, 32))
    before = copy.deepcopy(network.state_dict())
    x = picture(3, 32)
    with torch.no_grad():
        score = score_for(network(x))
    block = grad_cam(network, graph, x, score, "layer3.2")
    last = grad_cam(network, graph, x, score, "layer3.2.relu2")
    assert block.coarse.shape == (8, 8)
    assert torch.equal(block.coarse, last.coarse)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_layers_without_maps_are_refused() -> None:
    network = small()
    with pytest.raises(ValueError, match="relu2"):
        grad_cam(network, graph_of(network), picture(), Score(0), "fc")
