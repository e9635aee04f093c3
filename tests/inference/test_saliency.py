"""The gradient of a class's score by the pixels."""

from __future__ import annotations

import copy

import pytest
import torch
from explained_networks import Linear, picture, small
from torch import Tensor, nn

from explorer.inference.saliency import gradient, gradient_times_input, saliency
from explorer.inference.score import Score, score_for
from explorer.networks import catalogue
from explorer.networks.architecture import Scores
from explorer.networks.entries.lenet import LeNet5Options


def differences(network: nn.Module, inputs: Tensor, score: Score, step: float = 1e-4) -> Tensor:
    """The gradient by central differences, in double precision."""
    twin, x = copy.deepcopy(network).double(), inputs.double()
    found = torch.zeros_like(x)
    with torch.no_grad():
        for place in range(x.numel()):
            sides = []
            for sign in (1, -1):
                moved = x.clone()
                moved.view(-1)[place] += sign * step
                sides.append(score.of(twin(moved)).item())
            found.view(-1)[place] = (sides[0] - sides[1]) / (2 * step)
    return found


def test_the_gradient_of_a_linear_network_is_its_weights() -> None:
    network = Linear().eval()
    x = picture(2, 4)
    expected = network.fc.weight[1].detach().view(2, 4, 4)
    assert torch.equal(gradient(network, x, Score(1))[0], expected)
    assert torch.equal(saliency(network, x, Score(1))[0], expected.abs().amax(0))
    assert torch.allclose(gradient_times_input(network, x, Score(1))[0], (expected * x[0]).sum(0))


@pytest.mark.parametrize("inplace", [False, True])
def test_the_gradient_equals_finite_differences(inplace: bool) -> None:
    network, x = small(inplace=inplace), picture()
    found = gradient(network, x, Score(2))
    assert torch.allclose(found.double(), differences(network, x, Score(2)), atol=1e-5)


def test_a_network_that_writes_over_its_input_leaves_the_picture_alone() -> None:
    network = nn.Sequential(nn.ReLU(inplace=True), Linear(side=4)).eval()
    x = picture(2, 4)
    before = x.clone()
    slope = gradient(network, x, Score(0))
    assert torch.equal(x, before)
    weights = network[1].fc.weight[0].detach().view(2, 4, 4)
    assert torch.equal(slope[0], weights * (x[0] > 0))


def test_each_picture_of_a_batch_has_its_own_gradient() -> None:
    network = small()
    pictures = torch.cat([picture(seed=1), picture(seed=2)])
    both = gradient(network, pictures, Score(0))
    for number in range(2):
        assert torch.allclose(both[number], gradient(network, pictures[number : number + 1], Score(0))[0], atol=1e-6)


def test_distances_are_explained_by_their_negation() -> None:
    torch.manual_seed(1)
    network = catalogue.get("lenet5").build(LeNet5Options(form="original")).eval()
    x = picture(1, 32)
    with torch.no_grad():
        outputs = network(x)
    score = score_for(outputs, Scores.DISTANCES)
    assert score.label == int(outputs.argmin())
    assert score.of(outputs).item() == pytest.approx(-outputs.min().item())
    against = gradient(network, x, Score(score.label, Scores.LOGITS))
    assert torch.allclose(gradient(network, x, score), -against)


def test_weights_and_statistics_stay_as_they_are() -> None:
    network = small(inplace=True)
    before = copy.deepcopy(network.state_dict())
    gradient(network, picture(), Score(0))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_network_in_training_is_refused() -> None:
    network = small()
    network.bn.train()
    with pytest.raises(ValueError, match="evaluation mode"):
        gradient(network, picture(), Score(0))


def test_it_works_inside_inference_mode() -> None:
    network, x = small(), picture()
    expected = gradient(network, x, Score(1))
    with torch.inference_mode():
        assert torch.equal(gradient(network, x.clone(), Score(1)), expected)


def test_the_score_of_marked_pixels_is_the_sum_over_them() -> None:
    outputs = torch.zeros(1, 3, 2, 2)
    outputs[0, 2, 0] = torch.tensor([5.0, 7.0])
    outputs[0, 0, 1] = 1.0
    outputs[0, 2, 1] = torch.tensor([-3.0, -4.0])
    score = score_for(outputs)
    assert score.label == 2  # the background has as many pixels, and is no answer
    assert score.of(outputs).tolist() == [12.0]
    assert score_for(outputs, label=0).of(outputs).tolist() == [2.0]
    with pytest.raises(ValueError, match="marks no pixel"):
        score_for(outputs, label=1)


def test_a_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="3 classes"):
        score_for(torch.zeros(1, 3), label=3)
