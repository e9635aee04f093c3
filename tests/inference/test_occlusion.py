"""Occlusion: what is lost when a patch is covered."""

from __future__ import annotations

import pytest
import torch
from explained_networks import Linear, picture, small
from torch import nn

from explorer.inference.occlusion import occlusion, places_along
from explorer.inference.score import Score
from explorer.structure.watch import Watch
from explorer.system.download import Cancelled


def summing() -> nn.Module:
    """The sum of all pixels: a covered patch costs what is in it."""
    network = Linear(classes=1, side=8, channels=1).eval()
    network.fc.weight.data.fill_(1.0)
    network.fc.bias.data.zero_()
    return network


def test_patches_cover_the_whole_side() -> None:
    assert places_along(8, 2, 2) == (0, 2, 4, 6)
    assert places_along(8, 3, 2) == (0, 2, 4, 5)
    assert places_along(8, 8, 3) == (0,)
    assert places_along(4, 9, 1) == (0,)


def test_of_a_sum_each_patch_costs_what_it_holds() -> None:
    x = torch.arange(64.0).view(1, 1, 8, 8)
    lost = occlusion(summing(), x, Score(0), patch=2, stride=2)
    patches = x[0, 0].unfold(0, 2, 2).unfold(1, 2, 2).sum(dim=(2, 3))
    assert torch.equal(lost, patches.repeat_interleave(2, 0).repeat_interleave(2, 1))


def test_overlapping_patches_give_a_pixel_their_mean() -> None:
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 0, 1] = 6.0
    lost = occlusion(summing(), x, Score(0), patch=2, stride=1)
    # Pixel (0, 0) is under the patch at column 0 alone; (0, 1) under those at 0 and 1; (0, 2) under those at 1 and 2.
    assert lost[0, :4].tolist() == [6.0, 6.0, 3.0, 0.0]


def test_the_baseline_takes_the_patchs_place() -> None:
    x = torch.ones(1, 1, 8, 8)
    lost = occlusion(summing(), x, Score(0), patch=4, stride=4, baseline=3.0)
    assert torch.equal(lost, torch.full((8, 8), -32.0))  # covering raises the sum: the loss is negative
    cover = torch.zeros(1, 1, 8, 8)
    cover[..., :4] = 1.0
    half = occlusion(summing(), x, Score(0), patch=4, stride=4, baseline=cover)
    assert half[0].tolist() == [0.0] * 4 + [16.0] * 4


def test_batches_do_not_change_the_answer() -> None:
    network, x = small(inplace=True), picture()
    one = occlusion(network, x, Score(1), patch=3, stride=2, batch=1)
    many = occlusion(network, x, Score(1), patch=3, stride=2, batch=5)
    assert torch.allclose(one, many, atol=1e-5)
    with torch.no_grad():
        covered = x.clone()
        covered[..., :3, :3] = 0
        first = (network(x.clone()) - network(covered))[0, 1]
    assert one[0, 0].item() == pytest.approx(first.item(), abs=1e-5)


def test_it_can_be_cancelled_and_says_how_far_it_is() -> None:
    shares: list[float | None] = []
    watch = Watch(lambda _words, share: shares.append(share), lambda: len(shares) >= 2)
    with pytest.raises(Cancelled):
        occlusion(summing(), picture(), Score(0), patch=2, stride=2, batch=4, watch=watch)
    assert shares == [0.25, 0.5]


def test_senseless_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="patch"):
        occlusion(summing(), picture(), Score(0), patch=0, stride=1)
