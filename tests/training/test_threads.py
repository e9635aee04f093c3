import pytest
import torch
from torch import nn

from explorer.networks import catalogue
from explorer.networks.architecture import Scores
from explorer.training import optimisers, threads
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


class BusyFor:
    """A clock of a program whose other threads take a whole core for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0

    def perf_counter(self) -> float:
        self.now += 1e-6
        return self.now

    def process_time(self) -> float:
        return min(self.now, self.seconds)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("busy", "waits"), [(0.0, 0.15), (0.5, 0.75), (60.0, 4.5)])
def test_measuring_waits_a_while_for_the_rest_of_the_program(
    monkeypatch: pytest.MonkeyPatch, busy: float, waits: float
) -> None:
    # Two to choose from, neither of which keeps another test's core busy.
    monkeypatch.setattr(threads, "candidates", lambda _cores: (1, 1))
    clock = BusyFor(busy)
    monkeypatch.setattr(threads, "time", clock)
    begun: list[float] = []

    def make_optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
        begun.append(clock.now)
        return optimisers.make_optimiser(network, config)

    monkeypatch.setattr(threads, "make_optimiser", make_optimiser)
    monkeypatch.setattr(threads, "_TRIED_S", 0.0)
    batch = (torch.rand(8, 1, 28, 28), torch.arange(8))
    threads.measure(catalogue.get("lenet5").build(), TrainingConfig(), Scores.LOGITS, lambda: [batch])
    assert min(busy, 4) <= begun[0] <= waits
