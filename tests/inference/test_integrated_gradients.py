"""Integrated gradients add up to what they explain."""

from __future__ import annotations

import pytest
import torch
from explained_networks import Linear, picture, small
from torch import Tensor, nn

from explorer.inference.integrated_gradients import integrated_gradients
from explorer.inference.score import Score
from explorer.structure.watch import Watch
from explorer.system.download import Cancelled


class Square(nn.Module):
    """The sum of squares, whose integral is known: x^2 of each pixel."""

    def forward(self, x: Tensor) -> Tensor:
        return x.square().flatten(1).sum(dim=1, keepdim=True)


def test_a_linear_network_gives_input_times_weight_exactly() -> None:
    network, x = Linear().eval(), picture(2, 4)
    weights = network.fc.weight[1].detach().view(2, 4, 4)
    found = integrated_gradients(network, x, Score(1), steps=1)
    assert torch.allclose(found.values, x[0] * weights, atol=1e-7)
    assert found.baseline_score == pytest.approx(network.fc.bias[1].item())
    assert found.error < 1e-5


def test_the_baseline_is_subtracted() -> None:
    network, x = Linear().eval(), picture(2, 4)
    start = picture(2, 4, seed=9)
    weights = network.fc.weight[0].detach().view(2, 4, 4)
    found = integrated_gradients(network, x, Score(0), baseline=start, steps=3)
    assert torch.allclose(found.values, (x - start)[0] * weights, atol=1e-6)


def test_a_quadratic_network_is_integrated_exactly() -> None:
    x = picture()
    found = integrated_gradients(Square().eval(), x, Score(0), baseline=0.5, steps=2)
    # From b to x the integral of 2t is x^2 - b^2.
    assert torch.allclose(found.values, (x.square() - 0.25)[0], atol=1e-5)


@pytest.mark.parametrize("inplace", [False, True])
def test_more_steps_come_nearer_to_completeness(inplace: bool) -> None:
    network, x = small(inplace=inplace), picture()
    coarse = integrated_gradients(network, x, Score(0), steps=3)
    fine = integrated_gradients(network, x, Score(0), steps=400)
    difference = abs(fine.score - fine.baseline_score)
    assert fine.error < 0.002 * difference
    assert fine.error < coarse.error


def test_batches_do_not_change_the_answer() -> None:
    network, x = small(), picture()
    one = integrated_gradients(network, x, Score(0), steps=10, batch=1)
    many = integrated_gradients(network, x, Score(0), steps=10, batch=7)
    assert torch.allclose(one.values, many.values, atol=1e-6)


def test_it_can_be_cancelled_and_says_how_far_it_is() -> None:
    shares: list[float | None] = []
    watch = Watch(lambda _words, share: shares.append(share), lambda: len(shares) >= 2)
    with pytest.raises(Cancelled):
        integrated_gradients(small(), picture(), Score(0), steps=8, batch=2, watch=watch)
    assert shares == [0.25, 0.5]


def test_senseless_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="steps"):
        integrated_gradients(small(), picture(), Score(0), steps=0)
    with pytest.raises(ValueError, match="one picture"):
        integrated_gradients(small(), torch.zeros(2, 1, 8, 8), Score(0))
