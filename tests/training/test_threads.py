import pytest
import torch

from explorer.networks import catalogue
from explorer.networks.architecture import Scores
from explorer.training import threads
from explorer.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("cores", "counts"), [(1, (1,)), (2, (1, 2)), (4, (1, 2, 3)), (6, (1, 2, 4, 5)), (16, (1, 2, 4, 8, 15))]
)
def test_one_core_of_more_than_two_is_left_to_the_window(cores: int, counts: tuple[int, ...]) -> None:
    assert threads.candidates(cores) == counts


@pytest.mark.parametrize(
    ("seconds", "best"),
    [({1: 1.0, 2: 0.6}, 2), ({1: 1.0, 2: 0.95}, 1), ({1: 1.0, 2: 1.2, 4: 0.5}, 4), ({1: 1.0, 2: 0.6, 3: 0.58}, 2)],
)
def test_a_thread_more_has_to_pay(seconds: dict[int, float], best: int) -> None:
    assert threads.chosen(seconds) == best


def test_measuring_leaves_network_random_state_and_threads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "candidates", lambda _cores: (1, 2))
    torch.manual_seed(1)
    network = catalogue.get("lenet5").build()
    before = [parameter.clone() for parameter in network.parameters()]
    batch = (torch.rand(8, 1, 28, 28), torch.arange(8))
    state, count = torch.get_rng_state(), torch.get_num_threads()
    chosen = threads.measure(network, TrainingConfig(), Scores.LOGITS, lambda: [batch])
    assert chosen in {1, 2}
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == count
