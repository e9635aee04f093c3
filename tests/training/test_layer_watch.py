"""Watching layers: right figures, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from explorer.networks.architecture import Scores
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs import epochs
from explorer.runs.layer_metrics import read_layer_metrics
from explorer.structure.trace import trace
from explorer.training import layer_watch, sitting
from explorer.training.config import TrainingConfig
from explorer.training.events import LayerFigures, LayersWatched, RunEnded
from explorer.training.fit import fit
from explorer.training.layer_watch import LayerWatch
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]


class _Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.relu = nn.ReLU(inplace=True)
        self.inner = nn.Sequential(nn.Flatten(), nn.Linear(4 * 6 * 6, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(self.relu(self.conv(x)))


def watched(network: nn.Module, images: Tensor, labels: Tensor) -> dict[str, LayerFigures]:
    config = TrainingConfig(gradient_clipping=0.01)
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), config, Scores.LOGITS)
    watch = LayerWatch(network)
    step(images, labels, 0.1, watch)
    return {figures.path: figures for figures in watch.read()}


def test_the_figures_are_those_of_the_step_even_where_an_activation_works_in_place() -> None:
    torch.manual_seed(0)
    network, images, labels = _Small(), torch.randn(5, 1, 8, 8), torch.tensor([0, 1, 2, 0, 1])
    with torch.no_grad():
        network.conv.bias[1] = -100.0
        maps = network.conv(images)
        before = network.conv.weight.clone(), network.conv.bias.clone()
    twin = _Small()
    twin.load_state_dict(network.state_dict())
    nn.functional.cross_entropy(twin(images), labels).backward()
    found = watched(network, images, labels)
    assert set(found) == {"conv", "relu", "inner.0", "inner.1"}
    conv, relu = found["conv"], found["relu"]
    assert conv.activation_mean == pytest.approx(maps.mean().item(), rel=1e-5)
    assert conv.activation_spread == pytest.approx(maps.std(correction=0).item(), rel=1e-5)
    assert conv.dead_share is None
    assert relu.activation_mean == pytest.approx(maps.relu().mean().item(), rel=1e-5)
    assert relu.dead_share == 0.25
    gradients = torch.cat([twin.conv.weight.grad.flatten(), twin.conv.bias.grad])
    assert conv.gradient_norm == pytest.approx(gradients.norm().item(), rel=1e-5)
    moved = [after - old for after, old in zip((network.conv.weight, network.conv.bias), before, strict=True)]
    update, weights = (torch.cat([each.flatten() for each in tensors]).norm() for tensors in (moved, before))
    assert conv.update_ratio == pytest.approx((update / weights).item(), rel=1e-3)
    assert (relu.gradient_norm, relu.update_ratio) == (None, None)


def test_a_layer_used_twice_is_called_as_in_the_graph() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(self.linear(x))

    network = Twice()
    paths = list(watched(network, torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])))
    assert paths == [node.path for node in trace(network, (4,)).nodes if node.kind.name not in {"INPUT", "OUTPUT"}]


def test_no_hook_is_left_and_nothing_is_read_twice() -> None:
    network = _Small()
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), TrainingConfig(), Scores.LOGITS)
    watch = LayerWatch(network)
    step(torch.randn(2, 1, 8, 8), torch.tensor([0, 1]), 0.1, watch)
    assert not any(layer._forward_hooks for layer in network.modules())
    assert watch.read()
    assert watch.read() == ()


def test_looking_that_takes_long_is_done_seldom() -> None:
    moment = 0.0

    def now() -> float:
        nonlocal moment
        moment += 0.01
        return moment

    network = _Small()
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), TrainingConfig(), Scores.LOGITS)
    watch = LayerWatch(network, now=now)
    start = moment
    step(torch.randn(2, 1, 8, 8), torch.tensor([0, 1]), 0.1, watch)
    spent = moment - start
    while not watch.is_due:
        pass
    assert 0.02 * (moment - start) >= spent * 0.5


def test_watching_changes_no_bit_of_a_run(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    given = config(epochs=2, options=LeNet5Options(batch_norm=True), averaging=0.9)
    monkeypatch.setattr(sitting, "_NEWS_EVERY_S", 0.0)
    folders = []
    for every, share in ((0.0, 1e9), (1e9, 0.015)):
        monkeypatch.setattr(layer_watch, "_EVERY_S", every)
        monkeypatch.setattr(layer_watch, "_SHARE", share)
        events = list(fit(given))
        assert isinstance(events[-1], RunEnded)
        folders.append(events[-1].folder)
        count = sum(isinstance(event, LayersWatched) for event in events)
        assert count == (14 if share > 1 else 1)
    often, once = ([epochs.weights_path(folder, epoch).read_bytes() for epoch in (1, 2)] for folder in folders)
    assert often == once
    rows = read_layer_metrics(folders[0] / "layers.csv")
    assert sorted({row.step for row in rows}) == list(range(1, 15))
    assert {row.path for row in rows} >= {"features.c1", "features.c1_norm", "classifier.f6"}
