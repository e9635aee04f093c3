"""Networks that do not run on their input: what worked, where they stop, why, and what would work."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.structure.graph import Graph, Shape, Tracing
from explorer.structure.smallest_input import smallest_input
from explorer.structure.trace import trace


def _adds_up(graph: Graph, network: nn.Module) -> bool:
    total = sum(parameter.numel() for parameter in network.parameters())
    return total == graph.totals.parameters == sum(node.parameters for node in graph.nodes)


def test_what_worked_stays_and_the_failing_layer_is_marked() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 9), nn.Flatten(), nn.Linear(4, 2))
    graph = trace(network, (1, 8, 8))
    assert graph.tracing is Tracing.FX
    assert graph.failure is not None
    assert graph.failure.path == "2"
    assert graph.failure.reason == "input 6 × 6 is smaller than the 9 × 9 window"
    assert graph.failure.smallest_input == (1, 11, 11)
    failing = graph.by_path["2"]
    assert (failing.failed, failing.output_shape, failing.input_shapes) == (True, (), ((4, 6, 6),))
    assert ("1", "2") in {(edge.source, edge.target) for edge in graph.edges}
    assert graph.by_path["0"].output_shape == (4, 6, 6)
    rest = graph.by_path["4"]
    assert (rest.parameters, rest.output_shape, rest.training_only) == (10, (), False)
    assert _adds_up(graph, network)


@pytest.mark.parametrize(
    ("network", "shape", "path", "reason"),
    [
        (nn.Sequential(nn.Conv2d(3, 4, 3)), (1, 8, 8), "0", "the layer expects 3 channels, its input has 1"),
        (nn.Sequential(nn.Linear(10, 2)), (4, 6, 6), "0", "the layer expects 10 inputs, it gets 6 (4 × 6 × 6)"),
        (nn.Sequential(nn.BatchNorm2d(1)), (2, 4, 4), "0", "the layer expects 1 channel, its input has 2"),
        (nn.Sequential(nn.MaxPool2d(3)), (2, 1, 1), "0", "input 1 × 1 is smaller than the 3 × 3 window"),
        (nn.Sequential(nn.ConvTranspose2d(3, 4, 2)), (5, 4, 4), "0", "the layer expects 3 channels, its input has 5"),
        (
            nn.Sequential(nn.Conv2d(1, 1, 5, padding=1)),
            (1, 2, 2),
            "0",
            "input 2 × 2, padded to 4 × 4, is smaller than the 5 × 5 window",
        ),
    ],
)
def test_the_reason_is_said_in_words(network: nn.Module, shape: Shape, path: str, reason: str) -> None:
    graph = trace(network, shape)
    assert graph.failure is not None
    assert (graph.failure.path, graph.failure.reason) == (path, reason)


def test_wrong_channels_have_no_smallest_input() -> None:
    with torch.device("meta"):
        network = torchvision.models.resnet18()
    graph = trace(network, (1, 224, 224))
    assert graph.failure is not None
    assert graph.failure.path == "conv1"
    assert graph.failure.reason == "the layer expects 3 channels, its input has 1"
    assert graph.failure.smallest_input is None


def test_the_smallest_input_of_alexnet_is_the_published_one() -> None:
    with torch.device("meta"):
        network = torchvision.models.alexnet()
    graph = trace(network, (3, 32, 32))
    assert graph.failure is not None
    smallest = torchvision.models.AlexNet_Weights.DEFAULT.meta["min_size"]
    assert graph.failure.smallest_input == (3, *smallest)
    assert trace(network, (3, *smallest)).failure is None


def test_a_vision_transformer_takes_one_size_only() -> None:
    with torch.device("meta"):
        network = torchvision.models.vit_b_32()
    graph = trace(network, (3, 200, 200))
    assert graph.failure is not None
    assert "Wrong image height" in graph.failure.reason
    assert graph.failure.smallest_input == (3, 224, 224)


class _Joining(nn.Module):
    """Goes down by two and up again: only even sizes fit."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Upsample(scale_factor=4)
        self.down = nn.MaxPool2d(4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.up(self.down(x)), x], 1)


def test_parts_that_do_not_fit_together_fail_at_the_join() -> None:
    graph = trace(_Joining(), (1, 10, 10))
    assert graph.failure is not None
    assert graph.failure.path == "cat"
    assert graph.failure.reason == "sizes differ where they have to agree: 1 × 8 × 8, 1 × 10 × 10"
    assert graph.failure.smallest_input == (1, 4, 4)
    assert {edge.source for edge in graph.edges if edge.target == "cat"} == {"up", "input"}


def test_a_network_that_refuses_by_itself_says_so_in_its_own_words() -> None:
    class Refusing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            if x.shape[-1] < 20:
                raise ValueError("at least 20 columns, please")
            return self.layer(x)

    network = Refusing()
    graph = trace(network, (3, 8, 8))
    assert graph.failure is not None
    assert graph.failure.reason == "at least 20 columns, please"
    assert graph.failure.smallest_input == (3, 20, 20)
    assert graph.by_path[graph.failure.path].failed
    assert _adds_up(graph, network)


def test_the_search_for_a_size_is_bounded() -> None:
    tried: list[Shape] = []

    def never(shape: Shape) -> int:
        tried.append(shape)
        return -1

    assert smallest_input(never, (3, 8, 8)) is None
    assert len(tried) <= 40


def test_vectors_have_no_smallest_image() -> None:
    assert smallest_input(lambda _: 0, (5,)) is None


@pytest.mark.parametrize("smallest", [1, 2, 17, 63, 100, 300])
def test_the_search_finds_the_smallest_size_that_works(smallest: int) -> None:
    assert smallest_input(lambda shape: -(shape[1] < smallest), (3, 5, 5)) == (3, smallest, smallest)


def test_the_search_finds_sizes_that_have_to_divide() -> None:
    assert smallest_input(lambda shape: -(shape[1] % 32 != 0), (3, 5, 5)) == (3, 32, 32)


def test_the_search_finds_the_one_size_between_too_small_and_too_large() -> None:
    assert smallest_input(lambda shape: (shape[1] > 28) - (shape[1] < 28), (1, 5, 5)) == (1, 28, 28)


def test_a_dense_layer_behind_convolutions_takes_one_size_only() -> None:
    network = nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 12 * 12, 10))
    graph = trace(network, (1, 32, 32))
    assert graph.failure is not None
    assert graph.failure.reason == "the layer expects 864 inputs, it gets 1,176"
    # 28 and 29 both leave 12 rows after pooling.
    assert graph.failure.smallest_input == (1, 28, 28)
