"""What is computed without a run."""

from __future__ import annotations

import pytest
from torch import nn

from explorer.claims import gradient_depth, identity, sizes, small_kernels
from explorer.claims.results import Context
from explorer.claims.verdict import Outcome
from explorer.system.download import Cancelled

CONTEXT = Context("short", 2)


def test_two_three_and_five_small_kernels_see_what_a_large_one_sees_for_fewer_weights() -> None:
    found = small_kernels.compare(CONTEXT, channels=2)
    assert [part.outcome for part in found.parts] == [Outcome.SEEN] * 3
    assert all(part.exact for part in found.parts)
    rows = found.tables[0].rows
    # 2 maps in and out: 4 kernels of 9, 25, 49 and 121 weights.
    assert [(row[1], row[2], row[4], row[5]) for row in rows] == [
        ("5×5", "72", "100", "28.0 %"), ("7×7", "108", "196", "44.9 %"), ("11×11", "180", "484", "62.8 %")
    ]  # fmt: skip


def test_what_is_seen_is_counted_from_gradients() -> None:
    assert small_kernels.seen(nn.Conv2d(1, 1, (3, 7), bias=False)) == (3, 7)
    assert small_kernels.seen(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3, dilation=2))) == (7, 7)


def test_lenets_locally_connected_twin_is_counted() -> None:
    networks = (("LeNet", "lenet5", {}), ("twin", "lenet5", {"kernels": "local"}))
    found = sizes.compare(CONTEXT, networks=networks, says="Sharing saves", at_least=5.0, main=True)
    # 61,706 - 156 - 2,416 + 28 x 28 x 156 + 10 x 10 x 2,416
    assert found.tables[0].rows == (("LeNet", "61,706", "416,520"), ("twin", "423,038", "416,520"))
    assert found.parts[0].outcome is Outcome.SEEN
    assert sizes.compare(CONTEXT, networks=networks, says="x", at_most=5.0).parts[0].outcome is Outcome.CONTRADICTED


def test_a_residual_stack_learns_the_identity_and_a_plain_one_does_not() -> None:
    found = identity.compare(CONTEXT, blocks=8, width=8, steps=120, seeds=2)
    assert [part.outcome for part in found.parts[:2]] == [Outcome.SEEN, Outcome.SEEN]
    assert {line.name for line in found.charts[0].lines} == {"residual", "plain", "plain, same weights"}
    assert all(len(line.x) == len(line.y) == len(line.spread) for line in found.charts[0].lines)


def test_plain_and_residual_stacks_have_the_same_first_weights() -> None:
    import torch

    made = []
    for residual in (True, False):
        torch.manual_seed(3)
        made.append(identity.Stack(3, 4, residual=residual, small=True).state_dict())
    assert all(bool((made[0][name] == made[1][name]).all()) for name in made[0])


def test_sigmoids_gradients_shrink_by_layers_and_relus_do_not() -> None:
    found = gradient_depth.compare(CONTEXT, depths=(2, 6), units=32, seeds=3, images=32)
    (part,) = found.parts
    assert part.outcome is Outcome.SEEN
    # Under He's weights ReLU keeps gradients; sigmoid's slope is a quarter at most, times sqrt(2) for the weights.
    assert part.first.mean == pytest.approx(0.25 * 2**0.5, abs=0.1)
    assert part.second.mean == pytest.approx(1, abs=0.25)


def test_a_computation_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        small_kernels.compare(Context("short", 1, cancelled=lambda: True))
