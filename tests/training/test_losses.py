import math

import pytest
import torch

from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.losses import LOSSES, MAP_CONSTANT, cross_entropy, rbf_map, rbf_mse

DISTANCES = torch.tensor([[1.0, 4.0, 9.0], [2.0, 0.5, 3.0]])
LABELS = torch.tensor([0, 2])


def test_maximum_likelihood_is_the_mean_distance_of_the_right_class() -> None:
    assert rbf_mse(DISTANCES, LABELS, 0.0).item() == pytest.approx((1 + 3) / 2)


def test_maximum_a_posteriori_is_equation_9() -> None:
    first = 1 + math.log(math.exp(-MAP_CONSTANT) + math.exp(-1) + math.exp(-4) + math.exp(-9))
    second = 3 + math.log(math.exp(-MAP_CONSTANT) + math.exp(-2) + math.exp(-0.5) + math.exp(-3))
    assert rbf_map(DISTANCES, LABELS, 0.0).item() == pytest.approx((first + second) / 2, rel=1e-6)


def test_maximum_a_posteriori_stays_finite_for_huge_distances() -> None:
    loss = rbf_map(torch.tensor([[1e4, 2e4]]), torch.tensor([0]), 0.0)
    assert loss.item() == pytest.approx(1e4 - MAP_CONSTANT, rel=1e-6)


def test_only_maximum_a_posteriori_pushes_the_wrong_classes_away() -> None:
    for loss, is_pushed in ((rbf_map, True), (rbf_mse, False)):
        distances = DISTANCES.clone().requires_grad_()
        loss(distances, LABELS, 0.0).backward()
        assert (distances.grad[0, 1].item() < 0) is is_pushed
        assert distances.grad[0, 0].item() > 0


def test_cross_entropy_of_even_logits_is_the_logarithm_of_the_number_of_classes() -> None:
    for smoothing in (0.0, 0.2):
        assert cross_entropy(torch.zeros(4, 10), torch.arange(4), smoothing).item() == pytest.approx(math.log(10))


def test_label_smoothing_of_cross_entropy_by_hand() -> None:
    # Logits (log 3, 0) give probabilities 3/4 and 1/4; smoothing 0.2 makes the targets 0.9 and 0.1.
    loss = cross_entropy(torch.tensor([[math.log(3), 0.0]]), torch.tensor([0]), 0.2)
    assert loss.item() == pytest.approx(-0.9 * math.log(0.75) - 0.1 * math.log(0.25))


def test_every_loss_that_an_architecture_names_exists() -> None:
    for architecture in catalogue.CATALOGUE:
        named = set(architecture.interface(architecture.options_type()).losses)
        assert named <= LOSSES.keys()
    assert set(catalogue.get("lenet5").interface(LeNet5Options(form="original")).losses) <= LOSSES.keys()


def test_collapse_is_the_best_that_maximum_likelihood_knows_and_is_punished_by_maximum_a_posteriori() -> None:
    everything_the_same = torch.zeros(4, 10)
    labels = torch.arange(4)
    assert rbf_mse(everything_the_same, labels, 0.0).item() == 0
    assert rbf_map(everything_the_same, labels, 0.0).item() == pytest.approx(math.log(10 + math.exp(-MAP_CONSTANT)))
