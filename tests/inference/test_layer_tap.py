from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.inference.edits import Silence
from explorer.inference.layer_tap import Taps, tap
from explorer.inference.surgery import edited
from explorer.structure.trace import trace


class _Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Conv2d(1, 1, 1)
        self.behind = nn.Conv2d(1, 1, 1)
        self.runs = 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        return self.behind(self.shared(self.shared(x)))


def test_a_second_call_of_a_layer_is_told_from_the_first() -> None:
    network, x = _Twice(), torch.randn(1, 1, 2, 2)
    with torch.no_grad():
        once = network.shared(x)
        twice = network.shared(once)
    assert torch.equal(tap(network, "shared", x).gave, once)
    assert torch.equal(tap(network, "shared:2", x).given, once)
    assert torch.equal(tap(network, "shared:2", x).gave, twice)


def test_nothing_behind_the_layer_runs_and_no_hook_stays() -> None:
    network, ran = _Twice(), []
    network.behind.register_forward_hook(lambda *_: ran.append(1))
    tap(network, "shared", torch.randn(1, 1, 2, 2))
    assert not ran
    assert not network.shared._forward_hooks
    assert not network.shared._forward_pre_hooks


def test_a_silenced_layer_gives_what_it_computed_itself() -> None:
    network, x = _Twice(), torch.randn(1, 1, 2, 2)
    with torch.no_grad():
        expected = network.behind(torch.zeros(1, 1, 2, 2))
    edits = (Silence("shared:2"), Silence("behind"))
    taps = Taps()
    whole = taps.of(network, "behind", x)
    with edited(network, trace(network, (1, 2, 2)), edits):
        silenced = taps.of(network, "behind", x, edits)
    assert not silenced.given.any()
    assert torch.equal(silenced.gave, expected)
    assert whole.given.any()


def test_what_is_no_layer_or_is_not_reached_is_refused() -> None:
    network = _Twice()
    with pytest.raises(ValueError, match="no layer"):
        tap(network, "add", torch.ones(1, 1, 2, 2))
    with pytest.raises(ValueError, match="do not pass through"):
        tap(network, "shared:3", torch.ones(1, 1, 2, 2))


def test_stepping_on_the_same_input_runs_the_network_once() -> None:
    network, taps, x = _Twice(), Taps(), torch.randn(1, 1, 2, 2)
    first = taps.of(network, "shared", x)
    assert taps.of(network, "shared", x.clone()) is first
    assert network.runs == 1
    assert taps.of(network, "shared", x + 1) is not first
    assert torch.equal(taps.of(network, "shared:2", x).given, first.gave)
    assert network.runs == 3
