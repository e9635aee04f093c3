"""Steps that are recorded once and replayed: here with a recorder of the test's own, and on a card where one is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from explorer.networks.architecture import Scores
from explorer.training.capturing import capture_step
from explorer.training.config import TrainingConfig
from explorer.training.step import Step


def made_step(device: str = "cpu") -> Step:
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(4 * 36, 3)]
    network = nn.Sequential(*layers).to(device)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    return Step(network, optimiser, TrainingConfig(), Scores.LOGITS)


def batches(device: str = "cpu", sizes: tuple[int, ...] = (6, 6, 6, 4)) -> Iterator[tuple[Tensor, Tensor]]:
    drawn = torch.Generator().manual_seed(1)
    for size in sizes:
        images = torch.randn(size, 1, 8, 8, generator=drawn)
        yield images.to(device), torch.randint(3, (size,), generator=drawn).to(device)


class Tape:
    """Replays like a card: into the gradients that were there after recording."""

    def __init__(self, network: nn.Module, changed: Callable[[Tensor], Tensor] = lambda gradient: gradient) -> None:
        self.replays = 0
        self._network = network
        self._changed = changed

    def __call__(self, compute: Callable[[], None]) -> Callable[[], None]:
        compute()
        kept = [parameter.grad for parameter in self._network.parameters()]

        def replay() -> None:
            self.replays += 1
            compute()
            for parameter, gradient in zip(self._network.parameters(), kept, strict=True):
                gradient.copy_(self._changed(parameter.grad))

        return replay


def trained(step: Step, device: str = "cpu") -> tuple[list[Tensor], tuple[float, ...]]:
    torch.manual_seed(2)
    for images, labels in itertools.chain(batches(device), batches(device)):
        step(images, labels, 0.05)
    return [value.cpu() for value in step.network.state_dict().values()], step.read().losses


def equal(left: list[Tensor], right: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def test_replayed_steps_train_as_plain_ones_do() -> None:
    plain, step = made_step(), made_step()
    tape = Tape(step.network)
    assert capture_step(step, batches(), tape) == ()
    assert equal(trained(step)[0], trained(plain)[0])
    # Once for the comparison; then the three large ones of four batches, twice. The short ones do not fit.
    assert tape.replays == 1 + 6


def test_nothing_of_the_capture_is_left_in_the_network_or_in_the_random_numbers() -> None:
    step = made_step()
    step.network.eval()
    before = [value.clone() for value in step.network.state_dict().values()]
    random_state = torch.get_rng_state()
    capture_step(step, batches(), Tape(step.network))
    assert equal(before, list(step.network.state_dict().values()))
    assert all(parameter.grad is None for parameter in step.network.parameters())
    assert torch.equal(random_state, torch.get_rng_state())
    assert not step.network.training


def test_a_replay_that_gives_other_gradients_is_not_used() -> None:
    step = made_step()
    (warning,) = capture_step(step, batches(), Tape(step.network, lambda gradient: gradient * 1.1))
    assert "a plain one by 0.0" in warning
    assert step.captured is None


def test_a_replay_that_gives_no_finite_gradients_is_not_used() -> None:
    step = made_step()
    (warning,) = capture_step(step, batches(), Tape(step.network, lambda gradient: gradient * float("nan")))
    assert "a plain one by nan" in warning
    assert step.captured is None


def test_a_replay_of_the_batch_it_was_recorded_with_is_noticed() -> None:
    step = made_step()

    def stale(compute: Callable[[], None]) -> Callable[[], None]:
        compute()
        return lambda: None

    (warning,) = capture_step(step, batches(), stale)
    assert "a replayed step differs" in warning
    assert step.captured is None


def test_what_cannot_be_recorded_is_told_and_trains_as_ever() -> None:
    plain, step = made_step(), made_step()

    def failing(compute: Callable[[], None]) -> Callable[[], None]:
        compute()
        raise RuntimeError("operation not permitted when stream is capturing\nand much more")

    (warning,) = capture_step(step, batches(), failing)
    assert warning == (
        "CUDA graphs failed (operation not permitted when stream is capturing); the run is trained without them"
    )
    assert equal(trained(step)[0], trained(plain)[0])


def test_a_processor_trains_without_them() -> None:
    step = made_step()
    (warning,) = capture_step(step, batches())
    assert warning == (
        "CUDA graphs failed (they are for NVIDIA cards, and this run computes on cpu); the run is trained without them"
    )
    assert step.captured is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card")
def test_a_card_replays_what_it_recorded() -> None:
    plain, step = made_step("cuda"), made_step("cuda")
    assert capture_step(step, batches("cuda")) == ()
    assert trained(step, "cuda")[1] == pytest.approx(trained(plain, "cuda")[1], rel=1e-3)
