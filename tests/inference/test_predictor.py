import math
import threading

import numpy as np
import pytest
import torch
from torch import nn

from explorer.data.batches import Preprocessing
from explorer.inference.predictor import Prediction, Predictor
from explorer.networks import catalogue
from explorer.networks.architecture import Scores
from explorer.networks.entries.lenet import LeNet5Options

PREPROCESSING = Preprocessing((1, 28, 28), (0.125,), (0.25,))
DIGITS = tuple("0123456789")


def images(count: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 1, 28, 28), dtype=np.uint8)


def lenet(options: LeNet5Options | None = None) -> nn.Module:
    torch.manual_seed(1)
    return catalogue.get("lenet5").build(options)


class Fixed(nn.Module):
    """Gives the same outputs for every image."""

    def __init__(self, outputs: list[float]) -> None:
        super().__init__()
        self.outputs = nn.Parameter(torch.tensor(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outputs.expand(len(x), -1)


def test_logits_become_probabilities_by_softmax() -> None:
    network = Fixed([0.0, math.log(2), math.log(5)])
    (answer,) = Predictor.from_network(network, "abc", PREPROCESSING).predict(images(1))
    assert answer.probabilities == pytest.approx((1 / 8, 2 / 8, 5 / 8))
    assert answer.labels == ("a", "b", "c")
    assert answer.best == "c"


def test_the_smallest_distance_is_the_most_probable() -> None:
    network = Fixed([0.0, math.log(2), math.log(4)])
    (answer,) = Predictor.from_network(network, "abc", PREPROCESSING, Scores.DISTANCES).predict(images(1))
    assert answer.probabilities == pytest.approx((4 / 7, 2 / 7, 1 / 7))


def test_huge_outputs_stay_probabilities() -> None:
    (answer,) = Predictor.from_network(Fixed([3e38, -3e38]), "ab", PREPROCESSING).predict(images(1))
    assert answer.probabilities == (1.0, 0.0)


def test_a_prediction_knows_its_best_classes_and_how_sure_it_is() -> None:
    answer = Prediction(("a", "b", "c", "d"), (0.25, 0.5, 0.125, 0.125))
    assert answer.best == "b"
    assert answer.confidence == 0.5
    assert answer.top(3) == (("b", 0.5), ("a", 0.25), ("c", 0.125))
    assert answer.top(99) == (("b", 0.5), ("a", 0.25), ("c", 0.125), ("d", 0.125))
    assert answer.entropy == pytest.approx(1.75)
    assert Prediction(("a", "b"), (1.0, 0.0)).entropy == 0.0


def test_one_image_may_come_without_its_axes() -> None:
    predictor = Predictor.from_network(lenet(), DIGITS, PREPROCESSING)
    stack = images(1)
    assert predictor.predict(stack[0, 0]) == predictor.predict(stack[0]) == predictor.predict(stack)


def test_many_images_are_answered_in_their_order() -> None:
    predictor = Predictor.from_network(lenet(), DIGITS, PREPROCESSING)
    stack = images(501)
    answers = predictor.predict(stack)
    assert len(answers) == 501
    assert answers[500].probabilities == pytest.approx(predictor.predict(stack[500:])[0].probabilities, rel=1e-5)
    assert predictor.predict(stack[:0]) == ()


@pytest.mark.parametrize("stack", [images().astype(np.float32), images().repeat(3, 1), np.zeros(5, np.uint8)])
def test_other_images_are_refused_in_a_sentence(stack: np.ndarray) -> None:
    with pytest.raises(ValueError, match="images are"):
        Predictor.from_network(lenet(), DIGITS, PREPROCESSING).predict(stack)


def test_predicting_does_not_change_the_network_that_was_copied() -> None:
    network = lenet(LeNet5Options(batch_norm=True)).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    Predictor.from_network(network, DIGITS, PREPROCESSING).predict(images())
    assert network.training
    assert all(module.training for module in network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_training_that_goes_on_does_not_change_the_predictor() -> None:
    network = lenet(LeNet5Options(batch_norm=True))
    predictor = Predictor.from_network(network, DIGITS, PREPROCESSING)
    before = predictor.predict(images())
    optimiser = torch.optim.SGD(network.parameters(), lr=0.5)
    network.train()(torch.rand(4, 1, 28, 28)).square().sum().backward()
    optimiser.step()
    assert predictor.predict(images()) == before


def test_predicting_leaves_the_threads_of_its_own_and_other_threads_alone() -> None:
    before = torch.get_num_threads()
    predictor = Predictor.from_network(lenet(), DIGITS, PREPROCESSING)
    other = threading.Thread(target=predictor.predict, args=(images(),))
    other.start()
    other.join()
    predictor.predict(images())
    assert torch.get_num_threads() == before


def test_a_network_with_a_larger_input_takes_the_same_pictures() -> None:
    options = LeNet5Options(form="original")
    predictor = Predictor.from_network(
        lenet(options), DIGITS, Preprocessing((1, 32, 32), (0.1,), (0.8,)), Scores.DISTANCES
    )
    assert sum(predictor.predict(images())[0].probabilities) == pytest.approx(1)
