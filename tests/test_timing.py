"""Measured times: which layers have one, under which conditions, and how measuring ends early."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from explorer import timing
from explorer.networks.entries.lenet import LENET5
from explorer.reading import read_graph
from explorer.structure.graph import Kind
from explorer.system.download import Cancelled
from explorer.trial_network import Trial


class Twice(nn.Module):
    """A module that is called twice, a function between its calls, and a container that is no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Conv2d(1, 1, 3, padding=1)
        self.stage = nn.Sequential(nn.ReLU(), nn.AvgPool2d(2))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.stage(self.shared(torch.tanh(self.shared(x))))
        return y


def trial(network: nn.Module, images: Tensor) -> Trial:
    return Trial(network, images, "cpu", 1, lambda _words, _share: None, lambda: None)


def _taken(network: nn.Module) -> dict[str, float]:
    with torch.inference_mode():
        return timing._each_layer(trial(network, torch.rand(1, 1, 8, 8)))


def test_each_call_of_a_module_has_a_time_under_the_path_of_its_node() -> None:
    assert list(_taken(Twice())) == ["shared", "shared:2", "stage.0", "stage.1"]


def test_measuring_leaves_no_hooks() -> None:
    network = Twice()
    _taken(network)
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in network.modules())


def test_a_slower_layer_takes_longer() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Conv2d(1, 256, 7, padding=3))
    with torch.inference_mode():
        runs = [timing._each_layer(trial(network, torch.rand(4, 1, 64, 64))) for _ in range(3)]
    assert min(taken["1"] for taken in runs) > min(taken["0"] for taken in runs)


def test_lenet_is_measured_layer_by_layer() -> None:
    before = torch.get_num_threads()
    told: list[tuple[str, float | None]] = []
    timings = timing.measure(LENET5, batch=3, threads=1, progress=lambda words, share: told.append((words, share)))
    layers = {node.path for node in read_graph(LENET5).nodes if node.kind is Kind.CONVOLUTION}
    assert layers <= set(timings.layers)
    assert all(milliseconds > 0 for milliseconds in timings.layers.values())
    assert timings.whole > 0
    assert (timings.batch, timings.threads, timings.runs) == (3, 1, 9)
    assert timings.conditions.endswith("1 thread; batch 3; median of 9 runs")
    assert told[0][1] is None
    assert [share for _, share in told[1:]] == sorted(share for _, share in told[1:] if share is not None)
    assert torch.get_num_threads() == before


def test_measuring_is_cancelled() -> None:
    answers = iter([False, False, False])
    with pytest.raises(Cancelled):
        timing.measure(LENET5, cancelled=lambda: next(answers, True))


def test_an_input_that_does_not_fit_is_said_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="LeNet-5 cannot be run: "):
        timing.measure(LENET5, input_shape=(3, 28, 28))


def test_a_batch_beyond_memory_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_kwargs: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch, "rand", full)
    with pytest.raises(ValueError, match="choose a smaller batch"):
        timing.measure(LENET5, batch=1_000)


def test_more_than_the_machine_has_is_not_tried() -> None:
    with pytest.raises(ValueError, match="choose a smaller batch"):
        timing.measure(LENET5, needed=2**60)


def test_code_of_the_users_own_is_not_measured() -> None:
    own = replace(LENET5, source="file.py:Net")

    with pytest.raises(ValueError, match="not timed"):
        timing.measure(own)
