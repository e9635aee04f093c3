import pytest
import torch
from small_data import small_dataset
from torch import nn
from torch.nn import functional

from explorer.networks import catalogue
from explorer.training.config import TrainingConfig
from explorer.training.halving import HalvingAverage, halve_quickly
from explorer.training.ingredients import ingredients

LAYOUTS = (torch.contiguous_format, torch.channels_last)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3, 6, 28, 28), (2, 16, 10, 10), (2, 40, 7, 9), (1, 1, 2, 3)])
def test_halving_is_average_pooling(shape: tuple[int, ...], layout: torch.memory_format) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(shape, generator=generator).contiguous(memory_format=layout).requires_grad_()
    expected, found = functional.avg_pool2d(x, 2), HalvingAverage(2)(x)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    slope = torch.randn(expected.shape, generator=generator)
    (wanted,) = torch.autograd.grad(expected, x, slope)
    (got,) = torch.autograd.grad(found, x, slope)
    assert torch.equal(got, wanted)


def test_a_mean_worked_out_by_hand() -> None:
    x = torch.tensor([[[[1.0, 2.0, 9.0], [3.0, 6.0, 9.0], [9.0, 9.0, 9.0]]]])
    assert HalvingAverage(2)(x).tolist() == [[[[3.0]]]]


@pytest.mark.parametrize("x", [torch.rand(1, 2, 4, 4, dtype=torch.float64), torch.rand(2, 4, 4)])
def test_other_precisions_and_single_images_are_pooled_as_usual(x: torch.Tensor) -> None:
    assert torch.equal(HalvingAverage(2)(x), functional.avg_pool2d(x, 2))


def test_only_what_halves_is_replaced() -> None:
    others = [
        nn.AvgPool2d(3, 2),
        nn.AvgPool2d(2, 1),
        nn.AvgPool2d(2, padding=1),
        nn.AvgPool2d(2, ceil_mode=True),
        nn.AvgPool2d(2, divisor_override=3),
        nn.AvgPool2d((2, 1)),
        nn.MaxPool2d(2),
    ]
    network = nn.Sequential(nn.Sequential(nn.AvgPool2d(2)), nn.AvgPool2d((2, 2), stride=(2, 2)), *others)
    halve_quickly(network)
    assert [isinstance(layer, HalvingAverage) for layer in (network[0][0], network[1])] == [True, True]
    assert list(network[2:]) == others


def test_a_layer_keeps_its_hooks_and_may_lie_in_two_places() -> None:
    shared = nn.AvgPool2d(2)
    seen: list[tuple[int, ...]] = []
    shared.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    network = nn.Sequential(shared, nn.ReLU(), shared)
    halve_quickly(network)
    network(torch.zeros(1, 1, 8, 8))
    assert seen == [(1, 1, 4, 4), (1, 1, 2, 2)]
    assert isinstance(network[0], HalvingAverage)
    assert network[2] is network[0]


def test_a_processor_trains_with_it() -> None:
    network = ingredients(TrainingConfig(dataset="digits"), small_dataset(), "cpu").network
    assert {type(layer) for layer in network.modules() if isinstance(layer, nn.AvgPool2d)} == {HalvingAverage}


def test_torch_compile_is_given_the_usual_pooling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    x = torch.rand(2, 16, 10, 10).contiguous(memory_format=torch.channels_last)
    assert torch.equal(HalvingAverage(2)(x), functional.avg_pool2d(x, 2))


def test_weights_keep_their_names() -> None:
    network = catalogue.get("lenet5").build()
    names = list(network.state_dict())
    halve_quickly(network)
    assert list(network.state_dict()) == names
